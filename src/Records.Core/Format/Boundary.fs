namespace Records.Core

open System
open System.Buffers.Binary
open System.Numerics

/// Where blocks of a deflate stream begin is written nowhere. A block with codes of its own says in its first bits what these are, and hardly any other
/// bits could say that.
[<RequireQualifiedAccess>]
module internal Boundary =

    /// Bytes that are looked at from a bit on.
    let private ahead = 16

    /// Of four lengths of three bits each, how much of all codes they take, in parts of 128.
    let private shares =
        [|
            for lengths in 0..4095 ->
                List.sum
                    [
                        for place in 0..3..9 do
                            match (lengths >>> place) &&& 7 with
                            | 0 -> ()
                            | length -> 128 >>> length
                    ]
        |]

    let private word (bytes: byte[]) at =
        BinaryPrimitives.ReadUInt64LittleEndian(ReadOnlySpan(bytes, at >>> 3, 8))
        >>> (at &&& 7)

    /// Whether there are as many codes as there may be, and those that their lengths are written in leave no bits without a meaning.
    let private isComplete (bytes: byte[]) at =
        let head = word bytes at
        let count = 4 + int ((head >>> 13) &&& 15UL)

        if (head >>> 3) &&& 31UL > 29UL || (head >>> 8) &&& 31UL > 29UL then
            false
        else
            let mutable lengths = word bytes (at + 17) &&& ((1UL <<< (3 * count)) - 1UL)
            let mutable sum = 0

            while lengths <> 0UL do
                sum <- sum + shares[int (lengths &&& 4095UL)]
                lengths <- lengths >>> 12

            sum = 128

    /// The next bit, from one on and before another, where a block may begin that is not the last and has codes of its own; -1 where there is none.
    let next (bytes: byte[]) count from stop =
        let stop = min stop (8 * (count - ahead))
        let mutable at = from
        let mutable found = -1

        while found < 0 && at < stop do
            let bits = word bytes at
            // one bit for each place of these where such a block would say what it is, of the 55 that are known for sure
            let mutable places = ~~~bits &&& ~~~(bits >>> 1) &&& (bits >>> 2) &&& ((1UL <<< 55) - 1UL)

            while places <> 0UL do
                let place = at + BitOperations.TrailingZeroCount places
                places <- places &&& (places - 1UL)

                if place < stop && isComplete bytes place then
                    found <- place
                    places <- 0UL

            at <- at + 55

        found
