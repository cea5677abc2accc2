/// Files are closed while other threads read from them.
module Records.Tests.ClosingTests

open System.IO
open Expecto
open Records.Core
open Records.Tests.Support
open Records.Tests.Cli.Tool

let private rounds = 20

/// Two tensors of more than one part, and one that is written together with what is beside it when it is saved.
let private root =
    structOf
        [
            for name, size in [ "a", 300_000; "b", 700; "c", 500_000 ] ->
                name, Record.Tensor(f32 [ int64 size ] [ for index in 1..size -> single (index % 977) ])
        ]

// optimised at once: what the code no longer needs is let go at once
let private closing path =
    runProgramWith [ "DOTNET_TieredCompilation", "0" ] "Records.Saver.dll" [ "closing"; path; string rounds ]

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
                        let ended = closing path
                        Expect.equal (ended.Code, ended.Output.Trim()) (0, $"{rounds} rounds") ended.Errors))
        ]
