namespace Records.Core

/// A gated recurrent unit's weights and functions.
[<NoEquality; NoComparison>]
type Gru =
    {
        UpdateGate: Gate
        ResetGate: Gate
        NewGate: Gate
        /// From the last step to the first.
        Reverse: bool
        /// Resets the product of the hidden state, as torch does, and not the state itself.
        ResetAfter: bool
        /// How far the hidden state may be from 0.
        Clip: float option
        GateActivation: Dense -> Dense
        HiddenActivation: Dense -> Dense
    }

[<RequireQualifiedAccess>]
module Gru =

    let private step (gru: Gru) (hidden: Dense) (input: Dense) : Dense =
        let update = gru.GateActivation(Gate.product gru.UpdateGate input hidden)
        let reset = gru.GateActivation(Gate.product gru.ResetGate input hidden)

        let candidate =
            if gru.ResetAfter then
                Linear.forward gru.NewGate.Hidden gru.NewGate.HiddenBias hidden
                |> Dense.map2 (*) reset
                |> Dense.map2 (+) (Linear.forward gru.NewGate.Input gru.NewGate.InputBias input)
            else
                Gate.product gru.NewGate input (Dense.map2 (*) hidden reset)
            |> gru.HiddenActivation

        // What is updated stays: that way round in Burn and torch.
        Dense.map2 (fun candidate update -> candidate * (1.0f - update)) candidate update
        |> Dense.map2 (+) (Dense.map2 (*) update hidden)
        |> Recurrent.clip gru.Clip

    /// Step by step through [batch, steps, in], from the state or zeros -> the hidden state after each, [batch, steps, hidden],
    /// and the last. Throws when shapes do not meet.
    let forward (gru: Gru) (state: Dense option) (input: Dense) : struct (Dense * Dense) =
        let size = Array.last gru.UpdateGate.Hidden.Shape
        let start = Recurrent.start (Recurrent.batch input) size state
        Recurrent.run gru.Reverse size id (step gru) start input

    /// One layer forwards and one backwards through [batch, steps, in], whatever they say of their direction, from both states,
    /// [2, batch, hidden], or zeros -> both hidden states side by side, [batch, steps, 2 hidden], and the last, [2, batch, hidden].
    let bidirectional (forwards: Gru) (backwards: Gru) (state: Dense option) (input: Dense) : struct (Dense * Dense) =
        let half index = Option.map (Dense.item index) state
        let struct (first, firstState) = forward { forwards with Reverse = false } (half 0) input
        let struct (second, secondState) = forward { backwards with Reverse = true } (half 1) input
        struct (Dense.beside first second, Dense.stack firstState secondState)
