namespace Records.Core

open System
open System.Buffers

/// Memory that a tensor is to be read into.
[<NoEquality; NoComparison>]
type internal Room =
    {
        /// Where the bytes are.
        From: Slice
        /// Where they go, in their order.
        Pieces: Memory<byte>[]
        /// The tensor there, once it is filled.
        Held: TensorData
    }

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module internal Room =

    /// Reads the tensor. Fails when the source does.
    let fill (room: Room) =
        let mutable offset = room.From.Offset

        for piece in room.Pieces do
            room.From.Source.Fill(offset, piece.Span)
            offset <- offset + int64 piece.Length

    /// Tensors up to this size are read with those beside them.
    let private small = 1L <<< 14

    /// Bytes read at once for tensors that lie together.
    let private together = 1 <<< 18

    /// How many rooms from this one on can be filled by one read of their source.
    let private run (rooms: Room[]) first =
        let from (index: int) = rooms[index].From
        let start = from first

        if start.Source.InMemory then
            1
        else
            let mutable next = first
            let mutable stop = start.Offset

            while next < rooms.Length
                  && Object.ReferenceEquals((from next).Source, start.Source)
                  && (from next).Length <= small
                  && (from next).Offset >= stop
                  && (from next).Offset + (from next).Length - start.Offset <= int64 together do
                stop <- (from next).Offset + (from next).Length
                next <- next + 1

            max 1 (next - first)

    /// The rooms in stretches of some bytes, a few for each thread, with the place of the first of each; in one where they are few.
    let stretches degree (rooms: Room[]) : struct (int * Room[])[] =
        let total = rooms |> Array.sumBy (fun room -> room.From.Length)
        let share = max (8L <<< 20) (total / int64 (4 * degree) + 1L)

        if degree < 2 || total <= share then
            [| struct (0, rooms) |]
        else
            let starts = ResizeArray [ 0 ]
            let mutable bytes = 0L

            for index in 0 .. rooms.Length - 1 do
                if bytes >= share then
                    starts.Add index
                    bytes <- 0L

                bytes <- bytes + rooms[index].From.Length

            starts.Add rooms.Length
            [| for first, next in Seq.pairwise starts -> struct (first, rooms[first .. next - 1]) |]

    /// Reads all of them in their order, small ones that lie together at once. Before each read the function is told which is next.
    let fillAll (before: int -> unit) (rooms: Room[]) =
        let buffer = lazy ArrayPool<byte>.Shared.Rent together
        let mutable first = 0

        try
            while first < rooms.Length do
                before first
                let count = run rooms first

                if count = 1 then
                    fill rooms[first]
                else
                    let start = rooms[first].From
                    let last = rooms[first + count - 1].From
                    let bytes = Span(buffer.Value, 0, int (last.Offset + last.Length - start.Offset))
                    start.Source.Fill(start.Offset, bytes)

                    for room in ArraySegment(rooms, first, count) do
                        let mutable offset = int (room.From.Offset - start.Offset)

                        for piece in room.Pieces do
                            bytes.Slice(offset, piece.Length).CopyTo piece.Span
                            offset <- offset + piece.Length

                first <- first + count
        finally
            if buffer.IsValueCreated then
                ArrayPool<byte>.Shared.Return buffer.Value
