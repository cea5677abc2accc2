namespace Records.Core

open System
open System.Runtime.InteropServices

/// Dimensions one after the other, as a list that is the same object as one of the last few that were alike: a file has very many tensors, and
/// few shapes.
[<Sealed>]
type internal SharedDims() =
    let dims = ResizeArray<uint64>()
    let lists = Array.create<uint64 list> 8 []
    let shapes = Array.zeroCreate<struct (uint64 list * Shape voption)> 8
    let mutable nextList = 0
    let mutable nextShape = 0

    let rec isSame (dims: ReadOnlySpan<uint64>) (list: uint64 list) =
        match list with
        | [] -> dims.IsEmpty
        | first :: rest -> not dims.IsEmpty && dims[0] = first && isSame (dims.Slice 1) rest

    let made (dims: uint64 list) =
        if dims |> List.forall (fun dim -> dim <= uint64 Int64.MaxValue) then
            dims |> List.map int64 |> Shape.create |> Result.toValueOption
        else
            ValueNone

    /// Forgets the dimensions there are.
    member _.Start() = dims.Clear()

    member _.Count = dims.Count

    member _.Add(dim: uint64) = dims.Add dim

    member _.List: uint64 list =
        let span = Span.op_Implicit (CollectionsMarshal.AsSpan dims): ReadOnlySpan<uint64>
        let mutable place = 0

        while place < lists.Length && not (isSame span lists[place]) do
            place <- place + 1

        if place < lists.Length then
            lists[place]
        else
            let list = List.ofSeq dims
            lists[nextList] <- list
            nextList <- (nextList + 1) % lists.Length
            list

    /// The dimensions as a shape, if they can be one, and it the same where the list is.
    member _.Shape(list: uint64 list) : Shape voption =
        let mutable place = 0

        let isHere (struct (known, shape: Shape voption)) =
            shape.IsSome && obj.ReferenceEquals(known, list)

        while place < shapes.Length && not (isHere shapes[place]) do
            place <- place + 1

        if place < shapes.Length then
            let struct (_, shape) = shapes[place]
            shape
        else
            let shape = made list
            shapes[nextShape] <- struct (list, shape)
            nextShape <- (nextShape + 1) % shapes.Length
            shape
