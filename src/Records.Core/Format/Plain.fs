namespace Records.Core

open System
open System.Buffers

/// A stretch of a file.
[<Struct; NoEquality; NoComparison>]
type internal KeptStretch = { Start: int64; Stop: int64; Bytes: ReadOnlyMemory<byte> }

/// What lies between the tensors of a file, as it was hashed: what is decoded are those very bytes, and they are not read again. Its memory is
/// lent, and given back when the decoding is over.
[<Sealed>]
type internal Kept(most: int64) =
    let mutable stretches = Array.empty<KeptStretch>
    let mutable count = 0
    // memory there is
    let mutable bytes = 0L
    // stretches lie in these, many in one: most are short
    let lent = ResizeArray<byte[]>()
    // what is left of the last
    let mutable room = Memory<byte>.Empty

    /// What is beside the tensors is little beside what becomes of it. Where there is more than this the rest is read again.
    static member Most = 1L <<< 23

    /// Memory for so many bytes; none where that is too much.
    member _.Room(length: int64) =
        if length > int64 room.Length && bytes + length <= most then
            // what is lent is as large as the next power of two
            let larger =
                if length > (1L <<< 20) then
                    GC.AllocateUninitializedArray<byte>(int length)
                else
                    let larger = ArrayPool<byte>.Shared.Rent(max (int length) (1 <<< 14))
                    lent.Add larger
                    larger

            bytes <- bytes + int64 larger.Length
            room <- Memory larger

        if length > 0L && length <= int64 room.Length then
            let taken = room.Slice(0, int length)
            room <- room.Slice(int length)
            taken
        else
            Memory.Empty

    /// Keeps a stretch that lies behind all before it.
    member _.Add stretch =
        if count = stretches.Length then
            let larger = ArrayPool<KeptStretch>.Shared.Rent(max 16 (2 * count))
            Array.blit stretches 0 larger 0 count

            if count > 0 then
                ArrayPool<KeptStretch>.Shared.Return(stretches, true)

            stretches <- larger

        stretches[count] <- stretch
        count <- count + 1

    /// The first stretch that does not end before this byte.
    member private _.From(offset: int64) =
        Search.from count offset (fun index -> stretches[index].Stop)

    /// What is kept from this byte on, up to the next tensor.
    member this.At(offset: int64) =
        let index = this.From offset

        if index < count && stretches[index].Start <= offset then
            stretches[index].Bytes.Slice(int (offset - stretches[index].Start))
        else
            ReadOnlyMemory.Empty

    /// Puts what is kept over what was read from this byte on.
    member this.Over(offset: int64, target: Span<byte>) =
        let stop = offset + int64 target.Length
        let mutable low = this.From offset

        while low < count && stretches[low].Start < stop do
            let stretch = stretches[low]
            let first = max offset stretch.Start
            let length = int (min stop stretch.Stop - first)

            stretch.Bytes.Span.Slice(int (first - stretch.Start), length).CopyTo(target.Slice(int (first - offset)))

            low <- low + 1

    member _.Count = count

    member _.Item
        with get index = stretches[index]

    /// Gives the memory back: nothing is kept any more.
    member _.Return() =
        let known = stretches
        // whoever looks from here on finds nothing
        count <- 0
        stretches <- Array.empty
        room <- Memory.Empty
        // and nothing will be kept
        bytes <- most

        for array in lent do
            ArrayPool<byte>.Shared.Return array

        lent.Clear()

        if known.Length > 0 then
            ArrayPool<KeptStretch>.Shared.Return(known, true)

/// A file, of which what is kept comes from there, however it is read.
[<Sealed>]
type internal Overlaid(file: ISource, kept: Kept) =
    interface ISource with
        member _.Name = file.Name
        member _.Length = file.Length
        member _.InMemory = false
        member _.Outlives = file.Outlives

        member this.Read(offset, count) =
            if kept.Count = 0 then
                file.Read(offset, count)
            else
                let bytes = GC.AllocateUninitializedArray<byte> count
                (this :> ISource).Fill(offset, Span bytes)
                ReadOnlyMemory bytes

        member _.Fill(offset, target) =
            file.Fill(offset, target)
            kept.Over(offset, target)

        // whoever opened the file closes it
        member _.Dispose() = ()

    interface IKeeps with
        member _.Near offset = kept.At offset

