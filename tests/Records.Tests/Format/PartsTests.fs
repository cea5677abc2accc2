/// What a payload is gathered from, and what very many small tensors cost.
module Records.Tests.PartsTests

open System
open Expecto
open FsCheck.FSharp
open Records.Core
open Records.Tests.Deflating
open Records.Tests.Generators
open Records.Tests.Support

// ---- parts, beside what is simply put together

[<RequireQualifiedAccess>]
type private Step =
    | Write
    /// Into memory that was asked for, as writers of formats do.
    | Span
    | Slice
    | Payload
    | Tensor
    | RemoteTensor
    | LaterTensor
    | Own

let private steps =
    let size =
        Gen.frequency
            [
                3, Gen.choose (0, 300)
                3, Gen.elements [ 0; 1; 4095; 4096; 4097 ]
                1, Gen.elements [ 20_000; 65_536; 65_537; 150_000 ]
            ]

    let step =
        Gen.elements
            [
                Step.Write
                Step.Span
                Step.Slice
                Step.Payload
                Step.Tensor
                Step.RemoteTensor
                Step.LaterTensor
                Step.Own
            ]

    Gen.zip step size |> Gen.listOf |> Arb.fromGen

let private isTensor step =
    match step with
    | Step.Tensor
    | Step.RemoteTensor
    | Step.LaterTensor
    | Step.Own -> true
    | _ -> false

let private remoteSlice (bytes: byte[]) : Slice =
    { Source = remote bytes; Offset = 0L; Length = bytes.LongLength }

let private payloadOf (bytes: byte[]) : Payload =
    { Length = Some bytes.LongLength; Parts = Seq.map ReadOnlyMemory (Array.chunkBySize 1000 bytes) }

let private partsOf (steps: (Step * byte[]) list) =
    let parts = Parts()

    let span (bytes: byte[]) =
        bytes.CopyTo(parts.Buffer.GetSpan bytes.Length)
        parts.Buffer.Advance bytes.Length

    for step, bytes in steps do
        match step with
        | Step.Write -> parts.Write(ReadOnlySpan bytes)
        | Step.Span -> span bytes
        | Step.Slice -> parts.Add(memory bytes)
        | Step.Payload -> parts.Add(payloadOf bytes)
        | Step.Tensor -> parts.AddTensor(memory bytes)
        | Step.RemoteTensor -> parts.AddTensor(remoteSlice bytes)
        | Step.LaterTensor -> parts.AddTensor(payloadOf bytes)
        | Step.Own -> parts.Within(fun () -> Array.chunkBySize 999 bytes |> Array.iter span)

    parts

let private gathered (parts: seq<ReadOnlyMemory<byte>>) =
    // each is valid until the next is asked for
    [| for part in parts -> part.ToArray() |] |> Array.concat

let private laws =
    [
        testPropertyWithConfig config "parts are what was put in, in its order, and a witness sees whose it is"
        <| Prop.forAll steps (fun steps ->
            let steps = [ for index, (step, size) in List.indexed steps -> step, noise index size ]
            let parts = partsOf steps
            let whole = steps |> List.map snd |> Array.concat

            let rest =
                [|
                    for step, bytes in steps do
                        if not (isTensor step) then
                            bytes
                |]
                |> Array.concat

            let tensors =
                [
                    for step, bytes in steps do
                        if isTensor step then
                            bytes
                ]

            Expect.equal parts.Length (Some whole.LongLength) "the length"

            match parts.Beside with
            | ValueSome(struct (beside, lengths)) ->
                Expect.equal beside rest.LongLength "beside the tensors"

                Expect.equal
                    (List.sort (List.ofSeq lengths))
                    (List.sort [ for bytes in tensors -> bytes.LongLength ])
                    "the tensors"
            | ValueNone -> failtest "all lengths are known"

            for _ in 1..2 do
                expectBytes (gathered (parts.ToPayload().Parts)) whole "unseen, any number of times"

            let witness = Witness([||], 0uy, rest.Length)
            expectBytes (gathered (parts.Produce(Some witness, 0))) whole "seen"
            expectBytes (witness.Copy.ToArray()) rest "what is no tensor's"
            Expect.equal (witness.Digest()) (BlockHash.Of(ReadOnlySpan rest)) "its hash"

            let starts =
                (0L, steps)
                ||> List.scan (fun start (_, bytes) -> start + bytes.LongLength)
                |> List.zip (List.map fst steps @ [ Step.Write ])
                |> List.filter (fst >> isTensor)
                |> List.map snd

            Expect.equal
                [ for tensor in witness.Tensors -> tensor.Start, tensor.Length, tensor.Hash ]
                [
                    for start, bytes in List.zip starts tensors ->
                        start, bytes.LongLength, BlockHash.Of(ReadOnlySpan bytes)
                ]
                "the tensors")

        testPropertyWithConfig config "what was written last may be held back"
        <| Prop.forAll steps (fun steps ->
            let steps =
                [ for index, (step, size) in List.indexed steps -> step, noise index size ]
                @ [ Step.Span, [| 1uy; 2uy |] ]

            let whole = steps |> List.map snd |> Array.concat

            for held in 0..2 do
                expectBytes
                    (gathered ((partsOf steps).Produce(None, held)))
                    (Array.truncate (whole.Length - held) whole)
                    $"{held} bytes")
    ]

