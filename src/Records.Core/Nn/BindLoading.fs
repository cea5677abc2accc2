namespace Records.Core

open System.Collections.Generic

/// What may differ between a module and the record loaded into it. Another shape or variant never may.
type LoadOptions =
    {
        /// A tensor that the record lacks stays the module's.
        AllowMissing: bool
        /// A tensor that the module has no place for is left out.
        AllowUnused: bool
        /// A nil in the record against a value in the module empties it, as Burn does.
        AllowNilOptional: bool
        /// A list of another length is loaded as far as both go.
        AllowOtherLength: bool
    }

/// Where loading is. Both paths have their innermost name first.
[<NoEquality; NoComparison>]
type internal BindPlace =
    {
        /// As messages name it.
        Path: string list
        /// As the annex names it; None where everything is of the newest version.
        Annexed: string list option
        /// The version of what is here, where a migration has changed it.
        Version: int option
    }

/// Faults so far, and the parameters made so far: those that shared an id and a value still do.
[<Sealed>]
type internal BindLoading(options: LoadOptions, annex: Map<string, string>) =
    let faults = ResizeArray<RecordError>()
    let made = Dictionary<ParamId, (TensorData * Parameter) list>()
    member _.Options = options
    member _.Annex = annex
    member _.Faults = faults
    member _.Fault error = faults.Add error

    /// The parameter that was made of the same id and value before, or this one.
    member _.Share(data: TensorData, fresh: Parameter) =
        let known =
            match made.TryGetValue fresh.Id with
            | true, known -> known
            | _ -> []

        let isSame (other: TensorData, parameter: Parameter) =
            parameter.Dtype = fresh.Dtype
            && Record.same (Record.Tensor other) (Record.Tensor data)

        match List.tryFind isSame known with
        | Some(_, parameter) -> parameter
        | None ->
            made[fresh.Id] <- (data, fresh) :: known
            fresh
