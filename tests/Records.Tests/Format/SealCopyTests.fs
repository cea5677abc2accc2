/// The copy of what is beside the tensors: which files have one, and what an opened file is read from.
module Records.Tests.SealCopyTests

open System
open System.IO
open System.Text
open Expecto
open Records.Core
open Records.Tests.Support
open Records.Tests.Deflating
open Records.Tests.SealTests

let private quiet = { Report = None; Token = token }
let private recorders = [ Recorder.namedMsgPack; Recorder.bincode ]

/// A parameter and two small tensors, which have 28 bytes, and others of so many.
let private model sizes =
    structOf
        [
            "fc1", structOf [ "weight", parameter (idText 1UL) (f32 [ 2L; 2L ] [ 1f; -2f; 3f; 0.5f ]) ]

            for index, size in List.indexed sizes do
                $"large{index}", Record.Tensor(tensorOf Dtype.U8 [ int64 size ] (noise index size))

            "note", Record.Scalar(Scalar.Text(String('n', 1000)))
            "none", Record.Tensor(f32 [ 0L; 3L ] [])
            "last", Record.Tensor(f32 [ 3L ] [ 9f; 8f; 7f ])
        ]

let private small = 28
let private eight size = List.replicate 8 size

let private hasCopy (bytes: byte[]) =
    bytes.AsSpan().IndexOf(ReadOnlySpan(Encoding.ASCII.GetBytes Seal.copyKey)) > 0

/// The seal of a file.
let internal sealOf (bytes: byte[]) =
    let found carrier =
        RecordError.catch (fun () -> Unsealed.find [ carrier ] Recorder.defaultLimits (remote bytes))
        |> Result.toOption
        |> Option.bind ValueOption.toOption

    List.pick found [ Carrier.MsgPack; Carrier.Bincode ]

/// The bytes beside the tensors up to the copy: where each stretch of them begins and ends.
let internal beside (bytes: byte[]) =
    let found = sealOf bytes
    let tensors = found.Seal.Tensors

    [
        for index in 0 .. tensors.Length ->
            let start =
                if index = 0 then
                    0L
                else
                    tensors[index - 1].Start + tensors[index - 1].Length

            let stop =
                if index < tensors.Length then
                    tensors[index].Start
                else
                    found.Start

            struct (int start, int stop)
    ]

/// A source that notes what is read of it: from where, and how much.
let private noting (reads: ResizeArray<struct (int64 * int64)>) source =
    Watch.source source (fun offset count -> reads.Add(struct (offset, count)))

/// The copy is as it was the first time, and never again.
let private oncePerCopy (bytes: byte[]) : ISource =
    let found = sealOf bytes
    let stop = found.CopyStart + found.Seal.Copy
    let isRead = ref false

    remoteBy bytes.LongLength (fun offset count ->
        if offset >= stop || offset + int64 count <= found.CopyStart then
            Array.sub bytes (int offset) count
        elif isRead.Value then
            Array.create count 0x2Auy
        else
            isRead.Value <- true
            Array.sub bytes (int offset) count)

