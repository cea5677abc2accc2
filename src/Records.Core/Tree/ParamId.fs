namespace Records.Core

open System
open System.Buffers
open System.Buffers.Binary

/// Parameter ids as Burn writes them: base32 of eight bytes since 0.15, of six in 0.14, and UUIDs before.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module ParamId =

    let private alphabet = "0123456789abcdefghijklmnopqrstuv"

    /// The text of the id.
    let text (ParamId text) = text

    // made once: there are many ids
    let private spell =
        SpanAction<char, uint64>(fun digits bits ->
            for index in 0..12 do
                let shift = 64 - 5 * (index + 1)
                // The last digit holds four bits and a zero.
                let five = if shift >= 0 then bits >>> shift else bits <<< -shift
                digits[index] <- alphabet[int (five &&& 31UL)])

    /// The id that Burn gives this number: 13 characters, base32 of its little-endian bytes.
    let ofUInt64 (value: uint64) =
        // The first bit of the text is the highest bit of the first byte, so the number is read big end first.
        ParamId(String.Create(13, BinaryPrimitives.ReverseEndianness value, spell))

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
        | 13 -> ValueSome(digits * 5 / 8)
        | _ -> ValueNone

    // -1 for what is no digit. Letters outside ASCII are not asked for their lower case: the kelvin sign has k.
    let private digit letter =
        if Char.IsAscii letter then
            alphabet.IndexOf(Char.ToLowerInvariant letter)
        else
            -1

    let internal tryNumber (ParamId text) : uint64 voption =
        let number bytes =
            let spare = 5 * text.Length - 8 * bytes
            let mutable bits = 0UL
            let mutable isWhole = true

            for place in 0 .. text.Length - 1 do
                let five = digit text[place]

                if five < 0 then
                    isWhole <- false
                elif place < text.Length - 1 then
                    bits <- bits <<< 5 ||| uint64 five
                else
                    isWhole <- isWhole && five &&& ((1 <<< spare) - 1) = 0
                    // The last of 13 digits brings 4 bits to the 60 there are.
                    bits <- bits <<< (5 - spare) ||| (uint64 five >>> spare)

            if isWhole then
                // The first byte of the text is the lowest of the number.
                ValueSome(BinaryPrimitives.ReverseEndianness(bits <<< (64 - 8 * bytes)))
            else
                ValueNone

        match wholeBytes text.Length with
        | ValueSome 0 -> ValueSome 0UL
        | ValueSome bytes -> number bytes
        | ValueNone -> ValueNone

    /// The number behind the id, zero-extended; None when the text is not base32 of at most eight bytes. Upper case counts as lower.
    let toUInt64 (id: ParamId) : uint64 option = tryNumber id |> ValueOption.toOption

    /// Whether the id is what ofUInt64 makes of its number.
    let internal isSpelled (ParamId text as id) =
        text.Length = 13
        && not (text.AsSpan().ContainsAnyInRange('A', 'Z'))
        && (tryNumber id).IsSome

    /// True for what some Burn writes: base32 of at most eight bytes, or a UUID with hyphens. Burn since 0.15 panics on other texts.
    let isValid (id: ParamId) =
        text id <> ""
        && ((tryNumber id).IsSome || fst (Guid.TryParseExact(text id, "D")))
