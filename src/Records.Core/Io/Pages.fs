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

    /// What is smaller lies among other small things, in memory that was used before.
    let smallest = 1 <<< 16

    /// Where the memory is now; the heap may move it.
    let addressOf (memory: Memory<byte>) =
        Unsafe.AsPointer(&MemoryMarshal.GetReference memory.Span) |> IntPtr |> int64

    /// Whether the system makes large pages of small ones at once: with no bytes it says no more than that. It may have to move others for it, which
    /// whoever runs the machine may not want.
    let private collapses =
        lazy (advise (0n, 0un, collapse) = 0 && not ((said "defrag").Contains "[never]"))

    /// Large pages for the whole ones between two addresses, of which nobody has written more than the headers of arrays; those would stay small.
    /// Where they are only asked for, to come when they are touched, the system notes it of the stretch: the heap then lies in stretches of two
    /// kinds, which are never joined again, and where they meet there is no large page any more.
    let private large size first last =
        if not collapses.Value then
            advise (nativeint first, unativeint (last - first), hugePage) |> ignore
        else
            let page = unativeint Environment.SystemPageSize
            let mutable address = first

            // of each something must have been written
            while address < last do
                advise (nativeint address, page, populate) |> ignore
                address <- address + size

            // The system gives up at the first that cannot be, such as where the heap begins.
            if advise (nativeint first, unativeint (last - first), collapse) <> 0 then
                let mutable failed = 0
                address <- first

                while address < last && failed < 2 do
                    let made = advise (nativeint address, unativeint size, collapse) = 0
                    failed <- if made then 0 else failed + 1
                    address <- address + size

                // there are none left, it seems: to come later, if they can
                if failed = 2 then
                    advise (nativeint address, unativeint (last - address), hugePage) |> ignore

    /// Touches the pages between two addresses, where nobody has written yet, in large pages where there are such, the last of them whole within
    /// a row that ends there. Only advice: what the system cannot do it leaves, and nothing in the memory changes. What is there may be moved
    /// meanwhile, and then it is for nothing.
    let bring (start: int64) (stop: int64) (rowEnd: int64) =
        let size = if OperatingSystem.IsLinux() then size.Value else 0L

        if size > 0L then
            // The page that a stretch begins in is the heap's as well; the one that it ends in may not be.
            let first = start / size * size
            let last = min ((stop + size - 1L) / size * size) (rowEnd / size * size)

            if last > first then
                large size first last

            let page = int64 Environment.SystemPageSize
            let first = (start + page - 1L) / page * page
            let last = max last (stop / page * page)

            if last > first then
                advise (nativeint first, unativeint (last - first), populate) |> ignore

    /// Where pieces are, in their order, and where the row of them ends that each belongs to: between two arrays there are headers. Plain arrays
    /// and loops, for this runs once in many processes, and what it calls would be compiled for that alone.
    [<Sealed>]
    type private Places(rooms: Room[]) =
        let page = int64 Environment.SystemPageSize
        // of each room, and of what follows the last
        let firsts = Array.zeroCreate<int>(rooms.Length + 1)

        do
            for room in 0 .. rooms.Length - 1 do
                firsts[room + 1] <- firsts[room]

                for piece in rooms[room].Pieces do
                    if piece.Length >= smallest then
                        firsts[room + 1] <- firsts[room + 1] + 1

        let starts = Array.zeroCreate<int64> firsts[rooms.Length]
        let stops = Array.zeroCreate<int64> starts.Length
        let ends = Array.zeroCreate<int64> starts.Length

        let follows index =
            let gap = starts[index] - stops[index - 1]
            gap >= 0L && gap <= page

        do
            let mutable place = 0

            for room in rooms do
                for piece in room.Pieces do
                    if piece.Length >= smallest then
                        starts[place] <- addressOf piece
                        stops[place] <- starts[place] + int64 piece.Length
                        place <- place + 1

            for place in starts.Length - 1 .. -1 .. 0 do
                ends[place] <-
                    if place + 1 < starts.Length && follows (place + 1) then
                        ends[place + 1]
                    else
                        stops[place]

        /// Large pages under the pieces of the rooms from the first to before the next, those that follow each other at once.
        member _.Bring(first: int, next: int) =
            let mutable place = firsts[first]

            while place < firsts[next] do
                let start = starts[place]

                while place + 1 < firsts[next] && follows (place + 1) do
                    place <- place + 1

                bring start stops[place] ends[place]
                place <- place + 1

    let private bytesOf (rooms: Room[]) =
        let mutable bytes = 0L

        for room in rooms do
            bytes <- bytes + room.From.Length

        bytes

    /// Calls the function with the rooms in runs of some MiB, and the place of the first of each, once there are large pages under them:
    /// what the system has just cleared is still in the processor's cache when it is written to.
    let private inRuns (rooms: Room[]) (run: int -> Room[] -> unit) =
        if OperatingSystem.IsLinux() && bytesOf rooms >= least && size.Value > 0L then
            let places = Places rooms
            let mutable first = 0
            let mutable bytes = 0L

            for next in 1 .. rooms.Length do
                bytes <- bytes + rooms[next - 1].From.Length

                if bytes >= least || next = rooms.Length then
                    places.Bring(first, next)
                    run first (Array.sub rooms first (next - first))
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
