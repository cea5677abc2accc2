/// What the tests start as a process of its own. It saves over one file for a minute, one whole version after the other, and is killed long
/// before; or it closes files that it reads.
module Records.Saver.Program

open System
open System.IO
open System.Threading
open Records.Core

/// In pieces, as a recorder gives them: a kill may fall between two writes.
let private payload (bytes: byte[]) : Payload =
    {
        Length = Some(int64 bytes.Length)
        Parts = seq { for part in Array.chunkBySize 100_000 bytes -> ReadOnlyMemory part }
    }

let private saving target versions =
    let versions = versions |> Array.map File.ReadAllBytes
    let sink = File.sinkAt true target

    let save version =
        match sink.Write(payload versions[version % versions.Length], CancellationToken.None).Result with
        | Ok() -> ()
        | Error error -> failwith (RecordError.message error)

    // which one comes first differs from start to start
    let first = Environment.ProcessId
    save first
    Console.Out.WriteLine "saving"
    Console.Out.Flush()

    // A test that ended before it killed this program must not leave it running.
    let since = Diagnostics.Stopwatch.StartNew()
    let mutable version = first + 1

    while since.Elapsed < TimeSpan.FromMinutes 1.0 do
        save version
        version <- version + 1

[<EntryPoint>]
let main words =
    match words with
    | [| "closing"; path; rounds |] -> Closing.run path (int rounds)
    | _ -> saving words[0] words[1..]

    0
