namespace Records.Core

open System
open System.Numerics.Tensors

/// 16-bit floats to and from 32-bit ones, a span at a time.
[<RequireQualifiedAccess>]
module Half =

    /// The nearest half of each single, ties to even; too large becomes infinity, as in Burn.
    let ofSingles (source: ReadOnlySpan<single>) (target: Span<Half>) =
        TensorPrimitives.ConvertToHalf(source, target)

    /// Each half exactly.
    let toSingles (source: ReadOnlySpan<Half>) (target: Span<single>) =
        TensorPrimitives.ConvertToSingle(source, target)

    /// The single of a bfloat16's bits, exactly: they are its upper half.
    let singleOfBfloat (bits: uint16) =
        BitConverter.UInt32BitsToSingle(uint32 bits <<< 16)

    /// The bits of the nearest bfloat16, ties to even. NaN stays NaN.
    let bfloatOfSingle (value: single) =
        let bits = BitConverter.SingleToUInt32Bits value

        if Single.IsNaN value then
            // a payload that lies in the lower bits alone would round to infinity
            uint16 (bits >>> 16) ||| 0x40us
        else
            // Half of the last kept bit, plus that bit itself: a tie then carries only into an odd number.
            uint16 ((bits + 0x7FFFu + ((bits >>> 16) &&& 1u)) >>> 16)
