module Records.Tests.Tools.VerifyTests

open System
open System.IO
open System.Text
open Expecto
open Records.Core
open Records.Tests
open Records.Tests.Support

let private verify schema (bytes: byte[]) =
    inFolder (fun folder ->
        let path = Path.Combine(folder, "file")
        File.WriteAllBytes(path, bytes)
        Verify.file Recorder.defaultLimits (schema |> Option.map (fun schema _ -> schema)) path)

/// Path, offset and sentence of each problem.
let private problems schema bytes =
    [
        for problem in (verify schema bytes).Problems -> problem.Offset, RecordError.message problem.Error
    ]

let private gzip (bytes: byte[]) =
    bytesOf (Gzip.transform.Forward 1 { Length = None; Parts = [ ReadOnlyMemory bytes ] })

let private mlp = lazy (File.ReadAllBytes(golden "mlp.full.mpk"))

let private indexOf (pattern: byte[]) (from: int) (bytes: byte[]) : int =
    from + bytes.AsSpan(from).IndexOf(ReadOnlySpan pattern)

/// The bytes with others in place of the first that are found from there on, and where that is.
let private replaced (pattern: string) (by: string) from (bytes: byte[]) =
    let at = indexOf (Encoding.Latin1.GetBytes pattern) from bytes
    let copy = Array.copy bytes
    Encoding.Latin1.GetBytes(by).CopyTo(copy, at)
    copy, at

let private value entries = Value.Map(Value.entries entries)

let private tensor (bytes: int) dims dtype =
    value
        [
            "bytes", Value.Bytes(memory (Array.create bytes 1uy))
            "shape", Value.Seq [| for dim in dims -> Value.Scalar(Scalar.U64 dim) |]
            "dtype", Value.text dtype
        ]

let private parameter' id inner =
    value [ "id", Value.text id; "param", inner ]

let private envelope item =
    value
        [
            "metadata",
            value
                [
                    for entry in Names.metadata "file" "NamedMpkFileRecorder" Precision.Full BurnVersion.latest ->
                        entry.Key, Value.text entry.Value
                ]
            "item", item
            "_b", Value.Seq [||]
        ]

let private bytesOf' document =
    Wire.msgPack Wire.plain document |> Array.ofList

let private json (document: Value) =
    let parts = Parts()
    JsonWriter.write true parts 0 document
    bytesOf (parts.ToPayload())

let private good =
    [
        for stem, schema in [ "tiny.half", Models.tiny; "mlp.double", Models.mlp; "kitchen.full", Models.kitchen ] do
            for extension, _ in Models.recorders do
                test $"{stem}.{extension} is good" {
                    let verdict = verify (Some schema) (File.ReadAllBytes(golden $"{stem}.{extension}"))

                    Expect.isEmpty
                        [ for problem in verdict.Problems -> RecordError.message problem.Error ]
                        "nothing is wrong"

                    let tensors = List.ofSeq (Record.tensors (Files.record (golden "") stem schema))
                    Expect.equal verdict.Tensors tensors.Length "all tensors"

                    Expect.equal
                        verdict.Bytes
                        (tensors |> List.sumBy (fun (_, data) -> data.Bytes.Length))
                        "to their ends"
                }

        test "what describes itself needs no schema" {
            for name in [ "kitchen.full.mpk"; "g5-v0.20.half.json.gz"; "tiny.full.mpk.gz" ] do
                Expect.isEmpty (problems None (File.ReadAllBytes(golden name))) name
        }
    ]

