namespace Records.Core

/// A document with what its file showed besides.
[<NoEquality; NoComparison>]
type internal LaidOut =
    {
        Document: Document
        /// The Burn whose layout the file has; None where nobody knows.
        By: BurnVersion option
        /// Tensors in the file, where that is known: a schema may have had no place for some.
        Seen: int option
    }

/// Which Burn's layout a file has: the version in its metadata says so, and development versions were wrong about it. Where
/// a format describes itself, what it shows decides.
[<RequireQualifiedAccess>]
module internal Layout =

    /// What a value shows of its layout; None for what it has no occasion to show.
    type private Signs = { Ended: bool; Layout: TensorLayout option; Stores: bool option }

    let rec private look signs value =
        match value with
        | Value.Map entries when Elements.looksLike entries ->
            let entries = Map.ofSeq (Seq.map (fun struct (name, value) -> name, value) entries)

            match Map.tryFind "dtype" entries with
            | None -> { signs with Layout = Some TensorLayout.Values }
            | Some dtype ->
                let stores =
                    match dtype with
                    | Value.Scalar(Scalar.Text "Bool") -> Some false
                    | Value.Map [| struct ("Bool", _) |] -> Some true
                    | _ -> signs.Stores

                { signs with Layout = Some TensorLayout.Bytes; Stores = stores }
        // of a dtype that is no truth value's
        | Value.Tensor _
        | Value.Param _ -> { signs with Layout = Some TensorLayout.Bytes }
        | Value.Map entries -> Array.fold (fun signs (struct (_, value)) -> look signs value) signs entries
        | Value.Seq items -> Array.fold look signs items
        | _ -> signs

    let private agrees signs (generation: Generation) =
        generation.Marker = signs.Ended
        && Option.forall ((=) generation.Tensors) signs.Layout
        && Option.forall ((=) generation.BoolStores) signs.Stores

    let private signsOf value =
        let signs = { Ended = true; Layout = None; Stores = None }

        match value with
        | Value.Map entries ->
            let marker = Array.exists (Value.nameOf >> (=) "_b") entries

            entries
            |> Array.tryFind (Value.nameOf >> (=) "item")
            |> Option.fold (fun signs (struct (_, item)) -> look signs item) { signs with Ended = marker }
        | Value.Seq [| _; item |] -> look { signs with Ended = false } item
        | Value.Seq [| _; item; _ |] -> look signs item
        | _ -> signs

    /// The Burn whose layout this whole file has: the one that the metadata names where that agrees with what the value
    /// shows, else the newest that does. None where nobody knows.
    let private burn (metadata: Map<string, string>) value : BurnVersion option =
        let signs = signsOf value

        let named =
            Map.tryFind "version" metadata
            |> Option.bind BurnVersion.tryParse
            |> Option.filter (fun version ->
                Generation.tryAt version
                |> Option.exists (fun generation -> agrees signs generation))

        match named with
        | Some version -> Some version
        | None ->
            Generation.all
            |> List.tryFind (agrees signs)
            |> Option.map (fun generation -> generation.Since)

    /// Tensors in a value that describes itself.
    let rec countTensors value =
        match value with
        | Value.Tensor _
        | Value.Param _ -> 1
        | Value.Map entries when Elements.looksLike entries -> 1
        | Value.Map entries -> Array.sumBy (Value.valueOf >> countTensors) entries
        | Value.Seq items -> Array.sumBy countTensors items
        | _ -> 0

    /// The document that was read from this value, with what the value shows.
    let ofValue value (document: Document) =
        { Document = document; By = burn document.Metadata value; Seen = Some(countTensors value) }
