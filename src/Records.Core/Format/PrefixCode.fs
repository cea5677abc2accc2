namespace Records.Core

open System

/// Sizes of a prefix code.
[<RequireQualifiedAccess>]
module internal Prefix =

    /// Bits by which a table finds a symbol, and its entries.
    let bits = 11
    let entries = 1 <<< bits

    /// Bits of the longest code.
    let longest = 15

    /// What an entry is at least that is no literal's, and no sum of eight that are.
    let other = 1u <<< 24

    /// Of a symbol and the number of its bits.
    let entry symbol length =
        (if symbol < 256 then 0u else other) ||| (uint32 symbol <<< 8) ||| uint32 length

    /// Bits that an entry stands for.
    let lengthOf (entry: uint32) = int (entry &&& 0xFFu)

    let symbolOf (entry: uint32) = int (entry >>> 8) &&& 0xFFFF

    /// The entry of what the table does not find.
    let none = other

/// A prefix code of deflate (RFC 1951, 3.2.2): finds the entry that bits begin with.
[<Sealed>]
type internal PrefixCode() =
    // by the next bits, for what is not longer than that; 0 bits for what is
    let table = Array.zeroCreate<uint32> Prefix.entries
    // how many symbols have so many bits, and all symbols in the order of their codes
    let counts = Array.zeroCreate<int>(Prefix.longest + 1)
    let symbols = Array.zeroCreate<int> 288

    /// Entries by the next bits.
    member _.Table = table

    /// The code that gives each symbol so many bits, none to those of 0. False for lengths that leave bits without a meaning, or with two.
    member _.Make(lengths: ReadOnlySpan<byte>) =
        counts.AsSpan().Clear()

        for length in lengths do
            counts[int length] <- counts[int length] + 1

        counts[0] <- 0
        let mutable left = 1
        let mutable first = 0
        let nexts = Array.zeroCreate<int> counts.Length

        for length in 1 .. Prefix.longest do
            left <- 2 * left - counts[length]
            nexts[length] <- first
            first <- first + counts[length]

        for symbol in 0 .. lengths.Length - 1 do
            let length = int lengths[symbol]

            if length > 0 then
                symbols[nexts[length]] <- symbol
                nexts[length] <- nexts[length] + 1

        // Bits come lowest first, so a code is kept in reverse: with one bit more it is the same number.
        table[0] <- Prefix.none
        let mutable reversed = 0
        let mutable place = 0

        for length in 1 .. Prefix.bits do
            let top = 1 <<< (length - 1)
            Array.Copy(table, 0, table, top, top)

            for _ in 1 .. counts[length] do
                if left = 0 then
                    table[reversed] <- Prefix.entry symbols[place] length

                place <- place + 1
                let mutable bit = top

                while reversed &&& bit <> 0 do
                    reversed <- reversed ^^^ bit
                    bit <- bit >>> 1

                reversed <- reversed ||| bit

        left = 0

    /// Bit for bit, for the few that the table is too small for.
    member private _.Search(bits: uint64) =
        let mutable rest = bits
        let mutable length = 0
        let mutable code = 0
        let mutable first = 0
        let mutable place = 0
        let mutable found = Prefix.none

        while length < Prefix.longest do
            length <- length + 1
            code <- 2 * code + int (rest &&& 1UL)
            rest <- rest >>> 1
            let count = counts[length]

            if code - first < count then
                found <- Prefix.entry symbols[place + code - first] length
                length <- Prefix.longest
            else
                place <- place + count
                first <- 2 * (first + count)

        found

    /// The entry of what the bits begin with, the next bit being the lowest.
    member this.Find(bits: uint64) =
        let entry = table[int bits &&& (Prefix.entries - 1)]

        if Prefix.lengthOf entry > 0 then
            entry
        else
            this.Search bits
