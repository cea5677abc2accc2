/// Fuzzing of every decoder: see tests/Records.Fuzz/fuzz for AFL, and `smoke` for what needs nothing else.
module Records.Fuzz.Program

open System
open System.Diagnostics
open System.IO
open SharpFuzz
open Records.Fuzz.Decoders

let private decoder name =
    match List.tryFind (fun decoder -> decoder.Name = name) all with
    | Some decoder -> decoder
    | None ->
        let known = String.Join(", ", [ for decoder in all -> decoder.Name ])
        failwith $"There is no decoder '{name}'; these there are: {known}."

/// What is wrong with these bytes, or None.
let private wrong decoder bytes =
    try
        decoder.Check bytes
        None
    with
    | Oracle.Find reason -> Some reason
    | other -> Some(string other)

/// The corpus and what once went wrong, then mutations for so many seconds, shared among all decoders.
let private smoke (seconds: float) (first: int) =
    let mutable bad = 0

    let tell name what (bytes: byte[]) reason =
        bad <- bad + 1
        let path = Path.Combine(Path.GetTempPath(), $"records-fuzz-{name}-{what}")
        File.WriteAllBytes(path, bytes)
        Console.Error.WriteLine $"{name}, {what} (kept as {path}): {reason}"

    for decoder in all do
        let finds = Seeds.findsOf decoder.Name

        for name, bytes in decoder.Seeds @ finds do
            wrong decoder bytes |> Option.iter (tell decoder.Name name bytes)

        let seeds = decoder.Seeds @ finds |> List.map snd |> Array.ofList
        let watch = Stopwatch.StartNew()
        let share = TimeSpan.FromSeconds(seconds / float all.Length)
        let mutable number = first

        while watch.Elapsed < share && bad < 20 do
            let bytes = Mutation.file seeds number

            wrong decoder bytes
            |> Option.iter (tell decoder.Name $"mutation {number}" bytes)

            number <- number + 1

        printfn $"{decoder.Name}: {seeds.Length} files, {number - first} mutations from {first} on"

    if bad = 0 then 0 else 1

[<EntryPoint>]
let main words =
    Trace.discard ()

    match List.ofArray words with
    // AFL gives each file as standard input and counts as a crash what is raised
    | [ "afl"; name ] ->
        let decoder = decoder name

        let run (stream: Stream) =
            use memory = new MemoryStream()
            stream.CopyTo memory
            decoder.Check(memory.ToArray())

        Fuzzer.OutOfProcess.Run run
        0
    | [ "speed"; name ] ->
        let decoder = decoder name

        for file, bytes in decoder.Seeds do
            // compiled by then
            for _ in 1..200 do
                decoder.Check bytes

            let watch = Stopwatch.StartNew()
            let mutable count = 0

            while watch.ElapsedMilliseconds < 500L do
                decoder.Check bytes
                count <- count + 1

            printfn $"{file}: {float count / watch.Elapsed.TotalSeconds:F0} a second"

        0
    | [ "names" ] ->
        for decoder in all do
            printfn $"{decoder.Name}"

        0
    | [ "seeds"; name; folder ] ->
        Directory.CreateDirectory folder |> ignore
        let decoder = decoder name

        for file, bytes in decoder.Seeds @ Seeds.findsOf name do
            File.WriteAllBytes(Path.Combine(folder, file), bytes)

        0
    | "replay" :: name :: files ->
        let decoder = decoder name

        [
            for file in files ->
                let watch = Stopwatch.StartNew()
                let reason = wrong decoder (File.ReadAllBytes file)
                printfn $"""{file}: {Option.defaultValue "good" reason} ({watch.ElapsedMilliseconds} ms)"""
                if reason.IsSome then 1 else 0
        ]
        |> List.fold max 0
    | [ "smoke"; seconds ] -> smoke (Double.Parse(seconds, Globalization.CultureInfo.InvariantCulture)) 1
    | [ "smoke"; seconds; first ] ->
        smoke (Double.Parse(seconds, Globalization.CultureInfo.InvariantCulture)) (Int32.Parse first)
    | _ ->
        eprintfn "names | seeds DECODER FOLDER | replay DECODER FILE... | smoke SECONDS [FIRST] | afl DECODER"
        2
