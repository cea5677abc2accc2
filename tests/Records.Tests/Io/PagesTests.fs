/// Large pages, as Linux counts them for this process: nothing else shows whether the advice was any good.
module Records.Tests.Io.PagesTests

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support

let private mib = 1L <<< 20

/// Skips where the system has no large pages to give, or nobody may ask for them.
let private needsLargePages () =
    let said file =
        let path = Path.Combine("/sys/kernel/mm/transparent_hugepage", file)

        if File.Exists path then
            File.ReadAllText path
        else
            "[never]"

    if (said "enabled").Contains "[never]" || (said "defrag").Contains "[never]" then
        skiptest "this system gives no large pages"

let private inLargePages () =
    File.ReadLines "/proc/self/smaps_rollup"
    |> Seq.pick (fun line ->
        match line.Split([| ' ' |], StringSplitOptions.RemoveEmptyEntries) with
        | [| "AnonHugePages:"; count; "kB" |] -> Some(int64 count * 1024L)
        | _ -> None)

/// As many tensors of as many bytes each, none of which is in memory.
let private roomsOf count (bytes: int64) =
    let source = remoteBy (bytes * int64 count) (fun _ count -> Array.create count 1uy)

    [|
        for index in 0 .. count - 1 do
            let slice = { Source = source; Offset = int64 index * bytes; Length = bytes }

            match
                TensorData.create Dtype.F32 (shapeOf [ bytes / 4L ]) slice
                |> Result.map View.reserve
            with
            | Ok(ValueSome room) -> room
            | other -> failtest $"no room: {other}"
    |]

/// What is in large pages once more than before, for the best of a few: memory may be in too many pieces for a moment.
let private gained (load: unit -> 'T) =
    let kept = ResizeArray<'T>()

    Seq.init 4 (fun _ ->
        let before = inLargePages ()
        kept.Add(load ())
        inLargePages () - before)
    |> Seq.max

let private filled count bytes () =
    let rooms = roomsOf count bytes
    Pages.fill 1 ignore rooms
    rooms

let tests =
    testList
        "pages"
        [
            for name, count, bytes in [ "one behind the other", 40, mib; "large", 4, 10L * mib ] do
                testCase $"tensors that are {name} lie in large pages" (fun () ->
                    needsLargePages ()
                    let gain = gained (filled count bytes)
                    Expect.isGreaterThan gain (30L * mib) "three of four at least")

            testCase "so they do where others have lain" (fun () ->
                needsLargePages ()

                for _ in 1..3 do
                    filled 40 mib () |> ignore
                    GC.Collect(2, GCCollectionMode.Aggressive, true, true)

                Expect.isGreaterThan (gained (filled 40 mib)) (30L * mib) "three of four at least")

            testCase "pieces of memory for what comes one after the other do as well" (fun () ->
                needsLargePages ()

                let gain =
                    gained (fun () ->
                        let fresh = Fresh.memory ()
                        let pieces = [| for _ in 1..40 -> fresh (int mib) |]

                        for piece in pieces do
                            piece.Span.Fill 1uy

                        pieces)

                Expect.isGreaterThan gain (20L * mib) "half at least: the first are small")
        ]
    |> testSequenced
