/// CBOR as it is written, beside the library that reads it and the examples of RFC 8949, appendix A.
module Records.Tests.CborWriterTests

open System
open System.Text
open Expecto
open Records.Core
open Records.Tests.Support

let private written (write: CborWriter -> unit) =
    let blocks = Blocks()
    write (CborWriter blocks)
    Convert.ToHexStringLower(Array.concat [ for part in blocks.All -> part.ToArray() ])

/// The same by System.Formats.Cbor, whose integers and lengths are the shortest.
let private known (write: System.Formats.Cbor.CborWriter -> unit) =
    let writer = System.Formats.Cbor.CborWriter System.Formats.Cbor.CborConformanceMode.Lax
    write writer
    Convert.ToHexStringLower(writer.Encode())

let private edges =
    [
        for power in [ 8; 16; 32; 63 ] do
            for step in [ -1L; 0L; 1L ] -> (1UL <<< power) + uint64 step
        for small in [ 0UL; 1UL; 22UL; 23UL; 24UL; 25UL; UInt64.MaxValue ] -> small
    ]

let private floats =
    [
        0x0000000000000000L, "f90000"
        0x8000000000000000L, "f98000"
        0x3FF0000000000000L, "f93c00"
        0x3FF199999999999AL, "fb3ff199999999999a"
        0x3FF8000000000000L, "f93e00"
        0x40EFFC0000000000L, "f97bff"
        0x40F86A0000000000L, "fa47c35000"
        0x47EFFFFFE0000000L, "fa7f7fffff"
        0x7E37E43C8800759CL, "fb7e37e43c8800759c"
        0x3E70000000000000L, "f90001"
        0x3F10000000000000L, "f90400"
        0xC010000000000000L, "f9c400"
        0xC010666666666666L, "fbc010666666666666"
        0x7FF0000000000000L, "f97c00"
        0x7FF8000000000000L, "f97e00"
        0xFFF0000000000000L, "f9fc00"
        // no example: bits of a NaN that no shorter one has
        0x7FF8000000000001L, "fb7ff8000000000001"
        0x7FF8000020000000L, "fa7fc00001"
    ]

let tests =
    testList
        "Cbor writer"
        [
            testCase "integers are as short as they go" (fun () ->
                for number in edges do
                    Expect.equal (written _.Unsigned(number)) (known _.WriteUInt64(number)) $"{number}"

                for number in edges do
                    for signed in [ int64 number; -(int64 number); ~~~(int64 number) ] do
                        Expect.equal (written _.Signed(signed)) (known _.WriteInt64(signed)) $"{signed}")

            testCase "lengths are as short as they go" (fun () ->
                for count in [ 0; 1; 23; 24; 255; 256; 65535; 65536 ] do
                    let text = String('x', count)
                    Expect.equal (written _.Text(text)) (known _.WriteTextString(text)) $"{count} letters"

                    let head (bytes: string) = bytes.Substring(2)
                    // a map and an array of as many begin with the same length as a text does
                    let length = (written _.TextOf(count)) |> head
                    Expect.equal (written _.Map(count) |> head) length "a map"
                    Expect.equal (written _.Array(count) |> head) length "an array"

                Expect.equal (written _.Text("ü水𐅑")) "69c3bce6b0b4f0908591" "UTF-8"
                Expect.equal (written _.Map(2)) "a2" "a map"
                Expect.equal (written _.Array(2)) "82" "an array"
                Expect.equal (written _.Bool(true) + written _.Bool(false) + written _.Null()) "f5f4f6" "simple values")

            testCase "floats are as short as they go, and lose no bit" (fun () ->
                for bits, expected in floats do
                    let value = BitConverter.Int64BitsToDouble bits
                    Expect.equal (written _.Float(value)) expected $"{bits:x16}")

            testCase "half of a surrogate pair cannot be written" (fun () ->
                // a literal would not keep them
                for letters in [ [ 0xD83D ]; [ int 'a'; 0xDD25 ]; [ 0xDD25; 0xD83D ] ] do
                    let text = String(letters |> List.map char |> Array.ofList)

                    match RecordError.catch (fun () -> written _.Text(text)) with
                    | Error(RecordError.Unsupported _) -> ()
                    | other -> failtest $"{other}")

            testCase "names are in the order of their UTF-8" (fun () ->
                let letters =
                    [ "a"; "b"; "."; "-"; "\u007F"; "ü"; "\uD7FF"; "\uE000"; "\uFFFD"; "🔥"; "🔦"; "𐀀"; "\U0010FFFF" ]

                let names =
                    [| "" |]
                    |> Array.append
                        [|
                            for first in letters do
                                first

                                for second in letters do
                                    first + second
                        |]

                let random = Random 5
                random.Shuffle names

                let expected =
                    names
                    |> Array.sortBy (fun name -> Convert.ToHexString(Encoding.UTF8.GetBytes name))

                Expect.equal (Cbor.sorted id names) expected "in order")
        ]
