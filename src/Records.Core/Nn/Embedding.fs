namespace Records.Core

/// Rows of a table by their number.
[<RequireQualifiedAccess>]
module Embedding =

    /// What Burn starts the table with.
    let initializer = Initializer.Normal(0.0, 1.0)

    let private numbers (indices: TensorData) =
        match
            Cast.tensor [] false Dtype.I64 indices
            |> Result.bind (fun data -> View.toArray<int64> data.Bytes)
        with
        | Ok numbers -> numbers
        | Error error -> RecordError.raise error

    /// For each index [..] its row of the weight [rows, width] -> [.., width]. Throws when there is no such row. The indices
    /// are integers of any size.
    let forward (weight: Dense) (indices: TensorData) : Dense =
        let rows, width =
            match weight.Shape with
            | [| rows; width |] -> rows, width
            | _ -> invalidArg (nameof weight) $"The weight is {Dense.text weight}, expected [rows, width]."

        let numbers = numbers indices
        let shape = [| for dim in Shape.dims indices.Shape -> int dim |]
        let result = Dense.zeros (Array.append shape [| width |])

        for place in 0 .. numbers.Length - 1 do
            let row = numbers[place]

            if row < 0L || row >= int64 rows then
                invalidArg (nameof indices) $"The index {row} is none of the {rows} rows."

            System.Array.Copy(weight.Values, int row * width, result.Values, place * width, width)

        result
