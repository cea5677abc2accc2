namespace Records.Core

open System
open System.Numerics
open System.Runtime.InteropServices

/// How many of so many floats are infinite. A cast that narrows asks it of all that it reads and of all that it writes.
[<RequireQualifiedAccess>]
module internal Infinite =

    /// Those whose bits below the sign are these. They are rare, so they are counted only where one of many at once is such.
    let private count<'T
        when 'T: struct and 'T :> ValueType and 'T: (new: unit -> 'T) and 'T :> IEquatable<'T> and 'T: unmanaged>
        (unsigned: 'T)
        (infinity: 'T)
        (bytes: ReadOnlySpan<byte>)
        =
        let mask = Vector<'T> unsigned
        let infinite = Vector<'T> infinity
        let whole = MemoryMarshal.Cast<byte, Vector<'T>> bytes
        let mutable found = 0

        let inLanes (some: Vector<'T>) =
            let mutable lanes = 0

            for lane in 0 .. Vector<'T>.Count - 1 do
                if some[lane].Equals infinity then
                    lanes <- lanes + 1

            lanes

        for index in 0 .. whole.Length - 1 do
            let some = Vector.BitwiseAnd(whole[index], mask)

            if Vector.EqualsAny(some, infinite) then
                found <- found + inLanes some

        // what no longer fills a vector, behind zeros
        let rest = bytes.Slice(whole.Length * Vector<byte>.Count)

        if rest.Length > 0 then
            let padded = Array.zeroCreate<byte> Vector<byte>.Count
            rest.CopyTo padded
            found <- found + inLanes (Vector.BitwiseAnd(MemoryMarshal.Read<Vector<'T>> padded, mask))

        found

    /// Of whole elements of this dtype.
    let among dtype (bytes: ReadOnlySpan<byte>) =
        match dtype with
        | Dtype.F64 -> count 0x7FFFFFFFFFFFFFFFUL 0x7FF0000000000000UL bytes
        | Dtype.F16 -> count 0x7FFFus 0x7C00us bytes
        | Dtype.BF16 -> count 0x7FFFus 0x7F80us bytes
        | _ -> count 0x7FFFFFFFu 0x7F800000u bytes
