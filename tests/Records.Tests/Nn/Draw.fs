/// What the layers' tests draw: numbers from a seed, so that a failing seed says everything.
module Records.Tests.Nn.Draw

open Expecto
open Records.Core

/// A number of these bounds, by its position.
let pick seed index low high =
    low + int (Seed.bits (int64 index) seed % uint64 (high - low + 1))

let dense (shape: int list) seed =
    let shape = Array.ofList shape
    Dense.create shape (Seed.normal 0.0 1.0 (Array.fold (*) 1 shape) (Seed.child 1000L seed))

/// The largest difference of any value; infinite where one is a number and the other is not.
let difference (expected: float[]) (actual: float32[]) =
    Expect.equal actual.Length expected.Length "as many values"

    Array.map2
        (fun (expected: float) (actual: float32) ->
            if
                System.Double.IsNaN expected && System.Single.IsNaN actual
                || expected = float actual
            then
                0.0
            else
                match abs (expected - float actual) with
                | nan when System.Double.IsNaN nan -> infinity
                | difference -> difference)
        expected
        actual
    |> Array.fold max 0.0

let near tolerance expected (actual: Dense) message =
    Expect.isLessThanOrEqual (difference expected actual.Values) tolerance message

let refused (work: unit -> 'T) why =
    Expect.throwsT<System.ArgumentException> (fun () -> work () |> ignore) why
