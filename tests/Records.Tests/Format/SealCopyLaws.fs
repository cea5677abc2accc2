/// What must be true of every file with a copy of what is beside its tensors.
module Records.Tests.SealCopyLaws

open System
open Expecto
open FsCheck.FSharp
open Records.Core
open Records.Tests.BurnGenerators
open Records.Tests.Deflating
open Records.Tests.Generators
open Records.Tests.SealCopyTests
open Records.Tests.Support

/// Large enough for a copy beside most records.
let private paddingOf dtype count =
    [ for index in 0..7 -> $"pad{index}", tensorOf dtype [ count ] (noise index 60_000) ]

// what a record of that precision has, and all that older layouts can say
let private single = paddingOf Dtype.F32 15_000L
let private half = paddingOf Dtype.F16 30_000L
let private double = paddingOf Dtype.F64 7_500L

let private padded (case: Case) =
    let padding =
        match case.Precision with
        | Precision.Half -> half
        | Precision.Double -> double
        | _ -> single

    let root =
        structOf
            [
                "inner", case.Document.Root
                for name, data in padding do
                    name, Record.Tensor data
            ]

    let schema =
        Schema.Struct
            [
                "inner", case.Schema
                for name, _ in padding do
                    name, Schema.Tensor
            ]

    { case with Document = { case.Document with Root = root }; Schema = schema }

let private written (codec: Codec) (case: Case) =
    codec.Encode { Burn = case.Burn } case.Document
    |> Result.bind (Sealing.payload true None 1)
    |> ok
    |> bytesOf

/// Whether the file has a copy, which every file of this kind has unless there is much beside its tensors.
let private hasCopy (bytes: byte[]) =
    let found = sealOf bytes
    let rest = Seq.sum [ for struct (start, stop) in beside bytes -> stop - start ]

    if found.Seal.Copy = 0L then
        Expect.isGreaterThan (64 * rest) (8 * 60_000) "large beside them"

    found.Seal.Copy > 0L

/// The document as it is opened or, whole, as it is loaded. The schema is that of the annex alone that the file should have.
let private decode (codec: Codec) whole (case: Case) input =
    let schemas =
        Schemas.Versioned(fun annex ->
            if annex = case.Document.Annex then
                Ok(fun _ -> case.Schema)
            else
                Error(RecordError.Unsupported([], "another annex")))

    codec.Decode { contextOf None with Schema = Some schemas; Burn = Some case.Burn; Whole = whole } input

let private laws name codec =
    let law name check =
        // each of them is of half a MiB
        testPropertyWithConfig
            { config with maxTest = config.maxTest / 4 }
            name
            (Prop.forAll (cases true) (padded >> check))

    testList
        name
        [
            law "nothing is decoded but the copy: what else is beside the tensors may be anything" (fun case ->
                let bytes = written codec case

                if hasCopy bytes then
                    let wanted = ok (decode codec false case (inputOf bytes))
                    let garbled = Array.copy bytes

                    for struct (start, stop) in beside bytes do
                        for at in start .. stop - 1 do
                            garbled[at] <- ~~~garbled[at]

                    let read = ok (decode codec false case (Forward.input (remote garbled)))
                    expectSame read.Root wanted.Root "opened"
                    Expect.equal read.Metadata wanted.Metadata "the metadata"
                    Expect.equal read.Annex wanted.Annex "the annex"
                    error (decode codec true case (Forward.input (remote garbled))) |> ignore)

            law
                "a wrong bit beside the tensors is refused where all is read, and otherwise an error or the same"
                (fun case ->
                    let bytes = written codec case
                    let found = sealOf bytes

                    if hasCopy bytes then
                        let wanted = ok (decode codec false case (inputOf bytes))
                        let random = Random 5

                        let places =
                            [|
                                for struct (start, stop) in beside bytes do
                                    yield! [ start .. stop - 1 ]
                                yield! [ int found.Start .. bytes.Length - 1 ]
                            |]

                        for _ in 1..4 do
                            let at = places[random.Next places.Length]
                            let changed = Array.copy bytes
                            changed[at] <- changed[at] ^^^ (1uy <<< random.Next 8)
                            error (decode codec true case (Forward.input (remote changed))) |> ignore
                            error (decode codec false case (inputOf changed)) |> ignore

                            match decode codec false case (Forward.input (remote changed)) with
                            | Ok read ->
                                Expect.isLessThan (int64 at) found.Start "the copy and the seal are looked at"
                                expectSame read.Root wanted.Root $"byte {at}"
                                Expect.equal read.Annex wanted.Annex $"byte {at}, the annex"
                            | Error _ -> ())
        ]

