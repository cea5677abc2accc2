module Records.Tests.Nn.ParameterTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Records.Core

let private shape dims =
    Expect.wantOk (Shape.create dims) "a shape"

let private ones count =
    Dense.toTensor (Dense.create [| count |] (Array.create count 1.0f))

let tests =
    testList
        "Parameter"
        [
            testCase "asking for id, dtype and shape runs no initialiser" (fun () ->
                let fail () : TensorData = failtest "it ran"
                let parameter = Parameter(ParamId "a", Dtype.F32, shape [ 2L ], fail)
                Expect.equal parameter.Id (ParamId "a") "id"
                Expect.equal parameter.Dtype Dtype.F32 "dtype"
                Expect.equal (Shape.dims parameter.Shape) [ 2L ] "shape"
                Expect.isFalse parameter.IsInitialised "still without a tensor")

            testCase "the initialiser runs once, however many threads ask" (fun () ->
                let mutable runs = 0

                let draw () =
                    Interlocked.Increment &runs |> ignore
                    Thread.Sleep 20
                    ones 2

                let parameter = Parameter(ParamId "a", Dtype.F32, shape [ 2L ], draw)
                let values = Array.zeroCreate 8
                Parallel.For(0, 8, (fun index -> values[index] <- parameter.Value)) |> ignore
                Expect.equal runs 1 "one run"

                Expect.isTrue
                    (values |> Array.forall (fun value -> obj.ReferenceEquals(value, values[0])))
                    "one tensor"

                Expect.isTrue parameter.IsInitialised "now it has it")

            testCase "another tensor keeps the id" (fun () ->
                let parameter = Parameter(ParamId "a", ones 2).With(ones 3)
                Expect.equal parameter.Id (ParamId "a") "id"
                Expect.equal (Shape.dims parameter.Shape) [ 3L ] "shape"
                Expect.isTrue parameter.IsInitialised "it is there")

            testCase "a tensor unlike what was announced throws" (fun () ->
                let parameter = Parameter(ParamId "a", Dtype.F32, shape [ 3L ], (fun () -> ones 2))
                Expect.throwsT<InvalidOperationException> (fun () -> ignore parameter.Value) "[2] for [3]")

            testCase "a parameter of 1 GiB allocates under 1 MiB" (fun () ->
                let before = GC.GetAllocatedBytesForCurrentThread()

                let parameter =
                    Initializer.parameter
                        (Seed 1UL)
                        Initializer.noFan
                        (shape [ 1L <<< 14; 1L <<< 14 ])
                        Initializer.Ones

                let allocated = GC.GetAllocatedBytesForCurrentThread() - before
                Expect.equal (Shape.count parameter.Shape * 4L) (1L <<< 30) "a GiB of float32"
                Expect.isLessThan allocated (1L <<< 20) "no tensor yet")
        ]
