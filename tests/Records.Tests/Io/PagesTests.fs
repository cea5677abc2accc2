/// What is loaded lies in large pages, as Linux counts them. In processes of its own: in one that has held much before, the heap has small
/// pages to use again.
module Records.Tests.PagesTests

open System
open System.IO
open Expecto
open Records.Tests.Support
open Records.Tests.Cli.Tool

let private needsLargePages () =
    let said file =
        let path = Path.Combine("/sys/kernel/mm/transparent_hugepage", file)

        if File.Exists path then
            File.ReadAllText path
        else
            "[never]"

    if not (OperatingSystem.IsLinux()) || (said "enabled").Contains "[never]" then
        skiptest "this system gives no large pages"

    if (said "defrag").Contains "[never]" then
        skiptest
            "whoever runs this machine wants no large pages to be made at once: transparent_hugepage/defrag is never"

    if not (File.Exists "/proc/self/smaps_rollup") then
        skiptest "large pages are not counted here: /proc/self/smaps_rollup is not there"

/// Bytes that came to lie in large pages, bytes of the tensors, and whether the system would have given so many of them.
let private loaded format folder =
    let ended = runProgram "Records.Peak.dll" [ "pages"; format; folder; "large" ]

    match ended.Output.Trim().Split ' ' |> Array.map Int64.TryParse with
    | [| (true, large); (true, tensors); (true, given) |] when ended.Code = 0 ->
        {| Large = large; Tensors = tensors; Given = given = 1L |}
    | _ -> failtest $"'{ended.Output}' {ended.Errors}"

let private lies format =
    testCase $"{format}: tensors that are loaded lie in large pages" (fun () ->
        needsLargePages ()

        inFolder (fun folder ->
            let saved = runProgram "Records.Peak.dll" [ "save"; format; folder; "large" ]
            Expect.equal (saved.Code, saved.Errors) (0, "") "saved"

            // others may have taken what was there a moment ago
            let rec go turn =
                let seen = loaded format folder
                let wanted = seen.Tensors / 10L * 9L

                if seen.Large < wanted then
                    if not seen.Given then
                        skiptest "this machine has not so many large pages left"
                    elif turn < 3 then
                        go (turn + 1)
                    else
                        Expect.isGreaterThanOrEqual seen.Large wanted $"bytes in large pages, of {seen.Tensors}"

            go 1))

let tests =
    // they take as much memory as those that look at peaks, and are slow
    testSequencedGroup "peaks" (testList "pages" [ lies "mpk"; lies "mpk.gz" ])
