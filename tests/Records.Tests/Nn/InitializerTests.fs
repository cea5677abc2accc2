module Records.Tests.Nn.InitializerTests

open System
open Expecto
open Records.Core

let private shape dims =
    Expect.wantOk (Shape.create dims) "a shape"

let private values fan dims initializer =
    let data = Initializer.draw (Seed 3UL) fan (shape dims) initializer
    Expect.equal data.Dtype Dtype.F32 "F32"
    Expect.wantOk (View.toArray<float32> data.Bytes) "in memory"

let private fan into out : Fan = { In = Some into; Out = Some out }

let private within limit (values: float32[]) =
    let highest = values |> Array.map (abs >> float) |> Array.max
    Expect.isLessThanOrEqual highest (limit * 1.0000001) "no value is above the limit"
    Expect.isGreaterThan highest (limit * 0.99) "the limit is reached"

let private deviates expected values =
    let mean, deviation = SeedTests.moments values
    Expect.floatClose { absolute = expected * 0.05; relative = 0.0 } mean 0.0 "mean"
    Expect.floatClose { absolute = expected * 0.05; relative = 0.0 } deviation expected "deviation"

/// The matrix times its transpose is the identity times gain squared, along the shorter side.
let private orthogonal gain rows columns =
    let matrix =
        values Initializer.noFan [ int64 rows; int64 columns ] (Initializer.Orthogonal gain)
        |> Array.map float

    let line = min rows columns
    let length = max rows columns

    let at line along =
        if rows < columns then
            matrix[line * columns + along]
        else
            matrix[along * columns + line]

    for first in 0 .. line - 1 do
        for second in 0 .. line - 1 do
            let product = Seq.sumBy (fun along -> at first along * at second along) (seq { 0 .. length - 1 })
            let expected = if first = second then gain * gain else 0.0

            Expect.floatClose
                { absolute = 1e-5; relative = 0.0 }
                product
                expected
                $"[{rows}, {columns}]: {first} by {second}"

let tests =
    testList
        "Initializer"
        [
            testCase "constants are that value everywhere" (fun () ->
                Expect.equal
                    (values Initializer.noFan [ 2L; 1L ] (Initializer.Constant 0.1))
                    [| 0.1f; 0.1f |]
                    "constant"

                Expect.equal (values Initializer.noFan [] Initializer.Ones) [| 1.0f |] "ones"
                Expect.equal (values Initializer.noFan [ 2L ] Initializer.Zeros) [| 0.0f; 0.0f |] "zeros"
                Expect.equal (values Initializer.noFan [ 0L; 3L ] Initializer.Ones) [||] "nowhere")

            testCase "uniform ones stay within the bounds of their formula" (fun () ->
                within 0.25 (values Initializer.noFan [ 100L; 100L ] (Initializer.Uniform(-0.25, 0.25)))
                within (1.0 / sqrt 50.0) (values (fan 50L 200L) [ 50L; 200L ] Linear.initializer)

                within
                    (2.0 * sqrt (3.0 / 200.0))
                    (values (fan 50L 200L) [ 50L; 200L ] (Initializer.KaimingUniform(2.0, true)))

                within (sqrt (6.0 / 250.0)) (values (fan 50L 200L) [ 50L; 200L ] (Initializer.XavierUniform 1.0)))

            testCase "normal ones have the deviation of their formula" (fun () ->
                deviates 0.5 (values Initializer.noFan [ 10000L ] (Initializer.Normal(0.0, 0.5)))

                deviates
                    (2.0 / sqrt 50.0)
                    (values (fan 50L 200L) [ 50L; 200L ] (Initializer.KaimingNormal(2.0, false)))

                deviates
                    (2.0 / sqrt 200.0)
                    (values (fan 50L 200L) [ 50L; 200L ] (Initializer.KaimingNormal(2.0, true)))

                deviates (sqrt (2.0 / 250.0)) (values (fan 50L 200L) [ 50L; 200L ] (Initializer.XavierNormal 1.0)))

            testCase "orthogonal ones are, tall, wide and square" (fun () ->
                orthogonal 1.0 5 5
                orthogonal 2.0 12 7
                orthogonal 0.5 7 12
                orthogonal 1.0 1 4
                Expect.equal (values Initializer.noFan [ 0L; 4L ] (Initializer.Orthogonal 1.0)) [||] "empty"
                let folded = values Initializer.noFan [ 4L; 2L; 3L ] (Initializer.Orthogonal 1.0)

                Expect.equal
                    folded
                    (values Initializer.noFan [ 4L; 6L ] (Initializer.Orthogonal 1.0))
                    "dimensions after the first count as one")

            testCase "a missing fan throws at once, not when the tensor is asked for" (fun () ->
                let refused fan initializer =
                    Expect.throwsT<ArgumentException>
                        (fun () -> Initializer.parameter (Seed 1UL) fan (shape [ 2L; 2L ]) initializer |> ignore)
                        $"{initializer}"

                refused Initializer.noFan (Initializer.KaimingUniform(1.0, false))
                refused { In = Some 1L; Out = None } (Initializer.KaimingNormal(1.0, true))
                refused { In = Some 1L; Out = None } (Initializer.XavierUniform 1.0)
                refused { In = None; Out = Some 1L } (Initializer.XavierNormal 1.0)
                refused { In = Some 0L; Out = None } (Initializer.KaimingUniform(1.0, false))

                Expect.throwsT<ArgumentException>
                    (fun () ->
                        Initializer.parameter (Seed 1UL) Initializer.noFan (shape [ 2L ]) (Initializer.Orthogonal 1.0)
                        |> ignore)
                    "a vector is not orthogonal")

            testCase "the same seed gives the same id and values, another others" (fun () ->
                let draw seed =
                    let parameter =
                        Initializer.parameter
                            (Seed seed)
                            Initializer.noFan
                            (shape [ 4L ])
                            (Initializer.Normal(0.0, 1.0))

                    parameter.Id, Expect.wantOk (View.toArray<float32> parameter.Value.Bytes) "values"

                Expect.equal (draw 1UL) (draw 1UL) "the same"
                Expect.notEqual (fst (draw 1UL)) (fst (draw 2UL)) "another id"
                Expect.notEqual (snd (draw 1UL)) (snd (draw 2UL)) "other values")

            testCase "the numbers of a seed do not change between versions" (fun () ->
                let parameter =
                    Initializer.parameter (Seed 42UL) Initializer.noFan (shape [ 3L ]) (Initializer.Uniform(0.0, 1.0))

                Expect.equal parameter.Id (ParamId "ilnembp66bbrq") "id"

                Expect.equal
                    (Expect.wantOk (View.toArray<float32> parameter.Value.Bytes) "values")
                    [| float32 0.9867112511075029; float32 0.30866257268220887; float32 0.5067495250451747 |]
                    "values")
        ]
