/// How long a tensor will be JSON does not say, and its numbers are counted before they are read; what its fields make is seen as they are read.
module Records.Tests.JsonLengthTests

open System
open System.Text
open Expecto
open Records.Core
open Records.Tests.Support

let private count = 300_000

let private tensor =
    let random = Random 3
    Record.Tensor(tensorOf Dtype.U8 [ int64 count ] (Array.init count (fun _ -> byte (random.Next 256))))

let private file isSealed (codec: Codec) =
    codec.Encode { Burn = burn 21 } (documentOf tensor)
    |> Result.bind (Sealing.payload isSealed None 1)
    |> ok
    |> bytesOf

/// A source that is not in memory, and fails from this byte on where it is read a second time.
let private elsewhere (bytes: byte[]) failing : ISource =
    let mutable furthest = 0L

    { new ISource with
        member _.Name = "elsewhere"
        member _.Length = int64 bytes.Length
        member _.InMemory = false
        member _.Outlives = false

        member this.Read(offset, count) =
            let read = Array.zeroCreate count
            this.Fill(offset, Span read)
            ReadOnlyMemory read

        member _.Fill(offset, target) =
            if offset > failing && offset < furthest then
                RecordError.raise (RecordError.Unsupported([], "a second time"))

            furthest <- max furthest offset
            Span(bytes, int offset, target.Length).CopyTo target

        member _.Dispose() = ()
    }

let private decode (input: Input) =
    Json.pretty.Decode (contextOf (Some Schema.Tensor)) input

let private field shape =
    Encoding.UTF8.GetBytes(
        """{"metadata":{},"item":{"bytes":[0,0,128,63],"shape":"""
        + shape
        + ""","dtype":"F32"}}"""
    )

let private read schema (bytes: byte[]) =
    Json.pretty.Decode (contextOf schema) (inputOf bytes)

let tests =
    testList
        "Json lengths"
        [
            for codec, shape in [ Json.pretty, "pretty"; Json.compact, "compact" ] do
                for isSealed in [ false; true ] do
                    let bytes = file isSealed codec
                    let kind = if isSealed then "sealed" else "unsealed"

                    for place, input in
                        [
                            "in memory", (fun () -> inputOf bytes)
                            "elsewhere", (fun () -> Forward.input (elsewhere bytes Int64.MaxValue))
                        ] do
                        testCase $"{shape} {kind} {place}: memory for a long tensor is asked for once" (fun () ->
                            let load () =
                                let start = GC.GetAllocatedBytesForCurrentThread()
                                let document = ok (decode (input ()))
                                document, GC.GetAllocatedBytesForCurrentThread() - start

                            // buffers of the pool stay
                            load () |> ignore
                            let document, asked = load ()
                            expectSame document.Root tensor "as it was"
                            // windows, and small objects for each of them
                            Expect.isLessThan asked (int64 count + 200_000L) "bytes asked for")

            testCase "what can be read only once is read" (fun () ->
                let bytes = file false Json.pretty
                expectSame (ok (decode (stingy bytes))).Root tensor "as it was")

            testCase "a place that fails when it is read again is told" (fun () ->
                let bytes = file false Json.compact

                match decode (Forward.input (elsewhere bytes (int64 bytes.Length / 2L))) with
                | Error(RecordError.Unsupported(_, "a second time")) -> ()
                | other -> failtest $"{other}")

            for rank in [ 0; 1; 15; 16; 17; 64 ] do
                testCase $"{rank} dimensions are those that were written" (fun () ->
                    let dims = List.replicate rank 1L
                    let shape = String.Join(",", dims)

                    for schema in [ None; Some Schema.Tensor ] do
                        match (ok (read schema (field $"[{shape}]"))).Root with
                        | Record.Tensor data -> Expect.equal (Shape.dims data.Shape) dims "its dimensions"
                        | other -> failtest $"{other}")

            testCase "more dimensions than may be are too large" (fun () ->
                let shape = String.Join(",", List.replicate 65 "1")

                match read (Some Schema.Tensor) (field $"[{shape}]") with
                | Error(RecordError.TooLarge(_, "rank", 65L, 64L)) -> ()
                | other -> failtest $"{other}")

            for shape in [ "null"; "\"x\""; "3"; "true"; "{}"; "{\"a\":1}" ] do
                testCase $"a shape that is {shape} is none" (fun () ->
                    read (Some Schema.Tensor) (field shape) |> error |> ignore

                    match read None (field shape) with
                    | Ok { Root = Record.Struct fields } -> Expect.equal fields.Length 3 "as they stand there"
                    | other -> failtest $"{other}")

            testCase "a struct that looks like a tensor is the struct that the schema says" (fun () ->
                let schema =
                    Schema.Struct
                        [
                            "bytes", Schema.List(Schema.Scalar ScalarType.U8)
                            "shape", Schema.List(Schema.Scalar ScalarType.U64)
                            "dtype", Schema.Scalar ScalarType.Text
                        ]

                match read (Some schema) (field "[1]") with
                | Ok { Root = Record.Struct [ bytes; _; _ ] } ->
                    let numbers = [ for number in [ 0uy; 0uy; 128uy; 63uy ] -> Record.Scalar(Scalar.U8 number) ]
                    expectSame bytes.Value (Record.List numbers) "its numbers"
                | other -> failtest $"{other}")
        ]
