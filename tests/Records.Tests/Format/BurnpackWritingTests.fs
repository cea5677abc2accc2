module Records.Tests.BurnpackWritingTests

open System
open Expecto
open Records.Core
open Records.Tests.Support

let private decode (bytes: byte[]) =
    Burnpack.codec.Decode (contextOf None) (inputOf bytes)

let private encodeFor burn document =
    bytesOf (ok (Burnpack.codec.Encode { Burn = burn } document))

/// These bytes and zeros behind them, so many in all, which nobody has to hold.
let private padded (head: ReadOnlyMemory<byte>) length : ISource =
    { new ISource with
        member _.Name = "zeros"
        member _.Length = length
        member _.InMemory = false
        member _.Outlives = true

        member this.Read(offset, count) =
            let bytes = Array.zeroCreate<byte> count
            this.Fill(offset, Span bytes)
            ReadOnlyMemory bytes

        member _.Fill(offset, target) =
            target.Clear()
            let rest = head.Slice(int (min offset (int64 head.Length)))
            rest.Span.Slice(0, min rest.Length target.Length).CopyTo target

        member _.Dispose() = ()
    }

let private large name length : Field =
    let source = padded ReadOnlyMemory.Empty length
    let bytes = { Source = source; Offset = 0L; Length = length }
    { Name = name; Value = Record.Tensor(ok (TensorData.create Dtype.U8 (shapeOf [ length ]) bytes)) }

let tests =
    testList
        "Burnpack: writing"
        [
            testCase "tensors beyond 4 GiB, neither held nor read" (fun () ->
                let five = 5L <<< 30
                let document = documentOf (Record.Struct [ large "a" five; large "b" 3L; large "c" five ])
                let payload = ok (Burnpack.codec.Encode { Burn = Burnpack.latest } document)
                // a part is there until the next is asked for
                let head =
                    payload.Parts
                    |> Seq.map (fun part -> ReadOnlyMemory(part.ToArray()))
                    |> Seq.head

                let size = Option.get payload.Length

                let file = padded head size
                let before = GC.GetAllocatedBytesForCurrentThread()
                let read = ok (Burnpack.codec.Decode (contextOf None) (Forward.input file))
                let allocated = GC.GetAllocatedBytesForCurrentThread() - before
                Expect.isLessThan allocated (1L <<< 20) "the tensors stay where they are"

                let places =
                    [
                        for path, data in Record.tensors read.Root ->
                            String.Join('.', path), data.Bytes.Offset, data.Bytes.Length
                    ]

                let second = 256L + five

                Expect.equal
                    places
                    [ "a", 256L, five; "b", second, 3L; "c", second + 256L, five ]
                    "where they are in the file")

            testCase "Burn's limits hold unless others are given" (fun () ->
                let eleven = documentOf (Record.Struct [ large "a" (11L <<< 30) ])

                match error (Burnpack.codec.Encode { Burn = Burnpack.latest } eleven) with
                | RecordError.TooLarge([ "a" ], _, _, limit) -> Expect.equal limit (10L <<< 30) "10 GiB"
                | other -> failtest (RecordError.message other)

                let many = documentOf (Record.Struct [ for index in 0..10 -> large $"{index:D2}" (10L <<< 30) ])

                match error (Burnpack.codec.Encode { Burn = Burnpack.latest } many) with
                | RecordError.TooLarge([], _, _, limit) -> Expect.equal limit (100L <<< 30) "100 GiB"
                | other -> failtest (RecordError.message other)

                let free = Burnpack.codecWithin Burnpack.formatLimits
                let payload = ok (free.Encode { Burn = Burnpack.latest } eleven)
                Expect.equal payload.Length (Some(256L + (11L <<< 30))) "it can be written")

            testCase "what a recorder says of itself is not written, user metadata and annex are" (fun () ->
                let weight = parameter "0400000000000" (f32 [ 1L ] [ 1f ])
                let document = documentOf (structOf [ "w", weight ])
                let bytes = bytesOf (ok (Recorder.encode Recorder.namedMsgPack document))
                let read = ok (Recorder.decode Recorder.namedMsgPack (inputOf bytes))
                let packed = encodeFor Burnpack.latest { read with Annex = Map [ "note", "1" ] }
                let again = ok (decode packed)
                Expect.equal again.Annex (Map [ "note", "1" ]) "the annex alone"
                Expect.equal again.Metadata again.Annex "which is the user's metadata too"
                let user = { document with Metadata = Map [ "producer", "me" ] }
                let read = ok (decode (bytesOf (ok (Recorder.encode Recorder.burnpack user))))
                Expect.equal read.Metadata (Map [ "producer", "me" ]) "the user's")

            testCase "ids of every Burn come back with their texts" (fun () ->
                let ids =
                    [ "0400000000000"; "0800000000"; "TV6QN2B78KHG2"; "01234567-89ab-4def-8123-456789abcdef"; "x"; "" ]

                let fields = [ for index, id in List.indexed ids -> $"w{index}", parameter id (f32 [ 1L ] [ 1f ]) ]
                let document = documentOf (structOf fields)
                let read = ok (decode (encodeFor Burnpack.latest document))
                expectSame read.Root document.Root "with their ids"
                Expect.isEmpty read.Annex "what keeps them is no user's")

            testCase "texts among the values of a record are user metadata under their paths" (fun () ->
                let record =
                    structOf
                        [
                            "model", structOf [ "w", parameter "0400000000000" (f32 [ 1L ] [ 1f ]) ]
                            "name", Record.Scalar(Scalar.Text "run 7")
                            "epoch", Record.Scalar(Scalar.I32 3)
                        ]

                let document = { documentOf record with Annex = Map [ "note", "1" ] }
                let bytes = encodeFor Burnpack.latest document
                let schema = Schema.ofRecord record
                let read = ok (Burnpack.codec.Decode (contextOf (Some schema)) (inputOf bytes))
                expectSame read.Root record "with the schema"
                Expect.equal read.Annex document.Annex "the annex"

                let clash = { document with Annex = Map [ "name", "another" ] }
                error (Burnpack.codec.Encode { Burn = Burnpack.latest } clash) |> ignore)

            testCase "two values of one name are an error" (fun () ->
                let w = parameter "0400000000000" (f32 [ 1L ] [ 1f ])
                let document = documentOf (structOf [ "a.b", w; "a", structOf [ "b", w ] ])
                error (Burnpack.codec.Encode { Burn = Burnpack.latest } document) |> ignore)

            testCase "two ids of one number are an error" (fun () ->
                let tensor = f32 [ 1L ] [ 1f ]

                let document =
                    documentOf (structOf [ "a", parameter "0400000000000" tensor; "b", parameter "0400000000" tensor ])

                error (Burnpack.codec.Encode { Burn = Burnpack.latest } document) |> ignore)

            testCase "half of a surrogate pair is an error" (fun () ->
                let document = documentOf (structOf [ String(char 0xD800, 1), parameter "x" (f32 [ 1L ] [ 1f ]) ])
                error (Burnpack.codec.Encode { Burn = Burnpack.latest } document) |> ignore)

            testCase "a tied parameter is there twice, and once again" (fun () ->
                let w = parameter "0400000000000" (f32 [ 1L ] [ 1f ])
                let document = documentOf (structOf [ "in", structOf [ "w", w ]; "out", structOf [ "w", w ] ])
                let read = ok (decode (encodeFor Burnpack.latest document))
                expectSame read.Root document.Root "both with one id")
        ]
