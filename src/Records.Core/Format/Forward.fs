namespace Records.Core

open System

/// Sources read front to back.
[<RequireQualifiedAccess>]
module Forward =

    /// Bytes looked at in one go when the source is not in memory.
    let private windowSize = 1 <<< 16

    /// Reads a source in order; what is taken stays unread in the source.
    let ofSource (source: ISource) : IForward =
        let mutable position = 0L

        { new IForward with
            member _.Position = position
            member _.Remaining = ValueSome(source.Length - position)

            member _.Peek count =
                let rest = source.Length - position
                let wanted = int64 (max count (if source.InMemory then Array.MaxLength else windowSize))
                source.Read(position, int (min rest wanted))

            member _.Advance count = position <- position + int64 count

            member _.Take length =
                if length > source.Length - position then
                    ValueNone
                else
                    let slice = { Source = source; Offset = position; Length = length }
                    position <- position + length
                    ValueSome slice
        }

    /// What a codec is given when nothing lies between it and the source.
    let input (source: ISource) : Input =
        { Name = source.Name; Start = fun () -> ofSource source }