/// A sealed file as it would be without its seal: cut off before it, with what it ended with, its first byte as it was.
[<Sealed>]
type private Plain(file: ISource, cut: int64, added: byte, ending: byte[]) =
    interface ISource with
        member _.Name = file.Name
        member _.Length = cut + int64 ending.Length
        member _.InMemory = false
        member _.Outlives = false

        member this.Read(offset, count) =
            let bytes = GC.AllocateUninitializedArray<byte> count
            (this :> ISource).Fill(offset, Span bytes)
            ReadOnlyMemory bytes

        member _.Fill(offset, target) =
            let before = int (min (int64 target.Length) (max 0L (cut - offset)))

            if before > 0 then
                file.Fill(offset, target.Slice(0, before))

                if offset = 0L then
                    target[0] <- target[0] - added

            Span(ending, int (max 0L (offset - cut)), target.Length - before).CopyTo(target.Slice before)

        member _.Dispose() = ()

/// The same from front to back. What lies in the midst of it is the file's own, or looked at when it is touched.
[<Sealed>]
type internal PlainForward
    (file: ISource, kept: Kept, tensors: CheckedSource option, cut: int64, added: byte, ending: byte[]) =
    let whole: ISource = new Plain(file, cut, added, ending)
    let inner = Forward.ofSource (Forward.sourceOf file.Name { Source = file; Offset = 0L; Length = cut })

    // of what is looked at when it is touched nothing is read
    let pass (length: int64) =
        match inner with
        | :? ISkips as skips -> skips.Skip length
        | _ -> inner.Take length |> ignore

    let mutable position = 0L
    let mutable stretch = 0

    /// What is kept from the position on.
    let near () =
        while stretch < kept.Count && position >= kept[stretch].Stop do
            stretch <- stretch + 1

        if stretch < kept.Count && position >= kept[stretch].Start then
            kept[stretch].Bytes.Slice(int (position - kept[stretch].Start))
        else
            ReadOnlyMemory.Empty

    /// So many of the next bytes, copied.
    let copied (count: int) =
        whole.Read(position, int (min (int64 count) (whole.Length - position)))

    interface IForward with
        member _.Position = position
        member _.Remaining = ValueSome(whole.Length - position)

        member _.Peek count =
            match near () with
            // or all there is
            | near when
                near.Length >= max 1 count
                || not near.IsEmpty && position + int64 near.Length = whole.Length
                ->
                if position = 0L && added > 0uy then
                    let first = near.ToArray()
                    first[0] <- first[0] - added
                    ReadOnlyMemory first
                else
                    near
            | _ when position = 0L && added > 0uy -> copied (max count 4096)
            | _ when int64 count <= cut - position || position < cut && ending.Length = 0 -> inner.Peek count
            | _ -> copied count

        member _.Advance count =
            // what is kept is no tensor's
            if
                tensors.IsSome
                && not tensors.Value.IsDone
                && not (
                    stretch < kept.Count
                    && position >= kept[stretch].Start
                    && position + int64 count <= kept[stretch].Stop
                )
            then
                tensors.Value.Check(position, int64 count)

            inner.Advance(int (min (int64 count) (max 0L (cut - position))))
            position <- position + int64 count

        member _.Take length =
            let start = position

            if length > whole.Length - start then
                ValueNone
            else
                position <- start + length

                match tensors with
                | None when position <= cut && not (start = 0L && added > 0uy) -> inner.Take length
                | _ ->
                    pass (min length (max 0L (cut - start)))

                    let source: ISource =
                        match tensors with
                        | Some tensors when position <= cut && not (start = 0L && added > 0uy) -> tensors
                        | _ -> whole

                    ValueSome { Source = source; Offset = start; Length = length }

    interface IAhead with
        member _.Ahead =
            let unwatched: ISource = new Plain(Forward.unwatched file, cut, added, ending)
            ValueSome { Source = unwatched; Offset = position; Length = whole.Length - position }
