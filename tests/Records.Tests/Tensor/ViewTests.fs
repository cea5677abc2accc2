module Records.Tests.Tensor.ViewTests

#nowarn 9 // a pinned address is a pointer

open System
open System.Buffers.Binary
open FSharp.NativeInterop
open Expecto
open Records.Core

let private bytesOf (slice: Slice) =
    Expect.wantOk (Slice.whole slice) "it is in memory" |> _.ToArray()

let tests =
    testList
        "View"
        [
            testProperty "the bytes are the numbers', low byte first" (fun (values: float32[]) ->
                let expected = values |> Array.collect BitConverter.GetBytes
                Expect.equal (bytesOf (View.ofArray values)) expected "in the order of the array")

            testCase "nothing is copied" (fun () ->
                let values = [| 1; 2 |]
                let slice = View.ofArray values
                values[1] <- 0x01020304

                Expect.equal
                    (bytesOf slice |> Array.skip 4)
                    [| 4uy; 3uy; 2uy; 1uy |]
                    "the slice shows the array itself")

            testCase "any stretch can be read, across elements too" (fun () ->
                let source = (View.ofArray [| 0x04030201; 0x08070605 |]).Source
                Expect.equal (source.Read(3L, 3).ToArray()) [| 4uy; 5uy; 6uy |] "Read"
                let target = Array.zeroCreate 3
                source.Fill(3L, target.AsSpan())
                Expect.equal target [| 4uy; 5uy; 6uy |] "Fill"
                Expect.equal (source.Read(8L, 0).Length) 0 "nothing, at the end"
                Expect.throws (fun () -> source.Read(6L, 3) |> ignore) "past the end"
                Expect.throws (fun () -> source.Read(-1L, 1) |> ignore) "before the start")

            testCase "memory of a view can be pinned, of every element type" (fun () ->
                let first (slice: Slice) =
                    use handle = slice.Source.Read(1L, 1).Pin()
                    NativePtr.read (NativePtr.ofVoidPtr<byte> handle.Pointer)

                Expect.equal (first (View.ofArray [| 0x0201 |])) 2uy "int"
                Expect.equal (first (View.ofArray [| false; true |])) 1uy "bool, which a GCHandle refuses")

            testCase "an empty array is an empty slice" (fun () ->
                let slice = View.ofArray<float> [||]
                Expect.equal (bytesOf slice) [||] "no bytes"
                Expect.equal (Expect.wantOk (View.toArray<float> slice) "readable") [||] "no numbers")

            testCase "the array comes back itself when the slice is all of it" (fun () ->
                let values = [| 1.0f; 2.0f |]
                let slice = View.ofArray values

                let same array =
                    obj.ReferenceEquals(values, Option.toObj array)

                Expect.isTrue (same (View.tryArray<float32> slice)) "the same array"
                Expect.isNone (View.tryArray<int> slice) "not as another type of the same size"
                Expect.isNone (View.tryArray<float32>(Slice.sub 4L 4L slice)) "not for a part"

                Expect.isNone
                    (View.tryArray<float32>(Slice.ofMemory (ReadOnlyMemory(bytesOf slice))))
                    "not for other memory")

            testProperty "toArray gives the numbers back, from any source" (fun (values: int64[]) ->
                let copy = Array.zeroCreate (values.Length * 8)

                values
                |> Array.iteri (fun index value ->
                    BinaryPrimitives.WriteInt64LittleEndian(copy.AsSpan(index * 8), value))

                Expect.equal
                    (Expect.wantOk (View.toArray<int64>(Slice.ofMemory (ReadOnlyMemory copy))) "bytes")
                    values
                    "from bytes"

                let own = Expect.wantOk (View.toArray<int64>(View.ofArray values)) "view"
                Expect.equal own values "from a view"
                Expect.isTrue (values.Length = 0 || not (obj.ReferenceEquals(own, values))) "a copy")

            testCase "bytes that do not divide are an error" (fun () ->
                Expect.isError
                    (View.toArray<float32>(Slice.ofMemory (ReadOnlyMemory(Array.zeroCreate 6))))
                    "6 bytes of 4")

            testCase "more than one array can hold is an error before anything is allocated" (fun () ->
                let slice = { View.ofArray [| 0uy |] with Length = 1L <<< 40 }
                Expect.isError (View.toArray<byte> slice) "a terabyte")

            testCase "an array above 2 GiB of bytes is read at any offset" (fun () ->
                // Untouched pages of a fresh array take no memory.
                let values: float[] = Array.zeroCreate ((1 <<< 28) + 2)
                values[values.Length - 1] <- 1.5
                let slice = View.ofArray values
                let last = slice.Source.Read(slice.Length - 8L, 8).Span
                Expect.equal (BinaryPrimitives.ReadDoubleLittleEndian last) 1.5 "the last number"
                Expect.isError (Slice.whole slice) "not in one piece")
        ]