let private several =
    [
        test "everything that leaves the structure whole is listed, with path and offset, and what lies below it too" {
            let bytes, _ = replaced "dtype\xA3F32" "dtype\xA3F99" 0 mlp.Value
            let bytes, _ = replaced "dtype\xA3F32" "dtype\xA3F64" 0 bytes
            let last = bytes.AsSpan().LastIndexOf(ReadOnlySpan [| 0xA2uy; 'i'B; 'd'B |])
            let bytes, id = replaced "\xADq" "\xAD!" last bytes

            let at name from =
                indexOf (Encoding.Latin1.GetBytes(name: string)) from bytes + name.Length

            let weight = at "fc1\x82\xA6weight" 0
            let bias = at "bias" weight
            let zipped = gzip (Array.append bytes "zz"B)
            zipped[zipped.Length - 8] <- zipped[zipped.Length - 8] ^^^ 1uy
            zipped[zipped.Length - 1] <- zipped[zipped.Length - 1] ^^^ 1uy
            let told = problems None zipped
            Expect.equal told.Length 6 $"%A{told}"
            Expect.stringContains (snd told[0]) "the checksum" "gzip's checksum"
            Expect.stringContains (snd told[1]) "a size of" "and size"
            Expect.equal (fst told[0]) (Some(int64 zipped.Length - 8L)) "in the compressed file"
            Expect.equal (fst told[2]) (Some(int64 weight)) "the dtype's tensor"
            Expect.stringContains (snd told[2]) "'fc1.weight' is 'F99'" "a dtype that is none"
            Expect.equal (fst told[3]) (Some(int64 bias)) "the bias"
            Expect.stringContains (snd told[3]) "'fc1.bias' is 64 bytes, expected 128 bytes" "bytes against shape"
            Expect.equal (fst told[4]) (Some(int64 id)) "the id"
            Expect.stringContains (snd told[4]) "'fc2.weight.id'" "an id that is none"
            Expect.equal (fst told[5]) (Some(int64 bytes.Length)) "the end"
            Expect.stringContains (snd told[5]) "more bytes" "what follows"
        }

        test "the same of JSON" {
            let item =
                value
                    [
                        "a", parameter' "0400000000000" (tensor 3 [ 1UL ] "F32")
                        "b", parameter' "?" (tensor 4 [ 1UL ] "F32")
                        "c", tensor 4 [ 1UL ] "F31"
                    ]

            for bytes in [ json (envelope item); gzip (json (envelope item)) ] do
                let told = problems None bytes
                Expect.equal [ for _, message in told -> message.Substring(0, 3) ] [ "'a'"; "'b."; "'c'" ] $"%A{told}"
                Expect.all told (fun (offset, _) -> offset.IsSome) "offsets"
        }

        test "a key that is there twice is told at its second place" {
            let tensor = tensor 4 [ 1UL ] "F32"
            let item = value [ "w", tensor; "in", value [ "x", tensor; "x", tensor ]; "w", tensor ]
            let bytes = bytesOf' (envelope item)
            let told = problems None bytes

            Expect.equal
                [ for _, message in told -> message ]
                [
                    "'in.x' is there a second time, expected nothing there."
                    "'w' is there a second time, expected nothing there."
                ]
                "both"

            let last = bytes.AsSpan().LastIndexOf(ReadOnlySpan [| 0xA1uy; 'w'B |]) + 2
            Expect.equal (fst told[1]) (Some(int64 last)) "the second"
        }

        test "keys of the envelope count too" {
            let twice name =
                match envelope (value []) with
                | Value.Map entries ->
                    bytesOf' (Value.Map(Array.append entries [| Array.find (Value.nameOf >> (=) name) entries |]))
                | _ -> [||]

            for name in [ "metadata"; "item"; "_b" ] do
                Expect.stringContains (snd (List.exactlyOne (problems None (twice name)))) $"'{name}'" name
        }

        test "text that is not UTF-8 does not hide the rest" {
            let item = value [ "s", Value.text "abc"; "t", tensor 5 [ 1UL ] "F32" ]
            let bytes, at = replaced "abc" "a\xFFc" 0 (bytesOf' (envelope item))
            let told = problems None bytes
            Expect.equal [ for offset, _ in told -> offset ].Head (Some(int64 at)) "where"
            Expect.stringContains (snd told[0]) "UTF-8" "what"
            Expect.stringContains (snd told[1]) "'t' is 5 bytes" "and the other"
            let told = problems None (fst (replaced "abc" "a\xFFc" 0 (json (envelope item))))
            Expect.equal told.Length 2 $"JSON too: %A{told}"
        }
    ]

let private single =
    [
        test "a truth value is 0 or 1" {
            let truth = tensorOf (Dtype.Bool BoolStore.Native) [ 3L ] [| 1uy; 0uy; 7uy |]

            let bytes =
                bytesOf (
                    ok (Recorder.encode Recorder.namedMsgPack (documentOf (structOf [ "m", Record.Tensor truth ])))
                )

            let told = List.exactlyOne (problems None bytes)
            Expect.stringContains (snd told) "'m' is the byte 7 as element 2" "which"
            Expect.isSome (fst told) "where"
        }

        test "metadata has five strings" {
            let entries =
                [ "metadata", value [ "float", Value.text "f32" ]; "item", value []; "_b", Value.Seq [||] ]

            let told = problems None (bytesOf' (value entries))
            Expect.equal told.Length 4 $"%A{told}"
        }

        test "a file of no version's layout is told" {
            let document =
                match envelope (value [ "w", tensor 4 [ 1UL ] "F32" ]) with
                | Value.Map entries -> Value.Map(Array.filter (Value.nameOf >> (<>) "_b") entries)
                | other -> other

            Expect.stringContains (snd (List.exactlyOne (problems None (bytesOf' document)))) "layout" "no marker"
        }

        test "a second member of gzip is not passed over" {
            let bytes = Array.append (gzip mlp.Value) (gzip mlp.Value)
            Expect.stringContains (snd (List.head (problems None bytes))) "one member" "what"
        }

        test "data that does not inflate is told, and the file is no good" {
            let bytes = gzip mlp.Value
            bytes[bytes.Length / 2] <- bytes[bytes.Length / 2] ^^^ 0xFFuy
            Expect.isNonEmpty (problems None bytes) "something"
        }

        test "a file cut off at any byte has a problem, in every format" {
            for extension, _ in Models.recorders do
                let bytes = File.ReadAllBytes(golden $"tiny.full.{extension}")

                for length in 0..7 .. bytes.Length - 1 do
                    Expect.isNonEmpty
                        (problems (Some Models.tiny) (Array.truncate length bytes))
                        $"{extension}, {length}"
        }

        test "bin without a schema is not called good" {
            let told = List.exactlyOne (problems None (File.ReadAllBytes(golden "tiny.full.bin.gz")))
            Expect.stringContains (snd told) "--schema" "what is needed"
            let bytes = File.ReadAllBytes(golden "tiny.full.bin.gz")
            bytes[bytes.Length - 8] <- bytes[bytes.Length - 8] ^^^ 1uy
            Expect.equal (problems None bytes).Length 2 "and the checksum is checked all the same"
        }

        test "several tensors of a bin are told together" {
            let wrong dims =
                Record.Tensor { f32 [ 1L ] [ 1f ] with Shape = shapeOf dims }

            let root = structOf [ "a", wrong [ 2L ]; "b", Record.Tensor(f32 [ 1L ] [ 1f ]); "c", wrong [ 3L ] ]
            let bytes = bytesOf (ok (Recorder.encode Recorder.bincode (documentOf root)))
            let schema = Schema.Struct [ for name in [ "a"; "b"; "c" ] -> name, Schema.Tensor ]
            let told = [ for _, message in problems (Some schema) bytes -> message ]
            Expect.equal told.Length 2 $"%A{told}"
            Expect.stringContains told[0] "'a' is 4 bytes, expected 8 bytes" "one"
            Expect.stringContains told[1] "'c' is 4 bytes, expected 12 bytes" "and the other"
        }

        test "a schema that the file does not fit is told" {
            let bytes = File.ReadAllBytes(golden "mlp.full.mpk")
            let schema = Schema.Struct [ "fc1", Models.linear; "fc3", Models.linear ]
            let told = [ for _, message in problems (Some schema) bytes -> message ]
            Expect.exists told (fun message -> message.Contains "'fc3' is missing") $"%A{told}"
            Expect.exists told (fun message -> message.Contains "2 of the 3 tensors") $"%A{told}"
        }

        test "a burnpack is read too" {
            let pack = File.ReadAllBytes(Path.Combine(root, "tests", "golden", "burnpack", "0.22.bpk"))
            Expect.isEmpty (problems None pack) "a good one"
            Expect.isNonEmpty (problems None (Array.append pack [| 1uy |])) "bytes after its end"
            Expect.isNonEmpty (problems None (Array.truncate (pack.Length - 1) pack)) "cut off"
        }

        test "what is not there, and what is something else" {
            let verdict = Verify.file Recorder.defaultLimits None "no/such.mpk"
            Expect.equal (verdict.Format, verdict.Problems.Length) (None, 1) "nothing"
            Expect.stringContains (snd (List.exactlyOne (problems None "Dear diary,\n"B))) "no known format" "a text"
        }

        test "thousands of problems are not told one by one" {
            let items = Value.Seq [| for _ in 1..5000 -> tensor 3 [ 1UL ] "F32" |]
            let told = problems None (bytesOf' (envelope (value [ "l", items ])))
            Expect.isGreaterThan told.Length 50 "many"
            Expect.isLessThan told.Length 300 "and not all"
        }
    ]

let tests =
    testList "Verify" [ testList "good files" good; testList "several problems" several; testList "problems" single ]