let tests =
    testList
        "Seal, copy"
        [
            testCase "a file has one where eight tensors are apart, and all of them large beside the rest" (fun () ->
                for recorder in recorders do
                    let write sizes recorder =
                        let root = model sizes
                        write (schemed root recorder) root

                    // what is beside the tensors is as long in all of these
                    let rest size =
                        (write (eight size) (Recorder.unsealed recorder)).Length - small - 8 * size

                    let least = (64 * rest 20_000 - small + 7) / 8
                    Expect.equal (rest least) (rest 20_000) "as long"

                    for sizes, has in
                        [
                            eight (least - 1), false
                            eight least, true
                            List.replicate 7 60_000, false
                            eight 60_000, true
                            60_000 :: 60_000 :: eight 4096, false
                            // one more is apart, and just so
                            60_000 :: 60_000 :: 4096 :: List.replicate 6 4097, true
                        ] do
                        let bytes = write sizes recorder
                        Expect.equal (hasCopy bytes) has $"{recorder.Name}: {sizes}, {least}"
                        Expect.equal ((sealOf bytes).Seal.Copy > 0L) has "in the seal"
                        let root = model sizes
                        expectSame (ok (load (schemed root recorder) (remote bytes))).Root root "read back")

            testCase "it is the bytes beside the tensors, and only files that are read in part have one" (fun () ->
                let root = model (eight 20_000)

                for name, recorder in SealTests.recorders do
                    let bytes = write (schemed root recorder) root
                    Expect.equal (hasCopy bytes) (name = "mpk" || name = "bin") name

                    if hasCopy bytes then
                        let found = sealOf bytes
                        let copy = bytes[int found.CopyStart .. int (found.CopyStart + found.Seal.Copy) - 1]

                        [|
                            for struct (start, stop) in beside bytes do
                                yield! bytes[start .. stop - 1]
                        |]
                        |> expectBytes copy
                        <| "all of them")

            testCase "opening reads it and nothing between the tensors" (fun () ->
                let root = model (List.replicate 200 9000)

                for recorder in recorders do
                    let recorder = schemed root recorder
                    let bytes = write recorder root
                    let first = int (sealOf bytes).Start
                    let reads = ResizeArray()
                    use opened = ok (Recorder.openNow recorder quiet (Memory.place (noting reads (remote bytes))))
                    Expect.equal (Record.countTensors opened.Document.Root) 203 "tensors"

                    for struct (offset, count) in reads do
                        // what the file is, is seen at its beginning
                        if offset < int64 first then
                            Expect.equal offset 0L "not between the tensors"
                            Expect.isLessThanOrEqual count 4096L "no more than a look"

                    // the head, the tail, the length, the seal and its key, the copy and its key
                    Expect.equal reads.Count 7 $"reads, {recorder.Name}")

            testCase "what must be looked for in a bin is found without its tensors" (fun () ->
                // what the oldest layouts can say as well
                let tensor index =
                    Record.Tensor(tensorOf Dtype.F32 [ 2250L ] (noise index 9000))

                let root = structOf [ for index in 0..199 -> $"large{index}", tensor index ]
                let schema = Schema.ofRecord root
                let fixed' = Schemas.Fixed(fun _ -> schema)
                let versioned = Schemas.Versioned(fun _ -> Ok(fun _ -> schema))
                let opened = Schemas.Fixed(fun _ -> Maybe.ofRecord root)

                for schemas in [ fixed'; versioned; opened ] do
                    for annex in [ Map.empty; Map [ "large3", "2" ] ] do
                        for version in [ None; Some { Major = 0; Minor = 13; Patch = 0 } ] do
                            let recorder = schemed root Recorder.bincode
                            let recorder = { recorder with Burn = version }
                            let bytes = bytesOf (ok (Recorder.encode recorder { documentOf root with Annex = annex }))
                            let recorder = { recorder with Schema = Some schemas }
                            let reads = ResizeArray()
                            let place = Memory.place (noting reads (remote bytes))
                            use opened = ok (Recorder.openNow recorder quiet place)
                            Expect.equal opened.Document.Annex annex "the annex"
                            let tensors = Seq.sum [ for struct (_, count) in reads -> count ]
                            // the seal has 30 kB of that
                            Expect.isLessThan tensors 90_000L $"bytes read, %A{version}"
                            Expect.isLessThan reads.Count 20 "reads")

            testCase "what is opened is what was hashed, read once" (fun () ->
                let root = model (eight 20_000)

                for recorder in recorders do
                    let recorder = schemed root recorder
                    let bytes = write recorder root
                    let garbled = Array.copy bytes

                    for struct (start, stop) in beside bytes do
                        // the beginning is looked at to see what the file is
                        Array.fill garbled (max 16 start) (stop - max 16 start) 0x55uy

                    use opened = ok (Recorder.openNow recorder quiet (Memory.place (oncePerCopy garbled)))
                    expectSame opened.Document.Root root recorder.Name)

            testCase "a copy of more than a MiB is read as any other" (fun () ->
                let text = String('x', 1_200_000)

                let root = structOf [ "text", Record.Scalar(Scalar.Text text); "model", model (eight (10 <<< 20)) ]

                let recorder = schemed root Recorder.namedMsgPack
                let recorder = { recorder with Limits = { recorder.Limits with NameBytes = 2L <<< 20 } }
                let bytes = write recorder root
                Expect.isGreaterThan (sealOf bytes).Seal.Copy (1L <<< 20) "its length"
                use opened = ok (Recorder.openNow recorder quiet (Memory.place (remote bytes)))
                expectSame opened.Document.Root root "read")

            testCase "a file on a disk is opened, loaded, converted and verified, whatever is wrong with it" (fun () ->
                let root = model (eight 20_000)
                let schema = Schema.ofRecord root

                inFolder (fun folder ->
                    for recorder, extension in List.zip recorders [ "mpk"; "bin" ] do
                        let recorder = schemed root recorder
                        let path = Path.Combine(folder, $"model.{extension}")
                        let bytes = write recorder root
                        let found = sealOf bytes
                        let place = File.exactly File.defaults path

                        let opened () =
                            Recorder.openNow recorder quiet place
                            |> Result.map (fun opened ->
                                use opened = opened
                                expectSame opened.Document.Root root "opened")

                        let converted () =
                            let conversion = Conversion.into "json" Recorder.defaultLimits
                            let target = Path.Combine(folder, "model.json")

                            ConvertFile.run { conversion with Schema = Some(fun _ -> schema) } path target true quiet

                        let verified () =
                            (Verify.file Recorder.defaultLimits (Some(fun _ -> schema)) path).Problems

                        let there = 100L
                        let copied = found.CopyStart + 100L

                        for wrong, problems in [ [], 0; [ there ], 1; [ copied ], 1; [ there; copied + 1L ], 2 ] do
                            let changed = Array.copy bytes

                            for at in wrong do
                                changed[int at] <- changed[int at] ^^^ 1uy

                            File.WriteAllBytes(path, changed)
                            let name = $"{extension}, wrong at %A{wrong}"
                            let isRight = List.isEmpty wrong
                            Expect.equal (Result.isOk (Recorder.loadNow recorder quiet place)) isRight $"{name}: load"
                            Expect.equal (Result.isOk (converted ())) isRight $"{name}: convert"
                            Expect.equal (Result.isOk (opened ())) (List.forall ((=) there) wrong) $"{name}: open"

                            let seal =
                                verified ()
                                |> List.filter (fun problem ->
                                    match problem.Error with
                                    | RecordError.Malformed("seal", _, _, _, _) -> true
                                    | _ -> false)

                            Expect.hasLength seal problems $"{name}: verify"))

            testCase "its length is as it must be, and a file whose kind has none has none" (fun () ->
                let root = model (eight 20_000)

                for recorder, carrier in List.zip recorders [ Carrier.MsgPack; Carrier.Bincode ] do
                    let recorder = schemed root recorder
                    let bytes = write recorder root
                    let found = sealOf bytes

                    let refused (bytes: byte[]) expected =
                        let error = error (Recorder.openNow recorder quiet (Memory.place (remote bytes)))
                        Expect.stringContains (RecordError.message error) expected recorder.Name

                    let resealed tensors copy =
                        let seal = { found.Seal with Copy = copy; Tensors = tensors }

                        Array.concat
                            [
                                bytes[.. int found.Start - 1]
                                Carrier.copyOpening carrier copy
                                Array.zeroCreate<byte>(int copy)
                                Carrier.bytes carrier seal
                            ]

                    // a copy of one byte more or less, and all as it must be otherwise
                    for more in [ -1L; 1L ] do
                        refused (resealed found.Seal.Tensors (found.Seal.Copy + more)) "a copy of another length"

                    // a last tensor that reaches into it
                    let last = Array.last found.Seal.Tensors
                    let longer = { last with Length = found.CopyStart - last.Start }
                    let tensors = Array.append found.Seal.Tensors[.. found.Seal.Tensors.Length - 2] [| longer |]
                    refused (resealed tensors found.Seal.Copy) "a tensor beyond the end"

                    // more than there is before it, and more than is ever held
                    for copy in [ 1L <<< 20; (1L <<< 22) + 1L; Int64.MaxValue ] do
                        let seal = { found.Seal with Copy = copy }
                        refused (Array.append [| 0x81uy |] (Carrier.bytes carrier seal)) "a copy that cannot be"

                let json = schemed root Recorder.prettyJson
                let bytes = write (Recorder.unsealed json) root
                let seal = Seal.unsigned UInt128.Zero 10L [||]

                let claimed = Array.concat [ bytes[.. bytes.Length - 3]; Carrier.bytes Carrier.PrettyJson seal ]

                let error = error (load json (remote claimed))
                Expect.stringContains (RecordError.message error) "a copy that cannot be" "in JSON")

            testCase "one that lost its seal is no file of Burn's" (fun () ->
                let root = model (eight 20_000)
                let recorder = schemed root Recorder.namedMsgPack
                let bytes = write recorder root
                let found = sealOf bytes
                let stop = int (found.CopyStart + found.Seal.Copy)
                let without = Array.append [| bytes[0] - 1uy |] bytes[1 .. stop - 1]
                let error = error (load recorder (remote without))
                Expect.stringContains (RecordError.message error) Seal.copyKey "its key")

            testCase "it is held while a file is written, and so never large" (fun () ->
                for carrier, most in [ Carrier.MsgPack, 1 <<< 22; Carrier.Bincode, 1 <<< 22; Carrier.Json, 0 ] do
                    /// What such a file has beside what is Burn's, but for the copy's own bytes.
                    let added beside copy =
                        let parts = Parts()
                        parts.Write(ReadOnlySpan(Array.create<byte> beside 0x82uy))

                        for _ in 1..8 do
                            parts.AddTensor { Length = Some(1L <<< 30); Parts = Seq.empty }

                        let paths = Array.replicate 8 ReadOnlyMemory.Empty
                        let payload = Carrier.sealed' carrier paths parts
                        payload.Length.Value - (8L <<< 30) - int64 (beside + copy)

                    let without = added (most + 1) 0

                    if most > 0 then
                        // key and length, and its length in the seal
                        Expect.equal
                            (added most most - without)
                            (int64 (Carrier.copyOpening carrier 1L).Length + 17L)
                            "most"
                    else
                        Expect.equal (added 100 0) without "none")
        ]
