namespace Records.Core

open System
open System.Text

/// The seal of a gzip file: in empty members behind the one that holds everything.
[<RequireQualifiedAccess>]
module internal GzipSeal =

    /// Bytes of a seal in one extra field. The first of several members has what is left over.
    let private most = 65000

    let private key = Encoding.ASCII.GetBytes Seal.key

    let private around = GzipMember.headLength + GzipMember.nothing.Length

    let private member' (bytes: ReadOnlySpan<byte>) = GzipMember.holding "RS"B bytes

    /// The members with this text in them.
    let private members (text: byte[]) =
        let whole = Array.append key text
        let first = (whole.Length - 1) % most + 1

        seq {
            member' (ReadOnlySpan(whole, 0, first))

            for start in first..most .. whole.Length - 1 do
                member' (ReadOnlySpan(whole, start, most))
        }

    /// The members with this seal in them.
    let bytes (seal: Seal) =
        Array.concat (members (Seal.written seal))

    /// What is compressed, and behind it the seal over that and over what comes of it.
    let payload (compress: Payload -> Payload) (marked: Marked) (payload: Payload) : Payload =
        let parts =
            seq {
                let witness = Witness(marked.Paths, 0uy, 0)
                let own = BlockHash()
                let inner = { payload with Parts = marked.Witnessed witness }

                for part in (compress inner).Parts do
                    own.Append part.Span
                    part

                let text = Seal.written (Seal.unsigned (witness.Digest()) 0L witness.Tensors)

                for bytes in members text do
                    own.Append(ReadOnlySpan bytes)

                Seal.sign (own.Digest()) text

                for bytes in members text do
                    ReadOnlyMemory bytes
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
            if not (after.AsSpan().SequenceEqual(ReadOnlySpan GzipMember.nothing)) then
                Seal.damaged (mark + int64 Seal.magic.Length) "other bytes behind it"

            // the text lies in pieces: its length is before the mark, and says how many
            let length = Unsealed.lengthBefore limits file mark
            let whole = length + int64 key.Length
            let members = (whole + int64 most - 1L) / int64 most
            let start = file.Length - whole - members * int64 around

            if start < 0L then
                Seal.damaged mark "a length beyond the file"

            let stored = Unsealed.stretch file start file.Length
            let first = int ((whole - 1L) % int64 most + 1L)

            let text =
                [|
                    stored[GzipMember.headLength .. GzipMember.headLength + first - 1]

                    for index in 1 .. int members - 1 do
                        let at = first + around + (index - 1) * (most + around) + GzipMember.headLength
                        stored[at .. at + most - 1]
                |]
                |> Array.concat

            let seal = Seal.parse 0L start (ReadOnlyMemory(text, key.Length, text.Length - key.Length))

            if not (stored.AsSpan().SequenceEqual(ReadOnlySpan(bytes seal))) then
                Seal.damaged start "other bytes around it"

            ValueSome { Seal = seal; Start = start }
