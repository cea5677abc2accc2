module Records.Tests.FormatsTests

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support

let private sniff (bytes: byte[]) =
    Formats.sniff (ReadOnlyMemory(Array.truncate Formats.sniffed bytes))

let private formatOf (path: string) =
    match path with
    | path when path.EndsWith ".gz" -> Some "gzip"
    | path when path.EndsWith ".mpk" -> Some "named-msgpack"
    | path when path.EndsWith ".bin" -> Some "bincode"
    | path when path.EndsWith ".json" -> Some "json"
    | path when path.EndsWith ".bpk" -> Some "burnpack"
    | _ -> None

let private strangers =
    let safetensors =
        let header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"B
        Array.concat [ BitConverter.GetBytes(uint64 header.Length); header; Array.zeroCreate 4 ]

    [
        "a png", [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy; 0uy; 0uy; 0uy; 13uy |], None
        "a zip", "PK\003\004\020\000\000\000\000\000"B, Some "a zip archive (PyTorch writes those)"
        "safetensors", safetensors, Some "safetensors"
        "burnpack", "NRUB\001\000\000\000"B, Some "burnpack"
        "numpy", Array.append [| 0x93uy |] "NUMPY\001\000"B, Some "NumPy"
        "a text", "hello, world"B, None
        "an elf", Array.append [| 0x7Fuy |] "ELF\002\001\001\000"B, None
        "nothing", [||], None
        "one byte", [| 0x83uy |], None
        "zeros", Array.zeroCreate 100, None
    ]

let tests =
    testList
        "Formats"
        [
            testCase "every golden file is what its name says" (fun () ->
                let files =
                    Directory.GetFiles(golden "")
                    |> Array.filter (fun path -> (formatOf path).IsSome)

                Expect.isGreaterThan files.Length 40 "all of them"

                for file in files do
                    Expect.equal (sniff (File.ReadAllBytes file)) (formatOf file) file)

            testCase "what the recorders write is what they are, at every precision" (fun () ->
                for extension, recorder in Models.recorders do
                    for _, precision in Models.settings do
                        let recorder = Recorder.precision precision recorder
                        let bytes = bytesOf (ok (Recorder.encode recorder (documentOf (Record.List []))))
                        Expect.equal (sniff bytes) (formatOf $"x.{extension}") extension)

            for name, bytes, expected in strangers do
                testCase $"{name}: {Option.toList expected}" (fun () -> Expect.equal (sniff bytes) expected name)

            testCase "no beginning of any length throws" (fun () ->
                let random = Random 3

                for _ in 1..20_000 do
                    let bytes = Array.zeroCreate<byte>(random.Next 40)
                    random.NextBytes bytes
                    sniff bytes |> ignore

                for file in Directory.GetFiles(golden "") do
                    let bytes = File.ReadAllBytes file

                    for length in 0 .. min 64 bytes.Length do
                        sniff (Array.truncate length bytes) |> ignore)
        ]
