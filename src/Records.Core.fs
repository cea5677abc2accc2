// What a saved model is, and how a recorder is put together.
// Needs FSharp.Core only and does no I/O. Every other file opens this one.
namespace Records.Core

open System
open System.Threading
open System.Threading.Tasks

/// Where in a record something is, outermost name first: [ "encoder"; "0"; "weight" ].
type RecordPath = string list

/// Everything that can go wrong between a record and its bytes.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type RecordError =
    /// Nothing is at this place. The hint names what is there instead, or is empty.
    | NotFound of Location: string * Hint: string
    /// The bytes are another format than the one asked for.
    | WrongFormat of Location: string * Expected: string * Actual: string
    /// The bytes break the rules of their format. Offset counts bytes from the start of what the format reads.
    | Malformed of Format: string * Path: RecordPath * Offset: int64 * Expected: string * Actual: string
    /// There is no value at this path and one is needed.
    | Missing of Path: RecordPath * Expected: string
    /// There is a value at this path and no place for it.
    | Unexpected of Path: RecordPath * Actual: string
    /// The value at this path has another dtype, shape, length or variant than the one needed.
    | Mismatch of Path: RecordPath * Expected: string * Actual: string
    /// Values at this path do not fit the dtype they should become. Value is the first of them.
    | OutOfRange of Path: RecordPath * Count: int64 * Value: string * Target: string
    /// A declared size is above the limit.
    | TooLarge of Path: RecordPath * What: string * Actual: int64 * Limit: int64
    /// Correct, but not something that this format, version or recorder can do.
    | Unsupported of Path: RecordPath * Reason: string
    /// The place failed: Operation is what it was asked to do.
    | Io of Location: string * Operation: string * Cause: exn
    /// Several problems, each as it would be reported alone.
    | Many of Problems: RecordError list

/// Carries an error out of the middle of a source, a payload or a decoder. Caught where that is used, never seen by callers.
exception RecordFault of RecordError

/// How one truth value is stored.
[<RequireQualifiedAccess>]
type BoolStore =
    | Native
    | U8
    | U32

/// What one quantised value is; sub-byte values are packed.
[<RequireQualifiedAccess>]
type QuantValue =
    | Q8F
    | E5M2
    | E4M3
    | Q4F
    | E2M1
    | Q2F
    | Q8S
    | Q4S
    | Q2S

/// The type of a quantisation scale.
[<RequireQualifiedAccess>]
type QuantParam =
    | F32
    | F16
    | BF16
    | UE8M0
    | UE4M3

/// How quantised values lie in their words; the number is the packed dimension, counted from the last. Burn 0.19 knew that one alone.
[<RequireQualifiedAccess>]
type QuantStore =
    | Native
    | PackedNative of Dimension: uint64
    | PackedU32 of Dimension: uint64

/// What one scale covers: the tensor, or blocks of the given (five-byte) size of which Length bytes count.
[<RequireQualifiedAccess>]
type QuantLevel =
    | Tensor
    /// The tensor, by default: no scale is spoken of, and one F32 is there.
    | Unsaid
    | Block of Storage: byte list * Length: byte
    /// Blocks, and over their scales one of its own type for the tensor.
    | BlockTensor of Storage: byte list * Length: byte * Global: QuantParam

/// What a quantised number stands for: itself times the scale, or a place in a table.
[<RequireQualifiedAccess>]
type QuantMode =
    | Symmetric
    | Lookup

/// How a quantised tensor is to be understood. Param is the type of the scales, of the blocks' where there are two.
type QuantScheme = { Value: QuantValue; Param: QuantParam; Store: QuantStore; Level: QuantLevel; Mode: QuantMode }

/// How Burn before 0.19 understood one: signed bytes, one scale for all. Each case is named for the version whose word it is.
[<RequireQualifiedAccess>]
type OldQuantScheme =
    /// 0.14 and 0.15: scale and offset stand here, not among the bytes.
    | Affine14 of Scale: single * Offset: sbyte
    | Symmetric14 of Scale: single
    | Affine16
    | Symmetric16
    | Symmetric17
    | Symmetric18 of HalfAccumulator: bool * Propagates: bool

/// Element type of a tensor: everything Burn has a name for.
[<RequireQualifiedAccess>]
type Dtype =
    | F64
    | F32
    /// 32-bit floats that a device may compute with less: stored as F32.
    | Flex32
    | F16
    | BF16
    | I64
    | I32
    | I16
    | I8
    | U64
    | U32
    | U16
    | U8
    | Bool of BoolStore
    | QFloat of QuantScheme
    /// QFloat of Burn before 0.19.
    | OldQFloat of OldQuantScheme

