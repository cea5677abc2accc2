namespace Records.Core

open System.IO

/// From one file to another. What does not fit memory goes through a temporary file beside the new one.
[<RequireQualifiedAccess>]
module ConvertFile =

    /// The input of a file as its codec wants it: inflated once where the tensors stay in it until they are written.
    let internal inflated (scratch: Scratch) (found: Identified) =
        // JSON's numbers are unpacked as they are read: nothing of its text is needed later
        if found.Compression.IsSome && found.Codec.Name <> Json.pretty.Name then
            Forward.ofSlice found.Input.Name (scratch.Store(Forward.rest (found.Input.Start())))
        else
            found.Input

    /// Bytes that were read of so many, first of the file and then, with a path, of its tensors.
    [<Sealed>]
    type private Watching(watch: Watch, length: int64) =
        let mutable path: RecordPath option = None
        let mutable total = length
        let mutable bytes = 0L
        let covered = Covered length

        let tell () =
            watch.Token.ThrowIfCancellationRequested()

            match watch.Report with
            | Some report -> report { Bytes = min bytes total; Total = Some total; Path = Option.map List.rev path }
            | None -> ()

        /// The file, watched while it is read for the first time.
        member _.File(source: ISource) =
            Watch.source source (fun offset count ->
                if path.IsNone then
                    covered.Add(offset, count)
                    bytes <- covered.Bytes
                    tell ())

        /// The tensors are next, so many bytes.
        member _.Write count =
            total <- count
            bytes <- 0L

        /// The path has the innermost name first: it is turned where somebody watches.
        member _.Tensor (place: RecordPath) (data: TensorData) : TensorData =
            let source =
                Watch.source data.Bytes.Source (fun _ count ->
                    path <- Some place
                    bytes <- bytes + count
                    tell ())

            { data with Bytes = { data.Bytes with Source = source } }

    /// As run, on this disk.
    let internal runOn
        disk
        (conversion: Conversion)
        (file: string)
        (target: string)
        overwrite
        (watch: Watch)
        : Result<Converted, RecordError> =
        let folder = Path.GetDirectoryName(Path.GetFullPath target) |> Option.ofObj

        File.source false file
        |> Result.bind (fun source ->
            use source = source
            use scratch = new Scratch(Option.defaultValue "." folder)
            let watching = Watching(watch, source.Length)

            RecordError.catch (fun () ->
                Formats.identify conversion.Limits (Forward.input (watching.File source))
                |> Result.bind (fun found ->
                    let kind = Formats.kindFound found

                    let context =
                        {
                            Schema = Option.map Schemas.Fixed conversion.Schema
                            Burn = conversion.FromBurn
                            Limits = conversion.Limits
                            Whole = true
                            Store = Some scratch.Store
                        }

                    Conversion.target conversion kind
                    |> Result.bind (fun target ->
                        Sealing.look found.Codec found.Compression conversion.Limits (Forward.input source)
                        |> Result.map (fun seal -> target, seal.IsSome))
                    |> Result.bind (fun (target, isSealed) ->
                        kind.Decode context (inflated scratch found)
                        |> Result.map (fun laidOut -> target, isSealed, laidOut))
                    |> Result.bind (fun (target, isSealed, laidOut) ->
                        watching.Write(Record.countBytes laidOut.Document.Root)
                        let conversion = { conversion with Parallelism = Cores.atMost conversion.Parallelism }
                        Conversion.prepare conversion kind isSealed target watching.Tensor laidOut))
                |> Result.bind (fun prepared ->
                    let sink = File.sinkOn disk overwrite Durability.Flushed target

                    sink.Write(prepared.Payload, watch.Token).GetAwaiter().GetResult()
                    |> Result.map prepared.Told))
            |> Result.bind id)

    /// Converts the file into another, whole or not at all. Unless it may be overwritten, a file that is there stays.
    let run conversion file target overwrite watch : Result<Converted, RecordError> =
        runOn Disk.real conversion file target overwrite watch
