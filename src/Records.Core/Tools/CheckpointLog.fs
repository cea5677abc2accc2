namespace Records.Core

open System
open System.Globalization

/// The files of a checkpoint.
[<RequireQualifiedAccess>]
type CheckpointKind =
    | Model
    | Optim
    | Scheduler

[<RequireQualifiedAccess>]
module CheckpointKind =

    /// All of them, in the order they are saved.
    let all = [ CheckpointKind.Model; CheckpointKind.Optim; CheckpointKind.Scheduler ]

    /// Burn's name for it.
    let name kind =
        match kind with
        | CheckpointKind.Model -> "model"
        | CheckpointKind.Optim -> "optim"
        | CheckpointKind.Scheduler -> "scheduler"

    /// Burn's name for its file: model-10.mpk.
    let fileName (extension: string) (epoch: int) kind =
        String.Format(CultureInfo.InvariantCulture, "{0}-{1}.{2}", name kind, epoch, extension)

    /// Kind and epoch of a file of exactly such a name.
    let tryParse (extension: string) (file: string) =
        all
        |> List.tryPick (fun kind ->
            let before = name kind + "-"
            let after = "." + extension
            let between = file.Length - before.Length - after.Length

            if
                between > 0
                && file.StartsWith(before, StringComparison.Ordinal)
                && file.EndsWith(after, StringComparison.Ordinal)
            then
                match
                    Int32.TryParse(
                        file.AsSpan(before.Length, between),
                        NumberStyles.None,
                        CultureInfo.InvariantCulture
                    )
                with
                // 05 is no epoch that Burn would write
                | true, epoch when fileName extension epoch kind = file -> Some(kind, epoch)
                | _ -> None
            else
                None)

/// What a folder of checkpoints knows of itself: metrics outlive the program with it, and a save that is killed halfway is finished by it.
type internal CheckpointLog =
    {
        /// By epoch, for what was saved here.
        Metrics: Map<int, Map<string, double>>
        /// Whole files under other names, each with the name it is about to get.
        Moves: Map<string, string>
        /// Files of an older checkpoint of the same epoch, about to go.
        Leaves: string list
    }

[<RequireQualifiedAccess>]
module internal CheckpointLog =

    let fileName = "checkpoints.json"

    let empty = { Metrics = Map.empty; Moves = Map.empty; Leaves = [] }

    let private field name value : Field = { Name = name; Value = value }

    let private text value = Record.Scalar(Scalar.Text value)

    // JSON has no infinities, and none is ever the best.
    let private metric value =
        if Double.IsFinite value then
            Record.Scalar(Scalar.F64 value)
        else
            Record.Option None

    let private metrics values =
        Record.Map [ for name, value in Map.toList values -> field name (metric value) ]

    let toRecord log =
        Record.Struct
            [
                field "version" (Record.Scalar(Scalar.I32 1))
                field
                    "epochs"
                    (Record.Map [ for epoch, values in Map.toList log.Metrics -> field (string epoch) (metrics values) ])
                field "moves" (Record.Map [ for name, staged in Map.toList log.Moves -> field name (text staged) ])
                field "leaves" (Record.List(List.map text log.Leaves))
            ]

    let private fail path (node: ConfigNode) expected : 'T =
        RecordError.raise (RecordError.Malformed(fileName, path, node.Offset, expected, "something else"))

    /// The log as it was read. Names lead nowhere but into the folder itself.
    let ofNode extension (node: ConfigNode) : Result<CheckpointLog, RecordError> =
        let entries path (node: ConfigNode) =
            match node.Value with
            | ConfigValue.Object entries -> List.ofArray entries
            | _ -> fail path node "named entries"

        let find name =
            match entries [] node |> List.tryFind (fst >> (=) name) with
            | Some(_, found) -> found
            | None -> fail [] node name

        let value path (node: ConfigNode) =
            match node.Value with
            | ConfigValue.Number digits -> Double.Parse(digits, CultureInfo.InvariantCulture)
            | ConfigValue.Null -> Double.NaN
            | _ -> fail path node "a number"

        let checkpoint path node name =
            match CheckpointKind.tryParse extension name with
            | Some _ -> name
            | None -> fail path node "the name of a checkpoint's file"

        let staged path (node: ConfigNode) =
            match node.Value with
            | ConfigValue.Text name when
                name.StartsWith '.'
                && name.EndsWith ".tmp"
                && name.AsSpan().IndexOfAny('/', '\\', ':') < 0
                ->
                name
            | _ -> fail path node "the name of a temporary file"

        RecordError.catch (fun () ->
            match (find "version").Value with
            | ConfigValue.Number "1" -> ()
            | _ -> fail [ "version" ] (find "version") "1"

            {
                Metrics =
                    Map
                        [
                            for name, inner in entries [ "epochs" ] (find "epochs") do
                                match Int32.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture) with
                                | true, epoch ->
                                    let path = [ "epochs"; name ]

                                    epoch,
                                    Map [ for name, node in entries path inner -> name, value (path @ [ name ]) node ]
                                | _ -> fail [ "epochs" ] inner "an epoch"
                        ]
                Moves =
                    Map
                        [
                            for name, inner in entries [ "moves" ] (find "moves") ->
                                checkpoint [ "moves" ] inner name, staged [ "moves"; name ] inner
                        ]
                Leaves =
                    match (find "leaves").Value with
                    | ConfigValue.List items ->
                        [
                            for item in items do
                                match item.Value with
                                | ConfigValue.Text name -> checkpoint [ "leaves" ] item name
                                | _ -> fail [ "leaves" ] item "a name"
                        ]
                    | _ -> fail [ "leaves" ] (find "leaves") "a list"
            })
