namespace Records.Core

open System

/// Dtypes as serde writes them: enum variants by name and number, with what Bool and QFloat carry.
[<RequireQualifiedAccess>]
module internal Dtypes =

    let private boolStores = [ "Native"; "U8"; "U32" ]

    /// What a dtype is in this generation.
    let kind generation =
        Kind.Variant
            [
                for name in generation.Dtypes ->
                    match name with
                    | "Bool" when generation.BoolStores -> name, Some(Variants.units boolStores)
                    | "QFloat" -> name, Some(Quantised.kind generation.Quantised)
                    | _ -> name, None
            ]

    /// A dtype as this generation writes it; an error for one it has no name for.
    let lower generation dtype =
        let name = Dtype.name dtype

        match List.tryFindIndex ((=) name) generation.Dtypes, dtype with
        | None, _ ->
            RecordError.raise (RecordError.Unsupported([], $"Burn {BurnVersion.text generation.Since} has no {name}"))
        | Some index, Dtype.Bool store when generation.BoolStores ->
            Value.Variant(index, name, ValueSome(Variants.unit boolStores (CaseName.of' store)))
        | Some _, Dtype.Bool BoolStore.U32 ->
            // Up to 0.20 such a tensor says that it is what it is stored as.
            Value.Variant(List.findIndex ((=) "U32") generation.Dtypes, "U32", ValueNone)
        | Some index, (Dtype.QFloat _ | Dtype.OldQFloat _) ->
            match Quantised.lower generation.Quantised dtype with
            | Some scheme -> Value.Variant(index, name, ValueSome scheme)
            | None ->
                let reason = $"Burn {BurnVersion.text generation.Since} cannot say how this tensor is quantised"
                RecordError.raise (RecordError.Unsupported([], reason))
        | Some index, _ -> Value.Variant(index, name, ValueNone)

    /// The same for many tensors: a dtype that several have is lowered once. Not by its value, since a scale that is NaN is not itself.
    let lowering generation : Dtype -> Value =
        let known = Collections.Generic.Dictionary<Dtype, Value>(HashIdentity.Reference)

        fun dtype ->
            match known.TryGetValue dtype with
            | true, value -> value
            | _ ->
                let value = lower generation dtype
                known[dtype] <- value
                value

    let private every = Generation.g6.Dtypes

    /// The dtype that a name says all of.
    let plain (name: string) =
        match name with
        | "F32" -> ValueSome Dtype.F32
        | "F64" -> ValueSome Dtype.F64
        | "Flex32" -> ValueSome Dtype.Flex32
        | "F16" -> ValueSome Dtype.F16
        | "BF16" -> ValueSome Dtype.BF16
        | "I64" -> ValueSome Dtype.I64
        | "I32" -> ValueSome Dtype.I32
        | "I16" -> ValueSome Dtype.I16
        | "I8" -> ValueSome Dtype.I8
        | "U64" -> ValueSome Dtype.U64
        | "U32" -> ValueSome Dtype.U32
        | "U16" -> ValueSome Dtype.U16
        | "U8" -> ValueSome Dtype.U8
        | _ -> ValueNone

    let private other (names: string list) value =
        let name, payload =
            match value with
            | Value.Scalar(Scalar.U64 _) -> Variants.raise names "a dtype" value
            // by name any of them, whatever the numbers
            | _ -> Variants.raise every "a dtype" value

        match plain name, name, payload with
        | ValueSome dtype, _, _ -> dtype
        | _, "QFloat", ValueSome scheme -> Quantised.raise scheme
        | _, "QFloat", ValueNone -> Variants.fail "a quantisation scheme" value
        | _, _, ValueSome store ->
            match Variants.raise boolStores "a store of truth values" store |> fst with
            | "U8" -> Dtype.Bool BoolStore.U8
            | "U32" -> Dtype.Bool BoolStore.U32
            | _ -> Dtype.Bool BoolStore.Native
        | _ -> Dtype.Bool BoolStore.Native

    /// The dtype that a value names, or numbers: these are the names in the order of their numbers.
    let raise names value =
        match value with
        | Value.Scalar(Scalar.Text name)
        | Value.Variant(_, name, _) ->
            match plain name with
            | ValueSome dtype -> dtype
            | ValueNone -> other names value
        | _ -> other names value
