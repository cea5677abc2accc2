module Records.Tests.HalfTests

open System
open Expecto
open Records.Core

/// The nearest 16-bit float of a single's bits, ties to even, by counting: so many bits of exponent and fraction.
let nearest exponentBits fractionBits (bits: uint32) =
    let sign = int (bits >>> 31) <<< (exponentBits + fractionBits)
    let exponent = int (bits >>> 23) &&& 0xFF
    let fraction = int (bits &&& 0x7FFFFFu)
    let infinity = ((1 <<< exponentBits) - 1) <<< fractionBits

    if exponent = 0xFF && fraction <> 0 then
        // quiet, with what fits of its payload
        uint16 (
            sign
            ||| infinity
            ||| (1 <<< (fractionBits - 1))
            ||| (fraction >>> (23 - fractionBits))
        )
    elif exponent = 0xFF then
        uint16 (sign ||| infinity)
    else
        // the value is digits * 2^(power - 23)
        let digits = int64 (if exponent = 0 then fraction else fraction ||| 0x800000)
        let power = max exponent 1 - 127
        // the smallest power of a normal target
        let lowest = 2 - (1 <<< (exponentBits - 1))
        let drop = 23 - fractionBits + max 0 (lowest - power)

        let kept =
            if drop > 40 then
                0L
            else
                let kept = digits >>> drop
                let rest = digits - (kept <<< drop)
                let half = 1L <<< (drop - 1)

                if rest > half || rest = half && kept % 2L = 1L then
                    kept + 1L
                else
                    kept

        // what rounding carries over goes into the exponent by itself
        let magnitude =
            if power < lowest then
                int kept
            else
                ((power - lowest) <<< fractionBits) + int kept

        uint16 (sign ||| min magnitude infinity)

let private nearestHalf = nearest 5 10

let private singleOf (bits: uint32) = BitConverter.UInt32BitsToSingle bits

let private convert (bits: uint32[]) =
    let halves = Array.zeroCreate<Half> bits.Length
    Half.ofSingles (ReadOnlySpan(Array.map singleOf bits)) (Span halves)
    Array.map BitConverter.HalfToUInt16Bits halves

let private singles =
    let random = Random 1

    [|
        // every exponent, both signs, fractions at which rounding turns
        for upper in 0u .. 0x1FFu do
            for lower in
                [
                    0u
                    1u
                    0x0FFFu
                    0x1000u
                    0x1001u
                    0x1FFFu
                    0x2000u
                    0x3000u
                    0x7000u
                    0x7FFFu
                    0x8000u
                    0x8001u
                    0xFFFFu
                    0x400000u
                    0x7FEFFFu
                    0x7FF000u
                    0x7FFFFFu
                ] do
                (upper <<< 23) ||| lower
        for _ in 1..200_000 do
            uint32 (random.NextInt64())
        // the exponents that halves have
        for _ in 1..200_000 do
            let exponent = uint32 (random.Next(100, 145))
            (uint32 (random.NextInt64()) &&& 0x807FFFFFu) ||| (exponent <<< 23)
    |]

