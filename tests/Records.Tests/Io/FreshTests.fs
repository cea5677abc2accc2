module Records.Tests.Io.FreshTests

open System
open System.Collections.Generic
open System.Runtime.InteropServices
open Expecto
open Records.Core
open Records.Tests.Support

/// The array that a piece lies in, and where.
let private placeOf (piece: Memory<byte>) =
    match MemoryMarshal.TryGetArray(Memory.op_Implicit piece: ReadOnlyMemory<byte>) with
    | true, segment ->
        match segment.Array with
        | null -> failtest "no array"
        | array -> {| Array = array; Offset = segment.Offset; Count = segment.Count |}
    | _ -> failtest "no array"

/// Sizes as models have them, from a bias to more than any chunk, some MiB of each.
let private sizes =
    let random = Random 5

    [|
        for _ in 1..60 do
            1 <<< 20
            4096
            65536
            random.Next(1, 3 <<< 20)

        40 <<< 20
        (1 <<< 20) + 1
    |]

let tests =
    testList
        "Fresh"
        [
            testCase "pieces are as long as asked for and share no byte" (fun () ->
                let fresh = Fresh.memory ()
                let pieces = sizes |> Array.map fresh
                Expect.equal (pieces |> Array.map _.Length) sizes "lengths"

                pieces |> Array.iteri (fun index piece -> piece.Span.Fill(byte index))

                pieces
                |> Array.iteri (fun index piece ->
                    Expect.isFalse (piece.Span.ContainsAnyExcept(byte index)) $"the bytes of piece {index}"))

            testCase "numbers of any kind begin where they may" (fun () ->
                let fresh = Fresh.memory ()

                for size in sizes do
                    Expect.equal ((placeOf (fresh size)).Offset % 64) 0 $"{size} bytes")

            testCase "many share an array, few of it is left unused, small ones are apart" (fun () ->
                let fresh = Fresh.memory ()
                let pieces = [| for _ in 1..200 -> placeOf (fresh (1 <<< 20)) |]
                let arrays = HashSet<byte[]>(pieces |> Array.map _.Array, HashIdentity.Reference)
                Expect.isLessThan arrays.Count 20 "chunks"
                let reserved = arrays |> Seq.sumBy _.LongLength
                Expect.isLessThan reserved (233L <<< 20) "bytes for 200 MiB"
                Expect.equal (placeOf (fresh 65535)).Array.Length 65535 "an array of its own"
                Expect.equal (placeOf (fresh 0)).Count 0 "nothing")

            testCase "a first piece takes little more than it needs" (fun () ->
                for size in [ 65536; 1 <<< 20; (1 <<< 21) + 5 ] do
                    let place = placeOf (Fresh.memory () size)
                    Expect.isLessThanOrEqual place.Array.Length (max size (1 <<< 21)) $"for {size} bytes")

            testCase "a compressed model of many sizes is what it was, whoever inflates" (fun () ->
                let random = Random 11

                let tensor size =
                    let bytes = Array.zeroCreate<byte> size
                    random.NextBytes bytes
                    bytes

                let tensors = [| for size in Array.truncate 40 sizes -> tensor (size / 4 * 4) |]

                let root =
                    structOf
                        [
                            for index, bytes in Array.indexed tensors ->
                                $"t{index}", Record.Tensor(tensorOf Dtype.F32 [ int64 (bytes.Length / 4) ] bytes)
                        ]

                let quiet = { Report = None; Token = token }

                for recorder in [ Recorder.namedMsgPack; Recorder.burnpack ] do
                    let recorder = Recorder.gzip recorder
                    let file = bytesOf (ok (Recorder.encode recorder (documentOf root)))

                    for degree in [ 1; 2; 3 ] do
                        let recorder = Recorder.parallelism degree recorder
                        let place = Memory.place (remote file)
                        let document = ok (Recorder.loadNow recorder quiet place)

                        for (path, data), bytes in Seq.zip (Record.tensors document.Root) tensors do
                            expectBytes (wholeOf data.Bytes) bytes $"{path}, {degree} at a time")
        ]