/// Layouts up to 0.13 do not say what a tensor's numbers are: one truth value of shape [1, 1, 1, 1] has the bytes of one float of shape [1], which begin
/// in the tensor and end beside it. The seal knows where.
let private ambiguous =
    testCase "bin: no tensor is read that the seal does not have" (fun () ->
        let truth =
            { ok (
                  TensorData.create
                      Dtype.U8
                      (ok (Shape.create [ 1L; 1L; 1L; 1L ]))
                      (Slice.ofMemory (ReadOnlyMemory [| 1uy |]))
              ) with
                Dtype = Dtype.Bool BoolStore.Native
            }

        let case =
            padded
                {
                    Burn = BurnVersion.minor 11
                    Precision = Precision.Full
                    Schema = Schema.Param
                    Document = documentOf (Record.Param(ParamId "", truth))
                }

        let metadata =
            Map [ "float", "f32"; "format", "."; "int", "f32"; "settings", "norm_1"; "version", "0.11.0" ]

        let case = { case with Document = { case.Document with Metadata = metadata } }
        let bytes = written Bincode.codec case

        for input in [ inputOf bytes; Forward.input (remote bytes) ] do
            let read = ok (decode Bincode.codec false case input)
            let _, first = Seq.head (Record.tensors read.Root)
            Expect.equal (TensorData.text first) "Bool [1, 1, 1, 1]" "as it was written"
            expectBytes (wholeOf first.Bytes) [| 1uy |] "as it was written")

let private omitting =
    testCase "a file whose seal leaves a tensor out is refused, and the same seal with it is not" (fun () ->
        // one of nothing besides, which has no bytes to be anywhere
        let tensors = [ for index in 0..3 -> noise index (if index = 2 then 0 else 9000) ]

        let root =
            structOf
                [
                    for index, bytes in List.indexed tensors ->
                        $"name{index}", Record.Tensor(tensorOf Dtype.U8 [ int64 bytes.Length ] bytes)
                ]

        for carrier, recorder in
            [
                Carrier.MsgPack, SealTests.schemed root Recorder.namedMsgPack
                Carrier.Bincode, SealTests.schemed root Recorder.bincode
            ] do
            let bytes = SealTests.write recorder root
            let found = sealOf bytes

            let resealed count =
                let seal = Seal.unsigned UInt128.Zero 0L (Array.truncate count found.Seal.Tensors)
                let text = Seal.written seal
                let hash = BlockHash()
                Unsealed.between (remote bytes) seal.Tensors 0L found.Start (Kept 0L) hash
                let before = Carrier.opening carrier text.Length
                let behind = Carrier.closing carrier
                hash.Append(ReadOnlySpan before)
                hash.Append(ReadOnlySpan text)
                hash.Append(ReadOnlySpan behind)
                Seal.sign (hash.Digest()) text
                Array.concat [ bytes[.. int found.Start - 1]; before; text; behind ]

            expectBytes (resealed 4) bytes "as it was"
            expectSame (ok (Recorder.decode recorder (Forward.input (remote bytes)))).Root root "as it was saved"

            for input in [ inputOf (resealed 3); Forward.input (remote (resealed 3)) ] do
                match error (Recorder.decode recorder input) with
                | RecordError.Malformed(_, path, _, _, _) -> Expect.equal path [ "name3"; "bytes" ] "which tensor"
                | other -> failtest (RecordError.message other))

let tests =
    testList "Seal, laws of the copy" [ laws "mpk" MsgPack.codec; laws "bin" Bincode.codec; ambiguous; omitting ]
