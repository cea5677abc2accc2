module Records.Tests.BincodeTests

open System
open Expecto
open Records.Core
open Records.Tests.Support

let private hex (text: string) =
    Convert.FromHexString(text.Replace(" ", ""))

/// Metadata of five empty texts, then the item.
let private fileOf (item: string) =
    Array.append (Array.zeroCreate 5) (hex item)

let private context schema =
    { contextOf (Some schema) with Burn = Some(burn 21) }

let private read schema item =
    Bincode.codec.Decode (context schema) (inputOf (fileOf item))

let private scalar kind = Schema.Scalar kind

let private written value =
    let bytes = bytesOf (ok (Bincode.codec.Encode { Burn = burn 21 } (documentOf (Record.Scalar value))))
    Convert.ToHexStringLower(ReadOnlySpan(bytes).Slice 5)

let private vectors =
    [
        Scalar.U64 0UL, "00"
        Scalar.U64 250UL, "fa"
        Scalar.U64 251UL, "fbfb00"
        Scalar.U64 65535UL, "fbffff"
        Scalar.U64 65536UL, "fc00000100"
        Scalar.U64 0xFFFFFFFFUL, "fcffffffff"
        Scalar.U64(1UL <<< 32), "fd0000000001000000"
        Scalar.U64 UInt64.MaxValue, "fdffffffffffffffff"
        Scalar.I64 -1L, "01"
        Scalar.I64 1L, "02"
        Scalar.I64 125L, "fa"
        Scalar.I64 126L, "fbfc00"
        Scalar.I64 -126L, "fbfb00"
        Scalar.I64 Int64.MinValue, "fdffffffffffffffff"
        Scalar.I64 Int64.MaxValue, "fdfeffffffffffffff"
        Scalar.I16 -32768s, "fbffff"
        Scalar.I16 32767s, "fbfeff"
        Scalar.I32 Int32.MinValue, "fcffffffff"
        Scalar.U32 70000u, "fc70110100"
        Scalar.U16 250us, "fa"
        Scalar.U16 251us, "fbfb00"
        Scalar.U8 251uy, "fb"
        Scalar.I8 -5y, "fb"
        Scalar.F32 1f, "0000803f"
        Scalar.F64 -2.5, "00000000000004c0"
        Scalar.F16 0x3E00us, "fb003e"
        Scalar.BF16 0x0001us, "01"
        Scalar.Bool true, "01"
        Scalar.Bool false, "00"
        Scalar.Text "é", "02c3a9"
        Scalar.Unit, ""
    ]

let private typeOf value =
    match Schema.ofRecord (Record.Scalar value) with
    | Schema.Scalar kind -> kind
    | _ -> failtest "a scalar"

let private refused name schema item =
    testCase name (fun () ->
        let before = GC.GetAllocatedBytesForCurrentThread()
        let watch = Diagnostics.Stopwatch.StartNew()
        read schema item |> error |> ignore
        Expect.isLessThan (GC.GetAllocatedBytesForCurrentThread() - before) (64L <<< 20) "memory"
        Expect.isLessThan watch.Elapsed (TimeSpan.FromSeconds 5.) "time")

