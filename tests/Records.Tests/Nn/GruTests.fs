module Records.Tests.Nn.GruTests

open Expecto
open Records.Core
open Records.Tests.Nn.Draw

let private gate inputs hidden seed : Gate =
    {
        Input = dense [ inputs; hidden ] (Seed.child 0L seed)
        InputBias = Some(dense [ hidden ] (Seed.child 1L seed))
        Hidden = dense [ hidden; hidden ] (Seed.child 2L seed)
        HiddenBias = Some(dense [ hidden ] (Seed.child 3L seed))
    }

let private random inputs hidden seed : Gru =
    let gate index =
        gate inputs hidden (Seed.child index (Seed seed))

    {
        UpdateGate = gate 0L
        ResetGate = gate 1L
        NewGate = gate 2L
        Reverse = false
        ResetAfter = seed % 2UL = 0UL
        Clip = None
        GateActivation = Activation.sigmoid
        HiddenActivation = Activation.tanh
    }

let private rnn inputs hidden seed : Rnn =
    {
        Gate = gate inputs hidden (Seed seed)
        Reverse = false
        Clip = None
        HiddenActivation = Activation.tanh
    }

/// The steps of [batch, steps, width] turned round.
let private turned (input: Dense) : Dense =
    let steps, width = input.Shape[1], input.Shape[2]

    let at index =
        let row, step, column = index / width / steps, index / width % steps, index % width
        input.Values[(row * steps + steps - 1 - step) * width + column]

    { input with Values = Array.init input.Values.Length at }

let private both = [ 1UL; 2UL ]

let tests =
    testList
        "gru and rnn"
        [
            testCase "backwards is forwards on the steps turned round" (fun () ->
                for seed in both do
                    let input = dense [ 2; 5; 3 ] (Seed seed)
                    let gru = random 3 4 seed
                    let struct (expected, last) = Gru.forward gru None (turned input)
                    let struct (actual, same) = Gru.forward { gru with Reverse = true } None input
                    Expect.equal actual.Values (turned expected).Values "each step"
                    Expect.equal same.Values last.Values "the last state"
                    let rnn = rnn 3 4 seed
                    let struct (expected, _) = Rnn.forward rnn None (turned input)
                    let struct (actual, _) = Rnn.forward { rnn with Reverse = true } None input
                    Expect.equal actual.Values (turned expected).Values "each step of the plain one")

            testCase "a state goes on where it was left" (fun () ->
                for seed in both do
                    let gru = random 3 4 seed
                    let input = dense [ 1; 5; 3 ] (Seed seed)
                    let struct (whole, last) = Gru.forward gru None input

                    let part first count : Dense =
                        { Shape = [| 1; count; 3 |]; Values = Array.sub input.Values (first * 3) (count * 3) }

                    let struct (_, state) = Gru.forward gru None (part 0 2)
                    let struct (rest, same) = Gru.forward gru (Some state) (part 2 3)
                    Expect.equal rest.Values whole.Values[8..] "the steps from there on"
                    Expect.equal same.Values last.Values "the last state")

            testCase "no state is further from 0 than the clip" (fun () ->
                let gru = { random 3 4 1UL with Clip = Some 0.125 }
                let struct (output, _) = Gru.forward gru None (dense [ 2; 6; 3 ] (Seed 5UL))
                Expect.isLessThanOrEqual (output.Values |> Array.map abs |> Array.max) 0.125f "clipped"
                Expect.isGreaterThan (output.Values |> Array.filter (fun x -> abs x = 0.125f)).Length 0 "some were"
                let rnn = { rnn 3 4 1UL with Clip = Some 0.125 }
                let struct (output, _) = Rnn.forward rnn None (dense [ 2; 6; 3 ] (Seed 5UL))
                Expect.isLessThanOrEqual (output.Values |> Array.map abs |> Array.max) 0.125f "the plain one")

            testCase "both directions are two layers side by side" (fun () ->
                let first, second = random 3 2 1UL, random 3 2 2UL
                let input = dense [ 2; 4; 3 ] (Seed 7UL)
                let struct (output, state) = Gru.bidirectional first second None input
                Expect.equal (List.ofArray output.Shape) [ 2; 4; 4 ] "twice as wide"
                let struct (ahead, end') = Gru.forward first None input
                let struct (back, start) = Gru.forward { second with Reverse = true } None input
                Expect.equal output.Values (Dense.beside ahead back).Values "one beside the other"
                Expect.equal state.Values (Array.append end'.Values start.Values) "both states")

            testCase "shapes that do not meet are refused" (fun () ->
                let gru = random 3 4 1UL
                refused (fun () -> Gru.forward gru None (dense [ 2; 3 ] (Seed 1UL))) "two dimensions"
                refused (fun () -> Gru.forward gru None (dense [ 2; 5; 4 ] (Seed 1UL))) "another width"

                refused
                    (fun () -> Gru.forward gru (Some(Dense.zeros [| 1; 4 |])) (dense [ 2; 5; 3 ] (Seed 1UL)))
                    "a state of another batch"

                refused
                    (fun () -> Rnn.forward (rnn 3 4 1UL) (Some(Dense.zeros [| 2; 3 |])) (dense [ 2; 5; 3 ] (Seed 1UL)))
                    "a state of another width")
        ]
