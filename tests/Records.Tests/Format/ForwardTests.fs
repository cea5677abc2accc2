module Records.Tests.ForwardTests

open System
open Expecto
open Records.Core
open Records.Tests.Support

let private gather (forward: IForward) =
    [|
        for part in (Forward.rest forward).Parts do
            yield! part.ToArray()
    |]

let private fault = RecordError.Unsupported([], "broken")

/// Gives so many of the bytes and then fails.
let private broken (good: int) (bytes: byte[]) : Input =
    let start () =
        let inner = (stingy bytes).Start()

        { new IForward with
            member _.Position = inner.Position
            member _.Remaining = ValueNone

            member _.Peek count =
                if inner.Position + int64 count > int64 good then
                    RecordError.raise fault

                inner.Peek count

            member _.Advance count = inner.Advance count

            member _.Take length =
                if inner.Position + length > int64 good then
                    RecordError.raise fault
                else
                    inner.Take length
        }

    { Name = "broken"; Start = start }

let tests =
    testList
        "Forward"
        [
            test "the rest is all that is left" {
                for input in
                    [
                        inputOf [| 1uy; 2uy; 3uy |]
                        stingy [| 1uy; 2uy; 3uy |]
                        Forward.input (remote [| 1uy; 2uy; 3uy |])
                    ] do
                    let forward = input.Start()
                    forward.Peek 1 |> ignore
                    forward.Advance 1
                    Expect.equal (gather forward) [| 2uy; 3uy |] input.Name
                    Expect.isTrue ((forward.Peek 1).IsEmpty) "nothing after it"
            }

            test "a stretch of a source is an input of its own" {
                let slice = Slice.sub 1L 2L (memory [| 1uy; 2uy; 3uy; 4uy |])
                let forward = (Forward.ofSlice "stretch" slice).Start()
                Expect.equal forward.Remaining (ValueSome 2L) "its length"
                Expect.equal (gather forward) [| 2uy; 3uy |] "its bytes"
            }

            test "a fault is told once, and is the end" {
                let told = ResizeArray<RecordError>()
                let forward = (Forward.noting told.Add (broken 2 [| 1uy; 2uy; 3uy |])).Start()
                Expect.equal (gather forward) [| 1uy; 2uy |] "what was good"
                Expect.isTrue ((forward.Peek 9).IsEmpty) "the end"
                Expect.isTrue (forward.Take 1L).IsNone "nothing to take"
                Expect.equal told.Count 1 "once"
            }

            test "a fault ahead does not take what is there" {
                let told = ResizeArray<RecordError>()
                let forward = (Forward.noting told.Add (broken 2 [| 1uy; 2uy; 3uy |])).Start()
                Expect.equal ((forward.Peek 3).ToArray()) [| 1uy |] "less than asked for"
                Expect.equal told.Count 1 "told"
            }
        ]
