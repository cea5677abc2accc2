/// How much memory reading a stranger's file may take, and measuring it.
module Records.Tests.Hostile.Peak

open System
open Expecto
open Records.Core
open Records.Tests.Support

/// What is promised: less than twice the file, and 16 MiB.
let promised (bytes: byte[]) = 2L * bytes.LongLength + (16L <<< 20)

/// What may be allocated in all for that: what is built grows by doubling, and what it grew out of is garbage.
let allocated (bytes: byte[]) = 2L * promised bytes

/// Runs the work and fails when it allocates more than that in all, whether or not it is alive at once.
let within most what work =
    Records.Fuzz.Oracle.bounded what most work

/// Decodes and reads every tensor: a typed error that has something to say, or a record.
let surviveWithin most (what: string) recorder (bytes: byte[]) : Result<Document, RecordError> =
    let read () =
        Recorder.decode recorder (inputOf bytes)
        |> Result.bind (fun document ->
            RecordError.catch (fun () ->
                for _, data in Record.tensors document.Root do
                    View.hold data |> ignore

                document))

    let result = within most what read

    match result with
    | Error error when String.IsNullOrWhiteSpace(RecordError.message error) ->
        failtest $"{what}: an error without words"
    | _ -> result

/// The same, where even what is garbage already fits what is promised.
let survive what recorder bytes =
    surviveWithin (promised bytes) what recorder bytes
