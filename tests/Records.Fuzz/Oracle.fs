/// What must be true of a decoder, whatever the bytes.
module Records.Fuzz.Oracle

open System
open Records.Core

/// What a decoder must not do. Any exception but RecordFault, which never leaves a decoder, is one as well.
exception Find of string

let find reason : 'T = raise (Find reason)

let input (bytes: byte[]) =
    Forward.input (Memory.source (ReadOnlyMemory bytes))

let context schema : DecodeContext =
    {
        Schema = schema |> Option.map (fun schema -> Schemas.Fixed(fun _ -> schema))
        Burn = None
        Limits = Recorder.defaultLimits
        Whole = true
        Store = None
    }

/// An error is a sentence that is not endless.
let private checkMessage (bytes: byte[]) error =
    let message = RecordError.message error

    if String.IsNullOrWhiteSpace message then
        find "An error without a message."

    // a hundred problems are told, each of which may quote a path of the file
    if message.Length > 4096 + 300 * bytes.Length then
        find $"A message of {message.Length} letters for {bytes.Length} bytes."

let rec private isRefusal error =
    match error with
    | RecordError.Unsupported _ -> true
    | RecordError.Many problems -> List.forall isRefusal problems
    | _ -> false

/// What the work may allocate in all, of which only a part is alive at once.
let bounded (what: string) (most: int64) (work: unit -> 'T) : 'T =
    let before = GC.GetAllocatedBytesForCurrentThread()
    let value = work ()
    let taken = GC.GetAllocatedBytesForCurrentThread() - before

    if taken > most then
        find $"{what} allocated {taken} bytes, of at most {most}."

    value

/// Whether the bytes were no file of the format, so that no schema makes one of them.
let isMalformed (result: Result<'T, RecordError>) =
    match result with
    | Error(RecordError.Malformed _) -> true
    | _ -> false

/// An Ok of the work, its errors checked.
let checkedResult bytes (result: Result<'T, RecordError>) : 'T option =
    match result with
    | Ok value -> Some value
    | Error error ->
        checkMessage bytes error
        None

/// The outermost place of the innermost difference, and what is there.
let rec private difference path (left: Record) (right: Record) =
    let children (record: Record) = List.ofSeq (Record.children record)

    match children left, children right with
    | (_ :: _ as inner), others when List.map fst inner = List.map fst others ->
        List.zip inner others
        |> List.tryPick (fun ((name, left), (_, right)) ->
            if Record.same left right then
                None
            else
                Some(difference (name :: path) left right))
        |> Option.defaultValue (shown path left right)
    | _ -> shown path left right

and private shown path left right =
    let text (record: Record) =
        let text = $"%A{record}"
        text.Substring(0, min 300 text.Length)

    String.Join('.', List.rev path) + $" was {text left} and became {text right}"

/// The schema of a whole list shows less than its items do: then the bytes tell.
let private rewritten (codec: Codec) burn metadata (document: Document) =
    codec.Encode { Burn = burn } { document with Metadata = metadata }
    |> Result.bind Memory.toArray
    |> Result.mapError RecordError.message

/// What was read can be written, and is then read as the same; what no Burn has words for may be refused.
let again name (codec: Codec) burn strict (schema: Record -> Schema option) (document: Document) =
    // The file's own version may promise another layout than the one that is written.
    let metadata = document.Metadata |> Map.add "version" (BurnVersion.text burn)

    match
        codec.Encode { Burn = burn } { document with Metadata = metadata }
        |> Result.bind Memory.toArray
    with
    | Error error when isRefusal error -> ()
    | Error error -> find $"{name}: read, but not written: {RecordError.message error}"
    | Ok bytes ->
        // a text that is nearly the mark of a seal, where a file ends, is taken for one
        let tail = ReadOnlySpan(bytes, max 0 (bytes.Length - 128), min 128 bytes.Length)
        let isMarked = (Seal.findMark tail).IsSome

        match codec.Decode (context (schema document.Root)) (input bytes) with
        | Error _ when isMarked -> ()
        | Error error when strict -> find $"{name}: written, but not read: {RecordError.message error}"
        // items of one list that differ, nil where a number should be: no schema says that
        | Error _ -> ()
        | Ok read when
            not (
                Record.same read.Root document.Root
                || rewritten codec burn metadata read = Ok bytes
            )
            ->
            find $"{name}: read otherwise once written: {difference [] document.Root read.Root}"
        | Ok _ -> ()
