/// A program that saves without end is killed, at instants that nobody chose, and the file is opened.
module Records.Tests.KillTests

open System
open System.Diagnostics
open System.IO
open System.Threading.Tasks
open Expecto
open Records.Core
open Records.Tests.Support

let private kills =
    match Environment.GetEnvironmentVariable "RECORDS_KILLS" with
    | null
    | "" ->
        if Environment.GetEnvironmentVariable "CI" = "true" then
            200
        else
            30
    | count -> int count

/// Several at a time: a start takes longer than a save.
let private lanes = 4

let private quiet = { Report = None; Token = token }

/// Models of different sizes, so that no mixture of two is a file.
let private models =
    [
        for version in 1..3 ->
            structOf
                [
                    "weight",
                    parameter
                        "0400000000000"
                        (f32
                            [ int64 version * 100_000L ]
                            [ for index in 1 .. version * 100_000 -> float32 (index % 977 + version) ])
                ]
    ]

let private recorder = Recorder.namedMsgPack

/// Starts the program, lets it save for so long and kills it.
let private killed target versions (milliseconds: float) =
    let program = Path.Combine(AppContext.BaseDirectory, "Records.Saver.dll")
    let info = ProcessStartInfo("dotnet", program :: target :: versions)
    info.RedirectStandardOutput <- true
    info.RedirectStandardError <- true
    // it lives for a moment, and nobody asks how it is
    info.Environment["DOTNET_EnableDiagnostics"] <- "0"

    match Process.Start info with
    | null -> failtest "dotnet does not start"
    | saver ->
        use saver = saver

        try
            match saver.StandardOutput.ReadLine() with
            | "saving" -> ()
            | said -> failtest $"the program said '{said}': {saver.StandardError.ReadToEnd()}"

            let watch = Stopwatch.StartNew()

            while watch.Elapsed.TotalMilliseconds < milliseconds do
                Threading.Thread.Sleep 0

            Expect.isFalse saver.HasExited "it saves until it is killed"
        finally
            saver.Kill()
            saver.WaitForExit()

/// What the rounds of one lane saw: the saves that were in the middle of something.
let private lane folder seed rounds =
    let random = Random(seed: int)
    let target = Path.Combine(folder, $"target-{seed}.mpk")
    let versions = [ for version in 1 .. models.Length -> Path.Combine(folder, $"version-{version}.mpk") ]
    let contents = List.map File.ReadAllBytes versions
    let mutable broken = 0

    let leftovers () =
        Directory.GetFiles(folder, $".target-{seed}.mpk.*")

    for round in 1..rounds do
        let milliseconds = random.NextDouble() * 20.0
        killed target versions milliseconds
        let told = $"lane {seed}, round {round}, killed after {milliseconds:F2} ms"
        let loaded = ok (Recorder.loadNow recorder quiet (File.at target))
        let bytes = File.ReadAllBytes target

        match List.tryFindIndex (fun (whole: byte[]) -> whole.AsSpan().SequenceEqual(ReadOnlySpan bytes)) contents with
        | Some version -> expectSame loaded.Root models[version] told
        | None -> failtest $"{told}: {bytes.Length} bytes that nobody saved"

        let left = leftovers ()
        Expect.isLessThanOrEqual left.Length 1 $"{told}: one leftover, the ones before are swept"
        broken <- broken + left.Length

    ok ((File.sinkAt true target).Write({ Length = None; Parts = [ ReadOnlyMemory contents[0] ] }, token).Result)
    Expect.isEmpty (leftovers ()) "the next save sweeps"
    broken

let tests =
    testList
        "Kill"
        [
            testCase $"killed {kills} times while saving, the file is always one whole version" (fun () ->
                inFolder (fun folder ->
                    for version, model in List.indexed models do
                        let path = Path.Combine(folder, $"version-{version + 1}.mpk")
                        ok (Recorder.saveNow recorder (File.at path) quiet (documentOf model))

                    let running =
                        [|
                            for seed in 1..lanes ->
                                Task.Factory.StartNew(
                                    Func<int>(fun () -> lane folder seed (kills / lanes)),
                                    TaskCreationOptions.LongRunning
                                )
                        |]

                    let watch = Stopwatch.StartNew()
                    Task.WaitAll [| for task in running -> task :> Task |]
                    let broken = running |> Array.sumBy _.Result

                    if
                        Environment.GetEnvironmentVariable "RECORDS_KILLS"
                        |> String.IsNullOrEmpty
                        |> not
                    then
                        printfn
                            $"{kills} kills in {watch.Elapsed.TotalSeconds:F1} s, {broken} of them left a temporary file"

                    Expect.isGreaterThan broken (kills / 10) "kills that broke off a save, not the pause between two"))
        ]
