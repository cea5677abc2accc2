namespace Records.Core

/// What the recurrent layers share: they go step by step through their input.
[<RequireQualifiedAccess>]
module Recurrent =

    /// What Burn starts the weights of recurrent layers with.
    let initializer = Initializer.XavierNormal 1.0

    let internal clip (limit: float option) (state: Dense) =
        match limit with
        | Some limit -> state |> Dense.map (fun x -> max -(float32 limit) (min (float32 limit) x))
        | None -> state

    /// The state if it is [batch, hidden], zeros if there is none.
    let internal start batch size (state: Dense option) : Dense =
        let shape = [| batch; size |]

        match state with
        | Some state when state.Shape = shape -> state
        | Some other -> invalidArg (nameof state) $"The state is {Dense.text other}, expected {Dense.shapeText shape}."
        | None -> Dense.zeros shape

    let internal batch (input: Dense) =
        match input.Shape with
        | [| batch; _; _ |] -> batch
        | _ -> invalidArg (nameof input) $"The input is {Dense.text input}, expected [batch, steps, in]."

    /// Each step of [batch, steps, in] in turn, or from the last to the first: what is hidden after each,
    /// [batch, steps, hidden], and the last state.
    let internal run
        reverse
        size
        (hidden: 'State -> Dense)
        (step: 'State -> Dense -> 'State)
        (state: 'State)
        (input: Dense)
        : struct (Dense * 'State) =
        let batch, steps, width = input.Shape[0], input.Shape[1], input.Shape[2]
        let output = Dense.zeros [| batch; steps; size |]
        let mutable state = state

        for order in 0 .. steps - 1 do
            let at = if reverse then steps - 1 - order else order
            let values = Array.zeroCreate<float32>(batch * width)

            for row in 0 .. batch - 1 do
                System.Array.Copy(input.Values, (row * steps + at) * width, values, row * width, width)

            state <- step state { Shape = [| batch; width |]; Values = values }
            let shown = hidden state

            for row in 0 .. batch - 1 do
                System.Array.Copy(shown.Values, row * size, output.Values, (row * steps + at) * size, size)

        struct (output, state)
