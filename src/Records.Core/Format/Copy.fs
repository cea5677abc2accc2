namespace Records.Core

open System

/// What deflate says is there once more: so many bytes, as far back as so many.
[<RequireQualifiedAccess>]
module internal Copy =

    /// How far back one may reach.
    let furthest = 1 <<< 15

    /// Makes it. Where it reaches into itself it repeats what it has made.
    let make (target: byte[]) place length distance =
        if distance >= length then
            Buffer.BlockCopy(target, place - distance, target, place, length)
        elif distance = 1 then
            target.AsSpan(place, length).Fill target[place - 1]
        else
            for index in place .. place + length - 1 do
                target[index] <- target[index - distance]

    /// Written down, to be made later.
    let entry place length distance =
        (uint64 place <<< 32) ||| (uint64 length <<< 16) ||| uint64 (distance - 1)

    /// Makes one that was written down.
    let makeEntry target (entry: uint64) =
        make target (int (entry >>> 32)) (int (entry >>> 16) &&& 0xFFFF) (int (entry &&& 0xFFFFUL) + 1)
