namespace Records.Core

open System
open System.Buffers.Binary
open System.Text

/// Where a seal stands in a file that ends with it: what is around its text, and what the file is without it.
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

    /// What stands before a text of this length.
    let opening carrier (length: int) =
        match carrier with
        | Carrier.MsgPack ->
            let size = Array.zeroCreate<byte> 4
            BinaryPrimitives.WriteUInt32BigEndian(Span size, uint32 length)
            Array.concat [ [| 0xA0uy + byte key.Length |]; key; [| 0xDBuy |]; size ]
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

    /// What a seal adds to the first byte of the file: a map counts its entries there.
    let added carrier =
        match carrier with
        | Carrier.MsgPack -> 1uy
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

    /// The file with its seal: known when the last tensor has been read, and as long as was known before.
    let sealed' carrier (paths: ReadOnlyMemory<byte>[]) (parts: Parts) : Payload =
        let held = (ending carrier).Length
        let added = added carrier
        let size = Seal.size paths

        let around = int64 (size + (opening carrier size).Length + (closing carrier).Length - held)

        let bytes =
            seq {
                let witness = Witness(paths, added)
                let mutable isFirst = added > 0uy

                for part in parts.Produce(Some witness, held) do
                    if isFirst && not part.IsEmpty then
                        isFirst <- false
                        first added part
                    else
                        part

                let seal = Seal.unsigned UInt128.Zero witness.Tensors
                witness.Rest(ReadOnlySpan(bytes carrier seal))
                ReadOnlyMemory(bytes carrier { seal with Own = witness.Digest() })
            }

        { Length = parts.Length |> Option.map (fun length -> length + around); Parts = bytes }

    /// The paths of the tensors, as a seal has them, in the order in which a format writes them.
    let paths (document: Document) =
        [| for path, _ in Record.tensors document.Root -> Seal.pathText path |]

    /// What a codec has written of the document, with and without a seal.
    let payload carrier document (parts: Parts) =
        let paths = paths document
        parts.ToPayload(paths, fun () -> sealed' carrier paths parts)
