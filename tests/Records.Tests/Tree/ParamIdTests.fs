module Records.Tests.Tree.ParamIdTests

open System
open Expecto
open Records.Core

let private number text = ParamId.toUInt64 (ParamId text)

let tests =
    testList
        "ParamId"
        [
            testCase "numbers have the text that Burn gives them" (fun () ->
                Expect.equal (ParamId.ofUInt64 1UL) (ParamId "0400000000000") "1"
                Expect.equal (ParamId.ofUInt64 0x0123456789abcdefUL) (ParamId "tv6qn2b78khg2") "every digit"
                Expect.equal (ParamId.ofUInt64 UInt64.MaxValue) (ParamId "vvvvvvvvvvvvu") "the last digit is even"
                Expect.equal (ParamId.ofUInt64 0UL) (ParamId "0000000000000") "0")

            testProperty "every number comes back" (fun (low: uint32) (high: uint32) ->
                let value = uint64 high <<< 32 ||| uint64 low
                Expect.equal (ParamId.toUInt64 (ParamId.ofUInt64 value)) (Some value) "13 digits hold 64 bits")

            testCase "the ten digits of Burn 0.14 are six bytes" (fun () ->
                Expect.equal (number "0400000000") (Some 1UL) "low byte first"
                Expect.equal (number "tv6qn2b78k") (Some 0x456789abcdefUL) "zero-extended")

            testCase "upper case counts as lower" (fun () ->
                Expect.equal (number "TV6QN2B78KHG2") (Some 0x0123456789abcdefUL) "DNSSEC's alphabet has no case")

            testCase "shorter base32 is a number too" (fun () ->
                Expect.equal (number "") (Some 0UL) "no byte"
                Expect.equal (number "vs") (Some 255UL) "one byte"
                Expect.equal (number "vvvg") (Some 65535UL) "two bytes")

            testCase "what is not base32 of at most eight bytes is none" (fun () ->
                let refused text why = Expect.isNone (number text) why
                refused "w400000000000" "a letter after v"
                refused "04000000000-0" "a sign"
                refused "0400000000001" "a spare bit that is not 0"
                refused "vv" "spare bits that are not 0"
                refused "0" "no whole byte"
                refused "000" "a digit too many for a byte"
                refused "000000" "a digit too many for three bytes"
                refused "00000000000" "11 digits"
                refused "00000000000000" "14 digits"
                refused "000000000000000" "nine bytes"
                refused "0400000000000=" "padding"
                refused "\u212A400000000000" "the kelvin sign, whose lower case is k"
                refused "67e55044-10b1-426f-9247-bb680e5fe0c8" "a UUID")

            testCase "what some Burn writes is valid" (fun () ->
                let valid text = ParamId.isValid (ParamId text)
                Expect.isTrue (valid "tv6qn2b78khg2") "0.15"
                Expect.isTrue (valid "tv6qn2b78g") "0.14"
                Expect.isTrue (valid "67e55044-10b1-426f-9247-bb680e5fe0c8") "0.13"
                Expect.isFalse (valid "") "nothing"
                Expect.isFalse (valid "weight") "a name"
                Expect.isFalse (valid "{67e55044-10b1-426f-9247-bb680e5fe0c8}") "braces")
        ]
