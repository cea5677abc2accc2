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

    // MADV_HUGEPAGE and, since Linux 5.14, MADV_POPULATE_WRITE. Not MADV_COLLAPSE, which would make large pages of those as well that were
    // touched already, by the headers of arrays: where a host has to find memory for them, a load takes three times as long as without.
    let private hugePage = 14
    let private populate = 23

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

    /// Asks for large pages under these pieces, which nobody has written to yet. Only advice: what the system cannot do it leaves,
    /// and nothing in the memory changes. The pieces may be moved meanwhile, and then the advice is for nothing.
    let private prefer (pieces: seq<Memory<byte>>) =
        if
            OperatingSystem.IsLinux()
            && size.Value > 0L
            && Seq.sumBy (fun (piece: Memory<byte>) -> int64 piece.Length) pieces >= least
        then
            let size = size.Value

            for struct (start, stop) in stretches pieces do
                // The page that a stretch begins in is the heap's as well; the one that it ends in may not be.
                let first = start / size * size
                let last = stop / size * size

                if last > first then
                    advise (nativeint first, unativeint (last - first), hugePage) |> ignore

                let page = int64 Environment.SystemPageSize
                let first = (start + page - 1L) / page * page
                let last = stop / page * page

                if last > first then
                    advise (nativeint first, unativeint (last - first), populate) |> ignore

    /// Fills all of them, as Room.fillAll does, in large pages where they take much memory; so many stretches at a time, on the
    /// threads of the pool. The function is told on any of those, one after the other.
    let fill degree before (rooms: Room[]) =
        let fillFrom first (rooms: Room[]) =
            prefer (Seq.collect _.Pieces rooms)
            Room.fillAll (fun index -> before (first + index)) rooms

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
        prefer (Seq.collect _.Pieces rooms)

        [
            for room in rooms do
                match RecordError.catch (fun () -> Room.fill room) with
                | Ok() -> ()
                | Error error -> error
        ]
