namespace Records.Core

open System

/// Other dimensions over the same elements; no byte moves.
[<RequireQualifiedAccess>]
module Reshape =

    /// The tensor with these dimensions, of which one may be -1: whatever is left. Fails when the element counts differ.
    let into (dims: int64 list) (data: TensorData) : Result<TensorData, RecordError> =
        let count = Shape.count data.Shape

        let asked = "[" + String.Join(", ", dims) + "]"

        let mismatch () =
            Error(RecordError.Mismatch([], $"{count} elements, as {TensorData.text data} has", asked))

        match List.filter ((=) -1L) dims with
        | [] -> Shape.create dims
        | [ _ ] ->
            Shape.create (List.filter ((<>) -1L) dims)
            |> Result.bind (fun rest ->
                match Shape.count rest with
                // nothing divides by zero, so -1 has no one answer
                | 0L -> mismatch ()
                | known when count % known <> 0L -> mismatch ()
                | known -> Shape.create (dims |> List.map (fun dim -> if dim = -1L then count / known else dim)))
        | _ -> Error(RecordError.Mismatch([], "at most one dimension of -1", asked))
        |> Result.bind (fun shape ->
            if Shape.count shape = count then
                Ok { data with Shape = shape }
            else
                mismatch ())

    /// The tensor with its dimensions from the axis on made one: 1 gives [batch, rest]. Fails when there is no such axis; a scalar becomes [1].
    let flatten (axis: int) (data: TensorData) : Result<TensorData, RecordError> =
        let dims = Shape.dims data.Shape

        if axis < 0 || axis > max 0 (dims.Length - 1) then
            Error(RecordError.Mismatch([], $"an axis below the rank of {TensorData.text data}", string axis))
        else
            let kept, merged = List.splitAt axis dims
            into (kept @ [ List.fold (*) 1L merged ]) data
