module Records.Tests.Tensor.LossTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open Records.Core
open Records.Tests.Support

let private lossOf source target (data: TensorData) =
    let meter = Loss.Meter([ "w" ], source, target, Shape.count data.Shape)
    let cast = ok (Cast.witnessed (Some(meter :> ICastWitness)) [ "w" ] true target data)
    wholeOf cast.Bytes |> ignore
    meter.Loss

/// The same, one number at a time.
let private slow (before: double[]) (after: double[]) =
    let pairs = Array.zip before after

    let count condition =
        pairs |> Array.filter condition |> Array.length |> int64

    let nan = Double.IsNaN

    let finite =
        pairs
        |> Array.filter (fun (a, b) -> Double.IsFinite a && Double.IsFinite b && a <> b)

    let largest of' =
        Array.fold (fun most pair -> max most (of' pair)) 0. finite

    count (fun (a, b) -> a <> b && not (nan a && nan b)),
    largest (fun (a, b) -> abs (a - b)),
    largest (fun (a, b) -> abs (a - b) / abs a),
    count (fun (a, b) -> Double.IsFinite a && Double.IsInfinity b),
    count (fun (a, b) -> a <> 0. && b = 0.),
    count (fun (a, b) -> nan a <> nan b)

let tests =
    testList
        "Loss"
        [
            testPropertyWithConfig Records.Tests.Generators.config "it is what a slow count of the same numbers gives"
            <| Prop.forAll (Arb.fromGen (Gen.arrayOf (Gen.choose (Int32.MinValue, Int32.MaxValue)))) (fun bits ->
                let singles = Array.map BitConverter.Int32BitsToSingle bits
                let data = ok (View.tensor Dtype.F32 [ singles.LongLength ] singles)
                let halves = Array.map (fun (value: single) -> double (Half.op_Explicit value: Half)) singles
                let loss = lossOf Dtype.F32 Dtype.F16 data

                let actual =
                    loss.Changed, loss.MaxAbsolute, loss.MaxRelative, loss.Overflows, loss.Underflows, loss.Nans

                Expect.equal
                    actual
                    (slow (Array.map double singles) halves)
                    "changed, errors, overflow, underflow, NaN")

            test "what a cast keeps is no loss" {
                for source, target in
                    [
                        Dtype.F16, Dtype.F32
                        Dtype.BF16, Dtype.F64
                        Dtype.F32, Dtype.F64
                        Dtype.Flex32, Dtype.F32
                        Dtype.I64, Dtype.I16
                        Dtype.F32, Dtype.F32
                    ] do
                    Expect.isFalse (Loss.possible source target) $"{source} to {target}"

                for source, target in
                    [ Dtype.F32, Dtype.F16; Dtype.BF16, Dtype.F16; Dtype.F16, Dtype.BF16; Dtype.F64, Dtype.F32 ] do
                    Expect.isTrue (Loss.possible source target) $"{source} to {target}"
            }

            test "doubles that singles cannot hold are counted on the way to halves" {
                let data = ok (View.tensor Dtype.F64 [ 4L ] [| 1e300; 1e-300; 1.5; Double.NaN |])
                let loss = lossOf Dtype.F64 Dtype.F16 data
                Expect.equal (loss.Overflows, loss.Underflows, loss.Nans, loss.Changed) (1L, 1L, 0L, 2L) "counts"
            }
        ]
