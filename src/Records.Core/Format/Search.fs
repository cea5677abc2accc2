namespace Records.Core

/// Looking for a place among stretches that stand in order.
[<RequireQualifiedAccess>]
module internal Search =

    /// The first of so many stretches that does not end before this byte; as many as there are where all do.
    let inline from count (offset: int64) ([<InlineIfLambda>] stop: int -> int64) =
        let mutable low = 0
        let mutable high = count

        while low < high do
            let middle = (low + high) / 2

            if stop middle <= offset then
                low <- middle + 1
            else
                high <- middle

        low
