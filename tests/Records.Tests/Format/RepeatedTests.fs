module Records.Tests.RepeatedTests

open System
open System.Text
open Expecto
open FsCheck
open FsCheck.FSharp
open Records.Core

/// Texts that share most of their bytes: few letters, one of them no letter and one of two bytes.
let private texts =
    Gen.sized (fun _ -> Gen.choose (0, 40))
    |> Gen.bind (fun length ->
        Gen.arrayOfLength length (Gen.frequency [ 8, Gen.constant 'a'; 1, Gen.elements [ 'b'; '\000'; 'é' ] ]))
    |> Gen.map String

let private utf8 (text: string) =
    ReadOnlySpan(Encoding.UTF8.GetBytes text)

let private textOf value =
    match value with
    | Value.Scalar(Scalar.Text text) -> text
    | _ -> failtest "no text"

let tests =
    testList
        "Repeated"
        [
            testProperty
                "a text is what its bytes are, whatever was read before"
                (Prop.forAll (Arb.fromGen (Gen.listOf texts)) (fun texts ->
                    let repeated = Repeated()

                    for text in texts @ texts do
                        Expect.equal (repeated.Name(utf8 text)) text "name"
                        Expect.equal (textOf (repeated.Text(utf8 text))) text "text"))

            testCase "every single byte makes another text" (fun () ->
                for length in 1..40 do
                    let repeated = Repeated()
                    let plain = String('a', length)

                    for place in 0 .. length - 1 do
                        let other = plain.Remove(place, 1).Insert(place, "b")

                        for text in [ plain; other; plain ] do
                            Expect.equal (repeated.Name(utf8 text)) text $"{length} bytes, other at {place}")

            testCase "what is read again is the same object" (fun () ->
                let repeated = Repeated()

                for text in [ ""; "F32"; "weight"; "linear_inner"; "a name of more than sixteen bytes" ] do
                    Expect.isTrue (obj.ReferenceEquals(repeated.Name(utf8 text), repeated.Name(utf8 text))) text
                    Expect.isTrue (obj.ReferenceEquals(repeated.Text(utf8 text), repeated.Text(utf8 text))) text

                Expect.isTrue (obj.ReferenceEquals(repeated.Number 512UL, repeated.Number 512UL)) "a dimension")

            testProperty
                "a number is itself, whatever was read before"
                (fun (numbers: uint64 list) (small: byte list) ->
                    let repeated = Repeated()

                    for number in numbers @ List.map uint64 small @ [ for bit in 0..63 -> 1UL <<< bit ] @ numbers do
                        match repeated.Number number with
                        | Value.Scalar(Scalar.U64 found) -> Expect.equal found number "number"
                        | _ -> failtest "no number")

            testProperty
                "a row is what its bytes are, whatever was read before"
                (Prop.forAll
                    (Arb.fromGen (
                        Gen.listOf (
                            Gen.choose (1, 16)
                            |> Gen.bind (fun size -> Gen.arrayOfLength size (Gen.elements [ 0uy; 1uy; 2uy; 255uy ]))
                        )
                    ))
                    (fun rows ->
                        let repeated = Repeated()

                        for row in rows @ rows do
                            let key = RowKey.Of(ReadOnlySpan row)

                            match repeated.Row key with
                            | ValueSome value -> Expect.equal (textOf value) (Convert.ToHexString row) "the row"
                            | ValueNone -> repeated.AddRow(key, Value.text (Convert.ToHexString row))))

            testCase "a row of sixteen bytes is told from those that differ in one, and from shorter ones" (fun () ->
                for row in [ Array.init 16 byte; Array.zeroCreate 16 ] do
                    let repeated = Repeated()
                    repeated.AddRow(RowKey.Of(ReadOnlySpan row), Value.text "row")
                    Expect.isTrue (repeated.Row(RowKey.Of(ReadOnlySpan row))).IsSome "the row"

                    // some of them have its place
                    for place in 0..15 do
                        for value in 0uy .. 255uy do
                            let other = Array.copy row
                            other[place] <- value

                            if other <> row then
                                let key = RowKey.Of(ReadOnlySpan other)
                                Expect.isTrue (repeated.Row key).IsNone $"{value} at {place}"

                // of which some have one place
                for longer in 1..16 do
                    let repeated = Repeated()
                    repeated.AddRow(RowKey.Of(ReadOnlySpan(Array.zeroCreate<byte> longer)), Value.text "zeros")

                    for shorter in 1 .. longer - 1 do
                        let key = RowKey.Of(ReadOnlySpan(Array.zeroCreate<byte> shorter))
                        Expect.isTrue (repeated.Row key).IsNone $"{shorter} and not {longer}")

            testCase "names of any length have places of their own" (fun () ->
                let random = Random 1

                for length in 2..32 do
                    let repeated = Repeated()
                    let names = [ for _ in 1..64 -> String(random.GetItems([| 'a' .. 'z' |], length)) ]
                    let first = [ for name in names -> repeated.Name(utf8 name) ]

                    // two of 64 have one place of 128 now and then, most have not
                    let kept =
                        List.zip names first
                        |> List.filter (fun (name, text) -> obj.ReferenceEquals(repeated.Name(utf8 name), text))

                    Expect.isGreaterThan kept.Length 20 $"kept, of {length} bytes")

            testCase "what is not UTF-8 is refused, each time" (fun () ->
                let repeated = Repeated()

                for _ in 1..2 do
                    for bytes in [ [| 0xFFuy |]; [| 'a'B; 0xC3uy |]; Array.create 20 0x80uy ] do
                        Expect.throwsT<DecoderFallbackException>
                            (fun () -> repeated.Name(ReadOnlySpan bytes) |> ignore)
                            "refused")
        ]
