/// Files are closed while other threads read from them.
module Records.Tests.ClosingTests

open System
open System.Diagnostics
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support

let private rounds = 20

/// Two tensors of more than one part, and one that is written together with what is beside it when it is saved.
let private root =
    structOf
        [
            for name, size in [ "a", 300_000; "b", 700; "c", 500_000 ] ->
                name, Record.Tensor(f32 [ int64 size ] [ for index in 1..size -> single (index % 977) ])
        ]

let private closing path =
    let program = Path.Combine(AppContext.BaseDirectory, "Records.Saver.dll")
    let info = ProcessStartInfo("dotnet", [ program; "closing"; path; string rounds ])
    info.RedirectStandardOutput <- true
    info.RedirectStandardError <- true
    // optimised at once: what the code no longer needs is let go at once
    info.Environment["DOTNET_TieredCompilation"] <- "0"

    match Process.Start info with
    | null -> failtest "dotnet does not start"
    | started ->
        use started = started
        let errors = started.StandardError.ReadToEndAsync()
        let said = started.StandardOutput.ReadToEndAsync()

        if not (started.WaitForExit(TimeSpan.FromMinutes 3.0)) then
            started.Kill()
            failtest "it does not end"

        started.ExitCode, said.Result.Trim(), errors.Result

let tests =
    testList
        "Closing"
        [
            for name, recorder in
                [ "with a seal", Recorder.namedMsgPack; "without a seal", Recorder.unsealed Recorder.namedMsgPack ] do
                testCase $"a file {name} is closed while it is read, and no longer kept while it is read" (fun () ->
                    inFolder (fun folder ->
                        let path = Path.Combine(folder, "model.mpk")
                        let quiet = { Report = None; Token = token }
                        ok (Recorder.saveNow recorder (File.at path) quiet (documentOf root))
                        let code, said, errors = closing path
                        Expect.equal (code, said) (0, $"{rounds} rounds") errors))
        ]
