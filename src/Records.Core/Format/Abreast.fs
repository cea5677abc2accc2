namespace Records.Core

/// Inflates two stretches at a time on one thread: each knows nothing of what comes before it, and does not end its stream.
[<Sealed>]
type internal Abreast() =
    let one = Deflated()
    let other = Deflated()

    let isDone (deflated: Deflated) =
        not deflated.InBlock && deflated.At = deflated.Place.Stop

    // a last block is for the end of the stream
    let advance (deflated: Deflated) =
        deflated.Advance() && not deflated.IsLast

    /// All that is left. Whether it became as many bytes as it should.
    let finish (deflated: Deflated) =
        let mutable good = true

        while good && not (isDone deflated) do
            good <- advance deflated

        good && deflated.Filled = deflated.Place.Full

    /// Two stretches that lie one behind the other, with their lengths, and the sizes that they have inflated. False where they are anything else, and
    /// where other things than literals are so many that it is not worth it: what is in the target then is nothing.
    member _.Inflate(bytes: byte[], struct (length, nextLength: int), target: byte[], struct (size, nextSize: int)) =
        let begins (deflated: Deflated) start length place size =
            deflated.Begin(
                {
                    Bytes = bytes
                    At = 8 * start
                    Stop = 8 * (start + length)
                    Target = target
                    Known = place
                    Filled = place
                    Full = place + size
                },
                [||]
            )

        begins one 0 length 0 size
        begins other length nextLength size nextSize
        let mutable good = true
        let mutable patience = 1 <<< 15

        while good && not (isDone one) && not (isDone other) do
            if one.InBlock && other.InBlock then
                let mutable more = true

                // as many as there are bits for whatever they are, and so on with what is left
                while more do
                    let literals = Literals.Abreast(one, other)
                    patience <- min (1 <<< 18) (patience + literals)
                    more <- literals > 1000

            patience <- patience - Literals.Worth
            good <- patience > 0 && advance one && advance other

        good && finish one && finish other
