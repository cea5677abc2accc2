module Records.Tests.BurnpackTests

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support
open Records.Tests.BurnpackWire

let private strict = contextOf None

let private decode (bytes: byte[]) =
    Burnpack.codec.Decode strict (inputOf bytes)

let private encodeFor burn document =
    bytesOf (ok (Burnpack.codec.Encode { Burn = burn } document))

let private golden name =
    File.ReadAllBytes(Path.Combine(root, "tests", "golden", "burnpack", name))

let private tensorsOf (document: Document) =
    [ for path, data in Record.tensors document.Root -> String.Join('.', path), data ]

let private found name document =
    match tensorsOf document |> List.tryFind (fst >> (=) name) with
    | Some(_, data) -> data
    | None -> failtest $"There is no '{name}'."

let private scheme (data: TensorData) =
    match data.Dtype with
    | Dtype.QFloat scheme -> scheme
    | other -> failtest $"{Dtype.name other} is not quantised."

let private layouts =
    testList
        "generations"
        [
            for name, burn in [ "0.19.bpk", burn 19; "0.20.bpk", burn 20; "0.21.bpk", burn 21; "0.22.bpk", burn 22 ] do
                testCase $"{name} is read without a word about its age, and written again as it was" (fun () ->
                    let bytes = golden name
                    let document = ok (decode bytes)
                    expectBytes (encodeFor burn document) bytes "for that Burn"

                    if burn < BurnVersion.minor 22 then
                        // what a later Burn writes of it holds the same
                        let again = ok (decode (encodeFor Burnpack.latest document))
                        expectSame again.Root document.Root "as Burn 0.22 has it")

            testCase "the values of each generation are the same" (fun () ->
                for name in [ "0.19.bpk"; "0.20.bpk"; "0.21.bpk" ] do
                    let document = ok (decode (golden name))
                    let weight = found "layers.0.weight" document
                    Expect.equal (TensorData.text weight) "F32 [2, 3]" name
                    let values = ok (View.toArray<single> weight.Bytes)
                    Expect.equal values [| 1f; -2.5f; 0f; 3f; 0.1f; 7f |] name
                    let count = found "layers.1.count" document
                    Expect.equal (ok (View.toArray<int64> count.Bytes)) [| -5L |] name
                    let mask = found "mask" document
                    Expect.equal mask.Dtype (Dtype.Bool BoolStore.Native) name
                    Expect.equal (wholeOf mask.Bytes) [| 1uy; 0uy; 1uy; 1uy; 0uy |] name)

            testCase "names with numbers are lists, ids are Burn's texts" (fun () ->
                let document = ok (decode (golden "0.19.bpk"))

                match document.Root with
                | Record.Struct({ Name = "layers"; Value = Record.List [ Record.Struct [ weight; _ ]; _ ] } :: _) ->
                    match weight.Value with
                    | Record.Param(id, _) -> Expect.equal id (ParamId.ofUInt64 1UL) "the weight's"
                    | _ -> failtest "The weight is no parameter."
                | _ -> failtest "The layers are no list."

                Expect.equal document.Metadata["version"] "0.19.0" "user metadata"
                Expect.isEmpty document.Annex "which Burn's store writes, and no version of a type of ours")

            testCase "every spelling of a quantisation scheme" (fun () ->
                let of' name tensor =
                    scheme (found tensor (ok (decode (golden name))))

                let block first = [ first; 1uy; 1uy; 1uy; 1uy ], 1uy
                let old = of' "0.19.bpk" "q"

                Expect.equal
                    (old.Store, old.Level, old.Param)
                    (QuantStore.PackedU32 0UL, QuantLevel.Tensor, QuantParam.F32)
                    "U32"

                let blocks = of' "0.19.bpk" "r"
                Expect.equal (blocks.Level, blocks.Param) (QuantLevel.Block(block 2uy), QuantParam.F16) "blocks"
                let blocks = of' "0.21.bpk" "q"
                Expect.equal blocks.Level (QuantLevel.Block(block 32uy)) "blocks, which Burn 0.22 overlooks"
                Expect.equal (blocks.Param, blocks.Value) (QuantParam.BF16, QuantValue.Q4F) "their scales"
                Expect.equal (of' "0.22.bpk" "q0").Level QuantLevel.Unsaid "no scale"
                let whole = of' "0.22.bpk" "q1"
                Expect.equal (whole.Level, whole.Param) (QuantLevel.Tensor, QuantParam.F16) "a scale for the tensor"
                let two = of' "0.22.bpk" "q3"
                let storage, length = block 16uy
                Expect.equal two.Level (QuantLevel.BlockTensor(storage, length, QuantParam.F32)) "two levels"
                Expect.equal (two.Param, two.Mode) (QuantParam.UE8M0, QuantMode.Lookup) "and a table")

            testCase "a scheme of neither generation is an error" (fun () ->
                let described extra =
                    let parts = [ T "value", T "Q8S"; T "store", T "Native"; T "mode", T "Symmetric" ] @ extra
                    file (tensors [ "q", tensor (M [ T "QFloat", M parts ]) [ 4UL ] 0UL 8UL ]) (Array.zeroCreate 8)

                for extra in
                    [
                        []
                        [ T "tensor", Null ]
                        [ T "param", T "F32" ]
                        [ T "param", T "F32"; T "level", T "Tensor"; T "tensor", Null; T "block", Null ]
                        [ T "tensor", Null; T "block", Null; T "more", Null ]
                    ] do
                    let message = RecordError.message (error (decode (described extra)))
                    Expect.stringContains message "'q'" "which tensor")

            testCase "an older Burn is not given what it lacks" (fun () ->
                let document = ok (decode (golden "0.22.bpk"))

                for version in [ burn 18; burn 19; burn 21 ] do
                    error (Burnpack.codec.Encode { Burn = version } document) |> ignore)

            testCase "a file of 0.19 or a later one cut short: only who wrote it can tell" (fun () ->
                // 300 zeros, then ones: both readings are possible, and the tensor differs
                let metadata = tensors [ "a", u8 [ 400UL ] 0UL 400UL ]
                let whole = file metadata (Array.append (Array.zeroCreate 300) (Array.create 100 1uy))
                let short = Array.length (start 1 (bytes metadata)) + 400
                let cut = Array.truncate short whole
                Expect.stringContains (RecordError.message (error (decode cut))) "say which Burn" "no guess"
                let said = { strict with Burn = Some(burn 19) }
                ok (Burnpack.codec.Decode said (inputOf cut)) |> ignore

                error (Burnpack.codec.Decode { strict with Burn = Some(burn 20) } (inputOf cut))
                |> ignore

                error (Burnpack.decodeLenient strict (inputOf cut)) |> ignore)

            testCase "with other bytes where the padding would be it is a file of 0.19" (fun () ->
                let metadata = tensors [ "a", u8 [ 4UL ] 0UL 4UL; "b", u8 [ 2UL ] 4UL 6UL ]
                let document = ok (decode (packed metadata [| 1uy; 2uy; 3uy; 4uy; 5uy; 6uy |]))
                Expect.equal (wholeOf (found "b" document).Bytes) [| 5uy; 6uy |] "at once after the first")
        ]

/// What Burn reads and we do not, unless asked: name, file, the tensor and the byte that the error names, what it says.
let private refused =
    let a = u8 [ 4UL ] 0UL 4UL
    let four = [| 1uy; 2uy; 3uy; 4uy |]

    let two = Array.concat [ four; Array.zeroCreate 252; [| 5uy; 6uy; 7uy; 8uy |] ]

    let f32 shape last =
        tensors [ "a", tensor (T "F32") shape 0UL last ]

    [
        "a name twice", file (tensors [ "a", a; "a", a ]) four, Some "a", "each name once"
        "a name twice with another between",
        file (tensors [ "b", a; "a", u8 [ 0UL ] 4UL 4UL; "c", u8 [ 0UL ] 4UL 4UL; "b", a ]) four,
        Some "b",
        "each name once"
        "a name twice at the end",
        file (tensors [ "a", u8 [ 0UL ] 0UL 0UL; "b", a; "b", a ]) four,
        Some "b",
        "each name once"
        "tensors on the same bytes", file (tensors [ "a", a; "b", u8 [ 4UL ] 0UL 4UL ]) four, Some "b", "another tensor"
        "a hole",
        file (tensors [ "a", a; "b", u8 [ 4UL ] 1024UL 1028UL ]) (Array.concat [ four; Array.create 1020 7uy; four ]),
        Some "b",
        "a hole of 1020 bytes"
        "a hole before the first",
        file (tensors [ "a", u8 [ 4UL ] 256UL 260UL ]) (Array.append (Array.create 256 7uy) four),
        Some "a",
        "a hole of 256 bytes"
        "something in the padding",
        file
            (tensors [ "a", a; "b", u8 [ 4UL ] 256UL 260UL ])
            (Array.mapi (fun index value -> if index = 100 then 9uy else value) two),
        Some "b",
        "zeros between"
        "something before the data",
        (let bytes = file (tensors [ "a", a; "b", u8 [ 4UL ] 256UL 260UL ]) two
         bytes[255] <- 1uy
         bytes),
        None,
        "zeros between"
        "bytes at the end", file (tensors [ "a", a ]) (Array.append four [| 0uy |]), None, "expected the end"
        "a start off the grid",
        file (tensors [ "a", a; "b", u8 [ 4UL ] 8UL 12UL ]) (Array.concat [ four; Array.zeroCreate 4; four ]),
        Some "b",
        "multiple of 256"
        "too few bytes for the shape", file (f32 [ 8UL ] 4UL) four, Some "a", "32 bytes for F32 [8]"
        "too many bytes for the shape", file (f32 [ 1UL ] 8UL) (Array.zeroCreate 8), Some "a", "4 bytes for F32 [1]"
        "a shape beyond counting", file (f32 [ 8589934592UL; 8589934592UL ] 4UL) four, Some "a", "a shape that can be"
        "a dimension beyond counting", file (f32 [ UInt64.MaxValue ] 4UL) four, Some "a", "a shape that can be"
        "three offsets",
        file
            (tensors
                [
                    "a", M [ T "dtype", T "U8"; T "shape", A [ U 4UL ]; T "data_offsets", A [ U 0UL; U 4UL; U 4UL ] ]
                ])
            four,
        Some "a",
        "two offsets"
        "version 0", Array.append (padded (start 0 (bytes (tensors [ "a", a ])))) four, None, "version 0"
        "bytes after the metadata",
        Array.append (padded (start 1 (Array.append (bytes (tensors [ "a", a ])) [| 0uy; 0uy |]))) four,
        None,
        "the end of the metadata"
    ]

let private strictness =
    testList
        "stricter than Burn"
        [
            for name, bytes, tensor, says in refused do
                testCase name (fun () ->
                    match error (decode bytes) with
                    | RecordError.Malformed("burnpack", path, offset, _, _) as problem ->
                        Expect.stringContains (RecordError.message problem) says "what is wrong"
                        Expect.equal path (Option.toList tensor) "which tensor"
                        Expect.isTrue (offset >= 0L && offset <= int64 bytes.Length) "where"
                    | other -> failtest (RecordError.message other)

                    let document, forgiven = ok (Burnpack.decodeLenient strict (inputOf bytes))
                    Expect.isNonEmpty forgiven "it is said what was forgiven"
                    Expect.stringContains (RecordError.message forgiven.Head) says "the same"
                    Expect.isNonEmpty (tensorsOf document) "it is read")

            testCase "a lenient reader of good files forgives nothing" (fun () ->
                for name in [ "0.19.bpk"; "0.20.bpk"; "0.21.bpk"; "0.22.bpk"; "adam.bpk"; "cosine.bpk" ] do
                    let _, forgiven = ok (Burnpack.decodeLenient strict (inputOf (golden name)))
                    Expect.isEmpty forgiven name)

            testCase "names need no order, and of two with one name the last counts" (fun () ->
                let of' shape = u8 [ shape ] 0UL 0UL
                let unordered = file (tensors [ "b", of' 0UL; "c", of' 0UL; "a", of' 0UL ]) [||]
                Expect.hasLength (tensorsOf (ok (decode unordered))) 3 "all of them"

                let repeated =
                    file (tensors [ "b", of' 0UL; "a", of' 0UL; "c", of' 0UL; "a", u8 [ 2UL; 0UL ] 0UL 0UL ]) [||]

                let document, forgiven = ok (Burnpack.decodeLenient strict (inputOf repeated))
                Expect.hasLength forgiven 1 "one is there twice"
                Expect.hasLength (tensorsOf document) 3 "three are left"
                Expect.equal (TensorData.text (found "a" document)) "U8 [2, 0]" "the last")

            testCase "what is forgiven about a shape leaves whole elements" (fun () ->
                let read shape (data: byte[]) =
                    let bytes = file (tensors [ "a", tensor (T "F32") shape 0UL (uint64 data.Length) ]) data
                    let document, _ = ok (Burnpack.decodeLenient strict (inputOf bytes))
                    TensorData.text (found "a" document)

                Expect.equal (read [ 2UL; 2UL ] (Array.zeroCreate 20)) "F32 [2, 2]" "too many bytes"
                Expect.equal (read [ 2UL; 2UL ] (Array.zeroCreate 11)) "F32 [2]" "too few"
                Expect.equal (read [ 1UL <<< 63 ] (Array.zeroCreate 4)) "F32 [1]" "far too few")
        ]

/// Refused by everyone, without memory of the size that the file claims.
let private broken =
    let a = u8 [ 4UL ] 0UL 4UL
    let four = [| 1uy; 2uy; 3uy; 4uy |]
    let indefinite = [| 0x7Fuy; 0x61uy; byte 'a'; 0xFFuy |]

    [
        "nothing", [||]
        "four bytes", "NRUB"B
        "another magic", Array.append "BURN"B (Array.zeroCreate 252)
        "version 2", Array.append (padded (start 2 (bytes (tensors [ "a", a ])))) four
        "metadata beyond the end", Array.append "NRUB\001\000"B (BitConverter.GetBytes 4096)
        "metadata of 4 GiB", Array.append "NRUB\001\000"B (BitConverter.GetBytes UInt32.MaxValue)
        "no tensors", file (M []) [||]
        "tensors as a list", file (M [ T "tensors", A [] ]) [||]
        "tensors twice", file (M [ T "tensors", M []; T "tensors", M [] ]) [||]
        "no map", file (U 1UL) [||]
        "another tag", file (Raw [| 0xC1uy; 0xA0uy |]) [||]
        "a text without a length", file (M [ Raw indefinite, M [] ]) [||]
        "a key of bytes", file (M [ Raw(Array.append [| 0x47uy |] "tensors"B), M [] ]) [||]
        "no UTF-8", file (M [ Raw [| 0x61uy; 0xFFuy |], M [] ]) [||]
        "a map of four billion", file (M [ T "tensors", Raw [| 0xBAuy; 0xFFuy; 0xFFuy; 0xFFuy; 0xFFuy |] ]) [||]
        "an array of four billion",
        file
            (tensors
                [
                    "a",
                    M
                        [
                            T "dtype", T "U8"
                            T "shape", Raw [| 0x9Buy; 0x7Fuy; 0xFFuy; 0xFFuy; 0xFFuy; 0xFFuy; 0xFFuy; 0xFFuy; 0xFFuy |]
                        ]
                ])
            [||]
        "nesting without end", file (M [ T "x", Raw(Array.create 100_000 0x81uy) ]) [||]
        "65 dimensions", file (tensors [ "a", u8 (List.replicate 65 1UL) 0UL 1UL ]) [| 1uy |]
        "an unknown dtype", file (tensors [ "a", tensor (T "F8E4M3") [ 4UL ] 0UL 4UL ]) four
        for key, value in
            [
                "dtype", T "U8"
                "shape", A [ U 4UL ]
                "data_offsets", A [ U 0UL; U 4UL ]
                "param_id", U 1UL
                "other", U 1UL
            ] do
            let once =
                [
                    T "dtype", T "U8"
                    T "shape", A [ U 4UL ]
                    T "data_offsets", A [ U 0UL; U 4UL ]
                    T "param_id", U 1UL
                    T "other", U 1UL
                ]

            $"{key} twice", file (tensors [ "a", M(once @ [ T key, value ]) ]) four

        "no dtype", file (tensors [ "a", M [ T "shape", A []; T "data_offsets", A [ U 0UL; U 4UL ] ] ]) four
        "one offset",
        file (tensors [ "a", M [ T "dtype", T "U8"; T "shape", A [ U 4UL ]; T "data_offsets", A [ U 0UL ] ] ]) four
        "an end before the start", file (tensors [ "a", u8 [ 4UL ] 260UL 256UL ]) (Array.zeroCreate 260)
        "an end beyond the end", file (tensors [ "a", u8 [ 1064UL ] 0UL 1064UL ]) four
        "the largest offsets", file (tensors [ "a", u8 [ 4UL ] UInt64.MaxValue UInt64.MaxValue ]) four
        "eleven GiB", file (tensors [ "a", u8 [ 11UL <<< 30 ] 0UL (11UL <<< 30) ]) [||]
        "a negative offset",
        file (tensors [ "a", M [ T "dtype", T "U8"; T "shape", A []; T "data_offsets", A [ N -1L; U 4UL ] ] ]) four
        "a negative dimension",
        file
            (tensors [ "a", M [ T "dtype", T "U8"; T "shape", A [ N -4L ]; T "data_offsets", A [ U 0UL; U 4UL ] ] ])
            four
        "the last byte missing", file (tensors [ "a", a ]) [| 1uy; 2uy; 3uy |]
        "a number as metadata", file (M [ T "tensors", M []; T "metadata", M [ T "a", U 1UL ] ]) [||]
        "a scalar of no kind", file (M [ T "tensors", M []; T "scalars", M [ T "a", M [] ] ]) [||]
        "a scalar of two kinds",
        file (M [ T "tensors", M []; T "scalars", M [ T "a", M [ T "Int", U 1UL; T "UInt", U 1UL ] ] ]) [||]
        "a negative UInt", file (M [ T "tensors", M []; T "scalars", M [ T "a", M [ T "UInt", N -1L ] ] ]) [||]
        "a whole number as a float",
        file (M [ T "tensors", M []; T "scalars", M [ T "a", M [ T "Float", U 1UL ] ] ]) [||]
    ]

let private hostile =
    testList
        "broken files"
        [
            for name, bytes in broken do
                testCase name (fun () ->
                    for read in
                        [
                            fun () -> decode bytes |> Result.map ignore
                            fun () -> Burnpack.decodeLenient strict (inputOf bytes) |> Result.map ignore
                            fun () -> Burnpack.codec.Decode strict (stingy bytes) |> Result.map ignore
                            fun () ->
                                // nobody knows how long it is
                                bytesOf (Gzip.transform.Forward 1 { Length = None; Parts = [ ReadOnlyMemory bytes ] })
                                |> inputOf
                                |> Gzip.transform.Backward(Unpacking.Alone Recorder.defaultLimits)
                                |> Result.bind (Burnpack.codec.Decode strict)
                                |> Result.map ignore
                        ] do
                        let before = GC.GetAllocatedBytesForCurrentThread()
                        Expect.isNotEmpty (RecordError.message (error (read ()))) "an error in words"
                        let allocated = GC.GetAllocatedBytesForCurrentThread() - before
                        Expect.isLessThan allocated (8L <<< 20) "no memory for what is only claimed")

            testCase "metadata that are cut off say how much is there" (fun () ->
                let cut = Array.concat [ "NRUB\001\000"B; BitConverter.GetBytes 4096; Array.zeroCreate 5 ]

                Expect.stringContains
                    (RecordError.message (error (decode cut)))
                    "expected 4096 bytes of metadata, found the end after 5"
                    "of how much")

            testCase "more tensors than Burn reads" (fun () ->
                let many = [ for index in 0..100_000 -> $"{index:D6}", u8 [ 0UL ] 0UL 0UL ]
                let bytes = file (tensors many) [||]

                match error (decode bytes) with
                | RecordError.TooLarge(_, _, 100_001L, 100_000L) -> ()
                | other -> failtest (RecordError.message other)

                let larger = Burnpack.codecWithin { Burnpack.burnLimits with Tensors = 200_000 }
                let document = ok (larger.Decode strict (inputOf bytes))
                Expect.hasLength (tensorsOf document) 100_001 "read within other limits"
                error (Burnpack.codec.Encode { Burn = Burnpack.latest } document) |> ignore
                expectBytes (bytesOf (ok (larger.Encode { Burn = Burnpack.latest } document))) bytes "and written")

            testCase "a header above the limit" (fun () ->
                let small = { strict with Limits = { Recorder.defaultLimits with HeaderBytes = 20L } }

                match error (Burnpack.codec.Decode small (inputOf (golden "0.20.bpk"))) with
                | RecordError.TooLarge(_, "bytes of metadata", _, 20L) -> ()
                | other -> failtest (RecordError.message other))
        ]

let tests = testList "Burnpack" [ layouts; strictness; hostile ]
