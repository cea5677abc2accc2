namespace Records.Core

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Precision =

    /// What floats and integers become at this precision; other tensors stay as they are.
    let internal target precision dtype =
        match precision, Cast.family dtype with
        | Precision.Full, Cast.Family.Float -> Dtype.F32
        | Precision.Half, Cast.Family.Float -> Dtype.F16
        | Precision.Double, Cast.Family.Float -> Dtype.F64
        | Precision.Full, Cast.Family.Integer -> Dtype.I32
        | Precision.Half, Cast.Family.Integer -> Dtype.I16
        | Precision.Double, Cast.Family.Integer -> Dtype.I64
        | Precision.Kept, _
        | _, Cast.Family.Other -> dtype

    /// The record at this precision. Scalars keep their type, as in Burn.
    let apply allowInfinite precision record =
        let isThere (data: TensorData) =
            data.Dtype.Equals(target precision data.Dtype)

        RecordError.catch (fun () ->
            // most are, and then no path is made for each of very many
            if Record.forallTensors isThere record then
                record
            else
                record
                |> Record.mapTensors (fun path data ->
                    match Cast.tensor path allowInfinite (target precision data.Dtype) data with
                    | Ok data -> data
                    | Error error -> RecordError.raise error))