[<RequireQualifiedAccess>]
module Dtype =

    // made once: it is asked of every tensor
    let private one = Some 1
    let private two = Some 2
    let private four = Some 4
    let private eight = Some 8

    /// Bytes one element takes; None for quantised values, which share words and carry their scales.
    let size dtype =
        match dtype with
        | Dtype.F64
        | Dtype.I64
        | Dtype.U64 -> eight
        | Dtype.F32
        | Dtype.Flex32
        | Dtype.I32
        | Dtype.U32
        | Dtype.Bool BoolStore.U32 -> four
        | Dtype.F16
        | Dtype.BF16
        | Dtype.I16
        | Dtype.U16 -> two
        | Dtype.I8
        | Dtype.U8
        | Dtype.Bool _ -> one
        | Dtype.QFloat _
        | Dtype.OldQFloat _ -> None

    /// Burn's name for it: "F32". Bool and QFloat by their bare names.
    let name dtype =
        match dtype with
        | Dtype.F64 -> "F64"
        | Dtype.F32 -> "F32"
        | Dtype.Flex32 -> "Flex32"
        | Dtype.F16 -> "F16"
        | Dtype.BF16 -> "BF16"
        | Dtype.I64 -> "I64"
        | Dtype.I32 -> "I32"
        | Dtype.I16 -> "I16"
        | Dtype.I8 -> "I8"
        | Dtype.U64 -> "U64"
        | Dtype.U32 -> "U32"
        | Dtype.U16 -> "U16"
        | Dtype.U8 -> "U8"
        | Dtype.Bool _ -> "Bool"
        | Dtype.QFloat _
        | Dtype.OldQFloat _ -> "QFloat"

/// Dimensions, outermost first; empty for a scalar. Made by Shape.create, so the element count fits an int64.
type Shape = private Shape of int64 list

[<RequireQualifiedAccess>]
module Shape =

    /// The dimensions, outermost first.
    let dims (Shape dims) = dims

    /// Number of elements: the product of the dimensions, 1 for a scalar.
    let count (Shape dims) = List.fold (*) 1L dims

    /// The dimensions as people write them: [64, 1, 3, 3].
    let text (Shape dims) = "[" + String.Join(", ", dims) + "]"

    /// Fails when a dimension is negative or the element count overflows an int64.
    let create dims =
        let grow count dim =
            match count with
            | Ok _ when dim < 0L -> Error(RecordError.Mismatch([], "dimensions of 0 and more", string dim))
            // A zero anywhere makes the count zero, yet the other dimensions still have to be countable: readers multiply in any order.
            | Ok count when dim > 0L && count > Int64.MaxValue / dim ->
                Error(RecordError.TooLarge([], "element count", Int64.MaxValue, Int64.MaxValue - 1L))
            | Ok count -> Ok(count * max dim 1L)
            | Error _ -> count

        List.fold grow (Ok 1L) dims |> Result.map (fun _ -> Shape dims)

/// Bytes that can be read at any offset: an array, a file, a mapping, an object in a bucket.
/// What it holds does not change while it is open; when it fails it raises RecordFault and names itself. Several threads may read at once.
type ISource =
    inherit IDisposable
    /// For messages: a path, a URL, "memory".
    abstract Name: string
    /// Bytes in all.
    abstract Length: int64
    /// True when reading copies nothing and cannot fail until the source is disposed.
    abstract InMemory: bool
    /// True when, besides, what was read stays valid after that.
    abstract Outlives: bool
    /// The memory is valid until the source is disposed, and keeps alive what it lies in. A span of it does not: who reads from one keeps the
    /// memory or the source reachable until that is done, as GC.KeepAlive does, or a mapped file may be gone under it. Reading past the end throws.
    abstract Read: offset: int64 * length: int -> ReadOnlyMemory<byte>
    /// Copies the bytes from the offset on into the whole of the target.
    abstract Fill: offset: int64 * target: Span<byte> -> unit

/// Bytes about to be written, described but not yet produced, so a model larger than memory can pass.
/// Each part is valid until the next is asked for. Enumerating raises RecordFault when a source behind it fails.
[<NoEquality; NoComparison>]
type Payload = { Length: int64 option; Parts: seq<ReadOnlyMemory<byte>> }

/// A stretch of a source. Nothing is read until someone asks.
[<NoEquality; NoComparison>]
type Slice = { Source: ISource; Offset: int64; Length: int64 }

/// One tensor: little-endian, row-major bytes. Materialised, mapped or remote is the slice's business.
[<NoEquality; NoComparison>]
type TensorData = { Dtype: Dtype; Shape: Shape; Bytes: Slice }

