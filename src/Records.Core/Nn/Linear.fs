namespace Records.Core

open System

/// A product with a weight and the addition of a bias.
[<RequireQualifiedAccess>]
module Linear =

    /// What Burn starts weight and bias with: uniform within 1 / sqrt in.
    let initializer = Initializer.KaimingUniform(1.0 / sqrt 3.0, false)

    /// [.., in] times the weight [in, out], plus the bias [out] -> [.., out]. Throws when the shapes do not meet.
    let forward (weight: Dense) (bias: Dense option) (input: Dense) : Dense =
        let inputs, outputs =
            match weight.Shape with
            | [| inputs; outputs |] -> inputs, outputs
            | _ -> invalidArg (nameof weight) $"A linear weight is [in, out], not {Dense.text weight}."

        match bias with
        | Some bias when bias.Shape <> [| outputs |] ->
            invalidArg (nameof bias) $"The bias is {Dense.text bias}, expected [{outputs}]."
        | _ -> ()

        if input.Shape.Length = 0 || Array.last input.Shape <> inputs then
            invalidArg (nameof input) $"The input is {Dense.text input}, expected [.., {inputs}]."

        let leading = Array.take (input.Shape.Length - 1) input.Shape
        let shape = Array.append leading [| outputs |]

        let count dims =
            Shape.create [ for dim in dims -> int64 dim ] |> Result.map Shape.count

        // Without inputs a small array can stand for any number of rows.
        match count leading, count shape with
        | Ok rows, Ok values when rows <= int64 Int32.MaxValue && values <= int64 Array.MaxLength ->
            let biasValues = bias |> Option.map _.Values

            {
                Shape = shape
                Values = Blas.multiply (int rows) inputs outputs input.Values weight.Values biasValues
            }
        | _ -> invalidArg (nameof input) $"The output {Dense.shapeText shape} is more than one array can hold."
