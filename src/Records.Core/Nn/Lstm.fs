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
    let initializer = Recurrent.initializer

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

        let cell = Recurrent.clip lstm.Clip cell
        let leaving = gate lstm.OutputGate lstm.GateActivation
        { Cell = cell; Hidden = Dense.map2 (*) leaving (lstm.HiddenActivation cell) }

    /// Step by step through [batch, steps, in], from the state or zeros -> the hidden state after each, [batch, steps, hidden],
    /// and the last state. Throws when shapes do not meet.
    let forward (lstm: Lstm) (state: LstmState option) (input: Dense) : struct (Dense * LstmState) =
        let shape = [| Recurrent.batch input; Array.last lstm.InputGate.Hidden.Shape |]

        let state =
            match state with
            | Some state when state.Cell.Shape = shape && state.Hidden.Shape = shape -> state
            | Some other ->
                let expected = Dense.shapeText shape

                invalidArg
                    (nameof state)
                    $"The state is {Dense.text other.Cell} and {Dense.text other.Hidden}, expected {expected}."
            | None -> { Cell = Dense.zeros shape; Hidden = Dense.zeros shape }

        Recurrent.run lstm.Reverse shape[1] _.Hidden (step lstm) state input

    /// One layer forwards and one backwards through [batch, steps, in], whatever they say of their direction, from both states,
    /// [2, batch, hidden], or zeros -> both hidden states side by side, [batch, steps, 2 hidden], and the last states.
    let bidirectional (forwards: Lstm) (backwards: Lstm) (state: LstmState option) (input: Dense) =
        let half index =
            state
            |> Option.map (fun state -> { Cell = Dense.item index state.Cell; Hidden = Dense.item index state.Hidden })

        let struct (first, firstState) = forward { forwards with Reverse = false } (half 0) input
        let struct (second, secondState) = forward { backwards with Reverse = true } (half 1) input

        let last =
            {
                Cell = Dense.stack firstState.Cell secondState.Cell
                Hidden = Dense.stack firstState.Hidden secondState.Hidden
            }

        struct (Dense.beside first second, last)
