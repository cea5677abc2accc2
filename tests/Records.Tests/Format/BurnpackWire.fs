/// Burnpack files of any kind, whole or broken, made by a slow writer of CBOR that allows everything.
module Records.Tests.BurnpackWire

open System
open System.Text

type Cbor =
    | T of string
    | U of uint64
    | N of int64
    | A of Cbor list
    | M of (Cbor * Cbor) list
    | Float of double
    | True
    | Null
    | Raw of byte[]

let private header major (value: uint64) =
    let code (bits: int) = byte (major <<< 5 ||| bits)

    let big (bytes: byte[]) =
        if BitConverter.IsLittleEndian then
            Array.rev bytes
        else
            bytes

    if value < 24UL then
        [| code (int value) |]
    elif value <= 0xFFUL then
        [| code 24; byte value |]
    elif value <= 0xFFFFUL then
        Array.append [| code 25 |] (big (BitConverter.GetBytes(uint16 value)))
    elif value <= 0xFFFFFFFFUL then
        Array.append [| code 26 |] (big (BitConverter.GetBytes(uint32 value)))
    else
        Array.append [| code 27 |] (big (BitConverter.GetBytes value))

let rec bytes cbor : byte[] =
    match cbor with
    | T text -> Array.append (header 3 (uint64 (Encoding.UTF8.GetByteCount text))) (Encoding.UTF8.GetBytes text)
    | U value -> header 0 value
    | N value -> header 1 (uint64 (-1L - value))
    | A items -> Array.concat (header 4 (uint64 items.Length) :: List.map bytes items)
    | M entries ->
        Array.concat
            [
                header 5 (uint64 entries.Length)
                for key, value in entries do
                    yield! [ bytes key; bytes value ]
            ]
    | Float value -> Array.append [| 0xFBuy |] (Array.rev (BitConverter.GetBytes value))
    | True -> [| 0xF5uy |]
    | Null -> [| 0xF6uy |]
    | Raw bytes -> bytes

/// A tensor's description.
let tensor dtype shape first last =
    M [ T "dtype", dtype; T "shape", A(List.map U shape); T "data_offsets", A [ U first; U last ] ]

let u8 shape first last = tensor (T "U8") shape first last

let tensors entries =
    M [ T "tensors", M [ for name, described in entries -> T name, described ] ]

/// Header and metadata, unpadded.
let start version (metadata: byte[]) =
    Array.concat
        [
            "NRUB"B
            BitConverter.GetBytes(uint16 version)
            BitConverter.GetBytes(uint32 metadata.Length)
            metadata
        ]

let padded (bytes: byte[]) =
    Array.append bytes (Array.zeroCreate ((256 - bytes.Length % 256) % 256))

/// A file of this metadata and data, as Burn has had it since 0.20.
let file metadata data =
    Array.append (padded (start 1 (bytes metadata))) data

/// The same as Burn 0.19 had it.
let packed metadata data =
    Array.append (start 1 (bytes metadata)) data
