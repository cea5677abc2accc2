namespace Records.Core

open System
open System.Buffers
open System.Numerics.Tensors
open System.Runtime.InteropServices

/// What a cast took from one tensor.
type Loss =
    {
        Path: RecordPath
        From: Dtype
        To: Dtype
        Elements: int64
        /// Elements that are another number now.
        Changed: int64
        /// The largest difference among numbers that stayed finite.
        MaxAbsolute: double
        /// The largest difference as a part of what the number was, among numbers that stayed finite and were not zero.
        MaxRelative: double
        /// Finite numbers that became infinite.
        Overflows: int64
        /// Numbers that became zero.
        Underflows: int64
        /// Elements that became NaN, or stopped being it.
        Nans: int64
    }

/// Sums up what casts lose, while they do.
[<RequireQualifiedAccess>]
module Loss =

    /// Whether a cast from one dtype to the other can change a number.
    let possible source target =
        let floats = Cast.family source = Cast.Family.Float && Cast.family target = Cast.Family.Float

        // every half and bfloat is a single, every single a double; integers fit or are refused
        let exact =
            match source, target with
            | _, Dtype.F64
            | (Dtype.F16 | Dtype.BF16 | Dtype.F32 | Dtype.Flex32), (Dtype.F32 | Dtype.Flex32) -> true
            | _ -> source = target

        floats && not exact

    let private doubles dtype (bytes: ReadOnlySpan<byte>) (target: Span<double>) =
        match dtype with
        | Dtype.F64 -> MemoryMarshal.Cast<byte, double>(bytes).CopyTo target
        | _ ->
            let singles = ArrayPool<single>.Shared.Rent target.Length
            let view = Span(singles, 0, target.Length)
            Cast.toSingles dtype bytes view
            TensorPrimitives.ConvertTruncating<single, double>(Span.op_Implicit view, target)
            ArrayPool<single>.Shared.Return singles

    /// Watches one tensor's cast.
    [<Sealed>]
    type internal Meter(path: RecordPath, source: Dtype, target: Dtype, count: int64) =
        let mutable loss =
            {
                Path = path
                From = source
                To = target
                Elements = count
                Changed = 0L
                MaxAbsolute = 0.
                MaxRelative = 0.
                Overflows = 0L
                Underflows = 0L
                Nans = 0L
            }

        /// What was lost as far as the tensor was read.
        member _.Loss = loss

        interface ICastWitness with
            member _.See(before, after) =
                let count = after.Length / (Dtype.size target).Value
                let was = ArrayPool<double>.Shared.Rent count
                let is = ArrayPool<double>.Shared.Rent count
                doubles source before (Span(was, 0, count))
                doubles target after (Span(is, 0, count))
                let mutable changed = 0L
                let mutable absolute = loss.MaxAbsolute
                let mutable relative = loss.MaxRelative
                let mutable overflows = 0L
                let mutable underflows = 0L
                let mutable nans = 0L

                for index in 0 .. count - 1 do
                    let before = was[index]
                    let after = is[index]

                    // NaN is not itself
                    if before <> after && not (Double.IsNaN before && Double.IsNaN after) then
                        changed <- changed + 1L

                        if Double.IsNaN before || Double.IsNaN after then
                            nans <- nans + 1L
                        elif Double.IsInfinity after then
                            overflows <- overflows + 1L
                        else
                            let difference = abs (before - after)
                            absolute <- max absolute difference
                            // not zero: it would be zero now, and equal
                            relative <- max relative (difference / abs before)

                            if after = 0. then
                                underflows <- underflows + 1L

                ArrayPool<double>.Shared.Return was
                ArrayPool<double>.Shared.Return is

                loss <-
                    { loss with
                        Changed = loss.Changed + changed
                        MaxAbsolute = absolute
                        MaxRelative = relative
                        Overflows = loss.Overflows + overflows
                        Underflows = loss.Underflows + underflows
                        Nans = loss.Nans + nans
                    }
