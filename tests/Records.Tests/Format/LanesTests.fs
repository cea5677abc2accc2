module Records.Tests.LanesTests

open System
open System.Threading
open System.Threading.Tasks
open Expecto
open Records.Core

let private bounded (tasks: Task<'T>[]) =
    Expect.isTrue
        (Task.WhenAll(tasks).ContinueWith(fun (_: Task) -> ()).Wait(TimeSpan.FromSeconds 60.0))
        "all of them end"

let tests =
    testList
        "Lanes"
        [
            for degree in 1..3 do
                testCase $"{degree} at a time, begun in their order" (fun () ->
                    let lanes = Lanes<int> degree
                    let begun = ResizeArray()
                    let running = ref 0
                    let most = ref 0

                    let work index () =
                        let now = Interlocked.Increment running

                        lock begun (fun () ->
                            begun.Add index
                            most.Value <- max most.Value now)

                        // as long as it takes for one too many to come
                        if index < 12 then
                            SpinWait.SpinUntil((fun () -> Volatile.Read &running.contents > degree), 100)
                            |> ignore

                            lock begun (fun () -> most.Value <- max most.Value (Volatile.Read &running.contents))

                        Interlocked.Decrement running |> ignore
                        index * index

                    let tasks = [| for index in 0..39 -> lanes.Start(work index) |]
                    bounded tasks

                    Expect.equal
                        [| for task in tasks -> task.Result |]
                        [| for index in 0..39 -> index * index |]
                        "what they give"

                    Expect.isLessThanOrEqual most.Value degree "never more"

                    if degree = 1 then
                        Expect.equal (List.ofSeq begun) [ 0..39 ] "one after the other")

            for degree in 1..3 do
                testCase $"{degree} at a time, whoever does them" (fun () ->
                    let lanes = Lanes<int> degree
                    let running = ref 0
                    let most = ref 0

                    let work index () =
                        let now = Interlocked.Increment running
                        lock most (fun () -> most.Value <- max most.Value now)

                        // as long as it takes for one too many to come
                        SpinWait.SpinUntil((fun () -> Volatile.Read &running.contents > degree), 20)
                        |> ignore

                        Interlocked.Decrement running |> ignore
                        index

                    let tasks = [| for index in 0..15 -> lanes.Start(work index) |]

                    for index in 0..15 do
                        if index % 3 = 0 then
                            Expect.equal (lanes.Now(work (100 + index))) (100 + index) "what cannot wait"

                        Expect.equal (lanes.Result tasks[index]) index "in their order"

                    Expect.isLessThanOrEqual most.Value degree "never more")

            testCase "what cannot wait for its turn comes before what waits" (fun () ->
                let lanes = Lanes<int> 1
                let begun = ResizeArray()

                let work index () =
                    lock begun (fun () -> begun.Add index)
                    Thread.Sleep 20
                    index

                let tasks = [| for index in 0..39 -> lanes.Start(work index) |]

                // while nothing is in hand whoever asks does it at once, wherever it waits
                SpinWait.SpinUntil((fun () -> lock begun (fun () -> begun.Count > 0)), 10_000)
                |> ignore

                lanes.Now(work 100) |> ignore
                Expect.isFalse (lock begun (fun () -> begun.Contains 39)) "before the last"
                bounded tasks)

            testCase "what waits goes on when whoever helped is gone" (fun () ->
                let lanes = Lanes<int> 1

                for _ in 1..20 do
                    let slow () =
                        Thread.Sleep 10
                        0

                    let tasks = [| lanes.Start slow; lanes.Start(fun () -> 1) |]
                    lanes.Result tasks[0] |> ignore
                    bounded [| tasks[1] |])

            testCase "one that fails says so, and those behind it go on" (fun () ->
                let lanes = Lanes<int> 1

                let tasks =
                    [|
                        for index in 0..4 ->
                            lanes.Start(fun () ->
                                if index = 2 then
                                    raise (InvalidOperationException "two")
                                else
                                    index)
                    |]

                bounded tasks

                for index in 0..4 do
                    if index = 2 then
                        Expect.throwsT<InvalidOperationException>
                            (fun () -> tasks[index].GetAwaiter().GetResult() |> ignore)
                            "its own"
                    else
                        Expect.equal tasks[index].Result index "its own"

                // what was idle begins again
                let again = lanes.Start(fun () -> 7)
                bounded [| again |]
                Expect.equal again.Result 7 "again")
        ]
