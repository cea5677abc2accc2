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

            testCase "what is filled is what would have been looked at" (fun () ->
                let bytes = Array.init 200_000 (fun index -> byte (index * 7 + index / 251))
                let random = Random 3

                for input in [ inputOf bytes; stingy bytes; Forward.input (remote bytes) ] do
                    for _ in 1..40 do
                        let forward = input.Start()
                        let mutable at = 0
                        let mutable more = true

                        while more do
                            let count = random.Next(1, 1 <<< random.Next(1, 18))

                            match random.Next 4 with
                            | 0 ->
                                let seen = forward.Peek count
                                let seen = seen.Slice(0, min count seen.Length)

                                if not (seen.Span.SequenceEqual(ReadOnlySpan(bytes, at, seen.Length))) then
                                    failtest $"{input.Name}: looked at from {at}"

                                let passed = random.Next(0, seen.Length + 1)
                                forward.Advance passed
                                at <- at + passed
                            | 1 when count <= bytes.Length - at ->
                                let slice = Option.get (ValueOption.toOption (forward.Take(int64 count)))
                                expectBytes (wholeOf slice) bytes[at .. at + count - 1] $"taken from {at}"
                                at <- at + count
                            | _ ->
                                let target = Array.create (count + 1) 255uy
                                let filled = Forward.fill forward (Span(target, 0, count))
                                let expected = min count (bytes.Length - at)
                                Expect.equal filled expected $"{input.Name}: how many from {at}"

                                if not (Span(target, 0, filled).SequenceEqual(ReadOnlySpan(bytes, at, filled))) then
                                    failtest $"{input.Name}: filled from {at}"

                                Expect.equal target[count] 255uy "and no more than it was given"
                                at <- at + filled

                            Expect.equal forward.Position (int64 at) $"{input.Name}: its place"
                            more <- at < bytes.Length

                        Expect.equal (Forward.fill forward (Span(Array.zeroCreate<byte> 3))) 0 "nothing at the end")

            testCase "what is filled is hashed on the way" (fun () ->
                let bytes = Array.init 5000 byte

                let hashed (tensors: SealedTensor[]) =
                    let told = ResizeArray<RecordError>()
                    let rest = BlockHash()
                    let inner = (Forward.input (remote bytes)).Start()

                    let forward = HashedForward(inner, tensors, Int64.MaxValue, rest, (fun () -> Some fault), told.Add)

                    (forward: IForward), rest, told

                let forward, rest, _ = hashed [||]
                Expect.equal (Forward.fill forward (Span(Array.zeroCreate<byte> 5000))) 5000 "all of it"
                Expect.equal (rest.Digest()) (BlockHash.Of(ReadOnlySpan bytes)) "its hash"

                // the end is where what is beside the tensors is looked at
                let forward, _, told = hashed [||]

                match
                    RecordError.catch (fun () -> Forward.fill forward (Span(Array.zeroCreate<byte> 6000)) |> ignore)
                with
                | Error(RecordError.Unsupported(_, "broken")) -> ()
                | other -> failtest $"%A{other}"

                Expect.equal told.Count 1 "told")
        ]
