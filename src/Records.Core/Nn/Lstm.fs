namespace Records.Core

/// What one gate of a recurrent layer multiplies the input and the hidden state by, and adds.
[<NoEquality; NoComparison>]
type Gate = { Input: Dense; InputBias: Dense option; Hidden: Dense; HiddenBias: Dense option }

[<RequireQualifiedAccess>]
module Gate =

    /// Both products and biases, added: [batch, in] and [batch, hidden] -> [batch, hidden].
    let product (gate: Gate) (input: Dense) (hidden: Dense) : Dense =
        Linear.forward gate.Input gate.InputBias input
        |> Dense.map2 (+) (Linear.forward gate.Hidden gate.HiddenBias hidden)

/// A long short-term memory's weights and functions.
[<NoEquality; NoComparison>]
type Lstm =
    {
        InputGate: Gate
        ForgetGate: Gate
        OutputGate: Gate
        CellGate: Gate
        /// From the last step to the first.
        Reverse: bool
        /// How far the cell may be from 0.
        Clip: float option
        /// Forgets as much as comes in: the forget gate is not used.
        InputForget: bool
        GateActivation: Dense -> Dense
        CellActivation: Dense -> Dense
        HiddenActivation: Dense -> Dense
    }

/// What a long short-term memory keeps from step to step, [batch, hidden] each.
[<NoEquality; NoComparison>]
type LstmState = { Cell: Dense; Hidden: Dense }

[<RequireQualifiedAccess>]
module Lstm =

    /// What Burn starts the weights with.
    let initializer = Initializer.XavierNormal 1.0

    let private step (lstm: Lstm) (state: LstmState) (input: Dense) : LstmState =
        let gate gate activation : Dense =
            activation (Gate.product gate input state.Hidden)

        let entering = gate lstm.InputGate lstm.GateActivation

        let kept =
            if lstm.InputForget then
                entering |> Dense.map (fun x -> 1.0f - x)
            else
                gate lstm.ForgetGate lstm.GateActivation

        let candidates = gate lstm.CellGate lstm.CellActivation

        let cell =
            Dense.map2 (*) kept state.Cell
            |> Dense.map2 (+) (Dense.map2 (*) entering candidates)

        let cell =
            match lstm.Clip with
            | Some clip -> cell |> Dense.map (fun x -> max -(float32 clip) (min (float32 clip) x))
            | None -> cell

        let leaving = gate lstm.OutputGate lstm.GateActivation
        { Cell = cell; Hidden = Dense.map2 (*) leaving (lstm.HiddenActivation cell) }

    /// Step by step through [batch, steps, in], from the state or zeros -> the hidden state after each, [batch, steps, hidden],
    /// and the last state. Throws when shapes do not meet.
    let forward (lstm: Lstm) (state: LstmState option) (input: Dense) : struct (Dense * LstmState) =
        let batch, steps, width =
            match input.Shape with
            | [| batch; steps; width |] -> batch, steps, width
            | _ -> invalidArg (nameof input) $"The input is {Dense.text input}, expected [batch, steps, in]."

        let size = Array.last lstm.InputGate.Hidden.Shape
        let shape = [| batch; size |]

        let mutable state =
            match state with
            | Some state when state.Cell.Shape = shape && state.Hidden.Shape = shape -> state
            | Some other ->
                let expected = Dense.shapeText shape

                invalidArg
                    (nameof state)
                    $"The state is {Dense.text other.Cell} and {Dense.text other.Hidden}, expected {expected}."
            | None -> { Cell = Dense.zeros shape; Hidden = Dense.zeros shape }

        let output = Dense.zeros [| batch; steps; size |]

        for order in 0 .. steps - 1 do
            let at = if lstm.Reverse then steps - 1 - order else order
            let values = Array.zeroCreate<float32>(batch * width)

            for row in 0 .. batch - 1 do
                System.Array.Copy(input.Values, (row * steps + at) * width, values, row * width, width)

            state <- step lstm state { Shape = [| batch; width |]; Values = values }

            for row in 0 .. batch - 1 do
                System.Array.Copy(state.Hidden.Values, row * size, output.Values, (row * steps + at) * size, size)

        struct (output, state)
