namespace Records.Core

open System

/// What kernels compute on: float32 values in row-major order, and their dimensions. Kernels leave their inputs as they are.
[<NoEquality; NoComparison>]
type Dense = { Shape: int[]; Values: float32[] }

[<RequireQualifiedAccess>]
module Dense =

    let internal shapeText (shape: int[]) = "[" + String.Join(", ", shape) + "]"

    /// The dimensions as people write them: [2, 3].
    let text (dense: Dense) = shapeText dense.Shape

    /// The array, not copied, with these dimensions. Throws when they are not as many elements as it has.
    let create (shape: int[]) (values: float32[]) : Dense =
        match Shape.create [ for dim in shape -> int64 dim ] with
        | Ok dims when Shape.count dims = values.LongLength -> { Shape = shape; Values = values }
        | _ -> invalidArg (nameof shape) $"{values.Length} values do not make up a shape {shapeText shape}."

    /// So many zeros. Throws when one array cannot hold them.
    let zeros (shape: int[]) : Dense =
        match Shape.create [ for dim in shape -> int64 dim ] |> Result.map Shape.count with
        | Ok count when count <= int64 Array.MaxLength -> { Shape = shape; Values = Array.zeroCreate (int count) }
        | _ -> invalidArg (nameof shape) $"{shapeText shape} is more than one array can hold."

    let private floats (data: TensorData) : Result<float32[], RecordError> =
        let array (data: TensorData) =
            match View.tryArray<float32> data.Bytes with
            | Some values -> Ok values
            | None -> View.toArray<float32> data.Bytes

        // A double beyond float32 computes as infinity.
        Cast.tensor [] true Dtype.F32 data |> Result.bind array

    /// The values as float32, not copied when they are an array of that already. Fails on other than floats.
    let ofTensor (data: TensorData) : Result<Dense, RecordError> =
        floats data
        |> Result.bind (fun values ->
            let dims = Shape.dims data.Shape

            // [0, 2^40] is a shape too, and has no element to compute on.
            match List.tryFind (fun dim -> dim > int64 Int32.MaxValue) dims with
            | Some dim -> Error(RecordError.TooLarge([], "one dimension", dim, int64 Int32.MaxValue))
            | None -> Ok { Shape = [| for dim in dims -> int dim |]; Values = values })

    /// The values as an F32 tensor, not copied.
    let toTensor (dense: Dense) : TensorData =
        match Shape.create [ for dim in dense.Shape -> int64 dim ] with
        | Ok shape -> { Dtype = Dtype.F32; Shape = shape; Bytes = View.ofArray dense.Values }
        | Error error -> RecordError.raise error

    /// The function applied to each value.
    let inline map ([<InlineIfLambda>] change: float32 -> float32) (dense: Dense) : Dense =
        { dense with Values = Array.map change dense.Values }

    /// The function applied to the values of two that have the same shape. Throws when they have not.
    let inline map2 ([<InlineIfLambda>] change: float32 -> float32 -> float32) (left: Dense) (right: Dense) : Dense =
        if left.Shape <> right.Shape then
            invalidArg (nameof right) $"The shapes {text left} and {text right} are not the same."

        { left with Values = Array.map2 change left.Values right.Values }

    /// The products of the values of two that have the same shape. Throws when they have not.
    let multiply (left: Dense) (right: Dense) = map2 (*) left right

    /// The first two axes of three or more exchanged, the values copied into their new order.
    let exchange (dense: Dense) : Dense =
        let first, second = dense.Shape[0], dense.Shape[1]
        let size = Array.fold (*) 1 dense.Shape[2..]
        let values = Array.zeroCreate<float32> dense.Values.Length

        for outer in 0 .. first - 1 do
            for inner in 0 .. second - 1 do
                Array.Copy(dense.Values, (outer * second + inner) * size, values, (inner * first + outer) * size, size)

        { Shape = Array.append [| second; first |] dense.Shape[2..]; Values = values }

    /// One item of the first axis, by its number. Throws when there is none.
    let item (index: int) (dense: Dense) : Dense =
        if dense.Shape.Length = 0 || index < 0 || index >= dense.Shape[0] then
            invalidArg (nameof index) $"{text dense} has no item {index}."

        let size = dense.Values.Length / dense.Shape[0]
        { Shape = dense.Shape[1..]; Values = Array.sub dense.Values (index * size) size }

    /// Two of the same shape as the items of a new first axis. Throws when their shapes differ.
    let stack (first: Dense) (second: Dense) : Dense =
        if first.Shape <> second.Shape then
            invalidArg (nameof second) $"The shapes {text first} and {text second} are not the same."

        { Shape = Array.append [| 2 |] first.Shape; Values = Array.append first.Values second.Values }

    /// The rows along the last axis of two, one after the other in one row. Throws when the other axes differ.
    let beside (left: Dense) (right: Dense) : Dense =
        let outer (dense: Dense) =
            Array.truncate (dense.Shape.Length - 1) dense.Shape

        if left.Shape.Length = 0 || right.Shape.Length = 0 || outer left <> outer right then
            invalidArg (nameof right) $"The shapes {text left} and {text right} do not meet."

        let first, second = Array.last left.Shape, Array.last right.Shape
        let rows = Array.fold (*) 1 (outer left)
        let result = zeros (Array.append (outer left) [| first + second |])

        for row in 0 .. rows - 1 do
            let target = row * (first + second)
            Array.Copy(left.Values, row * first, result.Values, target, first)
            Array.Copy(right.Values, row * second, result.Values, target + first, second)

        result

    /// Size of the last axis, and how many rows of it there are; a scalar is one row of one.
    let rows (dense: Dense) =
        let width = if dense.Shape.Length = 0 then 1 else Array.last dense.Shape
        struct (width, (if width = 0 then 0 else dense.Values.Length / width))
