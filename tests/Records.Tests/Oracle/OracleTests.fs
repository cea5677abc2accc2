/// Our bytes against those of the serializers that Burn uses. Build the reference with tests/oracle/build.sh and name it in RECORDS_ORACLE.
module Records.Tests.OracleTests

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support

let private run = Reference.run

/// What the reference writes, written once.
let private written =
    lazy
        (let folder = Directory.CreateTempSubdirectory "records-oracle-"
         AppDomain.CurrentDomain.ProcessExit.Add(fun _ -> folder.Delete true)
         run [ "write"; Path.Combine(folder.FullName, "write") ]
         run [ "legacy"; Path.Combine(folder.FullName, "legacy") ]
         run [ "digits"; folder.FullName ]
         run [ "halves"; Path.Combine(folder.FullName, "halves") ]
         run [ "layers"; Path.Combine(folder.FullName, "layers") ]
         folder.FullName)

/// A folder of what the reference writes; the test is skipped where there is no reference.
let folder name =
    Reference.demand ()
    Path.Combine(written.Force(), name)

/// Where the reference wrote the built-in layers.
let internal layers () = folder "layers"

let private everyModel =
    [
        for model, schema in Models.models do
            for short, precision in Models.settings do
                $"{model}.{short}", schema, precision
        for scheduler, schema in Models.schedulers do
            $"{scheduler}.full", schema, Precision.Full
    ]

let private digits =
    [
        testCase "every float is printed as serde_json prints it" (fun () ->
            let lines = File.ReadAllLines(folder "digits.txt")
            Expect.isGreaterThan lines.Length 20_000 "enough of them"

            let wrong = ResizeArray()

            for line in lines do
                let parts = line.Split ' '
                let bits = Convert.ToUInt64(parts[1], 16)

                let actual =
                    if parts[0] = "f32" then
                        Digits.ofSingle (BitConverter.UInt32BitsToSingle(uint32 bits))
                    else
                        Digits.ofDouble (BitConverter.UInt64BitsToDouble bits)

                if actual <> parts[2] then
                    wrong.Add $"{line}: printed as {actual}"

            Expect.isEmpty wrong $"{wrong.Count} of {lines.Length} floats")

        testCase "every printed float is read as the same bits" (fun () ->
            for kind in [ "f32"; "f64" ] do
                let lines =
                    File.ReadAllLines(folder "digits.txt")
                    |> Array.filter (fun line -> line.StartsWith kind)
                    |> Array.map (fun line -> line.Split ' ')

                let numbers = String.Join(",", [ for parts in lines -> parts[2] ])
                let json = $"""{{"metadata":{{}},"item":[{numbers}]}}"""

                let schema = Schema.List(Schema.Scalar(if kind = "f32" then ScalarType.F32 else ScalarType.F64))

                let context = contextOf (Some schema)
                let read = ok (Json.pretty.Decode context (inputOf (Text.Encoding.ASCII.GetBytes json)))

                match read.Root with
                | Record.List items ->
                    for parts, item in Seq.zip lines items do
                        let bits =
                            match item with
                            | Record.Scalar(Scalar.F32 value) -> uint64 (BitConverter.SingleToUInt32Bits value)
                            | Record.Scalar(Scalar.F64 value) -> BitConverter.DoubleToUInt64Bits value
                            | _ -> failtest "a number"

                        if bits <> Convert.ToUInt64(parts[1], 16) then
                            failtest $"{parts[0]} {parts[1]} {parts[2]} was read as {bits:x}"
                | _ -> failtest "a list")

        testCase "every single becomes the half that Burn makes of it" (fun () ->
            let bytes = File.ReadAllBytes(folder "halves")
            let count = bytes.Length / 6
            Expect.isGreaterThan count 300_000 "enough of them"

            let singles =
                Array.init count (fun index ->
                    BitConverter.UInt32BitsToSingle(BitConverter.ToUInt32(bytes, index * 6)))

            let halves = Array.zeroCreate<Half> count
            Half.ofSingles (ReadOnlySpan singles) (Span halves)

            for index in 0 .. count - 1 do
                let expected = BitConverter.ToUInt16(bytes, index * 6 + 4)
                let actual = BitConverter.HalfToUInt16Bits halves[index]

                if actual <> expected then
                    let bits = BitConverter.SingleToUInt32Bits singles[index]
                    failtest $"the single {bits:x8} became {actual:x4}, not {expected:x4}")
    ]

let private reading =
    [
        for stem, schema, precision in everyModel do
            testCase $"{stem} is read alike from all formats and written as the same bytes" (fun () ->
                Files.check (folder "write") stem None schema precision |> ignore)
    ]

