namespace Records.Core

open System.Collections.Generic
open System.Threading.Tasks

/// Runs work on the threads of the pool in the order in which it comes, never more than so many pieces at a time: a piece that waits for its
/// turn holds no thread.
[<Sealed>]
type internal Lanes<'T>(degree: int) =
    let waiting = Queue<struct (TaskCompletionSource<'T> * (unit -> 'T))>()
    let mutable running = 0

    let next () =
        lock waiting (fun () ->
            match waiting.TryDequeue() with
            | true, piece -> ValueSome piece
            | _ ->
                running <- running - 1
                ValueNone)

    let rec run () =
        match next () with
        | ValueSome(struct (result, work)) ->
            try
                result.SetResult(work ())
            with fault ->
                result.SetException fault
                // who does not wait for it any more does not want to hear of it either
                result.Task.Exception |> ignore

            run ()
        | ValueNone -> ()

    member _.Start(work: unit -> 'T) : Task<'T> =
        let result = TaskCompletionSource<'T>(TaskCreationOptions.RunContinuationsAsynchronously)

        let isFree =
            lock waiting (fun () ->
                waiting.Enqueue(struct (result, work))
                let isFree = running < degree

                if isFree then
                    running <- running + 1

                isFree)

        if isFree then
            Task.Run run |> ignore

        result.Task
