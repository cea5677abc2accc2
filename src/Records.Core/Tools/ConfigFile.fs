namespace Records.Core

open System.Threading.Tasks

/// Configs at a place: Burn calls the file config.json and leaves the name to its user.
[<RequireQualifiedAccess>]
module ConfigFile =

    let private extension = "json"

    /// Saves on the calling thread: the old file or the new one, whole.
    let saveNow (place: IPlace) token (record: Record) : Result<unit, RecordError> =
        Config.encode record
        |> Result.bind (fun payload ->
            place.Sink extension
            |> Result.bind (fun sink -> sink.Write(payload, token).GetAwaiter().GetResult()))

    /// Loads on the calling thread.
    let loadNow (limits: Limits) (place: IPlace) : Result<ConfigNode, RecordError> =
        place.Open extension
        |> Result.bind (fun source ->
            use source = source
            Config.decode limits (Forward.input source))

    /// Saves, on another thread. Cancelling leaves an older file as it was and no new one; folders made for it stay.
    let save place token record : Task<Result<unit, RecordError>> =
        Task.Run((fun () -> saveNow place token record), token)

    /// Loads, on another thread.
    let load limits token place : Task<Result<ConfigNode, RecordError>> =
        Task.Run((fun () -> loadNow limits place), token)
