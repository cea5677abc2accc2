namespace Records.Core

/// A plain recurrent layer's weights and function.
[<NoEquality; NoComparison>]
type Rnn =
    {
        Gate: Gate
        /// From the last step to the first.
        Reverse: bool
        /// How far the hidden state may be from 0.
        Clip: float option
        HiddenActivation: Dense -> Dense
    }

[<RequireQualifiedAccess>]
module Rnn =

    let private step (rnn: Rnn) (hidden: Dense) (input: Dense) : Dense =
        rnn.HiddenActivation(Gate.product rnn.Gate input hidden)
        |> Recurrent.clip rnn.Clip

    /// Step by step through [batch, steps, in], from the state or zeros -> the hidden state after each, [batch, steps, hidden],
    /// and the last. Throws when shapes do not meet.
    let forward (rnn: Rnn) (state: Dense option) (input: Dense) : struct (Dense * Dense) =
        let size = Array.last rnn.Gate.Hidden.Shape
        let start = Recurrent.start (Recurrent.batch input) size state
        Recurrent.run rnn.Reverse size id (step rnn) start input

    /// One layer forwards and one backwards through [batch, steps, in], whatever they say of their direction, from both states,
    /// [2, batch, hidden], or zeros -> both hidden states side by side, [batch, steps, 2 hidden], and the last, [2, batch, hidden].
    let bidirectional (forwards: Rnn) (backwards: Rnn) (state: Dense option) (input: Dense) : struct (Dense * Dense) =
        let half index = Option.map (Dense.item index) state
        let struct (first, firstState) = forward { forwards with Reverse = false } (half 0) input
        let struct (second, secondState) = forward { backwards with Reverse = true } (half 1) input
        struct (Dense.beside first second, Dense.stack firstState secondState)
