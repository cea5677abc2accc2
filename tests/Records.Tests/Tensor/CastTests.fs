module Records.Tests.CastTests

open System
open System.Globalization
open System.Numerics
open Expecto
open Records.Core
open Records.Tests.Support

// ---- one element at a time, the slow way

let private floats = [ Dtype.F64; Dtype.F32; Dtype.Flex32; Dtype.F16; Dtype.BF16 ]

let private integers =
    [ Dtype.I64; Dtype.I32; Dtype.I16; Dtype.I8; Dtype.U64; Dtype.U32; Dtype.U16; Dtype.U8 ]

let private sizeOf dtype = Option.get (Dtype.size dtype)

let private bitsOf (element: byte[]) =
    Array.foldBack (fun (next: byte) bits -> (bits <<< 8) ||| uint64 next) element 0UL

let private bytesOfBits size (bits: uint64) =
    [| for index in 0 .. size - 1 -> byte (bits >>> (8 * index)) |]

let private toDouble dtype (element: byte[]) =
    let bits = bitsOf element

    match dtype with
    | Dtype.F64 -> BitConverter.UInt64BitsToDouble bits
    | Dtype.F16 -> double (BitConverter.UInt16BitsToHalf(uint16 bits))
    | Dtype.BF16 -> double (BitConverter.UInt32BitsToSingle(uint32 bits <<< 16))
    | _ -> double (BitConverter.UInt32BitsToSingle(uint32 bits))

let private ofDouble dtype (value: double) =
    // Burn goes through singles
    let bits = BitConverter.SingleToUInt32Bits(single value)

    match dtype with
    | Dtype.F64 -> bytesOfBits 8 (BitConverter.DoubleToUInt64Bits value)
    | Dtype.F16 -> bytesOfBits 2 (uint64 (HalfTests.nearest 5 10 bits))
    | Dtype.BF16 -> bytesOfBits 2 (uint64 (HalfTests.nearest 8 7 bits))
    | _ -> bytesOfBits 4 (uint64 bits)

let private isSigned dtype =
    match dtype with
    | Dtype.I64
    | Dtype.I32
    | Dtype.I16
    | Dtype.I8 -> true
    | _ -> false

let private toBig dtype (element: byte[]) =
    BigInteger(ReadOnlySpan element, isUnsigned = not (isSigned dtype), isBigEndian = false)

let private rangeOf dtype =
    let bits = 8 * sizeOf dtype

    if isSigned dtype then
        -BigInteger.Pow(2I, bits - 1), BigInteger.Pow(2I, bits - 1) - 1I
    else
        0I, BigInteger.Pow(2I, bits) - 1I

let private ofBig dtype (value: BigInteger) =
    let wrapped = BigInteger.Remainder(value + BigInteger.Pow(2I, 80), BigInteger.Pow(2I, 8 * sizeOf dtype))
    let bytes = wrapped.ToByteArray(isUnsigned = true, isBigEndian = false)
    Array.init (sizeOf dtype) (fun index -> if index < bytes.Length then bytes[index] else 0uy)

/// The result, and the values that do not fit, as text.
let private slow source target (bytes: byte[]) =
    let elements = Array.chunkBySize (sizeOf source) bytes

    if List.contains source floats then
        let results = elements |> Array.map (toDouble source >> ofDouble target)

        let lost =
            [
                for element, result in Array.zip elements results do
                    let value = toDouble source element

                    if Double.IsFinite value && not (Double.IsFinite(toDouble target result)) then
                        if source = Dtype.F64 then
                            value.ToString CultureInfo.InvariantCulture
                        else
                            (single value).ToString CultureInfo.InvariantCulture
            ]

        Array.concat results, lost
    else
        let low, high = rangeOf target
        let values = elements |> Array.map (toBig source)

        let lost =
            [
                for value in values do
                    if value < low || value > high then
                        string value
            ]

        values |> Array.map (ofBig target) |> Array.concat, lost

// ---- what is cast

let private random = Random 7

let private edges dtype =
    if List.contains dtype floats then
        [
            for value in
                [
                    0.
                    -0.
                    1.
                    -2.5
                    0.1
                    65504.
                    2.0e-24
                    5.9604644775390625e-8
                    1e-45
                    3.3e38
                    -3.3e38
                    infinity
                    -infinity
                    nan
                ] do
                yield! ofDouble dtype value
        ]
    else
        [
            for from in integers do
                let low, high = rangeOf from
                let least, most = rangeOf dtype

                for value in [ low; low + 1I; -1I; 0I; 1I; high - 1I; high ] do
                    if value >= least && value <= most then
                        yield! ofBig dtype value
        ]

