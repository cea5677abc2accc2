namespace Records.Core

open System
open System.IO

/// A folder that checkpoints are saved to and restored from, as Burn's learner names them. One program at a time saves to it.
[<NoEquality; NoComparison>]
type Checkpointer = { Folder: string; Recorder: Recorder; Options: Records.Core.FileOptions; Policy: KeepPolicy }

/// What there is in a folder of checkpoints, by its names and its log, and what is changed there.
[<RequireQualifiedAccess>]
module internal CheckpointFolder =

    let extension (checkpointer: Checkpointer) =
        Recorder.extension checkpointer.Recorder

    let inside (checkpointer: Checkpointer) (name: string) = Path.Combine(checkpointer.Folder, name)

    /// Turns the failures that a folder has into errors and lets the rest fly.
    let guard (checkpointer: Checkpointer) operation work =
        let failed cause =
            Error(RecordError.Io(checkpointer.Folder, operation, cause))

        try
            work ()
        with
        | RecordFault error -> Error error
        | :? IOException as cause -> failed cause
        | :? UnauthorizedAccessException as cause -> failed cause

    // ---- what is there

    /// A file of the folder itself: a link counts when it ends beside itself, and is never followed to elsewhere.
    let isOurs (checkpointer: Checkpointer) name =
        let path = inside checkpointer name
        let file = FileInfo path

        if not file.Exists then
            false
        else
            try
                match file.ResolveLinkTarget(returnFinalTarget = true) with
                | null -> true
                | target ->
                    target.Exists
                    && Path.GetDirectoryName target.FullName = Path.GetDirectoryName(Path.GetFullPath path)
            with :? IOException ->
                // links that lead to each other
                false

    let isLink path = not (isNull (FileInfo path).LinkTarget)

    /// The error with the file in it that was read.
    let rec private inFile path error =
        match error with
        | RecordError.Malformed(_, place, offset, expected, actual) ->
            RecordError.Malformed($"log of checkpoints '{path}'", place, offset, expected, actual)
        | RecordError.Many problems -> RecordError.Many(List.map (inFile path) problems)
        | RecordError.Io _
        | RecordError.NotFound _ -> error
        | _ -> RecordError.under path error

    let readLog (checkpointer: Checkpointer) =
        let path = inside checkpointer CheckpointLog.fileName

        if isLink path then
            Error(RecordError.Unsupported([], $"'{path}' is a link, and is not followed"))
        elif File.Exists path then
            ConfigFile.loadNow Recorder.defaultLimits (File.exactly checkpointer.Options path)
            |> Result.bind (CheckpointLog.ofNode (extension checkpointer))
            |> Result.mapError (inFile path)
        else
            Ok CheckpointLog.empty

    let writeLog (checkpointer: Checkpointer) log =
        let place = File.exactly checkpointer.Options (inside checkpointer CheckpointLog.fileName)

        ConfigFile.saveNow place Threading.CancellationToken.None (CheckpointLog.toRecord log)

    /// For reading, a log that is broken hides nothing: the files speak for themselves.
    let glimpse checkpointer =
        match readLog checkpointer with
        | Ok log -> log
        | Error _ -> CheckpointLog.empty

    /// The files by kind and epoch, each with the name it has now: a save that was killed may have left its last moves undone.
    let files (checkpointer: Checkpointer) (log: CheckpointLog) =
        let names =
            if Directory.Exists checkpointer.Folder then
                [
                    for path in Directory.EnumerateFiles checkpointer.Folder do
                        match Path.GetFileName path with
                        | null -> ()
                        | name -> name
                ]
            else
                []

        let moved = log.Moves |> Map.filter (fun _ staged -> isOurs checkpointer staged)

        [
            for name in names do
                if
                    not (moved.ContainsKey name)
                    && not (List.contains name log.Leaves)
                    && (CheckpointKind.tryParse (extension checkpointer) name).IsSome
                    && isOurs checkpointer name
                then
                    name, name

            yield! Map.toList moved
        ]
        |> List.choose (fun (name, now) ->
            CheckpointKind.tryParse (extension checkpointer) name
            |> Option.map (fun found -> found, now))
        |> Map

    let epochsOf files =
        files |> Map.toSeq |> Seq.map (fst >> snd) |> set

    // ---- what is changed

    let flush (checkpointer: Checkpointer) =
        if checkpointer.Options.Durability = Durability.Flushed then
            Folder.flush checkpointer.Folder

    /// Does what the log says is still to do.
    let finish (checkpointer: Checkpointer) (log: CheckpointLog) =
        for name, staged in Map.toList log.Moves do
            if File.Exists(inside checkpointer staged) then
                // A link of that name is replaced, not followed.
                File.Move(inside checkpointer staged, inside checkpointer name, overwrite = true)

        for name in log.Leaves do
            File.Delete(inside checkpointer name)

        flush checkpointer
        { log with Moves = Map.empty; Leaves = [] }

    let remove (checkpointer: Checkpointer) epochs =
        for epoch in epochs do
            for kind in CheckpointKind.all do
                let name = CheckpointKind.fileName (extension checkpointer) epoch kind

                if isOurs checkpointer name then
                    File.Delete(inside checkpointer name)

    /// What was started is finished before anything else is.
    let recovered (checkpointer: Checkpointer) =
        readLog checkpointer
        |> Result.map (fun log ->
            if log.Moves.IsEmpty && log.Leaves.IsEmpty then
                log
            else
                finish checkpointer log)
