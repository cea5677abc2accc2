/// How the tool ends when something is wrong: 1 for files, 2 for words, one line either way.
module Records.Tests.Cli.ExitTests

open System.IO
open Expecto
open Records.Tests
open Records.Tests.Cli
open Records.Tests.Support

let private written name (bytes: byte[]) work =
    inFolder (fun folder ->
        let path = Path.Combine(folder, name)
        File.WriteAllBytes(path, bytes)
        work path)

let private files =
    [
        for command in [ "inspect"; "schema" ] do
            testCase $"{command} of a file that is not there" (fun () ->
                let message = Tool.fails 1 [ command; "no/such.mpk" ]
                Expect.equal message "Nothing is at 'no/such.mpk'." "its path")

            testCase $"{command} of a folder" (fun () ->
                inFolder (fun folder ->
                    Expect.stringContains (Tool.fails 1 [ command; folder ]) "a folder has that name" "what it is"))

            testCase $"{command} of an empty file" (fun () ->
                written "empty.mpk" [||] (fun path ->
                    let message = Tool.fails 1 [ command; path ]
                    Expect.stringContains message path "its path"
                    Expect.stringContains message "is empty" "why"))

            testCase $"{command} of a text" (fun () ->
                written "model.mpk" "Dear diary,\nno model today.\n"B (fun path ->
                    let message = Tool.fails 1 [ command; path ]
                    Expect.stringContains message path "its path"
                    Expect.stringContains message "no known format" "why"))

        for extension, _ in Models.recorders do
            testCase $"inspect of a cut {extension}" (fun () ->
                let bytes = File.ReadAllBytes(golden $"mlp.full.{extension}")
                let schema = Records.Core.SchemaJson.ofSchema Models.mlp

                for length in [ bytes.Length / 2; bytes.Length - 1 ] do
                    written $"model.{extension}" (Array.truncate length bytes) (fun path ->
                        let message = Tool.fails 1 [ "inspect"; path; "--json"; "--schema"; schema ]
                        Expect.stringContains message path "its path"
                        Expect.stringContains message "at byte" "the offset"))
    ]

let private words =
    [
        for words, expected in
            [
                [], "command"
                [ "inspect" ], "FILE"
                [ "schema" ], "FILE"
                [ "inspect"; "a.mpk"; "--fast" ], "--fast"
                [ "inspect"; "a.mpk"; "b.mpk" ], "b.mpk"
                [ "inspect"; "a.bin"; "--schema" ], "--schema"
                [ "inspct"; "a.mpk" ], "inspct"
            ] do
            let told = System.String.Join(" ", words)
            testCase $"'records {told}'" (fun () -> Expect.stringContains (Tool.fails 2 words) expected "what is wrong")

        testCase "help is no error" (fun () ->
            Expect.stringContains (Tool.good [ "--help" ]) "inspect" "the commands"
            Expect.stringContains (Tool.good [ "inspect"; "--help" ]) "--schema" "the options")
    ]

let tests = testList "records ends" [ testList "files" files; testList "words" words ]