/// Bytes of elements that all fit the target, or of any.
let private elements fitting source target =
    let size = sizeOf source

    let candidates =
        [|
            yield! Array.chunkBySize size (Array.ofList (edges source))
            for _ in 1..300 do
                let element = Array.zeroCreate<byte> size
                random.NextBytes element
                element
            // small ones, which fit most targets
            for _ in 1..300 do
                if List.contains source floats then
                    ofDouble source (random.NextDouble() * 100. - 50.)
                else
                    ofBig source (BigInteger(random.Next 120))
        |]
        |> Array.filter (fun element -> not fitting || List.isEmpty (snd (slow source target element)))

    random.Shuffle candidates
    Array.concat candidates

// NaNs keep being NaN; which one is the hardware's business between doubles and singles
let private sameValues dtype (actual: byte[]) (expected: byte[]) =
    let isNan (element: byte[]) =
        List.contains dtype floats && Double.IsNaN(toDouble dtype element)

    let chunks = Array.chunkBySize (sizeOf dtype)

    Expect.equal actual.Length expected.Length "bytes"

    for index, (left, right) in Array.indexed (Array.zip (chunks actual) (chunks expected)) do
        if left <> right && not (isNan left && isNan right) then
            failtest $"element {index} is {Convert.ToHexString left}, not {Convert.ToHexString right}"

let private data dtype (bytes: byte[]) =
    tensorOf dtype [ int64 (bytes.Length / sizeOf dtype) ] bytes

let private cast allow target data =
    ok (Cast.tensor [ "fc1"; "weight" ] allow target data)

let private pairs =
    [
        for family in [ floats; integers ] do
            for source in family do
                for target in family do
                    source, target
    ]

let private read (data: TensorData) = wholeOf data.Bytes

let private fails path (data: TensorData) =
    match Slice.whole data.Bytes with
    | Ok _ -> failtest $"{path} was read."
    | Error error -> error

