namespace Records.Core

open System
open System.IO
open System.Security.Cryptography
open System.Threading.Tasks

/// One file of a checkpoint that is to be saved.
[<NoEquality; NoComparison>]
type CheckpointPart =
    {
        Kind: CheckpointKind
        /// Needed to write as an older Burn, whose fields may differ.
        Schema: Schemas option
        Document: Document
    }

/// One file of a checkpoint that is to be restored. Formats that do not describe themselves need the schema.
[<NoEquality; NoComparison>]
type CheckpointWish = { Kind: CheckpointKind; Schema: Schemas option }

/// The newest checkpoint that is whole.
[<NoEquality; NoComparison>]
type LatestCheckpoint<'T> =
    {
        Epoch: int
        Value: 'T
        /// Newer ones that could not be read, and why.
        Skipped: (int * RecordError) list
    }

/// Saves training states by epoch, keeps those that its policy names, and finds the newest that is whole.
[<RequireQualifiedAccess>]
module Checkpoints =

    /// A folder of checkpoints, with Burn's policy: the last two and the one with the lowest loss.
    let at folder recorder =
        { Folder = folder; Recorder = recorder; Options = File.defaults; Policy = KeepPolicy.burn }

    /// The same with another policy.
    let keeping policy (checkpointer: Checkpointer) = { checkpointer with Policy = policy }

    /// The epochs of which any file is there, in order.
    let epochs (checkpointer: Checkpointer) : Result<int list, RecordError> =
        CheckpointFolder.guard checkpointer "list" (fun () ->
            CheckpointFolder.files checkpointer (CheckpointFolder.glimpse checkpointer)
            |> CheckpointFolder.epochsOf
            |> Set.toList
            |> Ok)

    // ---- saving

    /// Progress of one file as that of them all.
    let private within (watch: Watch) kind before total =
        let report =
            watch.Report
            |> Option.map (fun report (step: Progress) ->
                report
                    {
                        Bytes = before + step.Bytes
                        Total = total
                        Path = step.Path |> Option.map (fun path -> CheckpointKind.name kind :: path)
                    })

        { watch with Report = report }

    let private schemed schema (checkpointer: Checkpointer) =
        match schema with
        | Some schemas -> Recorder.schemas schemas checkpointer.Recorder
        | None -> checkpointer.Recorder

    /// Writes each part under a name of its own, as far as the disk. Gives the names by those they are to get.
    let private stage
        (checkpointer: Checkpointer)
        watch
        epoch
        (parts: CheckpointPart list)
        (staged: ResizeArray<string * string>)
        =
        let mutable before = 0L
        let mutable result = Ok()

        for part in parts do
            if Result.isOk result then
                let name = CheckpointKind.fileName (CheckpointFolder.extension checkpointer) epoch part.Kind
                let unique = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes 8)
                let temporary = $".{name}.{unique}.tmp"
                staged.Add(name, temporary)
                let place = File.exactly checkpointer.Options (CheckpointFolder.inside checkpointer temporary)
                let watch = within watch part.Kind before None

                result <-
                    Recorder.saveNow (schemed part.Schema checkpointer) place watch part.Document
                    |> Result.mapError (RecordError.under (CheckpointKind.name part.Kind))

                if Result.isOk result then
                    before <- before + FileInfo(CheckpointFolder.inside checkpointer temporary).Length

        result

    let private check (checkpointer: Checkpointer) epoch (parts: CheckpointPart list) =
        let kinds = parts |> List.map _.Kind

        if epoch < 0 then
            Error(RecordError.Mismatch([], "an epoch of 0 or more", string epoch))
        elif kinds.IsEmpty then
            Error(RecordError.Missing([], "a model, an optimizer or a scheduler to save"))
        elif (List.distinct kinds).Length < kinds.Length then
            Error(RecordError.Unsupported([], "a checkpoint holds one of each kind"))
        else
            KeepPolicy.check checkpointer.Policy

    /// Saves the checkpoint of an epoch on the calling thread, unless the policy would not keep it: then nothing is done, and
    /// false given. All of it is on the disk before any of it has its name and before an older one goes; where the epoch has
    /// a checkpoint, the whole of that is replaced. When something fails, or it is cancelled, older checkpoints are as they were; what fails once all is written leaves the new one, which the next save finishes.
    let saveNow (checkpointer: Checkpointer) watch epoch metrics parts : Result<bool, RecordError> =
        check checkpointer epoch parts
        |> Result.bind (fun () ->
            CheckpointFolder.guard checkpointer "save to" (fun () ->
                watch.Token.ThrowIfCancellationRequested()

                CheckpointFolder.recovered checkpointer
                |> Result.bind (fun log ->
                    let present = CheckpointFolder.files checkpointer log
                    let existing = CheckpointFolder.epochsOf present
                    let log = { log with Metrics = log.Metrics.Add(epoch, metrics) }
                    let kept = KeepPolicy.keeps checkpointer.Policy log.Metrics existing epoch

                    if not (kept.Contains epoch) then
                        Ok false
                    else
                        let staged = ResizeArray()
                        let committed = ref false

                        try
                            stage checkpointer watch epoch parts staged
                            |> Result.bind (fun () ->
                                let moves = Map(List.ofSeq staged)

                                let leaves =
                                    [
                                        for (_, there), name in Map.toList present do
                                            if there = epoch && not (moves.ContainsKey name) then
                                                name
                                    ]

                                watch.Token.ThrowIfCancellationRequested()
                                let pending = { log with Moves = moves; Leaves = leaves }
                                // From here on the checkpoint is there: what is left to do is done after a crash, too.
                                CheckpointFolder.writeLog checkpointer pending |> Result.map (fun () -> pending))
                            |> Result.bind (fun pending ->
                                committed.Value <- true
                                let log = CheckpointFolder.finish checkpointer pending
                                CheckpointFolder.remove checkpointer (existing - kept)
                                let known = Map.filter (fun epoch _ -> kept.Contains epoch) log.Metrics
                                CheckpointFolder.writeLog checkpointer { log with Metrics = known })
                            |> Result.map (fun () -> true)
                        finally
                            if not committed.Value then
                                for _, temporary in staged do
                                    File.Delete(CheckpointFolder.inside checkpointer temporary))))

    /// Removes the checkpoint of an epoch, on the calling thread. One that is not there is no error.
    let deleteNow (checkpointer: Checkpointer) epoch : Result<unit, RecordError> =
        CheckpointFolder.guard checkpointer "delete from" (fun () ->
            if not (Directory.Exists checkpointer.Folder) then
                Ok()
            else
                CheckpointFolder.recovered checkpointer
                |> Result.bind (fun log ->
                    CheckpointFolder.remove checkpointer [ epoch ]
                    CheckpointFolder.flush checkpointer

                    if log.Metrics.ContainsKey epoch then
                        CheckpointFolder.writeLog checkpointer { log with Metrics = log.Metrics.Remove epoch }
                    else
                        Ok()))

    // ---- restoring

    let private restoreFrom (checkpointer: Checkpointer) files watch epoch (wishes: CheckpointWish list) =
        let paths =
            wishes
            |> List.map (fun wish ->
                match Map.tryFind (wish.Kind, epoch) files with
                | Some name -> Ok(wish, CheckpointFolder.inside checkpointer name)
                | None ->
                    let path =
                        CheckpointFolder.inside
                            checkpointer
                            (CheckpointKind.fileName (CheckpointFolder.extension checkpointer) epoch wish.Kind)

                    let hint =
                        if CheckpointFolder.isLink path then
                            "a link that leads elsewhere has that name"
                        else
                            ""

                    Error(RecordError.NotFound(path, hint)))

        let total =
            paths
            |> List.sumBy (function
                | Ok(_, path) -> FileInfo(path).Length
                | Error _ -> 0L)

        let before = ref 0L

        let load (wish: CheckpointWish, path) =
            let watch = within watch wish.Kind before.Value (Some total)
            before.Value <- before.Value + FileInfo(path).Length

            Recorder.loadNow (schemed wish.Schema checkpointer) watch (File.exactly checkpointer.Options path)
            |> Result.mapError (RecordError.under (CheckpointKind.name wish.Kind))

        let documents = paths |> List.map (Result.bind load)

        match
            documents
            |> List.choose (function
                | Error error -> Some error
                | Ok _ -> None)
        with
        | [] -> Ok(documents |> List.choose Result.toOption)
        | problems -> Error(RecordError.ofList problems)

    /// What was asked for of an epoch's checkpoint, in that order, on the calling thread. All that is wrong is told at once.
    let restoreNow checkpointer watch epoch wishes : Result<Document list, RecordError> =
        CheckpointFolder.guard checkpointer "read" (fun () ->
            restoreFrom
                checkpointer
                (CheckpointFolder.files checkpointer (CheckpointFolder.glimpse checkpointer))
                watch
                epoch
                wishes)

    /// The newest checkpoint of which all that was asked for is there, opens and decodes, the given function included; None
    /// where there is no checkpoint at all. When there are some and none is whole, the error lists what is wrong with each.
    let restoreLatestNow
        checkpointer
        (watch: Watch)
        wishes
        (decode: Document list -> Result<'T, RecordError>)
        : Result<LatestCheckpoint<'T> option, RecordError> =
        CheckpointFolder.guard checkpointer "read" (fun () ->
            let files = CheckpointFolder.files checkpointer (CheckpointFolder.glimpse checkpointer)

            let rec newest skipped epochs =
                match epochs with
                | [] when List.isEmpty skipped -> Ok None
                | [] -> Error(RecordError.ofList (skipped |> List.rev |> List.map snd))
                | epoch :: older ->
                    watch.Token.ThrowIfCancellationRequested()

                    match
                        CheckpointFolder.guard checkpointer "read" (fun () ->
                            restoreFrom checkpointer files watch epoch wishes)
                        |> Result.bind decode
                    with
                    | Ok value -> Ok(Some { Epoch = epoch; Value = value; Skipped = List.rev skipped })
                    | Error error -> newest ((epoch, error) :: skipped) older

            CheckpointFolder.epochsOf files |> Seq.sortDescending |> List.ofSeq |> newest [])

    // ---- on another thread

    /// Saves, on another thread. Cancelling leaves the files of the folder as they were.
    let save checkpointer token epoch metrics parts : Task<Result<bool, RecordError>> =
        let watch = { Report = None; Token = token }
        Task.Run((fun () -> saveNow checkpointer watch epoch metrics parts), token)

    /// Restores, on another thread.
    let restore checkpointer token epoch wishes : Task<Result<Document list, RecordError>> =
        let watch = { Report = None; Token = token }
        Task.Run((fun () -> restoreNow checkpointer watch epoch wishes), token)

    /// Restores the newest that is whole, on another thread.
    let restoreLatest checkpointer token wishes : Task<Result<LatestCheckpoint<Document list> option, RecordError>> =
        let watch = { Report = None; Token = token }
        Task.Run((fun () -> restoreLatestNow checkpointer watch wishes Ok), token)

    /// Removes, on another thread.
    let delete checkpointer token epoch : Task<Result<unit, RecordError>> =
        Task.Run((fun () -> deleteNow checkpointer epoch), token)
