/// The copy of what is beside the tensors: what an opened file is read from.
module Records.Tests.SealCopyTests

open System
open System.Text
open Expecto
open Records.Core
open Records.Tests.Support
open Records.Tests.Deflating
open Records.Tests.SealTests

let private quiet = { Report = None; Token = token }
let private recorders = [ Recorder.namedMsgPack; Recorder.bincode ]

/// A parameter, a tensor of so many bytes and one of nothing.
let private model size =
    structOf
        [
            "fc1", structOf [ "weight", parameter (idText 1UL) (f32 [ 2L; 2L ] [ 1f; -2f; 3f; 0.5f ]) ]
            "large", Record.Tensor(tensorOf Dtype.U8 [ int64 size ] (noise 1 size))
            "none", Record.Tensor(f32 [ 0L; 3L ] [])
            "last", Record.Tensor(f32 [ 3L ] [ 9f; 8f; 7f ])
        ]

let private copyAt (bytes: byte[]) =
    bytes.AsSpan().IndexOf(ReadOnlySpan(Encoding.ASCII.GetBytes Seal.copyKey))

/// The seal of a file.
let private sealOf (bytes: byte[]) =
    let found carrier =
        RecordError.catch (fun () -> Unsealed.find [ carrier ] Recorder.defaultLimits (remote bytes))
        |> Result.toOption
        |> Option.bind ValueOption.toOption

    List.pick found [ Carrier.MsgPack; Carrier.Bincode ]

let private opened recorder source =
    Recorder.openNow recorder quiet (Memory.place source)

let private flip (bytes: byte[]) (bit: int) =
    bytes[bit / 8] <- bytes[bit / 8] ^^^ (1uy <<< (bit % 8))

/// A source that notes what is read of it.
let private noting (reads: ResizeArray<struct (int64 * int)>) (inner: ISource) =
    { new ISource with
        member _.Name = inner.Name
        member _.Length = inner.Length
        member _.InMemory = false
        member _.Outlives = false

        member _.Read(offset, count) =
            reads.Add(struct (offset, count))
            inner.Read(offset, count)

        member _.Fill(offset, target) =
            reads.Add(struct (offset, target.Length))
            inner.Fill(offset, target)

        member _.Dispose() = ()
    }