let tests =
    testList
        "Bincode"
        [
            for value, bytes in vectors do
                testCase $"{value} is {bytes}" (fun () ->
                    Expect.equal (written value) bytes "written"
                    expectSame (ok (read (scalar (typeOf value)) bytes)).Root (Record.Scalar value) "read")

            for kind, bytes, value in
                [
                    ScalarType.U64, "fb0100", Scalar.U64 1UL
                    ScalarType.U64, "fc01000000", Scalar.U64 1UL
                    ScalarType.U64, "fd0100000000000000", Scalar.U64 1UL
                    ScalarType.U16, "fb0100", Scalar.U16 1us
                    ScalarType.U32, "fc01000000", Scalar.U32 1u
                    ScalarType.I32, "fb0100", Scalar.I32 -1
                ] do
                testCase $"{bytes}, longer than need be, is {value}" (fun () ->
                    expectSame (ok (read (scalar kind) bytes)).Root (Record.Scalar value) bytes)

            refused "the marker of 128 bits is refused" (scalar ScalarType.U64) "fe01000000000000000000000000000000"
            refused "the marker 255 is refused" (scalar ScalarType.U64) "ff"
            refused "a number beyond its type is refused" (scalar ScalarType.U16) "fc00000100"
            refused "a signed number beyond its type is refused" (scalar ScalarType.I16) "fc00000100"
            refused "an option that is neither 0 nor 1 is refused" (Schema.Option(scalar ScalarType.U8)) "0200"
            refused "a constant that is there is refused" Models.constant "01"
            refused "a truth value of 2 is refused" (scalar ScalarType.Bool) "02"
            refused "a variant out of range is refused" (Schema.Enum [ "A", Models.constant ]) "0100"
            refused "a text that is no UTF-8 is refused" (scalar ScalarType.Text) "02c328"
            refused "a text of 2^63 bytes is refused" (scalar ScalarType.Text) "fd0000000000000080"
            refused "a list of 2^63 items is refused" (Schema.List(scalar ScalarType.U8)) "fd0000000000000080"
            refused "a list of 2^32 items is refused" (Schema.List(scalar ScalarType.U8)) "fc00000080 00"
            refused "a billion items that take no bytes are refused" (Schema.List(scalar ScalarType.Unit)) "fcffc99a3b"
            refused
                "a billion empty structs in lists are refused"
                (Schema.List(Schema.List(Schema.Struct [])))
                "04 fc00008000 fc00008000 fc00008000 fc00008000"
            refused "a map of 2^63 entries is refused" (Schema.Map(scalar ScalarType.Unit)) "fd0000000000000080"
            refused "a tensor of 2^63 bytes is refused" Schema.Tensor "fd0000000000000080 0101 01"
            refused "a tensor of 4 GiB in a small file is refused" Schema.Tensor "fcffffffff 0101 01"
            refused "a dtype out of range is refused" Schema.Tensor "0400000000 0101 0f"
            refused "an empty file is refused" Schema.Tensor ""

            testCase "a constant takes a byte in 0.21, and one for each part before" (fun () ->
                let pair = Schema.Constant(Constant.Fixed [ Constant.Single; Constant.Single ])
                let record = Record.Constant(Constant.Fixed [ Constant.Single; Constant.Single ])

                let size minor =
                    (bytesOf (ok (Bincode.codec.Encode { Burn = burn minor } (documentOf record)))).Length
                    - 5

                Expect.equal (size 21) 1 "0.21"
                Expect.equal (size 20) 2 "0.20"
                let read = Bincode.codec.Decode { context pair with Burn = Some(burn 20) } (inputOf (fileOf "0000"))
                expectSame (ok read).Root record "read"

                Bincode.codec.Decode { context pair with Burn = Some(burn 20) } (inputOf (fileOf "00"))
                |> error
                |> ignore)

            testCase "in 0.20 the file tells which constants are there" (fun () ->
                let schema =
                    Schema.Struct
                        [
                            "pool", Schema.Constant(Constant.Optional(Some Constant.Single))
                            "list", Schema.Constant(Constant.Listed [ Constant.Single ])
                        ]

                for pool, list, item in
                    [ Some Constant.Single, 3, "0100 03000000"; None, 0, "00 00"; None, 1, "00 0100" ] do
                    let expected =
                        structOf
                            [
                                "pool", Record.Constant(Constant.Optional pool)
                                "list", Record.Constant(Constant.Listed(List.replicate list Constant.Single))
                            ]

                    let read =
                        Bincode.codec.Decode { context schema with Burn = Some(burn 20) } (inputOf (fileOf item))

                    expectSame (ok read).Root expected item
                    let bytes = bytesOf (ok (Bincode.codec.Encode { Burn = burn 20 } (documentOf expected)))
                    Expect.equal bytes (fileOf item) "written again")

            testCase "the layout is found by reading to the end" (fun () ->
                let schema =
                    Schema.Struct
                        [
                            "stride", Schema.Constant(Constant.Fixed [ Constant.Single; Constant.Single ])
                            "p", Schema.Param
                        ]

                let record =
                    structOf
                        [
                            "stride", Record.Constant(Constant.Fixed [ Constant.Single; Constant.Single ])
                            "p", parameter "0400000000000" (f32 [ 1L ] [ 1f ])
                        ]

                for minor in [ 20; 21 ] do
                    let bytes = bytesOf (ok (Bincode.codec.Encode { Burn = burn minor } (documentOf record)))
                    let read = ok (Bincode.codec.Decode (contextOf (Some schema)) (inputOf bytes))
                    expectSame read.Root record $"written for 0.{minor}, which the file does not say")

            testCase "a Burn from before there were records is said so" (fun () ->
                match
                    Bincode.codec.Decode { context Models.tiny with Burn = Some(burn 6) } (inputOf (fileOf "00"))
                with
                | Error(RecordError.Unsupported _) -> ()
                | other -> failtest $"{other}"

                match Bincode.codec.Encode { Burn = burn 6 } (documentOf (Record.List [])) with
                | Error(RecordError.Unsupported _) -> ()
                | _ -> failtest "written all the same")

            testCase "without a schema the error says what is needed" (fun () ->
                match Bincode.codec.Decode (contextOf None) (inputOf (fileOf "00")) with
                | Error(RecordError.Unsupported(_, reason)) -> Expect.stringContains reason "schema" "the reason"
                | other -> failtest $"{other}")

            testCase "what is wrong is named with its path and offset" (fun () ->
                let schema =
                    Schema.Struct [ "a", scalar ScalarType.U8; "b", Schema.Struct [ "c", scalar ScalarType.Bool ] ]

                match read schema "0709" with
                | Error(RecordError.Malformed("bincode", [ "b"; "c" ], 6L, _, _)) -> ()
                | other -> failtest $"{other}")
        ]
