namespace Records.Core

open System
open System.Buffers.Binary

/// What deflate's numbers stand for (RFC 1951, 3.2.5 to 3.2.7).
[<RequireQualifiedAccess>]
module private DeflateTables =

    /// Four lengths for each number of extra bits, and eight for none; the longest has a code of its own.
    let private longest = 28

    let lengthBits = Array.init 29 (fun code -> if code = longest then 0 else max 0 (code / 4 - 1))

    let lengths =
        Array.init 29 (fun code ->
            if code = longest then 258
            elif code < 4 then code + 3
            else ((4 + (code &&& 3)) <<< lengthBits[code]) + 3)

    let distanceBits = Array.init 30 (fun code -> max 0 (code / 2 - 1))

    /// Two distances for each number of extra bits, and four for none.
    let distances =
        Array.init 30 (fun code ->
            if code < 4 then
                code + 1
            else
                ((2 + (code &&& 1)) <<< distanceBits[code]) + 1)

    /// In which order the lengths of the code come that codes are written in.
    let order = [| 16; 17; 18; 0; 8; 7; 9; 6; 10; 5; 11; 4; 12; 3; 13; 2; 14; 1; 15 |]

    let fixedLiterals =
        Array.init 288 (fun symbol ->
            if symbol < 144 then 8uy
            elif symbol < 256 then 9uy
            elif symbol < 280 then 7uy
            else 8uy)

    let fixedDistances = Array.create 32 5uy

/// Where deflated bytes are, and where they become others. Places of bits are counted from the start of the array.
[<Struct; NoEquality; NoComparison>]
type internal DeflatedPlace =
    {
        Bytes: byte[]
        /// The next bit, and the one behind the last.
        At: int
        Stop: int
        Target: byte[]
        /// The first byte that is known, or taken to be, and the first that is not, and the one behind the last that may be written.
        Known: int
        Filled: int
        Full: int
    }

/// Deflated bytes (RFC 1951) on their way. It never reads or writes outside of what it was given, and says no more than that something is wrong, or
/// right and rare: what exactly is for .NET's inflater to find.
[<Sealed>]
type internal Deflated() =
    let literals = PrefixCode()
    let distances = PrefixCode()
    let inner = PrefixCode()
    let mutable place = Unchecked.defaultof<DeflatedPlace>
    let mutable at = 0
    let mutable filled = 0
    let mutable inBlock = false
    let mutable isLast = false
    let mutable copies = 0
    let mutable log = Array.empty<uint64>

    /// The bits that come next, the first being the lowest: 57 of them at least, with zeros behind the end.
    let word () =
        let start = at >>> 3
        let left = (place.Stop >>> 3) - start

        let whole =
            if left >= 8 then
                BinaryPrimitives.ReadUInt64LittleEndian(ReadOnlySpan(place.Bytes, start, 8))
            else
                let mutable whole = 0UL

                for index in 0 .. left - 1 do
                    whole <- whole ||| (uint64 place.Bytes[start + index] <<< (8 * index))

                whole

        whole >>> (at &&& 7)

    let number count =
        let value = int (word () &&& ((1UL <<< count) - 1UL))
        at <- at + count
        value

    let symbol (code: PrefixCode) =
        let entry = code.Find(word ())
        at <- at + Prefix.lengthOf entry
        Prefix.symbolOf entry

    let stored () =
        at <- (at + 7) &&& ~~~7
        let length = number 16
        let inverse = number 16

        if
            length ^^^ inverse <> 0xFFFF
            || length > (place.Stop - at) / 8
            || length > place.Full - filled
        then
            false
        else
            Buffer.BlockCopy(place.Bytes, at >>> 3, place.Target, filled, length)
            at <- at + 8 * length
            filled <- filled + length
            true

    let coded () =
        let literalCount = 257 + number 5
        let distanceCount = 1 + number 5
        let innerLengths = Array.zeroCreate<byte> DeflateTables.order.Length

        for index in 0 .. 3 + number 4 do
            innerLengths[DeflateTables.order[index]] <- byte (number 3)

        let lengths = Array.zeroCreate<byte>(literalCount + distanceCount)
        let mutable good = literalCount <= 286 && distanceCount <= 30 && inner.Make innerLengths
        let mutable count = 0

        while good && count < lengths.Length do
            let length = symbol inner

            if length < 16 then
                lengths[count] <- byte length
                count <- count + 1
            else
                let repeated =
                    match length with
                    | 16 -> 3 + number 2
                    | 17 -> 3 + number 3
                    | _ -> 11 + number 7

                good <- repeated <= lengths.Length - count && (length > 16 || count > 0)

                if good && length = 16 then
                    lengths.AsSpan(count, repeated).Fill lengths[count - 1]

                count <- count + repeated

            good <- good && at <= place.Stop

        good
        && lengths[256] > 0uy
        && literals.Make(ReadOnlySpan(lengths, 0, literalCount))
        && distances.Make(ReadOnlySpan(lengths, literalCount, distanceCount))

    /// What a block begins with, all of it where it is stored.
    let header () =
        isLast <- number 1 = 1

        match number 2 with
        | 0 -> stored ()
        | 1 ->
            inBlock <- true

            literals.Make DeflateTables.fixedLiterals
            && distances.Make DeflateTables.fixedDistances
        | 2 ->
            inBlock <- true
            coded ()
        | _ -> false

    /// What was there before, once more.
    let copy code =
        if code >= DeflateTables.lengths.Length then
            false
        else
            let length = DeflateTables.lengths[code] + number DeflateTables.lengthBits[code]
            let code = symbol distances

            if code >= DeflateTables.distances.Length then
                false
            else
                let distance = DeflateTables.distances[code] + number DeflateTables.distanceBits[code]

                if
                    distance > filled - place.Known
                    || length > place.Full - filled
                    || log.Length > 0 && copies = log.Length
                then
                    false
                else
                    if log.Length > 0 then
                        log[copies] <- Copy.entry filled length distance
                    else
                        Copy.make place.Target filled length distance

                    copies <- copies + 1
                    filled <- filled + length
                    true

    /// Begins at the beginning of a block. Copies are written down and not made where there is a log for them.
    member _.Begin(from: DeflatedPlace, copyLog: uint64[]) =
        place <- from
        at <- from.At
        filled <- from.Filled
        inBlock <- false
        isLast <- false
        copies <- 0
        log <- copyLog

    /// Goes on in a larger target that holds what the other held.
    member _.Grow(target: byte[], full: int) =
        place <- { place with Target = target; Full = full }

    member _.Place = place
    member _.Literals = literals.Table

    /// The next bit.
    member _.At = at

    /// Where the next byte goes in the target.
    member _.Filled = filled

    /// Only literals were between here and there.
    member _.Pass(bit: int, place: int) =
        at <- bit
        filled <- place

    /// Whether symbols come next, and not a block's beginning.
    member _.InBlock = inBlock

    /// Whether the block in hand, or the one before, says that it is the last of its stream.
    member _.IsLast = isLast

    /// Copies that were made or written down.
    member _.Copies = copies

    /// The beginning of a block, or some of its symbols, up to the first that is no literal.
    member _.Advance() =
        let mutable good = true

        if inBlock then
            let mutable left = 4

            while good && left > 0 do
                let symbol = symbol literals
                left <- left - 1

                if symbol < 256 then
                    good <- filled < place.Full

                    if good then
                        place.Target[filled] <- byte symbol
                        filled <- filled + 1
                else
                    left <- 0

                    if symbol = 256 then
                        inBlock <- false
                    else
                        good <- copy (symbol - 257)
        else
            good <- header ()

        good && at <= place.Stop