// ---- files

let private recorders =
    [
        for name, recorder in
            [
                "mpk", Recorder.namedMsgPack
                "bin", Recorder.bincode
                "bpk", Recorder.burnpack
                "json", Recorder.prettyJson
                "mpk.gz", Recorder.gzip Recorder.namedMsgPack
            ] do
            name, recorder
            $"{name}, unsealed", Recorder.unsealed recorder
    ]

let private rootOf (sizes: int list) (slice: int -> byte[] -> Slice) =
    structOf
        [
            for index, size in List.indexed sizes do
                let bytes = slice index (noise index size)
                $"t{index:D3}", Record.Tensor(ok (TensorData.create Dtype.U8 (shapeOf [ int64 size ]) bytes))
        ]

let private sizes =
    Gen.frequency [ 5, Gen.choose (0, 200); 3, Gen.elements [ 1; 4095; 4096; 4097 ]; 1, Gen.choose (10_000, 100_000) ]
    |> Gen.listOf
    |> Arb.fromGen

let private files =
    [
        for name, recorder in recorders do
            testPropertyWithConfig
                { config with maxTest = config.maxTest / 4 }
                $"{name}: a file is the same wherever its tensors are, and is read back"
            <| Prop.forAll sizes (fun sizes ->
                let held = rootOf sizes (fun _ bytes -> memory bytes)
                let recorder = Recorder.schema (Schema.ofRecord held) { recorder with Precision = Precision.Kept }

                let encoded root =
                    ok (Recorder.encode recorder (documentOf root))

                let bytes = bytesOf (encoded held)
                let length = (encoded held).Length
                Expect.isTrue (length = None || length = Some bytes.LongLength) "as long as it said"

                for slice in
                    [
                        fun _ bytes -> remoteSlice bytes
                        fun index bytes -> if index % 2 = 0 then memory bytes else remoteSlice bytes
                    ] do
                    expectBytes (bytesOf (encoded (rootOf sizes slice))) bytes "the same"

                expectSame (ok (Recorder.decode recorder (inputOf bytes))).Root held "read back")
    ]

// ---- very many

let private tile = noise 1 4096

let private many count =
    let data = ok (TensorData.create Dtype.F32 (shapeOf [ 1024L ]) (memory tile))
    documentOf (structOf [ for index in 1..count -> $"t{index:D6}", Record.Tensor data ])

/// Bytes of the file, and what making it allocated.
let private produced recorder document =
    let before = GC.GetAllocatedBytesForCurrentThread()
    let payload = ok (Recorder.encode recorder document)
    let mutable length = 0L

    for part in payload.Parts do
        length <- length + int64 part.Length

    payload.Length, length, GC.GetAllocatedBytesForCurrentThread() - before

let private costs =
    [
        // as they are once copied, by doubling, 20,000 of 4 KiB are 256 MiB
        for name, recorder in recorders do
            if not (name.StartsWith "json") then
                testCase $"{name}: 20,000 tensors of 4 KiB cost what is said of them, and no copy" (fun () ->
                    let document = many 20_000
                    let _, length, allocated = produced recorder document
                    let size = 20_000L * 4096L
                    Expect.isGreaterThan length (if name.Contains "gz" then 1L <<< 19 else size) "all of them"
                    // a burnpack says all of them before the first
                    let most = if name.StartsWith "bpk" then size else size / 2L

                    Expect.isLessThan allocated most "no copy, and what is passed on the way there")

        testCase "525,000 small tensors, two gigabytes in all, are saved" (fun () ->
            let said, length, _ = produced Recorder.namedMsgPack (many 525_000)
            Expect.isGreaterThan length (int64 Array.MaxLength) "more than an array holds"
            Expect.equal said (Some length) "as long as it said")
    ]

let tests =
    testList "Parts" [ testList "laws" laws; testList "files" files; testSequencedGroup "many" (testList "many" costs) ]