let tests =
    testList
        "Cast"
        [
            for source, target in pairs do
                let name = $"{Dtype.name source} to {Dtype.name target}"

                testCase $"{name}: what fits is converted" (fun () ->
                    let bytes = elements true source target
                    let result = cast false target (data source bytes)
                    Expect.equal result.Dtype target "the dtype"
                    sameValues target (read result) (fst (slow source target bytes)))

                testCase $"{name}: what does not fit is counted, and the first of it named" (fun () ->
                    let bytes = elements false source target
                    let result = cast false target (data source bytes)
                    let expected, lost = slow source target bytes

                    match lost with
                    | [] -> sameValues target (read result) expected
                    | first :: _ ->
                        match fails name result with
                        | RecordError.OutOfRange(path, count, value, dtype) ->
                            Expect.equal path [ "fc1"; "weight" ] "the path"
                            Expect.equal count (int64 lost.Length) "how many"
                            Expect.equal value first "the first"
                            Expect.equal dtype (Dtype.name target) "the target"
                        | other -> failtest (RecordError.message other))

            for source in floats do
                for target in floats do
                    testCase
                        $"{Dtype.name source} to {Dtype.name target}: infinity is written where it is allowed"
                        (fun () ->
                            let bytes = elements false source target

                            sameValues
                                target
                                (read (cast true target (data source bytes)))
                                (fst (slow source target bytes)))

            testCase "integers out of range are an error even where infinity is allowed" (fun () ->
                match fails "I32 to I16" (cast true Dtype.I16 (data Dtype.I32 (bytesOfBits 4 40000UL))) with
                | RecordError.OutOfRange(_, 1L, "40000", "I16") -> ()
                | other -> failtest (RecordError.message other))

            testCase "infinity itself and NaN pass" (fun () ->
                let values = f32 [ 3L ] [ Single.PositiveInfinity; Single.NegativeInfinity; Single.NaN ]
                let halves = read (cast false Dtype.F16 values)
                Expect.equal (Array.truncate 4 halves) [| 0uy; 0x7Cuy; 0uy; 0xFCuy |] "infinities"
                Expect.isTrue (Half.IsNaN(BitConverter.ToHalf(halves, 4))) "NaN")

            testCase "a value beyond the first blocks is found and counted" (fun () ->
                let values = Array.zeroCreate<single> 200_000
                values[150_000] <- -1e30f
                values[199_999] <- 2e30f
                let bytes = values |> Array.collect BitConverter.GetBytes

                match fails "F32 to F16" (cast false Dtype.F16 (data Dtype.F32 bytes)) with
                | RecordError.OutOfRange(_, 2L, "-1E+30", "F16") -> ()
                | other -> failtest (RecordError.message other))

            testCase "infinities are counted wherever they stand, of either sign, and NaN is none" (fun () ->
                for dtype, infinities, others in
                    [
                        Dtype.F64,
                        [ 0x7FF0000000000000UL; 0xFFF0000000000000UL ],
                        [ 0x7FF0000000000001UL; 0x7FEFFFFFFFFFFFFFUL ]
                        Dtype.F32, [ 0x7F800000UL; 0xFF800000UL ], [ 0x7F800001UL; 0x7F7FFFFFUL ]
                        Dtype.F16, [ 0x7C00UL; 0xFC00UL ], [ 0x7C01UL; 0x7BFFUL ]
                        Dtype.BF16, [ 0x7F80UL; 0xFF80UL ], [ 0x7F81UL; 0x7F7FUL ]
                    ] do
                    let size = (Dtype.size dtype).Value
                    let bytesOf = Array.collect (bytesOfBits size)

                    for length in 0..40 do
                        let row = Array.init length (fun index -> others[index % 2])
                        Expect.equal (Infinite.among dtype (ReadOnlySpan(bytesOf row))) 0 $"none of {length}"

                        for place in 0 .. length - 1 do
                            let some = Array.copy row
                            some[place] <- infinities[place % 2]
                            some[length / 2] <- infinities[0]
                            let expected = if place = length / 2 then 1 else 2

                            Expect.equal
                                (Infinite.among dtype (ReadOnlySpan(bytesOf some)))
                                expected
                                $"{place} of {length}")

            testCase "nothing is read before someone asks" (fun () ->
                let broken =
                    { new ISource with
                        member _.Name = "broken"
                        member _.Length = 4L
                        member _.InMemory = false
                        member _.Outlives = false
                        member _.Read(_, _) = failtest "read"
                        member _.Fill(_, _) = failtest "read"
                        member _.Dispose() = ()
                    }

                let bytes = { Source = broken; Offset = 0L; Length = 4L }
                let data = ok (TensorData.create Dtype.F32 (shapeOf [ 1L ]) bytes)
                Expect.equal (cast false Dtype.F16 data).Bytes.Length 2L "described")

            testCase "the same dtype is the same tensor" (fun () ->
                let values = f32 [ 2L ] [ 1f; 2f ]

                Expect.isTrue
                    (obj.ReferenceEquals((cast false Dtype.F32 values).Bytes.Source, values.Bytes.Source))
                    "untouched")

            testCase "a float and an integer do not become one another" (fun () ->
                for source in floats @ integers do
                    for target in floats @ integers do
                        if List.contains source floats <> List.contains target floats then
                            let empty = tensorOf source [ 0L ] [||]

                            match Cast.tensor [ "a" ] true target empty with
                            | Error(RecordError.Mismatch([ "a" ], expected, _)) ->
                                Expect.equal expected $"{Dtype.name target} [0]" "what was asked for"
                            | _ -> failtest $"{Dtype.name source} to {Dtype.name target}")

            testCase "truth values and quantised ones are not cast" (fun () ->
                let truth = tensorOf (Dtype.Bool BoolStore.Native) [ 1L ] [| 1uy |]

                for target in floats @ integers @ [ Dtype.Bool BoolStore.U8 ] do
                    Cast.tensor [] true target truth |> error |> ignore

                for source in floats @ integers do
                    Cast.tensor [] true truth.Dtype (tensorOf source [ 0L ] [||]) |> error |> ignore

                Expect.equal (cast false truth.Dtype truth).Dtype truth.Dtype "to itself")

            testCase "pieces read at any offset are the whole" (fun () ->
                for source, target in
                    [
                        Dtype.F32, Dtype.F16
                        Dtype.F16, Dtype.F64
                        Dtype.F64, Dtype.BF16
                        Dtype.I64, Dtype.I16
                        Dtype.U8, Dtype.I64
                    ] do
                    let bytes = elements true source target
                    let result = cast false target (data source bytes)
                    let whole = read result

                    for _ in 1..200 do
                        let offset = random.Next whole.Length
                        let count = random.Next(min 100 (whole.Length - offset) + 1)
                        let piece = Array.zeroCreate<byte> count
                        result.Bytes.Source.Fill(int64 offset, Span piece)
                        Expect.equal piece (Array.sub whole offset count) $"{count} bytes from {offset} on"

                        Expect.equal
                            (result.Bytes.Source.Read(int64 offset, count).ToArray())
                            piece
                            "read and filled alike")

            testCase "a slice of a larger source is cast, not what surrounds it" (fun () ->
                let bytes = [| 99uy; 1uy; 0uy; 2uy; 0uy; 99uy |]
                let slice = memory bytes |> Slice.sub 1L 4L
                let data = ok (TensorData.create Dtype.U16 (shapeOf [ 2L ]) slice)
                Expect.equal (read (cast false Dtype.U8 data)) [| 1uy; 2uy |] "the middle")
        ]
