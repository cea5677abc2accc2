namespace Records.Core

open System
open System.Collections.Generic
open System.Threading.Tasks

/// Runs work on the threads of the pool in the order in which it comes, never more than so many pieces at a time: a piece that waits for its
/// turn holds no thread. Who waits for one that nobody has begun does it, as one of so many: the pool may have no thread that is not waiting.
[<Sealed>]
type internal Lanes<'T>(degree: int) =
    let waiting = LinkedList<Task<'T>>()
    // threads of the pool that are at work here, or were asked for
    let mutable running = 0
    // pieces in hand, on those threads or on ones that wait
    let mutable busy = 0

    /// Whether the piece is for whoever asks to do: it still waits, and one more may be in hand.
    let take (piece: Task<'T>) =
        let isFree = busy < degree && waiting.Remove(piece)

        if isFree then
            busy <- busy + 1

        isFree

    let perform (piece: Task<'T>) =
        piece.RunSynchronously TaskScheduler.Default
        // who does not wait for it any more does not want to hear of it either
        piece.Exception |> ignore
        lock waiting (fun () -> busy <- busy - 1)

    let next () =
        lock waiting (fun () ->
            match Seq.tryHead waiting with
            | Some piece when take piece -> ValueSome piece
            | _ ->
                running <- running - 1
                ValueNone)

    let rec run () =
        match next () with
        | ValueSome piece ->
            perform piece
            run ()
        | ValueNone -> ()

    /// One more thread for what waits, where there may be one.
    let ask () =
        let isFree =
            lock waiting (fun () ->
                let isFree = waiting.Count > 0 && running < degree

                if isFree then
                    running <- running + 1

                isFree)

        if isFree then
            Task.Run run |> ignore

    member _.Start(work: unit -> 'T) : Task<'T> =
        let piece = new Task<'T>(Func<'T> work)
        lock waiting (fun () -> waiting.AddLast piece |> ignore)
        ask ()
        piece

    /// What came of a piece.
    member _.Result(piece: Task<'T>) : 'T =
        if lock waiting (fun () -> take piece) then
            perform piece
            // a thread may have come meanwhile, and gone because there were enough
            ask ()

        piece.GetAwaiter().GetResult()

    /// What comes of work that cannot wait for its turn: it is the next to be begun.
    member this.Now(work: unit -> 'T) : 'T =
        let piece = new Task<'T>(Func<'T> work)
        // no thread is asked for: it is done here, or by the first of those at work that is free
        lock waiting (fun () -> waiting.AddFirst piece |> ignore)
        this.Result piece
