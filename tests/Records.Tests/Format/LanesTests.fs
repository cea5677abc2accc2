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
