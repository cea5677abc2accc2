/// [Config] as a user has it, and beside serde_json.
module Records.Tests.CSharp.ConfigTests

open System
open System.Collections.Generic
open System.Diagnostics
open System.IO
open System.Text
open System.Threading
open Expecto
open FsCheck
open FsCheck.FSharp
open Records
open Records.Samples.Configs
open Records.Tests.Support

// ---- any config

let private letters = "aZ0 \"\\/\n\r\t\b\f\u001f\u007fä\uFFFF"

type private Draw(seed: int) =
    let random = Random seed

    member _.Below most = random.Next most
    member _.Int() = int (random.NextInt64())

    member _.Long() =
        random.NextInt64(Int64.MinValue, Int64.MaxValue)

    /// Digits and an exponent that serde_json, as Burn builds it, reads exactly.
    member this.Double() =
        match this.Below 4 with
        | 0 -> 0.0
        | 1 -> -0.0
        | 2 -> double (this.Int())
        | _ -> Double.Parse($"{this.Int()}e{this.Below 30 - 15}", Globalization.CultureInfo.InvariantCulture)

    member this.Single() =
        float32 (this.Below 20000 - 10000) / 64.0f

    member this.Text() =
        String(Array.init (this.Below 8) (fun _ -> letters[this.Below letters.Length]))
        + (if this.Below 4 = 0 then "😀" else "")

    member this.List(item: unit -> 'T) =
        List.init (this.Below 4) (fun _ -> item ())

    member this.Mode() = enum<Mode>(this.Below 3)

    member this.Mlp() = MlpConfig(this.Int(), this.Double())

    member this.Padding() : Padding =
        match this.Below 6 with
        | 0 -> Padding.Same()
        | 1 -> Padding.Valid()
        | 2 -> Padding.Explicit(this.Int(), uint32 (this.Int()))
        | 3 -> Padding.Uniform(this.Double(), this.Double())
        | 4 ->
            let note = if this.Below 2 = 0 then null else this.Text()
            Padding.Filled(Value = this.Long(), Note = note)
        | _ -> Padding.Nested(this.Mlp())

let private draw seed =
    let draw = Draw seed

    let clip: Clip | null =
        match draw.Below 3 with
        | 0 -> null
        | 1 -> Clip.Value(draw.Single())
        | _ -> Clip.Norm(draw.Double())

    let counts = SortedDictionary<string, int> StringComparer.Ordinal

    for name in draw.List draw.Text do
        counts[name] <- draw.Int()

    let byIndex = Dictionary<int, Padding | null>()

    for index in draw.List draw.Int do
        byIndex[index] <- if draw.Below 3 = 0 then null else draw.Padding()

    TrainingConfig(
        draw.Text(),
        OptimConfig(draw.Single(), clip),
        uint64 (draw.Long()),
        draw.Long(),
        uint32 (draw.Int()),
        int16 (draw.Int()),
        uint16 (draw.Int()),
        sbyte (draw.Int()),
        byte (draw.Int()),
        draw.Single(),
        draw.Double(),
        (draw.Below 2 = 0),
        "xß\"\n"[draw.Below 4],
        draw.Mode(),
        draw.Padding(),
        ResizeArray(draw.List draw.Mlp),
        Array.ofList (draw.List draw.Double),
        [| draw.Int(); draw.Int() |],
        struct (draw.Int(), draw.Text()),
        counts,
        byIndex,
        (if draw.Below 2 = 0 then
             Nullable()
         else
             Nullable(draw.Int())),
        (if draw.Below 2 = 0 then null else draw.Text()),
        (if draw.Below 2 = 0 then
             null
         else
             ResizeArray(draw.List draw.Int)),
        draw.Int(),
        draw.Mode(),
        (if draw.Below 2 = 0 then
             Nullable()
         else
             Nullable(draw.Double())),
        (draw.Below 2 = 0),
        Strides = ResizeArray(draw.List draw.Int)
    )

let private bytes (text: string) =
    ReadOnlyMemory(Encoding.UTF8.GetBytes text)

let private training (text: string) = TrainingConfig.Load(bytes text)

let private problem work =
    match ConfigSamples.Fails(Action work) with
    | null -> failtest "nothing was wrong"
    | problem -> problem

// ---- what a user sees

let private told (problem: RecordProblem) =
    [
        for problem in problem.Problems do
            $"{problem.Kind} {problem.Path} at {problem.Offset}: {problem.Expected}, not {problem.Actual}"
    ]

let private refuses name text expected =
    testCase name (fun () -> Expect.equal (told (problem (fun () -> MlpConfig.Load(bytes text) |> ignore))) expected "")

let private small =
    """{"name":"n","optim":{"weight_decay":1},"seed":0,"offset":0,"steps":0,"small":0,"port":0,"tiny":0,"level":0,"rate":0,"epsilon":0,
"shuffle":true,"letter":"x","mode":"Slow","padding":"Same","layers":[],"milestones":[],"kernel_size":[1,2],"pair":[1,"a"],"counts":{},"by_index":{}}"""

let private face =
    [
        testCase "With, Save, Load from a path and from bytes" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "config.json")
                Expect.equal (ConfigSamples.Tour path) (MlpConfig(256, 0.25)) "what was said"

                Expect.equal
                    (File.ReadAllText path)
                    "{\n  \"hidden\": 256,\n  \"dropout\": 0.25\n}"
                    "as Burn writes it"

                let other = ConfigSamples.TourAsync(MlpConfig(), path, CancellationToken.None).Result
                Expect.equal other (MlpConfig(128, 0.1)) "the defaults"))

        testCase "it prints as its file, even what cannot be written" (fun () ->
            let config = MlpConfig(1, nan)
            Expect.equal (string config) "{\n  \"hidden\": 1,\n  \"dropout\": null\n}" "as Burn's Display"
            Expect.equal (string (Padding.Same())) "\"Same\"" "a case, too"
            Expect.equal (MlpConfig(1, 0.5).ToJson()) (string (MlpConfig(1, 0.5))) "the same text")

        testCase "what the file lacks has its default, and null where nothing is said" (fun () ->
            let config = training small
            Expect.equal config.NumEpochs 10 "a constant"
            Expect.equal (List.ofSeq config.Strides) [ 1; 1 ] "an initialiser"
            Expect.equal config.Fallback Mode.Fast "an enum"
            Expect.equal config.Warmup (Nullable 0.5) "an option with a default"
            Expect.isFalse config.Limit.HasValue "an option"
            Expect.isTrue (isNull config.Note) "a text"
            Expect.equal config.Optim.WeightDecay 1.0f "an integer is a float, too"
            Expect.isTrue (isNull config.Optim.Clip) "a missing option in another config")

        testCase "unknown names are passed over at any depth" (fun () ->
            let text =
                small
                    .Replace("{\"weight_decay\":1}", "{\"new\":[{}],\"weight_decay\":1}")
                    .Replace("{\"name\"", "{\"later\":{\"a\":[1]},\"name\"")

            Expect.equal (string (training text)) (string (training small)) "the same config")

        testCase "a null where there is a default is no default" (fun () ->
            let config = training (small.Replace("{\"name\"", "{\"warmup\":null,\"name\""))
            Expect.isFalse config.Warmup.HasValue "null was said")

        testCase "a config is a constant of the module that holds it" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "model")
                let kept = ConfigSamples.Kept(path, MlpConfig(3), MlpConfig(3, 0.9))
                Expect.equal kept (MlpConfig(3, 0.9)) "the module's own"))

        refuses
            "a wrong kind has path, byte and both kinds"
            """{"hidden": "many", "dropout": null}"""
            [
                "Malformed hidden at 11: an integer, not a text"
                "Malformed dropout at 30: a number; NaN and infinity are written as null by Burn, which cannot read them either, not null"
            ]

        refuses "a float is no integer" """{"hidden": 1.0}""" [ "Malformed hidden at 11: an integer, not 1.0" ]

        refuses
            "an integer that does not fit says what would"
            """{"hidden": 2147483648}"""
            [ "OutOfRange hidden at : an integer from -2147483648 to 2147483647, not 2147483648" ]

        refuses
            "a double that is infinite is refused"
            """{"dropout": 1e999}"""
            [ "OutOfRange dropout at : F64, not 1e999" ]
        refuses "a list is no config" "[]" [ "Malformed  at 0: named fields, not a list of 0" ]

        testCase "everything that is wrong is told at once, with its path" (fun () ->
            let text =
                small
                    .Replace("\"seed\":0", "\"seed\":-1")
                    .Replace("\"steps\":0,", "")
                    .Replace("\"mode\":\"Slow\"", "\"mode\":\"Warp\"")
                    .Replace("\"padding\":\"Same\"", "\"padding\":{\"Explicit\":[1]}")
                    .Replace("\"kernel_size\":[1,2]", "\"kernel_size\":[1]")
                    .Replace("\"pair\":[1,\"a\"]", "\"pair\":[1,2]")
                    .Replace("\"by_index\":{}", "\"by_index\":{\"one\":null,\"2\":{\"Same\":1}}")

            let paths =
                [ for problem in (problem (fun () -> training text |> ignore)).Problems -> string problem.Path ]

            Expect.equal
                paths
                [
                    "seed"
                    "steps"
                    "mode"
                    "padding.Explicit"
                    "kernel_size"
                    "pair.1"
                    "by_index.one"
                    "by_index.2.Same"
                ]
                "in the order of the file that Burn would write")

        testCase "a variant says which there are" (fun () ->
            let problem = problem (fun () -> Padding.Load(bytes "\"Other\"") |> ignore)

            Expect.equal
                problem.Message
                "not valid config at byte 0: expected Same or Valid or Explicit or Uniform or Filled or Nested, found 'Other'."
                "in one sentence")

        testCase "what JSON cannot hold is refused, all of it, and the old file stays" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "config.json")
                File.WriteAllText(path, "old")

                let config =
                    (training small)
                        .WithEpsilon(nan)
                        .WithRate(infinityf)
                        .WithName(String('\uD800', 1))
                        .WithMode(enum<Mode> 9)
                        .WithKernelSize([| 1 |])

                let problem = problem (fun () -> config.Save path)

                Expect.equal
                    [ for one in problem.Problems -> string one.Path ]
                    [ "name"; "rate"; "epsilon"; "mode"; "kernel_size" ]
                    "each"

                Expect.equal (Directory.GetFileSystemEntries folder) [| path |] "nothing beside it"
                Expect.equal (File.ReadAllText path) "old" "as it was"))

        testCase "cancelling leaves no trace" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "config.json")

                let stopped =
                    try
                        MlpConfig().SaveAsync(path, CancellationToken true).GetAwaiter().GetResult()
                        false
                    with :? OperationCanceledException ->
                        true

                Expect.isTrue stopped "stopped"
                Expect.isEmpty (Directory.GetFileSystemEntries folder) "nothing there"))
    ]

