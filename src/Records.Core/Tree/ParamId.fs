namespace Records.Core

open System
open System.Buffers.Binary

/// Parameter ids as Burn writes them: base32 of eight bytes since 0.15, of six in 0.14, and UUIDs before.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module ParamId =

    let private alphabet = "0123456789abcdefghijklmnopqrstuv"

    /// The text of the id.
    let text (ParamId text) = text

    /// The id that Burn gives this number: 13 characters, base32 of its little-endian bytes.
    let ofUInt64 (value: uint64) =
        // The first bit of the text is the highest bit of the first byte, so the number is read big end first.
        let bits = BinaryPrimitives.ReverseEndianness value

        let digits = Array.zeroCreate<char> 13

        for index in 0..12 do
            let shift = 64 - 5 * (index + 1)
            // The last digit holds four bits and a zero.
            let five = if shift >= 0 then bits >>> shift else bits <<< -shift
            digits[index] <- alphabet[int (five &&& 31UL)]

        ParamId(String digits)

    // Bytes in so many digits. A byte begun must be complete and no digit to spare, so base32 cannot end everywhere.
    let private wholeBytes (digits: int) =
        match digits with
        | 0
        | 2
        | 4
        | 5
        | 7
        | 8
        | 10
        | 12
        | 13 -> Some(digits * 5 / 8)
        | _ -> None

    // -1 for what is no digit. Letters outside ASCII are not asked for their lower case: the kelvin sign has k.
    let private digit letter =
        if Char.IsAscii letter then
            alphabet.IndexOf(Char.ToLowerInvariant letter)
        else
            -1

    /// The number behind the id, zero-extended; None when the text is not base32 of at most eight bytes. Upper case counts as lower.
    let toUInt64 (ParamId text) : uint64 option =
        let number bytes =
            let digits = [| for letter in text -> digit letter |]
            let last = Array.last digits
            let spare = 5 * digits.Length - 8 * bytes

            if Array.contains -1 digits || last &&& ((1 <<< spare) - 1) <> 0 then
                None
            else
                let join bits digit = bits <<< 5 ||| uint64 digit
                // The last of 13 digits brings 4 bits to the 60 there are.
                let before = Array.fold join 0UL digits[.. digits.Length - 2]
                let bits = before <<< (5 - spare) ||| (uint64 last >>> spare)
                // The first byte of the text is the lowest of the number.
                Some(BinaryPrimitives.ReverseEndianness(bits <<< (64 - 8 * bytes)))

        match wholeBytes text.Length with
        | Some 0 -> Some 0UL
        | Some bytes -> number bytes
        | None -> None

    /// True for what some Burn writes: base32 of at most eight bytes, or a UUID with hyphens. Burn since 0.15 panics on other texts.
    let isValid (id: ParamId) =
        text id <> ""
        && (Option.isSome (toUInt64 id) || fst (Guid.TryParseExact(text id, "D")))
