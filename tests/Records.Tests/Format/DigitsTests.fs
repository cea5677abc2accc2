module Records.Tests.DigitsTests

open System
open System.Globalization
open Expecto
open Records.Core

let private doubles =
    [
        0.0, "0.0"
        -0.0, "-0.0"
        1.0, "1.0"
        -2.5, "-2.5"
        0.1, "0.1"
        16.0, "16.0"
        123456.789, "123456.789"
        1e15, "1000000000000000.0"
        1e16, "1e16"
        1.5e16, "1.5e16"
        1e300, "1e300"
        0.00001, "0.00001"
        0.000001, "1e-6"
        5e-324, "5e-324"
        1.7976931348623157e308, "1.7976931348623157e308"
        // a power of two, where the runtime's own text is one digit short
        BitConverter.UInt64BitsToDouble 0x0410000000000000UL, "4.1045368012983762e-289"
    ]

let private singles =
    [
        0f, "0.0"
        -0f, "-0.0"
        0.1f, "0.1"
        16777216f, "16777216.0"
        1e12f, "1000000000000.0"
        1e13f, "1e13"
        0.00001f, "0.00001"
        0.000001f, "0.000001"
        0.0000001f, "1e-7"
        1e-45f, "1e-45"
        3.4028235e38f, "3.4028235e38"
    ]

let tests =
    testList
        "Digits"
        [
            testCase "doubles are laid out as serde_json does" (fun () ->
                for value, text in doubles do
                    Expect.equal (Digits.ofDouble value) text text)

            testCase "singles are laid out as serde_json does" (fun () ->
                for value, text in singles do
                    Expect.equal (Digits.ofSingle value) text text)

            testCase "every power of two reads back as itself, and so do its neighbours" (fun () ->
                for exponent in 0UL .. 2046UL do
                    for bits in [ exponent <<< 52; (exponent <<< 52) + 1UL; max 1UL (exponent <<< 52) - 1UL ] do
                        let value = BitConverter.UInt64BitsToDouble bits
                        let read = Double.Parse(Digits.ofDouble value, CultureInfo.InvariantCulture)
                        Expect.equal (BitConverter.DoubleToUInt64Bits read) bits "a double"

                for exponent in 0u .. 254u do
                    for bits in [ exponent <<< 23; (exponent <<< 23) + 1u; max 1u (exponent <<< 23) - 1u ] do
                        let value = BitConverter.UInt32BitsToSingle bits
                        let read = Single.Parse(Digits.ofSingle value, CultureInfo.InvariantCulture)
                        Expect.equal (BitConverter.SingleToUInt32Bits read) bits "a single")

            testCase "the culture does not matter" (fun () ->
                let before = CultureInfo.CurrentCulture

                try
                    CultureInfo.CurrentCulture <- CultureInfo "de-DE"
                    Expect.equal (Digits.ofDouble 1234.5) "1234.5" "a point"
                finally
                    CultureInfo.CurrentCulture <- before)
        ]