[<RequireQualifiedAccess>]
module TensorData =

    /// Dtype and shape as people write them: F32 [64, 1, 3, 3].
    let text (data: TensorData) =
        $"{Dtype.name data.Dtype} {Shape.text data.Shape}"

    /// Fails when the byte count is not what dtype and shape ask for. Quantised tensors carry their own count.
    let create dtype shape (bytes: Slice) =
        match Dtype.size dtype with
        | Some size when Shape.count shape > Int64.MaxValue / int64 size ->
            Error(RecordError.TooLarge([], "tensor bytes", Int64.MaxValue, Int64.MaxValue - 1L))
        | Some size when bytes.Length <> Shape.count shape * int64 size ->
            let expected = $"{Shape.count shape * int64 size} bytes for {Dtype.name dtype} {Shape.text shape}"

            Error(RecordError.Mismatch([], expected, $"{bytes.Length} bytes"))
        | _ -> Ok { Dtype = dtype; Shape = shape; Bytes = bytes }

/// Names a parameter for life: it survives renames and reloads. Text, as Burn writes it.
type ParamId = ParamId of string

/// A number, text or truth value that a record holds itself. F16 and BF16 are bit patterns.
[<RequireQualifiedAccess>]
type Scalar =
    | Unit
    | Bool of bool
    | Text of string
    | F64 of double
    | F32 of single
    | F16 of uint16
    | BF16 of uint16
    | I64 of int64
    | I32 of int32
    | I16 of int16
    | I8 of sbyte
    | U64 of uint64
    | U32 of uint32
    | U16 of uint16
    | U8 of byte

/// The type of a scalar.
[<RequireQualifiedAccess>]
type ScalarType =
    | Unit
    | Bool
    | Text
    | F64
    | F32
    | F16
    | BF16
    | I64
    | I32
    | I16
    | I8
    | U64
    | U32
    | U16
    | U8

/// What a constant is made of. Its value stays the module's; Burn up to 0.20 wrote a none for each part, later ones a single none.
[<RequireQualifiedAccess>]
type Constant =
    | Single
    /// An array or tuple: its length is part of the type.
    | Fixed of Parts: Constant list
    /// A list. In a schema it has one part, the item's.
    | Listed of Items: Constant list
    | Optional of Item: Constant option

/// A module's state, nested the way the module is.
[<RequireQualifiedAccess; NoEquality; NoComparison>]
type Record =
    | Struct of Fields: Field list
    | List of Items: Record list
    /// Items whose number is part of the type.
    | Array of Items: Record list
    | Tuple of Items: Record list
    | Option of Item: Record option
    /// One variant of an enum. The index is its place among the variants.
    | Enum of Index: int * Case: string * Payload: Record
    /// Entries by key, in the order they are written.
    | Map of Entries: Field list
    | Param of Id: ParamId * Data: TensorData
    | Tensor of Data: TensorData
    | Scalar of Value: Scalar
    | Constant of Parts: Constant

/// One named member of a struct or map.
and [<NoEquality; NoComparison>] Field = { Name: string; Value: Record }

/// What a record must look like: what a format that does not describe itself needs, and others lose.
[<RequireQualifiedAccess>]
type Schema =
    | Struct of Fields: (string * Schema) list
    | List of Item: Schema
    | Array of Item: Schema * Count: int
    | Tuple of Items: Schema list
    | Option of Item: Schema
    | Enum of Variants: (string * Schema) list
    | Map of Value: Schema
    | Param
    | Tensor
    | Scalar of ScalarType
    | Constant of Constant
    /// What a file that describes itself shows of this value, and cannot tell: whether an option is around it, whether
    /// nil is a constant, whether items in a row are a list, an array or a tuple, whether names are fields, keys or a variant.
    | Maybe of Seen: Schema
    /// A field that older files have under another of these names. Stands in a struct alone.
    | Renamed of Former: string list * Item: Schema

/// A record with what is written beside it: the format's own metadata, and the annex that other programs skip.
[<NoEquality; NoComparison>]
type Document = { Metadata: Map<string, string>; Annex: Map<string, string>; Root: Record }

/// A version of Burn, by which layouts and layers differ.
[<Struct>]
type BurnVersion = { Major: int; Minor: int; Patch: int }

/// What a stranger's file may ask for before it is refused.
type Limits =
    {
        /// Levels of nesting.
        Depth: int
        /// Items and named values of one file, and one more for each 128 bytes of it. Numbers in a row do not count.
        Entries: int64
        /// Bytes of one name or text.
        NameBytes: int64
        /// Dimensions of one tensor.
        Rank: int
        /// Bytes of the header of a format that has one.
        HeaderBytes: int64
        /// Bytes that one compressed file may become.
        InflatedBytes: int64
        /// How many times larger than the compressed file that may be, beyond the first 256 MiB.
        InflateRatio: int64
        /// Bytes of all tensors together.
        TensorBytes: int64
    }

