namespace Records.Core

#nowarn "3261" // F#'s None is null, and reflection hands it out as any other value

open System
open System.Collections
open FSharp.Reflection

/// What constants are made of: Burn up to 0.20 wrote a none for each part.
[<RequireQualifiedAccess>]
module internal BindConstant =

    /// The layout of a constant by its type: the item of a list stands for all.
    let rec layout (kind: Type) =
        match kind with
        | BindValues.Optional item -> Constant.Optional(Some(layout item))
        | BindValues.Sequence item -> Constant.Listed [ layout item ]
        | _ when FSharpType.IsTuple kind ->
            Constant.Fixed [ for item in FSharpType.GetTupleElements kind -> layout item ]
        | _ -> Constant.Single

    /// The layout of a constant by its value.
    let rec layoutOf (kind: Type) (value: obj | null) =
        match kind, value with
        | BindValues.Optional _, null -> Constant.Optional None
        | BindValues.Optional item, value ->
            let _, fields = FSharpValue.GetUnionFields(value, kind)
            Constant.Optional(Some(layoutOf item fields[0]))
        | BindValues.Sequence item, (:? IEnumerable as items) ->
            Constant.Listed [ for value in items -> layoutOf item value ]
        | _, value when FSharpType.IsTuple kind && not (isNull value) ->
            let kinds = FSharpType.GetTupleElements kind

            Constant.Fixed
                [ for kind, value in Array.zip kinds (FSharpValue.GetTupleFields value) -> layoutOf kind value ]
        | _ -> Constant.Single