let tests =
    testList
        "Seal, copy"
        [
            testCase "a file has one where its tensors are large beside the rest" (fun () ->
                for recorder in recorders do
                    // what is beside the tensors is as long in all of these
                    let length size =
                        let root = model size
                        (write (schemed root (Recorder.unsealed recorder)) root).Length - size

                    // the small tensors have 28 bytes
                    let least = 64 * (length 30_000 - 28) - 28

                    for size, has in [ least - 1, false; least, true ] do
                        let root = model size
                        Expect.equal (length size) (length 30_000) "as long"
                        let bytes = write (schemed root recorder) root
                        Expect.equal (copyAt bytes > 0) has $"{recorder.Name}: {size} of {least}"
                        let seal = (sealOf bytes).Seal
                        Expect.equal (seal.Copy > 0L) has "in the seal"
                        expectSame (ok (load (schemed root recorder) (remote bytes))).Root root "read back")

            testCase "it is the bytes beside the tensors, and only files that are read in part have one" (fun () ->
                let root = model 100_000

                for name, recorder in SealTests.recorders do
                    let bytes = write (schemed root recorder) root

                    match copyAt bytes with
                    | -1 -> Expect.isFalse (name = "mpk" || name = "bin") name
                    | at ->
                        Expect.isTrue (name = "mpk" || name = "bin") name
                        let found = sealOf bytes
                        let copy = bytes[int found.CopyStart .. int (found.CopyStart + found.Seal.Copy) - 1]
                        Expect.isTrue (int64 at < found.CopyStart) "its key before it"

                        let beside =
                            [|
                                let mutable at = 0

                                for tensor in found.Seal.Tensors do
                                    yield! bytes[at .. int tensor.Start - 1]
                                    at <- int (tensor.Start + tensor.Length)

                                yield! bytes[at .. int found.Start - 1]
                            |]

                        expectBytes copy beside "all of them")

            testCase "opening reads it and nothing between the tensors" (fun () ->
                let root = Record.List [ for _ in 1..200 -> Record.Tensor(tensorOf Dtype.U8 [ 9000L ] (noise 1 9000)) ]

                for recorder in recorders do
                    let recorder = schemed root recorder
                    let bytes = write recorder root
                    let first = int (sealOf bytes).Start
                    let reads = ResizeArray()
                    use document = ok (opened recorder (noting reads (remote bytes)))
                    Expect.equal (Record.countTensors document.Document.Root) 200 "tensors"

                    let between =
                        [
                            for struct (offset, count) in reads do
                                if offset > 0L && offset < int64 first then
                                    offset, count
                        ]

                    Expect.isEmpty between "reads between the tensors"
                    Expect.isLessThan reads.Count 12 "reads")

            testCase "what is opened is what was hashed, whatever the file says by then" (fun () ->
                let root = model 100_000

                for recorder in recorders do
                    let recorder = schemed root recorder
                    let bytes = write recorder root
                    let found = sealOf bytes
                    use document = ok (opened recorder (remote bytes))
                    // the copy has been read
                    Array.fill bytes (int found.CopyStart) (int found.Seal.Copy) 0uy
                    expectSame document.Document.Root root recorder.Name)

            testCase "a wrong bit between the tensors is refused by a load, and opens as if it were right" (fun () ->
                let root = model 60_000

                for recorder in recorders do
                    let recorder = schemed root recorder
                    let bytes = write recorder root
                    let found = sealOf bytes
                    let large = found.Seal.Tensors |> Array.findIndex (fun tensor -> tensor.Length = 60_000L)
                    let large = found.Seal.Tensors[large]

                    let beside =
                        [
                            // all but the tensor, of which a few will do
                            yield! [ 0 .. 8 * int large.Start - 1 ]
                            yield! [ 8 * int large.Start .. 40_001 .. 8 * int (large.Start + large.Length) - 1 ]
                            yield! [ 8 * int (large.Start + large.Length) .. 8 * bytes.Length - 1 ]
                        ]

                    let isTensor at =
                        found.Seal.Tensors
                        |> Array.exists (fun tensor -> at >= tensor.Start && at < tensor.Start + tensor.Length)

                    let first = ResizeArray()

                    for bit in beside do
                        flip bytes bit
                        Expect.isTrue (isRefused recorder bytes) $"{recorder.Name}: bit {bit}, loaded"

                        match opened recorder (remote bytes) with
                        | Error _ ->
                            if int64 (bit / 8) < found.Start then
                                first.Add bit
                        | Ok document ->
                            use document = document
                            Expect.isLessThan (int64 (bit / 8)) found.Start $"bit {bit} is not of the copy"

                            if isTensor (int64 (bit / 8)) then
                                let read =
                                    [
                                        for _, data in Record.tensors document.Document.Root ->
                                            Slice.whole data.Bytes |> Result.isOk
                                    ]

                                Expect.contains read false $"the tensor with bit {bit} is looked at"
                            else
                                expectSame document.Document.Root root $"bit {bit}"

                        flip bytes bit

                    // the first bytes are looked at to see what the file is
                    Expect.isTrue (Seq.forall (fun bit -> bit < 8 * 64) first) "those that are refused")

            testCase "what is wrong is told: the copy, what it is of, and both by a verification" (fun () ->
                let root = model 100_000

                for recorder in recorders do
                    let recorder = schemed root recorder
                    let bytes = write recorder root
                    let found = sealOf bytes

                    let verified (bytes: byte[]) =
                        Sealing.verify recorder.Codec None Recorder.defaultLimits (remote bytes)

                    ok (verified bytes)

                    for at, expected in
                        [
                            int64 bytes.Length / 2L, None
                            found.CopyStart + 3L, Some found.CopyStart
                            found.Start - 1L, Some 0L
                        ] do
                        let wrong = Array.copy bytes
                        wrong[int at] <- wrong[int at] ^^^ 1uy

                        for error in [ error (load recorder (remote wrong)); error (verified wrong) ] do
                            match error, expected with
                            | RecordError.Malformed("seal", [ "large" ], _, _, _), None -> ()
                            | RecordError.Malformed("seal", [], offset, _, _), Some start ->
                                Expect.equal offset start "where it begins"
                            | other, _ -> failtest (RecordError.message other))

            testCase "its length is as it must be, and a file whose kind has none has none" (fun () ->
                let root = model 100_000

                for recorder, carrier in List.zip recorders [ Carrier.MsgPack; Carrier.Bincode ] do
                    let recorder = schemed root recorder
                    let bytes = write recorder root
                    let found = sealOf bytes
                    let around = int64 (Carrier.copyOpening carrier 1L).Length
                    Expect.equal (found.Start + around) found.CopyStart "directly behind what is Burn's"

                    // a copy of one byte more or less, and all as it must be otherwise
                    for more in [ -1L; 1L ] do
                        let seal = { found.Seal with Copy = found.Seal.Copy + more }

                        let other =
                            Array.concat
                                [
                                    bytes[.. int found.Start - 1]
                                    Carrier.copyOpening carrier seal.Copy
                                    Array.zeroCreate<byte>(int seal.Copy)
                                    Carrier.bytes carrier seal
                                ]

                        let error = error (opened recorder (remote other))
                        Expect.stringContains (RecordError.message error) "a copy of another length" "its length"

                    // more than there is before it
                    let longer = Array.append [| 0x81uy |] (Carrier.bytes carrier { found.Seal with Tensors = [||] })
                    let error = error (opened recorder (remote longer))
                    Expect.stringContains (RecordError.message error) "a copy that cannot be" "longer than the file"

                let json = schemed root Recorder.prettyJson
                let bytes = write (Recorder.unsealed json) root
                let seal = Seal.unsigned UInt128.Zero 10L [||]

                let claimed = Array.concat [ bytes[.. bytes.Length - 3]; Carrier.bytes Carrier.PrettyJson seal ]

                let error = error (load json (remote claimed))
                Expect.stringContains (RecordError.message error) "a copy that cannot be" "in JSON")

            testCase "one that lost its seal is no file of Burn's" (fun () ->
                let root = model 100_000
                let recorder = schemed root Recorder.namedMsgPack
                let bytes = write recorder root
                let found = sealOf bytes
                let stop = int (found.CopyStart + found.Seal.Copy)
                let without = Array.append [| bytes[0] - 1uy |] bytes[1 .. stop - 1]
                let error = error (load recorder (remote without))
                Expect.stringContains (RecordError.message error) Seal.copyKey "its key")

            testCase "it is held while a file is written, and so never large" (fun () ->
                for carrier, most in [ Carrier.MsgPack, 1 <<< 22; Carrier.Bincode, 1 <<< 22; Carrier.Json, 0 ] do
                    let length beside =
                        let parts = Parts()
                        parts.Write(ReadOnlySpan(Array.create<byte> beside 0x82uy))
                        parts.AddTensor { Length = Some(1L <<< 30); Parts = Seq.empty }

                        (Carrier.sealed' carrier [| ReadOnlyMemory.Empty |] parts).Length.Value
                        - int64 beside

                    Expect.isLessThan (length (most + 1)) (length (max 1 most) - int64 most + 100L) $"{carrier}")
        ]
