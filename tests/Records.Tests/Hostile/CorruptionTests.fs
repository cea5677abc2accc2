/// Every format, cut at every byte, with every byte changed, and with every length said to be something else: a typed error or a
/// record, in memory that is bounded by the file.
module Records.Tests.Hostile.CorruptionTests

open System
open System.Buffers.Binary
open System.IO
open System.Text
open System.Text.RegularExpressions
open Expecto
open Records.Core
open Records.Tests
open Records.Tests.Support

let private thorough = Environment.GetEnvironmentVariable "CI" = "true"

let private file folder name =
    File.ReadAllBytes(Path.Combine(root, "tests", "golden", folder, name))

/// Name, recorder and bytes. Those that describe themselves are read without a schema, as the tool reads them.
let private files =
    let models =
        if thorough then
            [ "tiny", Models.tiny; "kitchen", Models.kitchen ]
        else
            [ "tiny", Models.tiny ]

    [
        for model, schema in models do
            for extension, recorder in Models.recorders do
                let name = $"{model}.full.{extension}"

                let recorder =
                    if recorder.Codec.Name = Bincode.codec.Name then
                        Recorder.schema schema recorder
                    else
                        recorder

                name, recorder, file "burn" name

        for version in (if thorough then [ "0.19"; "0.22" ] else [ "0.19" ]) do
            $"{version}.bpk", Recorder.burnpack, file "burnpack" $"{version}.bpk"
            let lenient = Recorder.burnpackWith Burnpack.burnLimits (Some ignore)
            $"{version}.bpk, forgiven", lenient, file "burnpack" $"{version}.bpk"
    ]

let private truncated (name: string, recorder, bytes: byte[]) =
    testCase $"{name} cut at every byte" (fun () ->
        for length in 0 .. bytes.Length - 1 do
            match Peak.survive $"{name}, {length} bytes" recorder (Array.truncate length bytes) with
            | Ok _ when not (name.EndsWith "forgiven") -> failtest $"{name}: {length} bytes were read as a whole file."
            | _ -> ())

let private changed (name: string, recorder, bytes: byte[]) =
    testCase $"{name} with every byte 00, 7f, 80 and ff" (fun () ->
        let copy = Array.copy bytes

        for at in 0 .. bytes.Length - 1 do
            for value in [ 0uy; 0x7Fuy; 0x80uy; 0xFFuy ] do
                copy[at] <- value
                Peak.survive $"{name}, byte {at} as {value:x2}" recorder copy |> ignore

            copy[at] <- bytes[at])

// A length may stand anywhere and have any width: each is tried everywhere.
let private extremes =
    [
        for width in [ 1; 2; 4; 8 ] do
            let ones =
                if width = 8 then
                    UInt64.MaxValue
                else
                    (1UL <<< (8 * width)) - 1UL

            for value in List.distinct [ 0UL; 1UL; ones >>> 1; (ones >>> 1) + 1UL; ones - 1UL; ones ] do
                let little = Array.zeroCreate<byte> 8
                BinaryPrimitives.WriteUInt64LittleEndian(Span little, value)
                let little = Array.truncate width little
                little

                if width > 1 then
                    Array.rev little
    ]
    |> List.distinct

let private stretched (name: string, recorder, bytes: byte[]) =
    // what lies between header and trailer of a compressed file is no length, and any bits of it are as good as others
    let isPlain at =
        not (name.EndsWith ".gz") || at < 10 || at % 3 = 0 || at >= bytes.Length - 16

    testCase $"{name} with every length at its extremes" (fun () ->
        for at in Seq.filter isPlain (seq { 0 .. bytes.Length - 1 }) do
            for piece in extremes do
                let copy = Array.copy bytes
                Array.blit piece 0 copy at (min piece.Length (bytes.Length - at))

                Peak.survive $"{name}, {Convert.ToHexStringLower piece} at {at}" recorder copy
                |> ignore)

let private numbers =
    [
        "-1"
        "0"
        "256"
        "4294967296"
        "9223372036854775807"
        "18446744073709551616"
        "1e400"
        "1e-400"
        "1.5"
    ]

let private restated (name: string, recorder, bytes: byte[]) =
    testCase $"{name} with every number at its extremes" (fun () ->
        let text = Encoding.UTF8.GetString bytes

        for number in Regex.Matches(text, @"\d+") do
            for other in numbers do
                let copy = text.Remove(number.Index, number.Length).Insert(number.Index, other)

                Peak.survive $"{name}, {other} at {number.Index}" recorder (Encoding.UTF8.GetBytes copy)
                |> ignore)

let private isText (name: string, _, _) = name.EndsWith ".json"

let tests =
    testList
        "Corruption"
        [
            testList "truncation" (List.map truncated files)
            testList "bytes" (List.map changed files)
            testList
                "lengths"
                [
                    for name, recorder, bytes in files do
                        if isText (name, recorder, bytes) then
                            restated (name, recorder, bytes)
                        elif bytes.Length < 700 then
                            stretched (name, recorder, bytes)
                ]
        ]
