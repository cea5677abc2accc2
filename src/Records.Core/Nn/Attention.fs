namespace Records.Core

open System

/// A product with a weight, [in, out], and the addition of a bias, [out].
[<NoEquality; NoComparison>]
type Projection = { Weight: Dense; Bias: Dense option }

[<RequireQualifiedAccess>]
module Projection =

    /// [.., in] -> [.., out]. Throws when the shapes do not meet.
    let forward (projection: Projection) (input: Dense) =
        Linear.forward projection.Weight projection.Bias input

/// An attention's weights, and how its heads see.
[<NoEquality; NoComparison>]
type Attention =
    {
        Query: Projection
        Key: Projection
        Value: Projection
        Output: Projection
        Heads: int
        /// Heads of keys and values; each serves as many heads of queries.
        KeyHeads: int
        /// What products of queries and keys are multiplied by.
        Scale: float
        /// The score of what must not be seen.
        MinFloat: float
        /// Adds one to the sum of powers, so that a head may see nothing.
        QuietSoftmax: bool
    }

/// What must not be seen is true.
[<NoEquality; NoComparison>]
type AttentionMask =
    {
        /// By sequence and key, [batch, keys].
        Padding: bool[] option
        /// By sequence, query and key, [batch, queries, keys].
        Pairs: bool[] option
    }

[<RequireQualifiedAccess>]
module Attention =

    /// Everything is seen.
    let unmasked = { Padding = None; Pairs = None }

    let private softmax quiet (scores: float32[]) width =
        for row in 0 .. scores.Length / max 1 width - 1 do
            let span = Span(scores, row * width, width)
            let mutable highest = Single.NegativeInfinity

            for score in span do
                highest <- max highest score

            let mutable sum = if quiet then exp -(float highest) else 0.0

            for score in span do
                sum <- sum + exp (float (score - highest))

            for column in 0 .. width - 1 do
                span[column] <- float32 (exp (float (span[column] - highest)) / sum)

    // [batch, length, heads * size] as one [length, size] of a batch and a head, or its transpose.
    let private head (dense: Dense) heads transposed batch head =
        let length, width = dense.Shape[1], dense.Shape[2]
        let size = width / heads
        let result = Array.zeroCreate<float32>(length * size)

        for row in 0 .. length - 1 do
            let source = (batch * length + row) * width + head * size

            if transposed then
                for column in 0 .. size - 1 do
                    result[column * length + row] <- dense.Values[source + column]
            else
                Array.Copy(dense.Values, source, result, row * size, size)

        result

    let private mask (attention: Attention) (given: AttentionMask) batch queries keys (scores: float32[]) =
        let hidden = float32 attention.MinFloat

        match given.Padding with
        | Some padding ->
            for index in 0 .. scores.Length - 1 do
                if padding[batch * keys + index % keys] then
                    scores[index] <- hidden
        | None -> ()

        match given.Pairs with
        | Some pairs ->
            for index in 0 .. scores.Length - 1 do
                if pairs[batch * queries * keys + index] then
                    scores[index] <- hidden
        | None -> ()

    let private demand (attention: Attention) (given: AttentionMask) (query: Dense) (key: Dense) (value: Dense) =
        match query.Shape, key.Shape, value.Shape with
        | [| batch; queries; width |], [| keyed; keys; keyWidth |], [| valued; values; valueWidth |] when
            batch = keyed && batch = valued && keys = values
            ->
            let heads, keyHeads = attention.Heads, attention.KeyHeads

            let divides =
                heads > 0
                && keyHeads > 0
                && heads % keyHeads = 0
                && width % heads = 0
                && keyWidth % keyHeads = 0
                && valueWidth % keyHeads = 0
                && width / heads = keyWidth / keyHeads

            if not divides then
                invalidArg
                    (nameof attention)
                    $"Queries of {width} in {heads} heads and keys of {keyWidth} in {keyHeads} do not meet."

            let check name length (values: bool[] option) =
                match values with
                | Some values when values.Length <> length ->
                    invalidArg name $"The mask has {values.Length} values, expected {length}."
                | _ -> ()

            check (nameof given) (batch * keys) given.Padding
            check (nameof given) (batch * queries * keys) given.Pairs
        | _ ->
            invalidArg
                (nameof query)
                $"Queries are {Dense.text query}, keys {Dense.text key} and values {Dense.text value}, expected [batch, length, width] of one batch."

    /// Each query's mean of the values, weighed by how its product with each key compares: queries [batch, queries, in],
    /// keys and values [batch, keys, in] -> [batch, queries, out], and the weights, [batch, heads, queries, keys].
    /// Throws when shapes do not meet.
    let forward
        (attention: Attention)
        (given: AttentionMask)
        (query: Dense)
        (key: Dense)
        (value: Dense)
        : struct (Dense * Dense) =
        let query = Projection.forward attention.Query query
        let key = Projection.forward attention.Key key
        let value = Projection.forward attention.Value value
        demand attention given query key value
        let batches, queries, keys = query.Shape[0], query.Shape[1], key.Shape[1]
        let heads, shared = attention.Heads, attention.Heads / attention.KeyHeads
        let size, valueSize = query.Shape[2] / heads, value.Shape[2] / attention.KeyHeads
        let context = Dense.zeros [| batches; queries; heads * valueSize |]
        let weights = Dense.zeros [| batches; heads; queries; keys |]
        let scale = float32 attention.Scale

        for batch in 0 .. batches - 1 do
            for number in 0 .. heads - 1 do
                let asked = head query heads false batch number
                let offered = head key attention.KeyHeads true batch (number / shared)
                let scores = Blas.multiply queries size keys asked offered None

                for index in 0 .. scores.Length - 1 do
                    scores[index] <- scores[index] * scale

                mask attention given batch queries keys scores
                softmax attention.QuietSoftmax scores keys
                Array.Copy(scores, 0, weights.Values, (batch * heads + number) * scores.Length, scores.Length)
                let held = head value attention.KeyHeads false batch (number / shared)
                let seen = Blas.multiply queries keys valueSize scores held None

                for row in 0 .. queries - 1 do
                    let target = ((batch * queries + row) * heads + number) * valueSize
                    Array.Copy(seen, row * valueSize, context.Values, target, valueSize)

        struct (Projection.forward attention.Output context, weights)
