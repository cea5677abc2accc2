module Records.Tests.Nn.ActivationTests

open Expecto
open Records.Core

let private apply (activation: Dense -> Dense) (values: float32 list) =
    (activation (Dense.create [| values.Length |] (Array.ofList values))).Values
    |> List.ofArray

let private close expected actual message =
    for expected, actual in List.zip expected actual do
        Expect.floatClose { absolute = 1e-30; relative = 2e-7 } (float actual) expected message

/// The normal distribution's probability of less than x, by Simpson's rule on its density.
let private probability x =
    let steps = 4000
    let width = x / float steps

    let density x =
        exp (-x * x / 2.0) / sqrt (2.0 * System.Math.PI)

    let weight index =
        if index = 0 || index = steps then 1.0
        elif index % 2 = 1 then 4.0
        else 2.0

    0.5
    + width / 3.0
      * Seq.sumBy (fun index -> weight index * density (float index * width)) (seq { 0..steps })

let tests =
    testList
        "Activation"
        [
            testCase "relu cuts what is negative and keeps NaN" (fun () ->
                let values = apply Activation.relu [ -1.0f; 0.0f; 2.0f; infinityf; -infinityf; nanf ]
                Expect.equal values[..4] [ 0.0f; 0.0f; 2.0f; infinityf; 0.0f ] "cut"
                Expect.isTrue (System.Single.IsNaN values[5]) "NaN")

            testCase "gelu has torch's numbers" (fun () ->
                let expected = [ 0.8413447460685429; -0.15865525393145707; 0.34573123063700656; -0.004049694095 ]
                close expected (apply Activation.gelu [ 1.0f; -1.0f; 0.5f; -3.0f ]) "by erf"
                Expect.equal (apply Activation.gelu [ 0.0f; infinityf ]) [ 0.0f; infinityf ] "the ends")

            testCase "gelu is the value times its probability" (fun () ->
                let points = [ for step in -30 .. 30 -> float32 step / 8.0f ]

                close
                    [ for x in points -> float x * probability (float x) ]
                    (apply Activation.gelu points)
                    "by integration")

            testCase "gelu by tanh has torch's numbers" (fun () ->
                let actual = apply Activation.geluTanh [ 1.0f; -1.0f; 0.0f ] |> List.map float

                for expected, actual in List.zip [ 0.8411919906; -0.1588080094; 0.0 ] actual do
                    Expect.floatClose { absolute = 1e-7; relative = 0.0 } actual expected "approximate='tanh'")

            testCase "sigmoid overflows at neither end" (fun () ->
                close
                    [ 0.5; 0.7310585786300049; 0.2689414213699951; 1.0 ]
                    (apply Activation.sigmoid [ 0.0f; 1.0f; -1.0f; 1000.0f ])
                    "near"

                close [ exp -80.0 ] (apply Activation.sigmoid [ -80.0f ]) "far below zero it is e^x"
                Expect.equal (apply Activation.sigmoid [ -infinityf; infinityf ]) [ 0.0f; 1.0f ] "the ends")

            testCase "tanh is the hyperbolic tangent" (fun () ->
                close [ tanh 0.5; tanh -2.0 ] (apply Activation.tanh [ 0.5f; -2.0f ]) "tanh")

            testCase "softmax rows sum to one and keep their proportions" (fun () ->
                let result =
                    Activation.softmax (Dense.create [| 2; 1; 3 |] [| 1.0f; 2.0f; 3.0f; 1000.0f; 1000.0f; -1000.0f |])

                Expect.equal result.Shape [| 2; 1; 3 |] "the shape stays"
                let sum = exp 1.0 + exp 2.0 + exp 3.0

                close
                    [ exp 1.0 / sum; exp 2.0 / sum; exp 3.0 / sum; 0.5; 0.5; 0.0 ]
                    (List.ofArray result.Values)
                    "along the last axis")

            testCase "softmax takes what is empty, and a scalar" (fun () ->
                Expect.equal (Activation.softmax (Dense.create [| 2; 0 |] [||])).Shape [| 2; 0 |] "rows of nothing"
                Expect.equal (Activation.softmax (Dense.create [||] [| 7.0f |])).Values [| 1.0f |] "one row of one")

            testCase "dropout is the identity" (fun () ->
                Expect.equal (apply Activation.dropout [ 1.0f; -2.0f ]) [ 1.0f; -2.0f ] "nothing is trained here")
        ]