let private cases = { FsCheckConfig.defaultConfig with maxTest = 1000 }

let private roundTrip =
    testPropertyWithConfig cases "any config comes back, and is written as the same bytes" (fun (seed: int) ->
        let config = draw seed
        let text = config.ToJson()
        let loaded = training text
        Expect.equal (loaded.ToJson()) text "the same text"
        Expect.equal loaded.Optim config.Optim "the same values"
        Expect.equal loaded.Padding config.Padding "the same variant"
        Expect.equal loaded.Seed config.Seed "the same number")

let private prefixes =
    testPropertyWithConfig { cases with maxTest = 20 } "any prefix of a file is a RecordException" (fun (seed: int) ->
        let text = (draw seed).ToJson()

        for length in 0..7 .. text.Length - 1 do
            problem (fun () -> training (text.Substring(0, length)) |> ignore) |> ignore)

// ---- beside serde_json

let private program =
    match Environment.GetEnvironmentVariable "RECORDS_ORACLE" with
    | null
    | "" -> None
    | path -> Some path

let private run arguments =
    match program with
    | None -> skiptest "RECORDS_ORACLE names no reference program: tests/oracle/build.sh builds it"
    | Some path ->
        let info = ProcessStartInfo(path, Seq.ofList arguments, RedirectStandardError = true)

        match Process.Start info with
        | null -> failtest $"'{path}' did not start."
        | reference ->
            use reference = reference
            let errors = reference.StandardError.ReadToEnd()
            reference.WaitForExit()
            Expect.equal (reference.ExitCode, errors) (0, "") "the reference is content"

let private oracle =
    [
        testCase "configs that serde_json wrote are read, and written as the same bytes" (fun () ->
            inFolder (fun folder ->
                run [ "configs"; folder ]
                let files = Directory.GetFiles folder
                Expect.equal files.Length 300 "as many as it says"

                for file in files do
                    let config = TrainingConfig.Load file
                    let path = file + ".again"
                    config.Save path
                    expectBytes (File.ReadAllBytes path) (File.ReadAllBytes file) file))

        testCase "serde_json reads any config of ours, and writes the same bytes" (fun () ->
            inFolder (fun folder ->
                let ours = Path.Combine(folder, "ours")
                let theirs = Path.Combine(folder, "theirs")

                for seed in 0..299 do
                    (draw seed).Save(Path.Combine(ours, $"{seed}.json"))

                run [ "configs-again"; ours; theirs ]

                for seed in 0..299 do
                    let name = $"{seed}.json"

                    expectBytes
                        (File.ReadAllBytes(Path.Combine(ours, name)))
                        (File.ReadAllBytes(Path.Combine(theirs, name)))
                        name))
    ]

let tests =
    testList "configs in C#" [ testList "face" face; roundTrip; prefixes; testList "oracle" oracle ]
