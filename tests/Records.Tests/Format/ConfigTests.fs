/// Configs as trees: what is written, and how what is read is refused.
module Records.Tests.ConfigTests

open System
open System.IO
open System.Text
open Expecto
open Records.Core
open Records.Tests.Support

let private text (record: Record) =
    Encoding.UTF8.GetString(bytesOf (ok (Config.encode record)))

let private decode (text: string) =
    Config.decode Recorder.defaultLimits (inputOf (Encoding.UTF8.GetBytes text))

let private malformed text =
    match error (decode text) with
    | RecordError.Malformed(_, path, offset, _, _) -> String.concat "." path, offset
    | other -> failtest (RecordError.message other)

let private u64 value = Record.Scalar(Scalar.U64 value)

let private variant name payload = Record.Enum(0, name, payload)

let private unit = Record.Scalar Scalar.Unit

let private refused name record path =
    testCase name (fun () ->
        match error (Config.encode record) with
        | RecordError.Unsupported(found, _)
        | RecordError.Mismatch(found, _, _) -> Expect.equal found path "where it is"
        | other -> failtest (RecordError.message other))

let private deep levels =
    String('[', levels) + String(']', levels)

let tests =
    testList
        "Config"
        [
            testCase "structs, variants and nothing are written as serde_json writes them" (fun () ->
                let record =
                    structOf
                        [
                            "hidden", u64 128UL
                            "rate", Record.Scalar(Scalar.F32 0.1f)
                            "none", Record.Option None
                            "some", Record.Option(Some(Record.Scalar(Scalar.Bool true)))
                            "same", variant "Same" unit
                            "norm", variant "Norm" (Record.Scalar(Scalar.F64 1.0))
                            "explicit", variant "Explicit" (Record.Tuple [ u64 1UL; u64 2UL ])
                            "inner", structOf []
                            "list", Record.List []
                        ]

                let expected =
                    [
                        "{"
                        "  \"hidden\": 128,"
                        "  \"rate\": 0.1,"
                        "  \"none\": null,"
                        "  \"some\": true,"
                        "  \"same\": \"Same\","
                        "  \"norm\": {"
                        "    \"Norm\": 1.0"
                        "  },"
                        "  \"explicit\": {"
                        "    \"Explicit\": ["
                        "      1,"
                        "      2"
                        "    ]"
                        "  },"
                        "  \"inner\": {},"
                        "  \"list\": []"
                        "}"
                    ]

                Expect.equal (text record) (String.concat "\n" expected) "no newline at the end, as in Burn")

            refused
                "NaN is refused with its path"
                (structOf [ "a", Record.List [ Record.Scalar(Scalar.F64 nan) ] ])
                [ "a"; "0" ]
            refused "infinity is refused" (Record.Scalar(Scalar.F32 infinityf)) []
            refused "a tensor is refused" (structOf [ "w", parameter "id" (f32 [ 1L ] [ 1.0f ]) ]) [ "w" ]
            refused "a constant is refused" (structOf [ "c", Record.Constant Constant.Single ]) [ "c" ]
            refused
                "half a surrogate pair is refused"
                (structOf [ "t", Record.Scalar(Scalar.Text(String('\uD800', 1))) ])
                [ "t" ]

            testCase "a number keeps its digits and a value its place" (fun () ->
                match (ok (decode """{"a": 18446744073709551615, "b": [1e400]}""")).Value with
                | ConfigValue.Object [| "a", a; "b", b |] ->
                    Expect.equal (a.Value, a.Offset) (ConfigValue.Number "18446744073709551615", 6L) "a"

                    match b.Value with
                    | ConfigValue.List [| item |] ->
                        Expect.equal (item.Value, item.Offset) (ConfigValue.Number "1e400", 34L) "b"
                    | _ -> failtest "a list"
                | _ -> failtest "two entries")

            testCase "a byte order mark is passed over" (fun () ->
                Expect.equal (ok (decode "\uFEFF{}")).Value (ConfigValue.Object [||]) "an empty config")

            testCase "a name that stands there twice is an error at the second" (fun () ->
                Expect.equal (malformed """{"a": 1, "b": {"c": 1, "c": 2}}""") ("b", 23L) "path and byte")

            testCase "text after the config is an error" (fun () ->
                Expect.equal (malformed "{} x" |> snd) 3L "where it begins")

            testCase "any prefix is an error" (fun () ->
                let whole = """{"a": [1, {"b": "x\u00e4\n"}], "c": -1.5e3, "d": null}"""

                for length in 0 .. whole.Length - 1 do
                    error (decode (whole.Substring(0, length))) |> ignore)

            testCase "any flipped byte is an error or another config" (fun () ->
                let whole = Encoding.UTF8.GetBytes """{"a": [1, {"b": "x\u00e4\n"}], "c": -1.5e3, "d": null}"""

                for index in 0 .. whole.Length - 1 do
                    for flip in [ 1uy; 0x20uy; 0x80uy; 0xFFuy ] do
                        let bytes = Array.copy whole
                        bytes[index] <- bytes[index] ^^^ flip
                        Config.decode Recorder.defaultLimits (inputOf bytes) |> ignore)

            testCase "nesting is bounded" (fun () ->
                ok (decode (deep 100)) |> ignore

                match error (decode (deep 100_000)) with
                | RecordError.TooLarge _ -> ()
                | other -> failtest (RecordError.message other))

            testCase "bytes that come one by one are read alike" (fun () ->
                let whole = Encoding.UTF8.GetBytes """{"name": "ä", "list": [1, 2.5, true]}"""
                let slow = ok (Config.decode Recorder.defaultLimits (stingy whole))
                Expect.equal slow (ok (Config.decode Recorder.defaultLimits (inputOf whole))) "the same tree")

            testCase "the file has exactly the name it was given" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "new", "my.config")
                    let place = File.exactly File.defaults path
                    ok (ConfigFile.saveNow place token (structOf [ "a", u64 1UL ]))
                    Expect.equal (File.ReadAllText path) "{\n  \"a\": 1\n}" "nothing appended"
                    ok (ConfigFile.loadNow Recorder.defaultLimits place) |> ignore
                    ok (ConfigFile.save place token (structOf [])).Result

                    Expect.equal
                        (ok (ConfigFile.load Recorder.defaultLimits token place).Result).Value
                        (ConfigValue.Object [||])
                        "on another thread"

                    match
                        error (
                            ConfigFile.loadNow Recorder.defaultLimits (File.exactly File.defaults (path + ".json"))
                        )
                    with
                    | RecordError.NotFound(found, _) -> Expect.equal found (path + ".json") "which"
                    | other -> failtest (RecordError.message other)))
        ]
