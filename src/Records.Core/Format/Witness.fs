namespace Records.Core

open System

/// Sees the bytes of a file while they are made, and hashes them: tensors each for itself, and the rest, of which it keeps as many bytes as
/// the copy is to have.
[<Sealed>]
type internal Witness(paths: ReadOnlyMemory<byte>[], firstByte: byte, copy: int) =
    let rest = BlockHash()
    let kept = GC.AllocateUninitializedArray<byte> copy
    let mutable used = 0
    let mutable beside = 0L
    let tensors = ResizeArray<SealedTensor> paths.Length
    let mutable position = 0L
    let mutable started = 0L
    // one for all of them
    let current = BlockHash()

    let add (bytes: ReadOnlySpan<byte>) =
        rest.Append bytes
        let count = min bytes.Length (kept.Length - used)
        bytes.Slice(0, count).CopyTo(Span(kept, used, count))
        used <- used + count
        beside <- beside + int64 bytes.Length

    /// Bytes that are no tensor's. The first of the file gets something added to it on its way, where the format wants that.
    member _.Rest(bytes: ReadOnlySpan<byte>) =
        if position = 0L && firstByte > 0uy && not bytes.IsEmpty then
            add (ReadOnlySpan [| bytes[0] + firstByte |])
            add (bytes.Slice 1)
        else
            add bytes

        position <- position + int64 bytes.Length

    member _.Begin() = started <- position

    /// Bytes of the tensor that has begun.
    member _.Tensor(bytes: ReadOnlySpan<byte>) =
        current.Append bytes
        position <- position + int64 bytes.Length

    member _.End() =
        let path =
            if tensors.Count < paths.Length then
                paths[tensors.Count]
            else
                Seal.pathText [ string tensors.Count ]

        tensors.Add { Path = path; Start = started; Length = position - started; Hash = current.Digest() }

    member _.Tensors = tensors.ToArray()

    /// The rest, which is as many bytes as were to be kept.
    member _.Copy =
        if beside <> kept.LongLength then
            invalidOp "A file is not as long as its parts said."

        ReadOnlyMemory kept

    /// The hash of the rest.
    member _.Digest() = rest.Digest()

/// The parts of a file as Burn has it, which can be seen by a witness while they are made, and made with a seal.
[<Sealed>]
type internal Marked
    (paths: ReadOnlyMemory<byte>[], witnessed: Witness option -> seq<ReadOnlyMemory<byte>>, sealed': unit -> Payload) =

    /// Of its tensors, in the order of their bytes, as a seal has them.
    member _.Paths = paths

    member _.Witnessed witness = witnessed (Some witness)

    /// The same file with its seal.
    member _.Sealed() = sealed' ()

    interface seq<ReadOnlyMemory<byte>> with
        member _.GetEnumerator() : Collections.Generic.IEnumerator<ReadOnlyMemory<byte>> =
            (witnessed None).GetEnumerator()

        member _.GetEnumerator() : Collections.IEnumerator =
            (witnessed None :> Collections.IEnumerable).GetEnumerator()
