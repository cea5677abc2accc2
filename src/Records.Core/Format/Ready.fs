namespace Records.Core

/// Tensors put together as they are read, where nothing is to be asked for that.
[<RequireQualifiedAccess>]
module internal Ready =

    let private isDimension value =
        match value with
        | Value.Scalar(Scalar.U64 number) -> number <= uint64 System.Int64.MaxValue
        | _ -> false

    let private dimension value =
        match value with
        | Value.Scalar(Scalar.U64 number) -> int64 number
        | _ -> 0L

    let private newShape (cursor: Cursor) (dims: Value[]) : Shape voption =
        if dims.Length <= cursor.Limits.Rank && Array.forall isDimension dims then
            match Shape.create [ for dim in dims -> dimension dim ] with
            | Ok shape ->
                cursor.Repeated.AddShape(dims, shape)
                ValueSome shape
            | Error _ -> ValueNone
        else
            ValueNone

    /// The tensor of these bytes, dimensions and dtype; None where they are none, or none that its name says all of. What is wrong then is
    /// found where its fields are looked at.
    let tensor (cursor: Cursor) (bytes: Slice) (dims: Value[]) (dtype: string) : Value voption =
        match Dtypes.plain dtype with
        | ValueNone -> ValueNone
        | ValueSome dtype ->
            let shape =
                match cursor.Repeated.Shape dims with
                | ValueSome shape -> ValueSome shape
                | ValueNone -> newShape cursor dims

            match shape with
            | ValueNone -> ValueNone
            | ValueSome shape ->
                match TensorData.create dtype shape bytes with
                | Ok data -> ValueSome(Value.Tensor data)
                | Error _ -> ValueNone

    /// The dimensions that a value is, the same object where such a row was read before; None for what is no row of numbers.
    let private dimensions (cursor: Cursor) value : Value[] voption =
        match value with
        | Value.Packed(ScalarType.U8, row) when row.Length <= int64 RowKey.Most ->
            let bytes = row.Source.Read(row.Offset, int row.Length)
            let key = RowKey.Of bytes.Span

            match cursor.Repeated.Row key with
            | ValueSome(Value.Seq items) -> ValueSome items
            | _ ->
                let items = [| for index in 0 .. bytes.Length - 1 -> cursor.Repeated.Number(uint64 bytes.Span[index]) |]
                cursor.Repeated.AddRow(key, Value.Seq items)
                ValueSome items
        | Value.Seq items -> ValueSome items
        | _ -> ValueNone

    /// What these entries are: a tensor whose bytes stand as numbers in a row, or a parameter around one; a map where they are something else.
    let map (cursor: Cursor) (entries: Entry[]) : Value =
        let ready =
            match entries with
            | _ when cursor.Reached.IsSome -> ValueNone
            | [| struct ("id", Value.Scalar(Scalar.Text id)); struct ("param", Value.Tensor data) |] ->
                ValueSome(Value.Param(id, data))
            | [| struct ("bytes", Value.Packed(ScalarType.U8, bytes)); struct ("shape", dims); struct ("dtype", dtype) |] ->
                match dtype, dimensions cursor dims with
                | Value.Scalar(Scalar.Text dtype), ValueSome dims -> tensor cursor bytes dims dtype
                | _ -> ValueNone
            | _ -> ValueNone

        ready |> ValueOption.defaultValue (Value.Map entries)
