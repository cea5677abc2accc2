/// What every test file needs: results unwrapped with their message, bytes as inputs, folders that clean up after themselves.
module Records.Tests.Support

open System
open System.IO
open Expecto
open Records.Core

let token = Threading.CancellationToken.None

/// The value, or a failed test that says what went wrong.
let ok result =
    match result with
    | Ok value -> value
    | Error error -> failtest (RecordError.message error)

/// The error, or a failed test.
let error result =
    match result with
    | Ok _ -> failtest "An error was expected."
    | Error(error: RecordError) -> error

let bytesOf (payload: Payload) = ok (Memory.toArray payload)

let memory (bytes: byte[]) = Slice.ofMemory (ReadOnlyMemory bytes)

let inputOf (bytes: byte[]) =
    Forward.input (Memory.source (ReadOnlyMemory bytes))

/// A source that is not in memory, of so many bytes: readers copy what this makes for each offset and count.
let remoteBy (length: int64) (make: int64 -> int -> byte[]) : ISource =
    { new ISource with
        member _.Name = "remote"
        member _.Length = length
        member _.InMemory = false
        member _.Outlives = false
        member _.Read(offset, count) = ReadOnlyMemory(make offset count)

        member _.Fill(offset, target) =
            (make offset target.Length).CopyTo target

        member _.Dispose() = ()
    }

/// These bytes, window by window.
let remote (bytes: byte[]) : ISource =
    remoteBy bytes.LongLength (fun offset count -> Array.sub bytes (int offset) count)

/// The meanest reading that IForward allows: never a byte more than asked for, each in memory of its own.
let stingy (bytes: byte[]) : Input =
    let start () =
        let mutable position = 0

        { new IForward with
            member _.Position = int64 position
            member _.Remaining = ValueSome(int64 (bytes.Length - position))

            member _.Peek count =
                ReadOnlyMemory(Array.sub bytes position (min count (bytes.Length - position)))

            member _.Advance count = position <- position + count

            member _.Take length =
                if length > int64 (bytes.Length - position) then
                    ValueNone
                else
                    let taken = Array.sub bytes position (int length)
                    position <- position + int length
                    ValueSome(memory taken)
        }

    { Name = "stingy"; Start = start }

let burn minor = BurnVersion.minor minor

/// Reads as whatever Burn's version the file says, with or without a schema.
let contextOf schema : DecodeContext =
    {
        Schema = schema |> Option.map (fun schema -> Schemas.Fixed(fun _ -> schema))
        Burn = None
        Limits = Recorder.defaultLimits
        Whole = true
        Store = None
    }

let shapeOf dims = ok (Shape.create dims)

let tensorOf dtype dims bytes =
    ok (TensorData.create dtype (shapeOf dims) (memory bytes))

let f32 (dims: int64 list) (values: single list) =
    values
    |> List.toArray
    |> Array.collect BitConverter.GetBytes
    |> tensorOf Dtype.F32 dims

let parameter id data = Record.Param(ParamId id, data)

/// Burn's text for the id of this number.
let idText (number: uint64) = ParamId.text (ParamId.ofUInt64 number)

let structOf fields =
    Record.Struct [ for name, value in fields -> { Name = name; Value = value } ]

let documentOf root =
    { Metadata = Map.empty; Annex = Map.empty; Root = root }

let wholeOf (slice: Slice) = (ok (Slice.whole slice)).ToArray()

let sha256 (bytes: byte[]) =
    Convert.ToHexStringLower(Security.Cryptography.SHA256.HashData bytes)

/// Same structure and bytes; the message is the two records' schemas.
let expectSame (actual: Record) (expected: Record) message =
    if not (Record.same actual expected) then
        failtest
            $"{message}: the records differ.\nexpected %A{Schema.ofRecord expected}\nactual   %A{Schema.ofRecord actual}"

/// The first byte at which two files part, for people.
let expectBytes (actual: byte[]) (expected: byte[]) (message: string) =
    if not (actual.AsSpan().SequenceEqual(ReadOnlySpan expected)) then
        let same = actual.AsSpan().CommonPrefixLength(ReadOnlySpan expected)

        let near (bytes: byte[]) =
            let from = max 0 (same - 8)
            Convert.ToHexStringLower(ReadOnlySpan(bytes, from, min 32 (bytes.Length - from)))

        failtest
            $"{message}: {actual.Length} bytes instead of {expected.Length}, different from byte {same} on: {near actual} instead of {near expected}"

/// A folder of this test's own, gone afterwards.
let inFolder work =
    let folder = Directory.CreateTempSubdirectory "records-test-"

    try
        work folder.FullName
    finally
        folder.Delete true

let root = Repository.root

let golden (name: string) =
    Path.Combine(root, "tests", "golden", "burn", name)
