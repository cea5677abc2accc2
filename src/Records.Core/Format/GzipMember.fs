namespace Records.Core

open System
open System.Buffers.Binary

/// An empty gzip member that has one subfield in its extra field: what rides behind the member that holds everything. Readers of
/// one member stop before it, those of several find nothing in it.
[<RequireQualifiedAccess>]
module internal GzipMember =

    /// Bytes before those of the subfield: a header, the length of the field, the subfield's name and length.
    let headLength = 16

    /// What is behind them: an empty block, a checksum of nothing and its size.
    let nothing = [| 3uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0uy |]

    /// The member with these bytes, at most 65,531, in a subfield with a name of two letters.
    let holding (name: byte[]) (bytes: ReadOnlySpan<byte>) =
        let head = Array.zeroCreate<byte> headLength
        [| 0x1Fuy; 0x8Buy; 8uy; 4uy; 0uy; 0uy; 0uy; 0uy; 0uy; 0xFFuy |].CopyTo(head, 0)
        BinaryPrimitives.WriteUInt16LittleEndian(Span(head, 10, 2), uint16 (bytes.Length + 4))
        name.CopyTo(head, 12)
        BinaryPrimitives.WriteUInt16LittleEndian(Span(head, 14, 2), uint16 bytes.Length)
        Array.concat [ head; bytes.ToArray(); nothing ]
