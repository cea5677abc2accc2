module Records.Tests.Nn.SeedTests

open System.Threading.Tasks
open Expecto
open Records.Core

/// Mean and standard deviation.
let internal moments (values: float32[]) =
    let mean = values |> Array.averageBy float
    mean, values |> Array.averageBy (fun value -> (float value - mean) ** 2.0) |> sqrt

let tests =
    testList
        "Seed"
        [
            testCase "the numbers are SplitMix64's" (fun () ->
                // The reference program's first outputs for the seed 1234567.
                let expected = [ 6457827717110365317UL; 3203168211198807973UL; 9817491932198370423UL ]
                Expect.equal [ for index in 0L .. 2L -> Seed.bits index (Seed 1234567UL) ] expected "splitmix64.c")

            testCase "uniform numbers fill their range evenly" (fun () ->
                let values = Seed.uniform -2.0 4.0 100_000 (Seed 1UL)
                let mean, deviation = moments values

                Expect.isTrue
                    (values |> Array.forall (fun value -> -2.0f <= value && value <= 4.0f))
                    "within the range"

                Expect.floatClose { absolute = 0.03; relative = 0.0 } mean 1.0 "the middle"
                Expect.floatClose { absolute = 0.03; relative = 0.0 } deviation (6.0 / sqrt 12.0) "the width")

            testCase "normal numbers have their moments" (fun () ->
                let values = Seed.normal 3.0 2.0 100_001 (Seed 1UL)
                let mean, deviation = moments values
                let within = values |> Array.filter (fun value -> abs (float value - 3.0) < 2.0)
                Expect.floatClose { absolute = 0.03; relative = 0.0 } mean 3.0 "mean"
                Expect.floatClose { absolute = 0.03; relative = 0.0 } deviation 2.0 "deviation"
                let share = float within.Length / float values.Length
                Expect.floatClose { absolute = 0.01; relative = 0.0 } share 0.6827 "within one deviation")

            testCase "neighbours are not correlated" (fun () ->
                let values = Seed.normal 0.0 1.0 100_000 (Seed 7UL)
                let products = values |> Array.pairwise |> Array.averageBy (fun (a, b) -> float a * float b)
                Expect.floatClose { absolute = 0.02; relative = 0.0 } products 0.0 "sine and cosine of one angle too")

            testCase "a stream hands out each seed once, to any number of threads" (fun () ->
                let stream = SeedStream(Seed 5UL)
                let taken = Array.zeroCreate 1000
                Parallel.For(0, 1000, (fun index -> taken[index] <- stream.Next())) |> ignore
                let expected = [ for index in 0L .. 999L -> Seed.child index (Seed 5UL) ]
                Expect.equal (set taken) (set expected) "those of one thread")
        ]
