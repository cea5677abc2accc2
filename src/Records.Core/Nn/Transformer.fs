namespace Records.Core

/// A layer norm's weights.
[<NoEquality; NoComparison>]
type NormWeights = { Gamma: Dense; Beta: Dense option; Epsilon: float }

/// Two products with a function between them.
[<NoEquality; NoComparison>]
type FeedForward = { Inner: Projection; Outer: Projection; Activation: Dense -> Dense }

/// One layer of a transformer's encoder. The norms are numbered as Burn numbers them.
[<NoEquality; NoComparison>]
type EncoderLayer =
    {
        Attention: Attention
        FeedForward: FeedForward
        Norm1: NormWeights
        Norm2: NormWeights
        /// Normalises before each part, and not after it.
        NormFirst: bool
    }

/// One layer of a transformer's decoder. The norms are numbered as Burn numbers them.
[<NoEquality; NoComparison>]
type DecoderLayer =
    {
        CrossAttention: Attention
        SelfAttention: Attention
        FeedForward: FeedForward
        Norm1: NormWeights
        Norm2: NormWeights
        Norm3: NormWeights
        /// Normalises before each part, and not after it.
        NormFirst: bool
    }

/// Encoders and decoders, as they are after training.
[<RequireQualifiedAccess>]
module Transformer =

    let private normalise (norm: NormWeights) input =
        Norm.layer norm.Epsilon norm.Gamma norm.Beta input

    /// Both products, the function between them: [.., width] to the same.
    let feedForward (layer: FeedForward) (input: Dense) =
        Projection.forward layer.Inner input
        |> layer.Activation
        |> Projection.forward layer.Outer

    // A part and what goes around it, added: normalised before the part, or after the addition.
    let private residual first norm (part: Dense -> Dense) input =
        if first then
            Dense.map2 (+) input (part (normalise norm input))
        else
            normalise norm (Dense.map2 (+) input (part input))

    let private attend attention mask (memory: Dense option) query =
        let memory = Option.defaultValue query memory
        let struct (context, _) = Attention.forward attention mask query memory memory
        context

    /// [batch, length, width] to the same.
    let encoderLayer (layer: EncoderLayer) (mask: AttentionMask) (input: Dense) =
        // Norms change their parts when they come first: so it is in Burn.
        let attention, feed =
            if layer.NormFirst then
                layer.Norm2, layer.Norm1
            else
                layer.Norm1, layer.Norm2

        input
        |> residual layer.NormFirst attention (attend layer.Attention mask None)
        |> residual layer.NormFirst feed (feedForward layer.FeedForward)

    /// The target, [batch, length, width], seeing the memory, [batch, other length, width] -> as the target.
    let decoderLayer
        (layer: DecoderLayer)
        (targetMask: AttentionMask)
        (memoryMask: AttentionMask)
        (memory: Dense)
        (target: Dense)
        =
        let self, cross, feed =
            if layer.NormFirst then
                layer.Norm3, layer.Norm1, layer.Norm2
            else
                layer.Norm1, layer.Norm2, layer.Norm3

        target
        |> residual layer.NormFirst self (attend layer.SelfAttention targetMask None)
        |> residual layer.NormFirst cross (attend layer.CrossAttention memoryMask (Some memory))
        |> residual layer.NormFirst feed (feedForward layer.FeedForward)