/// What floats and ints become when they are saved: F32 and I32, F16 and I16, F64 and I64, or what they are.
[<RequireQualifiedAccess>]
type Precision =
    | Full
    | Half
    | Double
    | Kept

/// Bytes read once, front to back. Raises RecordFault when it cannot go on.
type IForward =
    /// Bytes before this point.
    abstract Position: int64
    /// Bytes after this point, where that is known: a bound for everything the bytes declare.
    abstract Remaining: int64 voption
    /// The next bytes, at least as many as asked for unless the end is nearer. Valid until the next call.
    abstract Peek: count: int -> ReadOnlyMemory<byte>
    /// Leaves so many bytes behind; they must have been seen by Peek.
    abstract Advance: count: int -> unit
    /// The next bytes as a slice, left behind unread where the source allows it, copied otherwise; None when the end is nearer.
    abstract Take: length: int64 -> Slice voption

/// Bytes that can be read from the start as often as asked: a source as it is, or inflated on the way.
[<NoEquality; NoComparison>]
type Input = { Name: string; Start: unit -> IForward }

/// The schemas of what is to be read: one for each Burn that may have written it, since layers grew.
[<RequireQualifiedAccess; NoEquality; NoComparison>]
type Schemas =
    | Fixed of ByBurn: (BurnVersion -> Schema)
    /// Of a type that has had versions of its own: a file's annex says which it holds. Fails for one that is not known.
    | Versioned of ByAnnex: (Map<string, string> -> Result<BurnVersion -> Schema, RecordError>)

/// What a codec needs to know besides the document.
type EncodeContext = { Burn: BurnVersion }

/// What a codec needs to know besides the bytes.
[<NoEquality; NoComparison>]
type DecodeContext =
    {
        Schema: Schemas option
        /// Fixes the version whose layout is read; None lets the file decide.
        Burn: BurnVersion option
        Limits: Limits
        /// All of the file will be read: what stands in it twice is checked in both places.
        Whole: bool
        /// Takes in the tensors that a decoder has to unpack and gives them back as slices; None keeps them in memory.
        Store: (Payload -> Slice) option
    }

/// A format: a document as bytes, and back.
[<NoEquality; NoComparison>]
type Codec =
    {
        Name: string
        Extension: string
        Encode: EncodeContext -> Document -> Result<Payload, RecordError>
        Decode: DecodeContext -> Input -> Result<Document, RecordError>
        /// The metadata alone, read no further than it reaches where the format allows that.
        Metadata: Limits -> Input -> Result<Map<string, string>, RecordError>
    }

/// How bytes are taken out of what they were packed into.
[<NoEquality; NoComparison>]
type Unpacking =
    {
        /// What can be done ahead or side by side: so many pieces at a time, each on a thread of its own; 1 is the thread that asks.
        Parallelism: int
        Limits: Limits
        /// Memory for a tensor of so many bytes, all of which will be written.
        Memory: int -> Memory<byte>
    }

    /// On the calling thread, each tensor in an array of its own.
    static member Alone(limits: Limits) =
        {
            Parallelism = 1
            Limits = limits
            Memory = fun length -> Memory(GC.AllocateUninitializedArray<byte> length)
        }

/// A reversible step on bytes, such as compression.
[<NoEquality; NoComparison>]
type Transform =
    {
        Name: string
        Extension: string
        /// So many pieces at a time, each on a thread of its own; 1 is the thread that asks.
        Forward: int -> Payload -> Payload
        Backward: Unpacking -> Input -> Result<Input, RecordError>
    }

/// A place bytes can rest. Writes the payload whole or leaves the place as it was.
type ISink =
    abstract Write: payload: Payload * cancellationToken: CancellationToken -> Task<Result<unit, RecordError>>

/// Somewhere to save to and load from, its extension not yet known and nothing opened.
type IPlace =
    abstract Sink: extension: string -> Result<ISink, RecordError>
    abstract Open: extension: string -> Result<ISource, RecordError>

/// A way to save: precision, format, compression, composed. A value; see the Recorder module for what it can do.
[<NoEquality; NoComparison>]
type Recorder =
    {
        /// The type that Burn would name in the metadata: "NamedMpkFileRecorder".
        Name: string
        /// Burn's module of that type: "file" or "memory".
        Home: string
        Codec: Codec
        Compression: Transform option
        Precision: Precision
        /// Finite values that become infinite are written as such, not refused.
        AllowOverflow: bool
        /// Pieces that are compressed or inflated at a time.
        Parallelism: int
        /// The Burn whose layout is written and, when said, read.
        Burn: BurnVersion option
        /// What is to be read: needed by formats that do not describe themselves.
        Schema: Schemas option
        Limits: Limits
        /// Files are written with a seal, by which damage is told when they are read.
        Sealed: bool
        /// What was written is read and held against its seal before it gets its name.
        ReadBack: bool
    }