let private legacy =
    [
        let version minor patch =
            { Major = 0; Minor = minor; Patch = patch }

        for generation, version in
            [
                "g1-v0.11", version 11 1
                "g2-v0.13", version 13 2
                "g3-v0.14", version 14 0
                "g3-v0.15", version 15 0
                "g4-v0.16", version 16 1
                "g5-v0.20", version 20 1
                "g6-v0.21", version 21 0
            ] do
            for short, precision in Models.settings do
                testCase $"{generation}.{short} is read alike from all formats and written as the same bytes" (fun () ->
                    let folder = folder "legacy"

                    // The ints of a half bin up to 0.13 are as many bytes as the bits of halves: nothing tells them apart.
                    let recorders =
                        if version.Minor < 14 && precision = Precision.Half then
                            Models.recorders
                            |> List.filter (fun (extension, _) -> not (extension.StartsWith "bin"))
                        else
                            Models.recorders

                    let root =
                        Files.checkThese
                            recorders
                            folder
                            $"{generation}.{short}"
                            (Some version)
                            Models.legacy
                            precision

                    Option.iter Files.expectLegacyConstants root

                    // but what they hold is known from MessagePack, and is written as those bytes
                    for extension, recorder in Models.recorders do
                        if not (List.exists (fst >> (=) extension) recorders) then
                            let bytes = File.ReadAllBytes(Path.Combine(folder, $"{generation}.{short}.{extension}"))
                            let writer = recorder |> Recorder.precision precision |> Recorder.forBurn version
                            let ours = bytesOf (ok (Recorder.encode writer (documentOf (Option.get root))))
                            Files.expectFile extension ours bytes $"{generation}.{short}.{extension}"

                            let read = ok (Files.decode Models.legacy recorder bytes)
                            let again = bytesOf (ok (Recorder.encode writer read))
                            Files.expectFile extension again bytes $"{generation}.{short}.{extension}, written again"

                    // the numbers are those of the newest layout, though ints may be floats
                    let newest = Files.record folder $"g6-v0.21.{short}" Models.legacy

                    for (path, expected), (_, actual) in
                        Seq.zip (Record.tensors newest) (Record.tensors (Option.get root)) do
                        if expected.Dtype = actual.Dtype then
                            expectBytes (wholeOf actual.Bytes) (wholeOf expected.Bytes) (String.concat "." path)
                        else
                            Expect.equal
                                (path, expected.Dtype, actual.Dtype)
                                ([ "steps" ], Dtype.I32, Dtype.F32)
                                "ints"

                            let ints = ok (View.toArray<int> expected.Bytes)
                            Expect.equal (ok (View.toArray<single> actual.Bytes)) (Array.map single ints) "as floats")
    ]

let private converting =
    [
        for name, stems in
            [
                "write", [ for stem, _, _ in everyModel -> stem ]
                "legacy",
                [
                    for generation in [ "g2-v0.13"; "g3-v0.14"; "g3-v0.15"; "g4-v0.16"; "g5-v0.20"; "g6-v0.21" ] do
                        for short, _ in Models.settings do
                            $"{generation}.{short}"
                ]
            ] do
            testCase
                $"converting each file of '{name}' that describes itself into its own format is the identity"
                (fun () ->
                    inFolder (fun ours ->
                        for stem in stems do
                            for extension in [ "mpk"; "mpk.gz"; "json"; "json.gz" ] do
                                let theirs = Path.Combine(folder name, $"{stem}.{extension}")
                                let target = Path.Combine(ours, $"{stem}.{extension}")
                                let conversion = Conversion.into extension Recorder.defaultLimits
                                let watch = { Report = None; Token = token }
                                ConvertFile.run conversion theirs target false watch |> ok |> ignore

                                Files.expectFile
                                    extension
                                    (File.ReadAllBytes target)
                                    (File.ReadAllBytes theirs)
                                    target))
    ]

let private writing =
    let reads name seal =
        testCase $"the reference reads what we write, {name}" (fun () ->
            let theirs = folder "write"

            inFolder (fun ours ->
                for stem, schema, precision in everyModel do
                    let root = Files.record theirs stem schema

                    for extension, recorder in Models.recorders do
                        let recorder = Recorder.precision precision (seal recorder)
                        let place = File.at (Path.Combine(ours, stem))

                        Recorder.saveNow recorder place { Report = None; Token = token } (documentOf root)
                        |> ok

                run [ "read"; ours ]))

    [
        reads "without a seal" id
        reads "sealed" (fun recorder -> { recorder with Sealed = true })

        testCase "the reference reads a sealed file with a copy of what is beside its tensors" (fun () ->
            Reference.demand ()

            inFolder (fun folder ->
                let sum (said: string) =
                    Text.RegularExpressions.Regex.Match(said, "sum=[0-9a-f]{16}").Value

                for extension in [ "mpk"; "bin" ] do
                    let path = Path.Combine(folder, $"bench.full.{extension}")
                    let sizes = [ "--reps"; "1"; "--layers"; "2"; "--d"; "64"; "--ff"; "256" ]
                    let written = sum (Reference.say ([ "bench-save"; extension; "1"; folder ] @ sizes))
                    Expect.stringStarts written "sum=" "what it wrote"
                    let recorder = (Map.ofList Models.recorders)[extension] |> Recorder.schema Models.transformer
                    let recorder = { recorder with Sealed = true }
                    let place = File.exactly File.defaults path
                    let quiet = { Report = None; Token = token }
                    let document = ok (Recorder.loadNow recorder quiet place)
                    ok (Recorder.saveNow recorder place quiet document)
                    let text = Text.Encoding.Latin1.GetString(File.ReadAllBytes path)
                    Expect.stringContains text Seal.copyKey "the copy"
                    let load = [ "bench-load"; extension; folder; "--reps"; "1" ]
                    Expect.equal (sum (Reference.say load)) written $"the same in {extension}"))
    ]

let tests =
    testList
        "oracle"
        [
            testList "numbers" digits
            testList "models" reading
            testList "layouts" legacy
            testList "converting" converting
            yield! writing
        ]