let tests =
    testList
        "Half"
        [
            testCase "each of the 65,536 halves becomes the single that the runtime makes of it" (fun () ->
                let halves = [| for bits in 0us .. 0xFFFFus -> BitConverter.UInt16BitsToHalf bits |]
                let result = Array.zeroCreate<single> halves.Length
                Half.toSingles (ReadOnlySpan halves) (Span result)

                for index in 0 .. halves.Length - 1 do
                    let expected = BitConverter.SingleToUInt32Bits(single halves[index])
                    let actual = BitConverter.SingleToUInt32Bits result[index]

                    if actual <> expected then
                        failtest $"{index:x4} became {actual:x8}, not {expected:x8}")

            testCase "each half is itself after a way through singles" (fun () ->
                let bits =
                    [|
                        for bits in 0us .. 0xFFFFus do
                            // a signalling NaN becomes quiet
                            if not (Half.IsNaN(BitConverter.UInt16BitsToHalf bits)) || bits &&& 0x200us <> 0us then
                                bits
                    |]

                let singles = Array.zeroCreate<single> bits.Length
                Half.toSingles (ReadOnlySpan(Array.map BitConverter.UInt16BitsToHalf bits)) (Span singles)
                Expect.equal (convert (Array.map BitConverter.SingleToUInt32Bits singles)) bits "all of them")

            testCase "a single becomes the nearest half, a tie the even one" (fun () ->
                for bits, actual in Array.zip singles (convert singles) do
                    if actual <> nearestHalf bits then
                        failtest $"{bits:x8} became {actual:x4}, not {nearestHalf bits:x4}")

            testCase "a half's neighbours and the ties between them are told apart" (fun () ->
                let bits =
                    [|
                        for half in 0us .. 0x7BFEus do
                            let here = double (BitConverter.UInt16BitsToHalf half)
                            let next = double (BitConverter.UInt16BitsToHalf(half + 1us))
                            let tie = BitConverter.SingleToUInt32Bits(single ((here + next) / 2.))
                            tie - 1u
                            tie
                            tie + 1u
                    |]

                let expected =
                    [|
                        for half in 0us .. 0x7BFEus do
                            half
                            half + (half &&& 1us)
                            half + 1us
                    |]

                Expect.equal (convert bits) expected "below, at and above each tie")

            testCase "what is beyond the largest half becomes infinity" (fun () ->
                let values = [| 65504f; 65519.996f; 65520f; 1e30f; -65520f; Single.PositiveInfinity |]

                Expect.equal
                    (convert (Array.map BitConverter.SingleToUInt32Bits values))
                    [| 0x7BFFus; 0x7BFFus; 0x7C00us; 0x7C00us; 0xFC00us; 0x7C00us |]
                    "65520 is the first")

            testCase "rows of every length are converted to their end" (fun () ->
                for length in 0..70 do
                    let row = Array.sub singles 5000 length
                    Expect.equal (convert row) (Array.map nearestHalf row) $"{length} values")

            testCase "a bfloat is the upper half of its single" (fun () ->
                for bits in 0us .. 0xFFFFus do
                    let actual = BitConverter.SingleToUInt32Bits(Half.singleOfBfloat bits)

                    if actual <> (uint32 bits <<< 16) then
                        failtest $"{bits:x4} became {actual:x8}"

                    let back = Half.bfloatOfSingle (Half.singleOfBfloat bits)

                    let quiet =
                        if bits &&& 0x7FFFus > 0x7F80us then
                            bits ||| 0x40us
                        else
                            bits

                    if back <> quiet then
                        failtest $"{bits:x4} came back as {back:x4}")

            testCase "a single becomes the nearest bfloat, a tie the even one" (fun () ->
                for bits in singles do
                    let actual = Half.bfloatOfSingle (singleOf bits)
                    let expected = nearest 8 7 bits

                    if actual <> expected then
                        failtest $"{bits:x8} became {actual:x4}, not {expected:x4}")

            testCase "many bfloats at once are what each is" (fun () ->
                let bfloats = [| 0us .. 0xFFFFus |]

                for start, length in (0, bfloats.Length) :: [ for length in 0..70 -> 16_190 + length, length ] do
                    let row = Array.sub bfloats start length
                    let wide = Array.create length 1f
                    Half.singlesOfBfloats (ReadOnlySpan row) (Span wide)

                    Expect.equal
                        (wide |> Array.map BitConverter.SingleToUInt32Bits)
                        (row |> Array.map (fun bits -> uint32 bits <<< 16))
                        $"{length} of them")

            testCase "many singles at once become the bfloats that each does" (fun () ->
                let patterns =
                    [|
                        for upper in 0u .. 0xFFFFu do
                            for lower in [ 0u; 1u; 0x7FFFu; 0x8000u; 0x8001u; 0xFFFFu ] -> upper <<< 16 ||| lower
                    |]

                for length in patterns.Length :: [ 0..70 ] do
                    let row = Array.sub patterns (patterns.Length - length) length |> Array.map singleOf
                    let narrow = Array.create length 1us
                    Half.bfloatsOfSingles (ReadOnlySpan row) (Span narrow)

                    if narrow <> Array.map Half.bfloatOfSingle row then
                        let index = Seq.findIndex id (Seq.map2 (<>) narrow (Seq.map Half.bfloatOfSingle row))
                        failtest $"{length} of them: {row[index]} became {narrow[index]:x4}")
        ]
