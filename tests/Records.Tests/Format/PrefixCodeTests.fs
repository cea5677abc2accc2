module Records.Tests.PrefixCodeTests

open System
open Expecto
open Records.Core

/// The symbols of these lengths in the order of their codes, each with its code as bits, the first bit lowest (RFC 1951, 3.2.2).
let private codes (lengths: byte[]) =
    let mutable code = 0
    let mutable before = 0

    [
        for symbol, length in
            Array.indexed lengths
            |> Array.filter (fun (_, length) -> length > 0uy)
            |> Array.sortBy (fun (symbol, length) -> length, symbol) do
            code <- code <<< (int length - before)
            before <- int length
            let bits = [ for bit in before - 1 .. -1 .. 0 -> (code >>> bit) &&& 1 ]
            symbol, before, uint64 (List.foldBack (fun bit sum -> 2 * sum + bit) bits 0)
            code <- code + 1
    ]

/// Lengths of a complete code for so many symbols: leaves are split until there are enough.
let private complete (random: Random) count =
    let leaves = ResizeArray [ 1uy; 1uy ]

    while leaves.Count < count do
        let at = random.Next leaves.Count

        if leaves[at] < 15uy then
            leaves[at] <- leaves[at] + 1uy
            leaves.Add leaves[at]

    let lengths = Array.append (leaves.ToArray()) (Array.zeroCreate (random.Next 20))
    random.Shuffle lengths
    lengths

let tests =
    testList
        "PrefixCode"
        [
            testCase "every symbol is found by its bits, whatever comes behind" (fun () ->
                let random = Random 3

                for count in [ 2; 3; 19; 30; 200; 260; 286 ] do
                    let lengths = complete random count |> Array.truncate 288
                    let code = PrefixCode()

                    if code.Make lengths then
                        for symbol, length, bits in codes lengths do
                            for behind in [ 0UL; UInt64.MaxValue; uint64 (random.NextInt64()) ] do
                                let entry = code.Find(bits ||| (behind <<< length))
                                Expect.equal (Prefix.symbolOf entry) symbol "the symbol"
                                Expect.equal (Prefix.lengthOf entry) length "its bits"
                                Expect.equal (entry >= Prefix.other) (symbol > 255) "a literal or not")

            testCase "codes of fifteen bits are found" (fun () ->
                let lengths = [| for length in 1..15 -> byte length |] |> Array.append [| 15uy |]
                let code = PrefixCode()
                Expect.isTrue (code.Make lengths) "a code"

                for symbol, length, bits in codes lengths do
                    let entry = code.Find bits

                    Expect.equal
                        (Prefix.symbolOf entry, Prefix.lengthOf entry)
                        (symbol, length)
                        "longer than the table"

                // what was there before is forgotten
                Expect.isTrue (code.Make [| 1uy; 1uy |]) "another code"
                Expect.equal (Prefix.symbolOf (code.Find 1UL)) 1 "the second")

            testCase "bits with two meanings, or none, make no code" (fun () ->
                let code = PrefixCode()

                for lengths in
                    [
                        [| 1uy; 1uy; 1uy |]
                        [| 1uy |]
                        [| 0uy; 0uy |]
                        [||]
                        [| 1uy; 2uy |]
                        [| 2uy; 2uy; 2uy; 2uy; 15uy |]
                        Array.create 288 15uy
                        Array.create 288 1uy
                    ] do
                    Expect.isFalse (code.Make lengths) $"%A{lengths}")

            testCase "no sum of eight literals looks like anything else" (fun () ->
                Expect.isLessThan (8u * Prefix.entry 255 Prefix.bits) Prefix.other "as the loop sums them")
        ]
