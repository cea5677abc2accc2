namespace Records.Core

open System
open System.Numerics
open System.Numerics.Tensors
open System.Runtime.InteropServices

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

    /// The same of many: each single exactly.
    let internal singlesOfBfloats (source: ReadOnlySpan<uint16>) (target: Span<single>) =
        let from = MemoryMarshal.Cast<uint16, Vector<uint16>> source
        let into = MemoryMarshal.Cast<single, Vector<uint32>> target

        for index in 0 .. from.Length - 1 do
            into[2 * index] <- Vector.ShiftLeft(Vector.WidenLower from[index], 16)
            into[2 * index + 1] <- Vector.ShiftLeft(Vector.WidenUpper from[index], 16)

        for index in from.Length * Vector<uint16>.Count .. source.Length - 1 do
            target[index] <- singleOfBfloat source[index]

    /// The same of many: the bits of the nearest bfloat16 of each.
    let internal bfloatsOfSingles (source: ReadOnlySpan<single>) (target: Span<uint16>) =
        let nearest (bits: Vector<uint32>) =
            let upper = Vector.ShiftRightLogical(bits, 16)
            let odd = Vector.BitwiseAnd(upper, Vector<uint32>.One)
            let rounded = Vector.ShiftRightLogical(bits + Vector<uint32> 0x7FFFu + odd, 16)
            let magnitude = Vector.BitwiseAnd(bits, Vector<uint32> 0x7FFFFFFFu)
            let isNaN = Vector.GreaterThan(magnitude, Vector<uint32> 0x7F800000u)
            Vector.ConditionalSelect(isNaN, Vector.BitwiseOr(upper, Vector<uint32> 0x40u), rounded)

        let from = MemoryMarshal.Cast<single, Vector<uint32>> source
        let into = MemoryMarshal.Cast<uint16, Vector<uint16>> target
        let pairs = min into.Length (from.Length / 2)

        for index in 0 .. pairs - 1 do
            into[index] <- Vector.Narrow(nearest from[2 * index], nearest from[2 * index + 1])

        for index in pairs * Vector<uint16>.Count .. source.Length - 1 do
            target[index] <- bfloatOfSingle source[index]
