namespace Records.Core

open System
open System.Buffers.Binary
open System.Text

/// Where a seal stands in a file that ends with it: what is around its text and around the copy before it, and what the file is without them.
[<RequireQualifiedAccess>]
type internal Carrier =
    /// A last entry of the map that a MessagePack file is.
    | MsgPack
    /// A last entry of the object that a JSON file is.
    | PrettyJson
    | Json
    /// Bytes after a bincode value.
    | Bincode

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module internal Carrier =

    let private key = Encoding.ASCII.GetBytes Seal.key
    let private copyKey = Encoding.ASCII.GetBytes Seal.copyKey

    /// A key of a MessagePack map, and the type and length of its value.
    let private entry (key: byte[]) code (length: int64) =
        let size = Array.zeroCreate<byte> 4
        BinaryPrimitives.WriteUInt32BigEndian(Span size, uint32 length)
        Array.concat [ [| 0xA0uy + byte key.Length |]; key; [| code |]; size ]

    /// How many bytes a copy has at most, since it is held in memory: less than is kept of what lies between tensors. A file that is always read as a whole has none.
    let mostCopied carrier =
        match carrier with
        | Carrier.MsgPack
        | Carrier.Bincode -> 1L <<< 22
        | Carrier.PrettyJson
        | Carrier.Json -> 0L

    /// What stands before a copy of so many bytes.
    let copyOpening carrier (copy: int64) =
        match carrier with
        | Carrier.MsgPack when copy > 0L -> entry copyKey 0xC6uy copy
        | Carrier.Bincode when copy > 0L -> copyKey
        | _ -> [||]

    /// What stands before a text of this length.
    let opening carrier (length: int) =
        match carrier with
        | Carrier.MsgPack -> entry key 0xDBuy (int64 length)
        | Carrier.PrettyJson -> Encoding.ASCII.GetBytes $",\n  \"{Seal.key}\": \""
        | Carrier.Json -> Encoding.ASCII.GetBytes $",\"{Seal.key}\":\""
        | Carrier.Bincode -> key

    /// What the file ends with when it has no seal, and does so behind one.
    let ending carrier =
        match carrier with
        | Carrier.PrettyJson -> "\n}"B
        | Carrier.Json -> "}"B
        | Carrier.MsgPack
        | Carrier.Bincode -> [||]

    /// What stands behind the text.
    let closing carrier =
        match carrier with
        | Carrier.PrettyJson
        | Carrier.Json -> Array.append "\""B (ending carrier)
        | Carrier.MsgPack
        | Carrier.Bincode -> [||]

    /// What a seal and a copy of so many bytes add to the first byte of the file: a map counts its entries there.
    let added carrier (copy: int64) =
        match carrier with
        | Carrier.MsgPack -> if copy > 0L then 2uy else 1uy
        | Carrier.PrettyJson
        | Carrier.Json
        | Carrier.Bincode -> 0uy

    /// The seal as it stands at the end of the file.
    let bytes carrier (seal: Seal) =
        let text = Seal.written seal
        Array.concat [ opening carrier text.Length; text; closing carrier ]

    /// Hashes a seal that was read, as it stands at the end of the file, with zeros for its own hash.
    let hashUnsigned carrier (seal: Seal) (hash: BlockHash) =
        hash.Append(ReadOnlySpan(opening carrier seal.Text.Length))
        Seal.hashUnsigned seal hash
        hash.Append(ReadOnlySpan(closing carrier))

    let private first (added: byte) (part: ReadOnlyMemory<byte>) =
        let part = part.ToArray()
        part[0] <- part[0] + added
        ReadOnlyMemory part

    /// A tensor of no more bytes is read together with what is before and behind it: that takes no longer than reading twice.
    let together = 1L <<< 12

    /// A copy takes the place of a read for each tensor of more bytes; of fewer tensors it is not worth what it adds.
    let private fewest = 8

    /// Tensors have so many times as many bytes as their copy.
    let private worthCopying = 64L

    /// How many bytes the copy of a file of these parts has.
    let private copyOf carrier (parts: Parts) =
        match parts.Beside with
        | ValueSome(struct (rest, tensors)) when
            rest <= mostCopied carrier
            && rest * worthCopying <= Seq.sum tensors
            && tensors |> Seq.filter (fun length -> length > together) |> Seq.length >= fewest
            ->
            rest
        | _ -> 0L

    /// The file with its seal: known when the last tensor has been read, and as long as was known before.
    let sealed' carrier (paths: ReadOnlyMemory<byte>[]) (parts: Parts) : Payload =
        let held = (ending carrier).Length
        let copy = copyOf carrier parts
        let added = added carrier copy
        let copyOpening = copyOpening carrier copy
        let size = Seal.size copy paths

        let around =
            int64 copyOpening.Length
            + copy
            + int64 (size + (opening carrier size).Length + (closing carrier).Length - held)

        let bytes =
            seq {
                let witness = Witness(paths, added, int copy)
                let mutable isFirst = added > 0uy

                for part in parts.Produce(Some witness, held) do
                    if isFirst && not part.IsEmpty then
                        isFirst <- false
                        first added part
                    else
                        part

                if copy > 0L then
                    ReadOnlyMemory copyOpening
                    witness.Copy

                // of very many tensors the text is large: it is made once
                let text = Seal.written (Seal.unsigned UInt128.Zero copy witness.Tensors)
                let opening = opening carrier text.Length
                let closing = closing carrier
                witness.Rest(ReadOnlySpan opening)
                witness.Rest(ReadOnlySpan text)
                witness.Rest(ReadOnlySpan closing)
                Seal.sign (witness.Digest()) text
                ReadOnlyMemory opening
                ReadOnlyMemory text
                ReadOnlyMemory closing
            }

        { Length = parts.Length |> Option.map (fun length -> length + around); Parts = bytes }

    /// What a codec has written of the document, with and without a seal.
    let payload carrier document (parts: Parts) =
        let paths = Seal.pathTexts document.Root
        parts.ToPayload(paths, fun () -> sealed' carrier paths parts)
