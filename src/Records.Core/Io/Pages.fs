namespace Records.Core

#nowarn "9" // advice is given on addresses

open System
open System.IO
open System.Runtime.ExceptionServices
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open System.Threading.Tasks

/// Pages of memory. What is loaded lands in memory that nothing has used, and there the first touch of each page costs more than
/// the bytes in it; Linux gives larger pages where it is asked to, and many at once.
[<RequireQualifiedAccess>]
module internal Pages =

    [<DllImport("libc", EntryPoint = "madvise")>]
    extern int private advise(nativeint address, unativeint length, int advice)

    // MADV_HUGEPAGE and, since Linux 5.14 and 6.1, MADV_POPULATE_WRITE and MADV_COLLAPSE
    let private hugePage = 14
    let private populate = 23
    let private collapse = 25

    /// Less than this is not worth the calls.
    let private least = 8L <<< 20

    let private said file =
        try
            File.ReadAllText("/sys/kernel/mm/transparent_hugepage/" + file).Trim()
        with
        | :? IOException
        | :? UnauthorizedAccessException -> ""

    /// Bytes of a large page; 0 where there are none, or where whoever runs the machine does not want them.
    let private size =
        lazy
            (match said "enabled", Int64.TryParse(said "hpage_pmd_size") with
             | "", _ -> 0L
             | enabled, _ when enabled.Contains "[never]" -> 0L
             | _, (true, size) when size > 0L && size <= least -> size
             | _ -> 0L)

    /// The addresses that the pieces take, those that follow each other as one.
    let private stretches (pieces: seq<Memory<byte>>) =
        let addresses =
            [|
                for piece in pieces do
                    if piece.Length >= Environment.SystemPageSize then
                        let start = Unsafe.AsPointer(&MemoryMarshal.GetReference piece.Span) |> IntPtr |> int64
                        struct (start, start + int64 piece.Length)
            |]

        Array.sortInPlace addresses
        let merged = ResizeArray<struct (int64 * int64)>()

        for struct (start, stop) in addresses do
            let struct (lastStart, lastStop) =
                if merged.Count = 0 then
                    struct (0L, 0L)
                else
                    merged[merged.Count - 1]

            // between two arrays there are headers
            if merged.Count > 0 && start - lastStop <= int64 Environment.SystemPageSize then
                merged[merged.Count - 1] <- struct (lastStart, stop)
            else
                merged.Add(struct (start, stop))

        merged

    /// Asks for large pages under the stretch, which nobody has written to yet and which lies in the other one. Only advice: what the
    /// system cannot do it leaves, and nothing in the memory changes. What is there may be moved meanwhile, and then it is for nothing.
    let private prefer size (struct (start, stop)) (struct (_, wholeStop)) =
        // The page that a stretch begins in is the heap's as well; the one that it ends in may not be.
        let first = start / size * size
        let last = min ((stop + size - 1L) / size * size) (wholeStop / size * size)

        let page = int64 Environment.SystemPageSize

        if last > first then
            advise (nativeint first, unativeint (last - first), hugePage) |> ignore

            // The headers of arrays have touched some already, and these would stay small; of a large page something must have been written.
            for address in first..size .. last - 1L do
                advise (nativeint address, unativeint page, populate) |> ignore

            advise (nativeint first, unativeint (last - first), collapse) |> ignore

        let first = (start + page - 1L) / page * page
        let last = max last (stop / page * page)

        if last > first then
            advise (nativeint first, unativeint (last - first), populate) |> ignore

    let private bytesOf (rooms: seq<Room>) =
        rooms |> Seq.sumBy (fun room -> room.From.Length)

    /// Calls the function with the rooms in runs of some MiB, and the place of the first of each, once there are large pages under them:
    /// what the system has just cleared is still in the processor's cache when it is written to.
    let private inRuns (rooms: Room[]) (run: int -> Room[] -> unit) =
        if OperatingSystem.IsLinux() && size.Value > 0L && bytesOf rooms >= least then
            let all = stretches (Seq.collect _.Pieces rooms)
            let mutable first = 0
            let mutable bytes = 0L

            for next in 1 .. rooms.Length do
                bytes <- bytes + rooms[next - 1].From.Length

                if bytes >= least || next = rooms.Length then
                    let some = rooms[first .. next - 1]

                    for struct (start, _) as stretch in stretches (Seq.collect _.Pieces some) do
                        match all.FindLastIndex(fun (struct (from, _)) -> from <= start) with
                        | -1 -> () // moved since
                        | index -> prefer size.Value stretch all[index]

                    run first some
                    first <- next
                    bytes <- 0L
        else
            run 0 rooms

    /// Fills all of them, as Room.fillAll does, in large pages where they take much memory; so many stretches at a time, on the
    /// threads of the pool. The function is told on any of those, one after the other.
    let fill degree before (rooms: Room[]) =
        let fillFrom first (rooms: Room[]) =
            inRuns rooms (fun start some -> Room.fillAll (fun index -> before (first + start + index)) some)

        match Room.stretches degree rooms with
        | [| _ |]
        | [||] -> fillFrom 0 rooms
        | several ->
            let options = ParallelOptions(MaxDegreeOfParallelism = degree)

            try
                Parallel.ForEach(several, options, (fun (struct (first, rooms)) -> fillFrom first rooms))
                |> ignore
            with :? AggregateException as faults ->
                // as it would have been on one thread: the first to fail, and nothing around it
                ExceptionDispatchInfo.Throw(faults.InnerExceptions[0])

    /// The same, with everything that fails.
    let tryFill (rooms: Room[]) : RecordError list =
        let errors = ResizeArray()

        inRuns rooms (fun _ some ->
            for room in some do
                match RecordError.catch (fun () -> Room.fill room) with
                | Ok() -> ()
                | Error error -> errors.Add error)

        List.ofSeq errors
