namespace Records.Core

open System
open System.Buffers.Binary
open System.IO.Hashing
open System.Text

/// The seal of a gzip file: in the extra fields of empty members behind the one that holds everything. Readers of one member
/// stop before them, those of several find nothing in them.
[<RequireQualifiedAccess>]
module internal GzipSeal =

    /// Bytes of a seal in one extra field. The first of several members has what is left over.
    let private most = 65000

    let private key = Encoding.ASCII.GetBytes Seal.key

    /// An empty block, a checksum of nothing and its size.
    let private nothing = [| 3uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0uy |]

    /// A header with an extra field, that field's length, and the name and length of the one subfield in it.
    let private member' (bytes: ReadOnlySpan<byte>) =
        let head = Array.zeroCreate<byte> 16
        [| 0x1Fuy; 0x8Buy; 8uy; 4uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0xFFuy |].CopyTo(head, 0)
        BinaryPrimitives.WriteUInt16LittleEndian(Span(head, 10, 2), uint16 (bytes.Length + 4))
        head[12] <- 'R'B
        head[13] <- 'S'B
        BinaryPrimitives.WriteUInt16LittleEndian(Span(head, 14, 2), uint16 bytes.Length)
        Array.concat [ head; bytes.ToArray(); nothing ]

    /// The members with this seal in them.
    let bytes (seal: Seal) =
        let whole = Array.append key (Encoding.ASCII.GetBytes(Seal.written seal))
        let first = (whole.Length - 1) % most + 1

        [|
            member' (ReadOnlySpan(whole, 0, first))

            for start in first..most .. whole.Length - 1 do
                member' (ReadOnlySpan(whole, start, most))
        |]
        |> Array.concat

    /// What is compressed, and behind it the seal over that and over what comes of it.
    let payload (compress: Payload -> Payload) (marked: Marked) (payload: Payload) : Payload =
        let parts =
            seq {
                let witness = Witness(marked.Paths, 0uy)
                let own = XxHash128()
                let inner = { payload with Parts = marked.Witnessed witness }

                for part in (compress inner).Parts do
                    own.Append part.Span
                    part

                let seal = { Own = Seal.zeros; Inner = witness.Digest(); Tensors = witness.Tensors }
                own.Append(bytes seal)
                ReadOnlyMemory(bytes { seal with Own = Convert.ToHexStringLower(own.GetCurrentHash()) })
            }

        { Length = None; Parts = parts }

    // ---- reading

    /// A seal that was found, and where the members with it begin.
    [<NoEquality; NoComparison>]
    type Found = { Seal: Seal; Start: int64 }

    /// The seal behind the one member of a file. Fails for one that is not as it was written.
    let find limits (file: ISource) : Found voption =
        match Unsealed.markAt file with
        | ValueNone -> ValueNone
        | ValueSome(struct (mark, after)) ->
            if not (after.AsSpan().SequenceEqual(ReadOnlySpan nothing)) then
                Seal.damaged (mark + int64 Seal.magic.Length) "other bytes behind it"

            // the text lies in pieces: its length is before the mark, and says how many
            let length = Unsealed.lengthBefore limits file mark
            let whole = length + int64 key.Length
            let members = (whole + int64 most - 1L) / int64 most
            let start = file.Length - whole - members * int64 (16 + nothing.Length)

            if start < 0L then
                Seal.damaged mark "a length beyond the file"

            let stored = Unsealed.stretch file start file.Length
            let first = int ((whole - 1L) % int64 most + 1L)

            let text =
                [|
                    stored[16 .. 16 + first - 1]

                    for index in 1 .. int members - 1 do
                        let at = 16 + first + nothing.Length + (index - 1) * (most + 16 + nothing.Length) + 16
                        stored[at .. at + most - 1]
                |]
                |> Array.concat

            let seal = Seal.parse start (Encoding.Latin1.GetString(text, key.Length, text.Length - key.Length))

            if not (stored.AsSpan().SequenceEqual(ReadOnlySpan(bytes seal))) then
                Seal.damaged start "other bytes around it"

            ValueSome { Seal = seal; Start = start }

/// Bytes that are hashed on their way, front to back, and must be those of a seal when the last of them has been left behind.
[<Sealed>]
type internal HashedForward
    (
        inner: IForward,
        tensors: SealedTensor[],
        rest: XxHash128,
        finish: string -> RecordError option,
        stop: RecordError -> unit
    ) =
    let mutable position = 0L
    let mutable next = 0
    let mutable hash = BlockHash()
    let mutable ended = false

    let fail error : unit =
        stop error
        RecordError.raise error

    /// Ends the tensors that end here.
    let close () =
        while next < tensors.Length && position = tensors[next].Start + tensors[next].Length do
            match hash.Digest() with
            | digest when digest <> tensors[next].Hash -> fail (Seal.wrongTensor tensors[next] digest)
            | _ -> ()

            next <- next + 1
            hash <- BlockHash()

    let feed (bytes: ReadOnlySpan<byte>) =
        let mutable left = bytes

        while not left.IsEmpty do
            close ()

            let count, isTensor =
                if next = tensors.Length then
                    left.Length, false
                elif position < tensors[next].Start then
                    int (min (int64 left.Length) (tensors[next].Start - position)), false
                else
                    let stop = tensors[next].Start + tensors[next].Length
                    int (min (int64 left.Length) (stop - position)), true

            if isTensor then
                hash.Append(left.Slice(0, count))
            else
                rest.Append(left.Slice(0, count))

            position <- position + int64 count
            left <- left.Slice count

        close ()

    let atEnd () =
        if not ended then
            if next < tensors.Length then
                fail (Seal.wrongTensor tensors[next] $"the end after {position} bytes")

            match finish (Convert.ToHexStringLower(rest.GetCurrentHash())) with
            | Some error -> fail error
            | None -> ()

            ended <- true

    interface IForward with
        member _.Position = inner.Position
        member _.Remaining = inner.Remaining

        member _.Peek count =
            let bytes = inner.Peek count

            if bytes.IsEmpty && count > 0 then
                atEnd ()

            bytes

        member _.Advance count =
            feed ((inner.Peek count).Span.Slice(0, count))
            inner.Advance count

        member _.Take length =
            match inner.Take length with
            | ValueSome slice ->
                for part in Slice.parts slice do
                    feed part.Span

                ValueSome slice
            | ValueNone -> ValueNone
