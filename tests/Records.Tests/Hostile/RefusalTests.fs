/// What is refused, and in which words.
module Records.Tests.Hostile.RefusalTests

open System
open System.IO
open System.Text
open Expecto
open Records.Core
open Records.Tests
open Records.Tests.Cli
open Records.Tests.Support

let private link (path: string) (target: string) =
    File.CreateSymbolicLink(path, target) |> ignore

let private message result = RecordError.message (error result)

let private foreign = [ "LineNumber"; "BytePosition"; "isFinalBlock"; "invalid start"; "JsonReader" ]

let tests =
    testList
        "Refusals"
        [
            testCase "no recorder writes for a Burn that has none" (fun () ->
                let document = documentOf (structOf [ "weight", parameter "0400000000000" (f32 [ 1L ] [ 1f ]) ])

                for _, recorder in Models.recorders do
                    for version in [ burn 22; { burn 22 with Patch = 3 }; { Major = 1; Minor = 0; Patch = 0 } ] do
                        let told = message (Recorder.encode (Recorder.forBurn version recorder) document)
                        Expect.stringContains told "has no recorders and reads burnpack alone" recorder.Codec.Name

                ok (Recorder.encode (Recorder.forBurn (burn 22) Recorder.burnpack) document)
                |> ignore)

            testCase "links that lead to each other, to nothing or elsewhere are told one by one" (fun () ->
                inFolder (fun folder ->
                    let at name = Path.Combine(folder, name)
                    link (at "model-1.mpk") "model-2.mpk"
                    link (at "model-2.mpk") "model-1.mpk"
                    link (at "model-3.mpk") "model-3.mpk"
                    link (at "optim-3.mpk") "optim-4.mpk"
                    let told = message (CheckpointFiles.plan folder "out" None)

                    for name in [ "model-1.mpk"; "model-2.mpk"; "model-3.mpk" ] do
                        Expect.stringContains told $"'{name}' is a link that leads to itself" name

                    Expect.stringContains told "'optim-3.mpk' is a link to 'optim-4.mpk', which is not there" "broken"))

            testCase "a folder that cannot be listed is an error" (fun () ->
                inFolder (fun folder ->
                    match CheckpointFiles.plan (Path.Combine(folder, "gone")) "out" None with
                    | Error(RecordError.Io(_, "list", _)) -> ()
                    | other -> failtest $"{other}"))

            testCase "links that lead to each other are no checkpoints, and the others stay" (fun () ->
                inFolder (fun folder ->
                    let at name = Path.Combine(folder, name)
                    File.Copy(golden "tiny.full.mpk", at "model-1.mpk")
                    link (at "model-2.mpk") "model-3.mpk"
                    link (at "model-3.mpk") "model-2.mpk"
                    let epochs = ok (Checkpoints.epochs (Checkpoints.at folder Recorder.namedMsgPack))
                    Expect.equal epochs [ 1 ] "the file"))

            testCase "a broken log of checkpoints is told with its path and place" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "checkpoints.json")
                    let checkpointer = Checkpoints.at folder Recorder.namedMsgPack
                    let document = documentOf (structOf [])

                    for text, place in
                        [ "{\"version\":1,\n\"epochs\":x", "line 2"; "{\"version\":2}", "byte 11"; "[", "byte 1" ] do
                        File.WriteAllText(path, text)
                        let part = { Kind = CheckpointKind.Model; Schema = None; Document = document }
                        let watch = { Report = None; Token = token }
                        let told = message (Checkpoints.saveNow checkpointer watch 1 Map.empty [ part ])
                        Expect.stringContains told path "which file"
                        Expect.stringContains told place "where"))

            testCase "a folder of checkpoints does not become a folder named like a file" (fun () ->
                inFolder (fun folder ->
                    let at name = Path.Combine(folder, name)
                    Directory.CreateDirectory(at "run") |> ignore
                    File.Copy(golden "tiny.full.mpk", Path.Combine(at "run", "model-1.mpk"))
                    let told = Tool.fails 2 [ "convert"; at "run"; at "out.mpk" ]
                    Expect.stringContains told "is the name of a file" "why"
                    Expect.isFalse (Path.Exists(at "out.mpk")) "nothing is made"
                    Tool.good [ "convert"; at "run"; at "out.mpk" + "/" ] |> ignore

                    Expect.isTrue
                        (File.Exists(Path.Combine(at "out.mpk", "model-1.mpk")))
                        "a folder if it is said to be one"))

            testCase "one tensor is one tensor" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "one.mpk")
                    let document = documentOf (structOf [ "weight", parameter "0400000000000" (f32 [ 1L ] [ 1f ]) ])
                    File.WriteAllBytes(path, bytesOf (ok (Recorder.encode Recorder.namedMsgPack document)))
                    Expect.stringContains (Tool.good [ "verify"; path ]) "is good: 1 tensor, " "verify"
                    let told = Tool.fails 1 [ "verify"; path; "--schema"; "{\"struct\":[]}" ]
                    Expect.stringContains told "no place for the only tensor in the file" "with a schema"))

            for text, offset, expected, found in
                [
                    "", 0, "a value", "the end"
                    "{\"a\":}", 5, "a value", "'}' on line 1"
                    "{\"a\":1 \"b\":2}", 7, "a comma and what follows it", "'\"b\":2}' on line 1"
                    "{\n  a: 1\n}", 4, "a name in quotes, or }", "'a: 1\\x0a}' on line 2"
                    "[1,\n2", 5, "a comma and what follows it", "the end"
                    "[\"\u00e9", 1, "a value, or ]", "'\"\\xc3\\xa9' on line 1"
                    "[nul]", 1, "a value, or ]", "'nul]' on line 1"
                    "[01]", 1, "a value, or ]", "'01]' on line 1"
                    "[\"\\x\"]", 1, "a value, or ]", "'\"\\x\"]' on line 1"
                ] do
                testCase $"JSON in our words: {text}" (fun () ->
                    let bytes = Encoding.UTF8.GetBytes text

                    for told in
                        [
                            message (Config.decode Recorder.defaultLimits (inputOf bytes))
                            if text <> "" && text[0] = '{' then
                                message (Json.pretty.Decode (contextOf None) (inputOf bytes))
                        ] do
                        Expect.stringContains
                            told
                            $"at byte {offset}: expected {expected}"
                            "where, and what there should be"

                        Expect.stringContains told $"found {found}." "what there is"

                        for word in foreign do
                            Expect.isFalse (told.Contains(word, StringComparison.OrdinalIgnoreCase)) $"{told}: {word}")

            testCase "CBOR in our words" (fun () ->
                let metadata = [| 0xA1uy; 0x67uy; 0xFFuy |]
                let bytes = Array.append (BurnpackLayout.header metadata.Length) metadata
                let told = message (Burnpack.codec.Decode (contextOf None) (inputOf bytes))
                Expect.stringContains told "found bytes that are no CBOR" "and nothing of the reader's own")
        ]
