module Records.Tests.Tree.OptimizerStateTests

open System.IO
open Expecto
open Records.Core
open Records.Tests
open Records.Tests.Support

let private golden name =
    File.ReadAllBytes(Path.Combine(root, "tests", "golden", "burnpack", name))

let private decode schema (bytes: byte[]) =
    ok (Burnpack.codec.Decode (contextOf schema) (inputOf bytes))

let private encode document =
    bytesOf (ok (Burnpack.codec.Encode { Burn = Burnpack.latest } document))

let private adam kind =
    OptimizerTable.schema kind BurnVersion.latest

let private tensor value = Record.Tensor(f32 [ 2L ] [ value; 1f ])

let private state kind =
    let some name value = structOf [ name, value ]

    match kind with
    | OptimizerTable.OptimizerKind.Adam ->
        some
            "momentum"
            (structOf
                [
                    "time", Record.Scalar(Scalar.U64 3UL)
                    "moment_1", tensor 1f
                    "moment_2", tensor 2f
                    "max_moment_2", Record.Option None
                ])
    | OptimizerTable.OptimizerKind.Sgd -> some "momentum" (Record.Option(Some(some "velocity" (tensor 1f))))
    | OptimizerTable.OptimizerKind.AdaGrad ->
        some "lr_decay" (structOf [ "time", Record.Scalar(Scalar.U64 9UL); "sum", tensor 4f ])
    | OptimizerTable.OptimizerKind.RmsProp ->
        structOf
            [
                "square_avg", some "square_avg" (tensor 1f)
                "centered", structOf [ "grad_avg", Record.Option None; "avg", tensor 2f ]
                "momentum", Record.Option None
            ]
    | OptimizerTable.OptimizerKind.Muon -> some "momentum" (some "velocity" (tensor 1f))
    | OptimizerTable.OptimizerKind.Adan ->
        some
            "momentum"
            (structOf
                [
                    "time", Record.Scalar(Scalar.U64 1UL)
                    "exp_avg", tensor 1f
                    "exp_avg_sq", tensor 2f
                    "exp_avg_diff", tensor 3f
                    "neg_pre_grad", tensor 4f
                ])

let private kinds =
    [
        OptimizerTable.OptimizerKind.Adam
        OptimizerTable.OptimizerKind.Sgd
        OptimizerTable.OptimizerKind.AdaGrad
        OptimizerTable.OptimizerKind.RmsProp
        OptimizerTable.OptimizerKind.Muon
        OptimizerTable.OptimizerKind.Adan
    ]

let private record kind =
    [ "0400000000000"; "01234567-89ab-4def-8123-456789abcdef" ]
    |> List.map (fun id ->
        { OptimizerEntry.Id = ParamId id; OptimizerEntry.Rank = 1; OptimizerEntry.State = state kind })
    |> OptimizerTree.toRecord
    |> ok

let tests =
    testList
        "OptimizerState"
        [
            testCase "Burn 0.22's Adam is read by the schema of the recorders' Adam, and written again" (fun () ->
                let bytes = golden "adam.bpk"
                let read = decode (Some(adam OptimizerTable.OptimizerKind.Adam)) bytes

                let entries = ok (OptimizerTree.entries read.Root)

                Expect.equal
                    [ for entry in entries -> entry.Id ]
                    [ ParamId.ofUInt64 42UL; ParamId.ofUInt64 7UL ]
                    "the ids"

                Expect.equal [ for entry in entries -> entry.Rank ] [ 1; 1 ] "the ranks"

                match entries.Head.State with
                | Record.Struct [ { Name = "momentum"; Value = Record.Struct [ time; first; _; most ] } ] ->
                    expectSame time.Value (Record.Scalar(Scalar.U64 3UL)) "the time"
                    Expect.equal first.Name "moment_1" "in Burn's order"
                    expectSame most.Value (Record.Option None) "no maximum"
                | _ -> failtest "Adam's state."

                expectBytes (encode read) bytes "written again"
                Expect.equal read.Annex (Map [ "42", "fc1.bias"; "7", "fc2.bias" ]) "the paths of the parameters")

            testCase "and by its names alone" (fun () ->
                let flat = ok (Flat.ofRecord (decode None (golden "adam.bpk")).Root)
                Expect.isTrue (OptimizerState.isFlat flat) "it is one"
                let typed = decode (Some(adam OptimizerTable.OptimizerKind.Adam)) (golden "adam.bpk")
                expectSame (ok (OptimizerState.toRecord ParamId.ofUInt64 flat)) typed.Root "the same record")

            for kind in kinds do
                testCase $"{kind}: from a recorder's file to burnpack and back, the same bytes" (fun () ->
                    let document = documentOf (record kind)

                    let mpk document =
                        bytesOf (ok (MsgPack.codec.Encode { Burn = BurnVersion.latest } document))

                    let bytes = mpk document
                    // as a tool reads it, which does not know the optimizer
                    let described = ok (MsgPack.codec.Decode (contextOf None) (inputOf bytes))
                    let packed = encode { described with Metadata = Map.empty }
                    expectBytes packed (encode document) "typed or not"

                    let typed = decode (Some(adam kind)) packed
                    expectSame typed.Root document.Root "with the schema"
                    expectBytes (mpk typed) bytes "the same file"

                    let flat = ok (Flat.ofRecord (decode None packed).Root)
                    let names = [ for tensor in flat.Tensors -> tensor.Name ]
                    Expect.all names (fun name -> System.Char.IsDigit name[0]) "numbers for ids")

            testCase "a state that is no optimizer's is an error" (fun () ->
                let schema = Some(adam OptimizerTable.OptimizerKind.Adam)

                for name in [ "0.22.bpk"; "0.20.bpk" ] do
                    error (Burnpack.codec.Decode (contextOf schema) (inputOf (golden name)))
                    |> ignore)
        ]
