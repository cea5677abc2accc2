namespace Records.Core

/// serde's data model: what Burn's records are to its three serializers, and all that those need to know.
/// A self-describing format reads back only Absent, Scalar (bool, text, U64, I64, floats), Bytes, Packed, Seq and Map.
[<RequireQualifiedAccess; NoEquality; NoComparison>]
type internal Value =
    /// A unit struct such as PhantomData.
    | Marker
    | Absent
    | Present of Value
    | Scalar of Scalar
    | Bytes of Slice
    /// Numbers of one type in a row, little-endian: a sequence that is not worth a Value for each item.
    | Packed of ScalarType * Slice
    | Seq of Value[]
    | Tuple of Value[]
    | Struct of (struct (string * Value))[]
    | Map of (struct (string * Value))[]
    | Variant of Index: int * Name: string * Payload: Value voption
    /// What a Kind.Choice turned out to be.
    | Chosen of Index: int * Value
    /// The struct of bytes, shape and dtype that Burn since 0.14 has for a tensor, put together when it was read: of a file's values most are
    /// in one, and as values they take several times what the tensor takes. Its dtype is one that its name says all of.
    | Tensor of TensorData
    /// The struct of an id and such a tensor that is a parameter.
    | Param of Id: string * Data: TensorData
    /// Such a tensor that is to be written, and the id of a parameter: its dtype is what the file's generation says for it.
    | Stored of Id: string voption * Dtype: Value * Data: TensorData

/// A field and its name: no object of its own, for there are many.
type internal Entry = (struct (string * Value))

/// The type of a Value, for the format that does not say it.
[<RequireQualifiedAccess>]
type internal Kind =
    | Marker
    | Option of Kind
    | Scalar of ScalarType
    | Bytes
    | Packed of ScalarType
    | Seq of Kind
    | Tuple of Kind list
    | Struct of (string * Kind) list
    | Map of Kind
    | Variant of (string * Kind option) list
    /// The first of these with which the whole file can be read.
    | Choice of Kind list
    /// A sequence that declares so many items, each of its own kind.
    | Counted of Kind list
    /// A map of these keys in any order.
    | Keyed of (string * Kind) list
    /// An option that is there.
    | Sure of Kind
    /// A unit that was seen as a nil: nothing, and not among the nils that a file ends with, some of which may have been cut off.
    | Nothing

[<RequireQualifiedAccess>]
module internal Value =

    let text text = Value.Scalar(Scalar.Text text)

    let nameOf (struct (name, _): Entry) : string = name

    let valueOf (struct (_, value): Entry) : Value = value

    /// Entries as pairs.
    let entries (pairs: seq<string * Value>) : Entry[] =
        [| for name, value in pairs -> struct (name, value) |]

    let shape (data: TensorData) =
        Value.Seq [| for dim in Shape.dims data.Shape -> Value.Scalar(Scalar.U64(uint64 dim)) |]

    let private tensorFields (data: TensorData) dtype : Entry[] =
        [|
            struct ("bytes", Value.Bytes data.Bytes)
            struct ("shape", shape data)
            struct ("dtype", dtype)
        |]

    let private paramFields id tensor : Entry[] =
        [| struct ("id", text id); struct ("param", tensor) |]

    /// A tensor or parameter as the fields that it was read from, or is to be written as.
    let rec spelled value =
        match value with
        | Value.Tensor data -> Value.Map(tensorFields data (text (Dtype.name data.Dtype)))
        | Value.Param(id, data) -> Value.Map(paramFields id (spelled (Value.Tensor data)))
        | Value.Stored(ValueNone, dtype, data) -> Value.Struct(tensorFields data dtype)
        | Value.Stored(ValueSome id, dtype, data) ->
            Value.Struct(paramFields id (Value.Struct(tensorFields data dtype)))
        | value -> value

    /// What a person would call it, for messages.
    let rec describe value =
        match value with
        | Value.Marker -> "a marker"
        | Value.Absent -> "nil"
        | Value.Present value -> describe value
        | Value.Scalar(Scalar.Unit) -> "nil"
        | Value.Scalar(Scalar.Bool _) -> "a truth value"
        | Value.Scalar(Scalar.Text _) -> "a text"
        | Value.Scalar(Scalar.F64 _ | Scalar.F32 _) -> "a float"
        | Value.Scalar _ -> "an integer"
        | Value.Bytes bytes -> $"{bytes.Length} bytes"
        | Value.Packed _ -> "numbers"
        | Value.Seq items
        | Value.Tuple items -> $"a list of {items.Length}"
        | Value.Struct entries
        | Value.Map entries -> $"a map of {entries.Length}"
        | Value.Variant(_, name, _) -> $"the variant '{name}'"
        | Value.Chosen(_, value) -> describe value
        | Value.Tensor _
        | Value.Param _
        | Value.Stored _ -> describe (spelled value)
