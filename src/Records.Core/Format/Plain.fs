namespace Records.Core

open System

/// A stretch of a file, with a little of what follows it.
[<Struct; NoEquality; NoComparison>]
type internal KeptStretch = { Start: int64; Stop: int64; Bytes: ReadOnlyMemory<byte> }

/// What lies between the tensors of a file, as it was hashed: what is decoded are those very bytes, and they are not read again.
[<Sealed>]
type internal Kept(most: int64) =
    let stretches = ResizeArray<KeptStretch>()
    let mutable bytes = 0L

    /// What is beside the tensors is little beside what becomes of it. Where there is more than this the rest is read again.
    static member Most = 1L <<< 23

    /// Who looks for the token that a tensor begins behind looks so far.
    static member Ahead = 16

    /// Whether there is room for a stretch of so many bytes.
    member _.Takes(length: int64) = length > 0L && bytes + length <= most

    /// Keeps a stretch that lies behind all before it.
    member _.Add stretch =
        stretches.Add stretch
        bytes <- bytes + stretch.Stop - stretch.Start

    member _.Count = stretches.Count

    member _.Item
        with get index = stretches[index]

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
            | near when near.Length >= max 1 count ->
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
            tensors |> Option.iter (fun tensors -> tensors.Check(position, int64 count))

            inner.Advance(int (min (int64 count) (max 0L (cut - position))))
            position <- position + int64 count

        member _.Take length =
            let start = position

            if length > whole.Length - start then
                ValueNone
            else
                position <- start + length

                match inner.Take(min length (max 0L (cut - start))), tensors with
                | ValueNone, _ -> ValueNone
                | ValueSome _, _ when position > cut || start = 0L && added > 0uy ->
                    ValueSome { Source = whole; Offset = start; Length = length }
                | ValueSome slice, Some tensors -> ValueSome { slice with Source = tensors }
                | taken, None -> taken
