module Records.Tests.Nn.LstmTests

open Expecto
open Records.Core
open Records.Tests.Nn.Draw

let private gate inputs hidden bias seed : Gate =
    let shift index =
        if bias then
            Some(dense [ hidden ] (Seed.child index seed))
        else
            None

    {
        Input = dense [ inputs; hidden ] (Seed.child 0L seed)
        InputBias = shift 1L
        Hidden = dense [ hidden; hidden ] (Seed.child 2L seed)
        HiddenBias = shift 3L
    }

let private random inputs hidden bias seed : Lstm =
    let gate index =
        gate inputs hidden bias (Seed.child (int64 index) (Seed seed))

    {
        InputGate = gate 0
        ForgetGate = gate 1
        OutputGate = gate 2
        CellGate = gate 3
        Reverse = pick (Seed seed) 100 0 1 = 1
        Clip = if pick (Seed seed) 101 0 1 = 1 then Some 0.4 else None
        InputForget = pick (Seed seed) 102 0 1 = 1
        GateActivation = Activation.sigmoid
        CellActivation = Activation.tanh
        HiddenActivation = Activation.tanh
    }

/// One row of the batch in double precision: the hidden state after each step, the last cell.
let private plain (lstm: Lstm) hidden (steps: float[] list) (cell: float[]) (state: float[]) =
    let product (weight: Dense) (bias: Dense option) (input: float[]) =
        Array.init hidden (fun column ->
            let shift = bias |> Option.map (fun bias -> float bias.Values[column])

            Array.mapi (fun row x -> x * float weight.Values[row * hidden + column]) input
            |> Array.sum
            |> (+) (Option.defaultValue 0.0 shift))

    let apply change (gate: Gate) input state =
        Array.map2 (+) (product gate.Input gate.InputBias input) (product gate.Hidden gate.HiddenBias state)
        |> Array.map change

    let sigmoid x = 1.0 / (1.0 + exp -x)

    let step (outputs, cell: float[], state: float[]) (input: float[]) =
        let entering = apply sigmoid lstm.InputGate input state

        let kept =
            if lstm.InputForget then
                entering |> Array.map (fun x -> 1.0 - x)
            else
                apply sigmoid lstm.ForgetGate input state

        let candidates = apply tanh lstm.CellGate input state
        let leaving = apply sigmoid lstm.OutputGate input state
        let cell = Array.init hidden (fun at -> kept[at] * cell[at] + entering[at] * candidates[at])

        let cell =
            match lstm.Clip with
            | Some clip -> cell |> Array.map (fun x -> System.Math.Clamp(x, -clip, clip))
            | None -> cell

        let state = Array.map2 (fun out x -> out * tanh x) leaving cell
        state :: outputs, cell, state

    let outputs, cell, state =
        (if lstm.Reverse then List.rev steps else steps)
        |> List.fold step ([], cell, state)

    (if lstm.Reverse then outputs else List.rev outputs), cell, state

let tests =
    testList
        "Lstm"
        [
            testProperty "each row of the batch goes step by step" (fun (seed: uint64) (bias: bool) (started: bool) ->
                let pick = pick (Seed seed)
                let batch, steps, inputs, hidden = pick 0 1 3, pick 1 0 6, pick 2 1 4, pick 3 1 4
                let lstm = random inputs hidden bias seed
                let input = dense [ batch; steps; inputs ] (Seed seed)

                let start =
                    if started then
                        Some { Cell = dense [ batch; hidden ] (Seed 8UL); Hidden = dense [ batch; hidden ] (Seed 9UL) }
                    else
                        None

                let row (dense: Dense option) index =
                    match dense with
                    | Some dense -> Array.map float dense.Values[index * hidden .. (index + 1) * hidden - 1]
                    | None -> Array.zeroCreate hidden

                let expected =
                    [
                        for index in 0 .. batch - 1 ->
                            let values =
                                [
                                    for step in 0 .. steps - 1 ->
                                        let at = (index * steps + step) * inputs
                                        Array.map float input.Values[at .. at + inputs - 1]
                                ]

                            plain
                                lstm
                                hidden
                                values
                                (row (Option.map _.Cell start) index)
                                (row (Option.map _.Hidden start) index)
                    ]

                let struct (output, last) = Lstm.forward lstm start input
                Expect.equal output.Shape [| batch; steps; hidden |] "[batch, steps, hidden]"
                let outputs = expected |> List.collect (fun (outputs, _, _) -> outputs) |> Array.concat
                near 1e-5 outputs output "the hidden state after each step"
                near 1e-5 (expected |> List.map (fun (_, cell, _) -> cell) |> Array.concat) last.Cell "the last cell"

                near
                    1e-5
                    (expected |> List.map (fun (_, _, state) -> state) |> Array.concat)
                    last.Hidden
                    "the last state")

            testCase "shapes that do not meet throw" (fun () ->
                let lstm = random 3 2 true 1UL
                let values shape = dense shape (Seed 1UL)
                refused (fun () -> Lstm.forward lstm None (values [ 2; 3 ])) "two dimensions"
                refused (fun () -> Lstm.forward lstm None (values [ 1; 2; 4 ])) "4 inputs for 3"

                let state = Some { Cell = values [ 1; 2 ]; Hidden = values [ 2; 2 ] }
                refused (fun () -> Lstm.forward lstm state (values [ 1; 2; 3 ])) "a state for another batch")
        ]
