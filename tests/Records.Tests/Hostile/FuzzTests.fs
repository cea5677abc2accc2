/// What fuzzing found, and a few mutations of every golden file: the fuzzing itself is tests/Records.Fuzz.
module Records.Tests.Hostile.FuzzTests

open Expecto
open Records.Fuzz

let private finds =
    [
        for decoder in Decoders.all do
            for name, bytes in Seeds.findsOf decoder.Name do
                let sentence = name.Replace('-', ' ')
                testCase $"{decoder.Name}: {sentence}" (fun () -> decoder.Check bytes)
    ]

let private mutations =
    [
        for decoder in Decoders.all do
            testCase $"{decoder.Name}: whole files and the first mutations of them" (fun () ->
                for _, bytes in decoder.Seeds do
                    decoder.Check bytes

                let seeds = decoder.Seeds |> List.map snd |> Array.ofList

                for number in 1..100 do
                    try
                        decoder.Check(Mutation.file seeds number)
                    with error ->
                        failtest $"mutation {number}: {error}")
    ]

let tests = testList "Fuzz" [ testList "finds" finds; testList "mutations" mutations ]
