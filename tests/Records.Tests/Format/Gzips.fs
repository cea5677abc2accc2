/// What gzip is tested with: bytes of every kind, and readers on one thread and on several.
module Records.Tests.Gzips

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support

let compress (bytes: byte[]) =
    bytesOf (Gzip.transform.Forward 1 { Length = None; Parts = [ ReadOnlyMemory bytes ] })

let limits = Recorder.defaultLimits

let backward = Gzip.transform.Backward(Unpacking.Alone limits)

let inflateBy degree limits (input: Input) =
    Gzip.transform.Backward { Unpacking.Alone limits with Parallelism = degree } input
    |> Result.bind (fun inner ->
        RecordError.catch (fun () ->
            let forward = inner.Start()
            use result = new MemoryStream()
            let mutable more = true

            while more do
                let window = forward.Peek 1000
                more <- window.Length > 0
                result.Write window.Span
                forward.Advance window.Length

            result.ToArray()))

/// All that is inflated, or the error: the same on one thread and on several.
let inflateWithin limits (bytes: byte[]) =
    let results =
        [
            for degree in [ 1; 2; 3 ] do
                inflateBy degree limits (inputOf bytes)
                inflateBy degree limits (Forward.input (remote bytes))
        ]

    for result in results.Tail do
        match results.Head, result with
        | Ok first, Ok second -> expectBytes second first "on several threads, and from a file"
        | Error _, Error _ -> ()
        | first, second -> failtest $"{first} on one thread, {second} on several"

    results.Head

let inflate bytes = inflateWithin limits bytes

let sample =
    let random = Random 11
    Array.init 3000 (fun index -> if index % 3 = 0 then byte (random.Next 256) else byte index)

/// The sample behind a header with these flags and fields.
let withHeader flags (fields: byte[]) =
    let plain = compress sample
    let header = Array.truncate 10 plain
    header[3] <- flags
    let header = Array.append header fields

    let sum =
        if flags &&& 2uy = 0uy then
            [||]
        else
            BitConverter.GetBytes(uint16 (IO.Hashing.Crc32.HashToUInt32(ReadOnlySpan header)))

    Array.concat [ header; sum; Array.skip 10 plain ]

/// Two MiB of each: what is there twice is near, far, in one place or nowhere.
let kinds =
    let random = Random 12

    let normal () =
        random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5

    let ofSingles count make =
        Array.init count (fun index -> BitConverter.GetBytes(make index: single))
        |> Array.concat

    let many = 1 <<< 19
    let row = Array.init 5000 (fun _ -> single (normal ()))

    [
        "weights", ofSingles many (fun _ -> single (normal ()))
        "halves as floats", ofSingles many (fun _ -> single (Half.op_Explicit (normal ()): Half))
        "rows again and again", ofSingles many (fun index -> row[index % row.Length])
        "ones", ofSingles many (fun _ -> 1f)
        "zeros", Array.zeroCreate (1 <<< 21)
        "mostly zeros", ofSingles many (fun _ -> if random.Next 10 = 0 then single (normal ()) else 0f)
        "noise", Array.init (1 <<< 21) (fun _ -> byte (random.Next 256))
        "small bytes", Array.init (1 <<< 21) (fun _ -> byte (int (normal () * 10.)))
        "text",
        Text.Encoding.ASCII.GetBytes(String.Join(",", Array.init 700_000 (fun _ -> random.Next 256)))
        |> Array.truncate (1 <<< 21)
        "half weights, half rows",
        Array.append
            (ofSingles (many / 2) (fun _ -> single (normal ())))
            (ofSingles (many / 2) (fun index -> row[index % row.Length]))
    ]

/// Five and a half blocks of everything.
let large = Array.concat [ for _, bytes in kinds -> Array.truncate 576_717 bytes ]

let internal indexOf (file: byte[]) =
    match GzipIndex.find (memory file).Source with
    | ValueSome(struct (index, start)) -> Some(index, int start)
    | ValueNone -> None
