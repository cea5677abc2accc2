namespace Records.Core

open System.Collections.Concurrent

/// What takes memory to make and serves one thread at a time: as many of them as are in use at once.
[<Sealed>]
type internal Idle<'T>(make: unit -> 'T) =
    let idle = ConcurrentBag<'T>()

    /// Works with one that nobody else works with meanwhile.
    member _.Use(work: 'T -> 'R) =
        let taken =
            match idle.TryTake() with
            | true, taken -> taken
            | _ -> make ()

        let result = work taken
        idle.Add taken
        result
