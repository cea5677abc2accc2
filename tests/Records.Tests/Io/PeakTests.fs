/// How much memory jobs take at most above what was held before, as the system counts it. Each runs in a process of its own, where nobody
/// else's memory is seen, on numbers that nothing makes smaller.
module Records.Tests.PeakTests

open System
open System.Globalization
open System.IO
open Expecto
open Records.Tests.Support
open Records.Tests.Cli.Tool

/// Both in MiB.
type private Peak = { Above: float; Tensors: float }

/// What is read is read by those that write docs/performance.md.
let private isTold =
    Environment.GetEnvironmentVariable "RECORDS_PEAKS"
    |> String.IsNullOrEmpty
    |> not

let private measured (words: string list) : Peak =
    if not (File.Exists "/proc/self/clear_refs") then
        skiptest "only Linux forgets a peak: /proc/self/clear_refs is not here"

    // as many pieces in hand on every machine
    let ended = runProgramWith [ "DOTNET_PROCESSOR_COUNT", "2" ] "Records.Peak.dll" words
    let what = String.Join(' ', words)

    match
        ended.Output.Split ' '
        |> Array.map (fun word -> Double.TryParse(word, CultureInfo.InvariantCulture))
    with
    | [| (true, above); (true, tensors) |] when ended.Code = 0 ->
        let mib = 1048576.0
        let peak = { Above = above / mib; Tensors = tensors / mib }

        if isTold then
            printfn $"{what}: {peak.Above:F1} above, {peak.Tensors:F1} of tensors"

        peak
    | _ -> failtest $"{what}: '{ended.Output}' {ended.Errors}"

let private within limit (peak: Peak) what =
    Expect.isLessThanOrEqual peak.Above limit $"{what}: MiB above what was held, {peak.Tensors:F1} of tensors"

/// A job on a state of this size; the state's file is in the folder but for a save.
let private job name format folder size more =
    measured ([ name; format; folder; size ] @ more)

/// A save adds so many MiB, whatever the model.
let private saving = 32.0
/// So does a lazy open.
let private opening = 32.0
/// A load takes so many times its tensors.
let private loading = 1.05
/// A conversion takes so many MiB, whatever the file.
let private converting = 64.0

/// What an inflater has in hand: two pieces of 4 MiB, and what waits for whoever reads.
let private inflating = 12.0

/// What reading text takes besides, however much of it there is: windows, and buffers of the pool that stay.
let private windows = 4.0

/// KiB that each tensor's objects take in a record that is read, however small it is: names, shape, where it lies. Were the numbers copied as well,
/// which are 4 KiB each, it would be more than this.
let private read = 3.0
/// The same of a conversion, which reads one record and writes another.
let private converted = 3.0
let private many = 20_000.0 / 1024.0
let private small = 8_000.0 / 1024.0

let private cycle size format (saves: float) (loads: float -> float) (opens: float) =
    testCase $"{format}: {size} tensors are saved, loaded and opened" (fun () ->
        inFolder (fun folder ->
            within saves (job "save" format folder size []) "saved"
            let loaded = job "load" format folder size []
            within (loads loaded.Tensors) loaded "loaded"

            // compressed files and JSON are read at once
            if List.contains format [ "mpk"; "bin"; "bpk" ] then
                within opens (job "open" format folder size []) "opened"))

/// One file after the other, each made of the one before, which then goes.
let private chain size limit (formats: string list) =
    let words = String.Join(", ", formats)

    testCase $"{size} tensors are converted: {words}" (fun () ->
        inFolder (fun folder ->
            job "save" (List.head formats) folder size [] |> ignore

            for source, target in List.pairwise formats do
                within limit (job "convert" source folder size [ target ]) $"{source} to {target}"
                File.Delete(Path.Combine(folder, $"{size}.{source}"))))

let tests =
    // one after the other, and beside what is in other processes
    testSequencedGroup
        "peaks"
        (testList
            "Peaks"
            [
                for format in [ "mpk"; "bin"; "bpk" ] do
                    cycle "large" format saving (fun tensors -> loading * tensors) opening

                for format in [ "mpk.gz"; "bin.gz" ] do
                    cycle "large" format saving (fun tensors -> loading * tensors + inflating) opening

                cycle "text" "json" saving (fun tensors -> loading * tensors + windows) opening

                for format in [ "mpk"; "bin"; "bpk" ] do
                    cycle "many" format saving (fun tensors -> loading * tensors + many * read) opening

                // fewer, of which nothing but a load takes more for being many
                for format in [ "mpk"; "bin"; "bpk" ] do
                    cycle "small" format saving (fun tensors -> loading * tensors + small * read) opening

                chain "small" converting [ "mpk"; "json"; "bpk"; "bin" ]

                testCase "halves become floats as they are loaded, and are not held beside them" (fun () ->
                    inFolder (fun folder ->
                        within saving (job "save" "mpk" folder "large" [ "half" ]) "saved"
                        let loaded = job "load-module" "mpk" folder "large" [ "half" ]
                        within (loading * loaded.Tensors) loaded "loaded"))

                // each format is read and written; in JSON a number takes nineteen times its size
                chain "large" converting [ "mpk"; "bin"; "bpk"; "mpk.gz"; "bin.gz"; "mpk" ]
                chain "text" converting [ "bpk"; "json"; "json.gz"; "mpk" ]
                // what is small stays in memory where there is little of it
                chain "many" (converting + many * converted) [ "mpk"; "json"; "bpk" ]
            ])
