module Records.Tests.JsonTests

open System
open System.Text
open Expecto
open Records.Core
open Records.Tests.Support

let private file (item: string) =
    Encoding.UTF8.GetBytes("""{"metadata":{},"item":""" + item + "}")

let private readBytes schema (bytes: byte[]) =
    Json.pretty.Decode (contextOf schema) (inputOf bytes)

let private read schema item = readBytes schema (file item)
let private readAs schema item = (ok (read (Some schema) item)).Root

let private readAs' schema (text: string) =
    (ok (readBytes (Some schema) (Encoding.UTF8.GetBytes text))).Root

let private scalar kind = Schema.Scalar kind
let private expected = Record.Tensor(tensorOf Dtype.U8 [ 2L ] [| 104uy; 105uy |])

let private written pretty value =
    let codec = if pretty then Json.pretty else Json.compact
    Encoding.UTF8.GetString(bytesOf (ok (codec.Encode { Burn = burn 21 } (documentOf value))))

let private refused name item =
    testCase $"{name}: refused" (fun () -> read None item |> error |> ignore)

let tests =
    testList
        "Json"
        [
            testCase "pretty text has two spaces, no newline at its end, and empty brackets closed at once" (fun () ->
                let value =
                    structOf
                        [
                            "a", Record.List [ Record.Scalar(Scalar.U8 1uy) ]
                            "b", Record.List []
                            "c", Record.Struct []
                        ]

                let text = written true value

                Expect.stringContains
                    text
                    "\n  \"item\": {\n    \"a\": [\n      1\n    ],\n    \"b\": [],\n    \"c\": {}\n  },\n  \"_b\": null\n}"
                    "serde_json's"

                Expect.stringContains
                    (written false value)
                    ",\"item\":{\"a\":[1],\"b\":[],\"c\":{}},\"_b\":null}"
                    "compact")

            testCase "numbers are whole however deep they stand" (fun () ->
                let bytes = [| 0uy; 7uy; 200uy; 255uy |]
                let mutable deepest = 0

                for depth in 100..128 do
                    let root =
                        (Record.Tensor(tensorOf Dtype.U8 [ 4L ] bytes), [ 1..depth ])
                        ||> List.fold (fun inner _ -> structOf [ "a", inner ])

                    let text = ok (Json.pretty.Encode { Burn = burn 21 } (documentOf root)) |> bytesOf

                    match readBytes None text with
                    | Ok read ->
                        expectSame read.Root root $"{depth} deep"
                        deepest <- depth
                    | Error(RecordError.TooLarge(_, what, _, _)) -> Expect.equal what "nesting" "no deeper"
                    | Error other -> failtest $"{depth} deep: {RecordError.message other}"

                Expect.isGreaterThan deepest 120 "deeper than a line of 256 letters")

            testCase "only what JSON demands is escaped" (fun () ->
                let text = "\"\\/\b\f\n\r\t\u0000\u001f\u007fé🔥\u2028"

                Expect.stringContains
                    (written false (Record.Scalar(Scalar.Text text)))
                    "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u007fé🔥\u2028\""
                    "serde_json's"

                expectSame
                    (readAs (scalar ScalarType.Text) "\"\\u00e9\\ud83d\\udd25\\/\"")
                    (Record.Scalar(Scalar.Text "é🔥/"))
                    "any escape is read")

            testCase "bytes may be a list of numbers or a text" (fun () ->
                for bytes in [ "[104,105]"; "[ 104 ,\n\t105\r]"; "\"hi\"" ] do
                    expectSame
                        (readAs Schema.Tensor $"""{{"bytes":{bytes},"shape":[2],"dtype":"U8"}}""")
                        expected
                        bytes

                for bytes in
                    [
                        "[104,256]"
                        "[104,-1]"
                        "[104,1.5]"
                        "[104,1e1]"
                        "[104,null]"
                        "[0104,105]"
                        "null"
                        "[104,105,]"
                        "[,104]"
                        "[104 105]"
                        "[104,,105]"
                    ] do
                    read (Some Schema.Tensor) $"""{{"bytes":{bytes},"shape":[2],"dtype":"U8"}}"""
                    |> error
                    |> ignore)

            testCase "rows of numbers are read across every window" (fun () ->
                // the windows of the reader are 4 KiB: rows that end just before, at and after their edges
                for length in
                    [
                        0
                        1
                        2
                        1000
                        2030
                        2031
                        2032
                        2033
                        2034
                        2035
                        2036
                        2037
                        2038
                        2039
                        2040
                        2050
                        4090
                        4096
                        9000
                    ] do
                    for value in [ 7uy; 77uy; 177uy ] do
                        let bytes = Array.create length value
                        let value = Record.Tensor(tensorOf Dtype.U8 [ int64 length ] bytes)

                        for pretty in [ true; false ] do
                            let text = Encoding.UTF8.GetBytes(written pretty value)
                            expectSame (ok (readBytes (Some Schema.Tensor) text)).Root value $"{length} numbers"
                            let context = contextOf (Some Schema.Tensor)

                            expectSame
                                (ok (Json.pretty.Decode context (stingy text))).Root
                                value
                                $"{length} numbers, stingily")

            testCase "rows of numbers are read and written at any nesting" (fun () ->
                let random = Random 7

                for depth in [ 0..20 ] do
                    let bytes = Array.init 40_000 (fun _ -> byte (random.Next 256))
                    let tensor = Record.Tensor(tensorOf Dtype.U8 [ 40_000L ] bytes)
                    let value = List.fold (fun inner _ -> structOf [ "a", inner ]) tensor [ 1..depth ]

                    let schema = List.fold (fun inner _ -> Schema.Struct [ "a", inner ]) Schema.Tensor [ 1..depth ]

                    for pretty in [ true; false ] do
                        let text = written pretty value
                        let indent = if pretty then "\n" + String(' ', 2 * (depth + 3)) else ""
                        let numbers = String.Join("," + indent, bytes)
                        Expect.isTrue (text.Contains(indent + numbers, StringComparison.Ordinal)) "one by one"
                        expectSame (readAs' schema text) value $"{depth} deep")

            testCase "rows of numbers are read whatever the white space between them" (fun () ->
                let random = Random 8
                let bytes = Array.init 9000 (fun _ -> byte (random.Next 256))
                let value = Record.Tensor(tensorOf Dtype.U8 [ 9000L ] bytes)
                let spaces count = String(' ', count)

                let separators =
                    [
                        for count in [ 0; 1; 2; 7; 30; 31; 32; 33; 70 ] do
                            fun (_: int) -> "," + spaces count
                        fun index -> spaces (index % 3) + "," + spaces (index % 5)
                        fun index -> if index % 1000 = 999 then ",\t\r\n" else ","
                        fun index -> if index % 1000 = 999 then "," else ",\n    "
                    ]

                for separator in separators do
                    let text = StringBuilder "[ "

                    for index, number in Array.indexed bytes do
                        text.Append(int number).Append(if index < 8999 then separator index else "")
                        |> ignore

                    let item = $"""{{"bytes":{text.Append ']'},"shape":[9000],"dtype":"U8"}}"""
                    expectSame (readAs Schema.Tensor item) value (separator 999))

            testCase "what is wrong in a long row is told where it is" (fun () ->
                let offsetOf text =
                    match read (Some Schema.Tensor) text with
                    | Error(RecordError.Malformed("JSON", path, offset, _, actual)) -> path, offset, actual
                    | other -> failtest $"{other}"

                for wrong in [ "01"; "00"; "x"; ""; "1 2"; "-"; "1."; "7,]" ] do
                    for separator in [ ","; ",\n          " ] do
                        let row count =
                            "{\"bytes\":["
                            + String.replicate count ("177" + separator)
                            + wrong
                            + ",1],\"shape\":[1]}"

                        let _, first, what = offsetOf (row 1)

                        for count in [ 2; 100; 5000; 5001; 5002; 5003 ] do
                            let path, offset, actual = offsetOf (row count)
                            Expect.equal (List.head path) "bytes" "its path"
                            Expect.equal actual.Length what.Length "what is said"
                            let added = int64 ((count - 1) * (3 + separator.Length))
                            Expect.equal offset (first + added) $"'{wrong}' after {count} numbers")

            testCase "a number no byte can be makes a list of a long row" (fun () ->
                for wrong in [ "256"; "999"; "1000"; "-1"; "1.5"; "1e1"; "null" ] do
                    for count in [ 1; 100; 5000 ] do
                        let row = "[" + String.replicate count "177,\n  " + wrong + ",1]"

                        match read (Some Schema.Tensor) $"""{{"bytes":{row},"shape":[1],"dtype":"U8"}}""" with
                        | Error(RecordError.Mismatch _) -> ()
                        | other -> failtest $"{wrong}: {other}")

            testCase "long texts are read across windows" (fun () ->
                for length in [ 4080; 4090; 4095; 4096; 4097; 10_000; 100_000 ] do
                    let value = Record.Scalar(Scalar.Text(String('é', length)))

                    expectSame
                        (ok (readBytes (Some(scalar ScalarType.Text)) (Encoding.UTF8.GetBytes(written false value))))
                            .Root
                        value
                        $"{length} letters")

            testCase "numbers that are not finite are refused with their path" (fun () ->
                for value in [ Scalar.F64 nan; Scalar.F64 infinity; Scalar.F32 nanf; Scalar.F32 -infinityf ] do
                    let root = structOf [ "sched", Record.List [ Record.Scalar value ] ]

                    match Json.pretty.Encode { Burn = burn 21 } (documentOf root) with
                    | Error(RecordError.Mismatch(path, _, _)) ->
                        Expect.equal (List.filter ((<>) "item") path) [ "sched"; "0" ] "the path"
                    | _ -> failtest $"{value} was written")

            testCase "a null where a number should be says why it may be there" (fun () ->
                match read (Some(Schema.Struct [ "lr", scalar ScalarType.F64 ])) """{"lr":null}""" with
                | Error(RecordError.Mismatch([ "lr" ], _, actual)) -> Expect.stringContains actual "NaN" "the reason"
                | other -> failtest $"{other}")

            testCase "fields may come in any order, with white space and unknown ones between" (fun () ->
                let text =
                    """ { "_b" : [] , "new": {"x":[1,{"y":null}]}, "item" : { "bias" : null , "x":"y", "weight" : {"param":{"dtype":"U8","shape":[2],"bytes":[104,105]},"id":"i"} } , "metadata":{} } """

                let read = ok (readBytes (Some Models.linear) (Encoding.UTF8.GetBytes text))
                let weight = parameter "i" (tensorOf Dtype.U8 [ 2L ] [| 104uy; 105uy |])
                expectSame read.Root (structOf [ "weight", weight; "bias", Record.Option None ]) "the record")

            refused "a trailing comma in a list" "[1,2,]"
            refused "a trailing comma in an object" "{\"a\":1,}"
            refused "a comment" "/* no */ 1"
            refused "a line comment" "1 // no\n"
            refused "a single quote" "'a'"
            refused "a name without quotes" "{a:1}"
            refused "a key twice" "{\"a\":1,\"a\":2}"
            refused "NaN" "NaN"
            refused "a leading zero" "01"
            refused "a leading plus" "+1"
            refused "a number beyond a double" "1e400"
            refused "a number beyond a double below zero" "-1e400"
            refused "a control character in a text" "\"a\nb\""
            refused "half a surrogate" "\"\\ud83d\""
            refused "an unknown escape" "\"\\x41\""
            refused "a number cut short" "1."
            refused "a word" "nul"
            refused "two values" "1 2"

            testCase "a byte order mark is refused" (fun () ->
                Array.append [| 0xEFuy; 0xBBuy; 0xBFuy |] (file "1")
                |> readBytes None
                |> error
                |> ignore)

            testCase "text that is no UTF-8 is refused" (fun () ->
                Array.concat [ file "\"" |> Array.truncate 22; [| 34uy; 0xC3uy; 0x28uy; 34uy; 125uy |] ]
                |> readBytes None
                |> error
                |> ignore)

            testCase "white space may follow, anything else not" (fun () ->
                readBytes None (Array.append (file "1") " \n\t\r"B) |> ok |> ignore

                for junk in [ "x"B; "{}"B; "\000"B; "}"B ] do
                    readBytes None (Array.append (file "1") junk) |> error |> ignore)

            for name, item in [ "lists", String('[', 100_000); "objects", String.replicate 100_000 "{\"a\":" ] do
                testCase $"100,000 nested {name} are too large, not a stack overflow" (fun () ->
                    match read None item with
                    | Error(RecordError.TooLarge(_, "nesting", _, _)) -> ()
                    | other -> failtest $"{other}")

            testCase "a text above the limit is refused" (fun () ->
                let context = { contextOf None with Limits = { Recorder.defaultLimits with NameBytes = 1000L } }

                match Json.pretty.Decode context (inputOf (file ("\"" + String('a', 50_000) + "\""))) with
                | Error(RecordError.TooLarge _) -> ()
                | other -> failtest $"{other}")

            for kind, text, value in
                [
                    ScalarType.U64, "18446744073709551615", Scalar.U64 UInt64.MaxValue
                    ScalarType.I64, "-9223372036854775808", Scalar.I64 Int64.MinValue
                    ScalarType.F64, "5", Scalar.F64 5.
                    ScalarType.F64, "-0.0", Scalar.F64 -0.
                    ScalarType.F32, "0.1", Scalar.F32 0.1f
                    ScalarType.F32, "1E2", Scalar.F32 100f
                    ScalarType.F64, "1e-400", Scalar.F64 0.
                    ScalarType.Unit, "null", Scalar.Unit
                ] do
                testCase $"{text} is read as {kind}" (fun () ->
                    expectSame (readAs (scalar kind) text) (Record.Scalar value) text)

            for kind, text in
                [
                    ScalarType.U64, "18446744073709551616"
                    ScalarType.U64, "-1"
                    ScalarType.U8, "256"
                    ScalarType.I32, "1.5"
                    ScalarType.U8, "1e1"
                    ScalarType.Bool, "1"
                    ScalarType.Text, "1"
                ] do
                testCase $"{text} is no {kind}" (fun () -> read (Some(scalar kind)) text |> error |> ignore)
        ]
