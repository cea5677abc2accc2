namespace Records.Core

open System

/// Which of two values of a metric is the better one.
[<RequireQualifiedAccess>]
type MetricDirection =
    | Lowest
    | Highest

/// Which checkpoints stay when another is saved.
[<RequireQualifiedAccess>]
type KeepPolicy =
    /// All of them.
    | All
    /// The newest so many: the largest epochs.
    | Last of Count: int
    /// The one whose metric is the best, the earlier of two that are equal; another is not even saved.
    | Best of Metric: string * Direction: MetricDirection
    /// What any of these keeps.
    | Composed of Policies: KeepPolicy list

[<RequireQualifiedAccess>]
module KeepPolicy =

    /// What Burn's learner does unless told otherwise: the last two and the one with the lowest loss.
    let burn = KeepPolicy.Composed [ KeepPolicy.Last 2; KeepPolicy.Best("Loss", MetricDirection.Lowest) ]

    /// Fails when a policy would keep nothing.
    let rec check policy =
        match policy with
        | KeepPolicy.Last count when count < 1 ->
            Error(RecordError.Mismatch([], "one checkpoint or more to keep", string count))
        | KeepPolicy.Composed [] -> Error(RecordError.Missing([], "a policy"))
        | KeepPolicy.Composed policies ->
            List.fold (fun sofar policy -> Result.bind (fun () -> check policy) sofar) (Ok()) policies
        | _ -> Ok()

    /// Burn compares with the largest double there is, so an infinity is never the best; neither is NaN.
    let private measured metric (known: Map<int, Map<string, double>>) epochs =
        [
            for epoch in epochs do
                match Map.tryFind epoch known |> Option.bind (Map.tryFind metric) with
                | Some value when Double.IsFinite value -> epoch, value
                | _ -> ()
        ]

    let rec private wanted policy (known: Map<int, Map<string, double>>) (epochs: Set<int>) current =
        match policy with
        | KeepPolicy.All -> epochs
        | KeepPolicy.Last count ->
            epochs
            |> Set.filter (fun epoch -> epoch <= current)
            |> Seq.sortDescending
            |> Seq.truncate count
            |> set
        | KeepPolicy.Best(metric, direction) ->
            let best =
                match measured metric known epochs, direction with
                // Burn takes the epoch in hand for the best where nothing was measured.
                | [], _ -> current
                | values, MetricDirection.Lowest -> values |> List.minBy (fun (epoch, value) -> value, epoch) |> fst
                | values, MetricDirection.Highest -> values |> List.minBy (fun (epoch, value) -> -value, epoch) |> fst

            // What somebody else saved was never measured here: it may be the best.
            epochs
            |> Set.filter (fun epoch -> epoch <> current && not (known.ContainsKey epoch))
            |> Set.add best
        | KeepPolicy.Composed policies ->
            policies
            |> List.map (fun policy -> wanted policy known epochs current)
            |> Set.unionMany

    /// The epochs that stay once the current one is saved; it is itself not to be saved when it is none of them. Known are the
    /// metrics of what was saved under this policy, the current epoch's with them. Later epochs are of another run, and stay.
    let keeps policy known existing current =
        let epochs = Set.add current existing

        wanted policy known epochs current
        |> Set.union (Set.filter (fun epoch -> epoch > current) epochs)
