namespace Records.Core

#nowarn "9" // reads and writes that were seen to be in bounds

open System.Runtime.CompilerServices
open Microsoft.FSharp.NativeInterop

/// Literals one after the other, which is what weights become when they are deflated: four at a time, from as many bits as a word holds.
/// Where one begins is known when the one before it has been looked up, and the processor waits for that most of the time.
/// Written out, for .NET unrolls no such loop, and what is handed on by address is kept in memory.
[<AbstractClass; Sealed>]
type internal Literals =

    /// Literals for each time that something else comes, at least, where this is worth it. Estimated and not measured: what is no literal costs more here
    /// than in .NET's inflater.
    static member Worth = 32

    /// Fours that there is room for, and bits, whatever they are: words are read up to 16 bytes ahead.
    static member private Fours(deflated: Deflated) =
        let bits = deflated.Place.Stop - 128 - deflated.At
        let room = deflated.Place.Full - deflated.Filled

        if bits < 0 then
            0
        else
            min (bits / (4 * Prefix.bits)) (room / 4)

    static member inline private Word(place: nativeint) =
        Unsafe.ReadUnaligned<uint64>(place.ToPointer())

    static member inline private Entry(table: nativeint, word: uint64) =
        Unsafe.Read<uint32>((table + nativeint (4UL * (word &&& uint64 (Prefix.entries - 1)))).ToPointer())

    static member inline private Write(place: nativeint, entry: uint32) =
        Unsafe.Write<byte>(place.ToPointer(), byte (entry >>> 8))

    /// Literals as long as nothing else comes. How many.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member Alone(a: Deflated) =
        use bytesA = fixed a.Place.Bytes
        use targetA = fixed a.Place.Target
        use literalsA = fixed a.Literals
        let tableA = NativePtr.toNativeInt literalsA
        let mutable toA = NativePtr.toNativeInt targetA + nativeint a.Filled
        // Bits are counted so that the next byte is read from here; above those counted a word has more, the same that are read next.
        let mutable fromA = NativePtr.toNativeInt bytesA + nativeint (a.At >>> 3)
        let most = Literals.Fours a
        let mutable left = most

        if most > 0 then
            let mutable wordA = Literals.Word fromA >>> (a.At &&& 7)
            let mutable bitsA = 56 - (a.At &&& 7)
            fromA <- fromA + 7n
            let mutable entryA = Literals.Entry(tableA, wordA)
            let mutable more = true

            while more do
                Literals.Write(toA, entryA)
                wordA <- wordA >>> int entryA
                let mutable sumA = entryA

                entryA <- Literals.Entry(tableA, wordA)
                Literals.Write(toA + 1n, entryA)
                wordA <- wordA >>> int entryA
                sumA <- sumA + entryA

                entryA <- Literals.Entry(tableA, wordA)
                Literals.Write(toA + 2n, entryA)
                wordA <- wordA >>> int entryA
                sumA <- sumA + entryA

                entryA <- Literals.Entry(tableA, wordA)
                Literals.Write(toA + 3n, entryA)
                wordA <- wordA >>> int entryA
                sumA <- sumA + entryA

                // one of the four is none: what was written of them is written again
                if sumA >= Prefix.other then
                    more <- false
                else
                    bitsA <- bitsA - Prefix.lengthOf sumA
                    // what is left of the word is enough for the next: it need not wait for the bytes behind
                    entryA <- Literals.Entry(tableA, wordA)
                    wordA <- wordA ||| (Literals.Word fromA <<< bitsA)
                    fromA <- fromA + nativeint ((63 - bitsA) >>> 3)
                    bitsA <- bitsA ||| 56
                    toA <- toA + 4n
                    left <- left - 1
                    more <- left > 0

            a.Pass(8 * int (fromA - NativePtr.toNativeInt bytesA) - bitsA, int (toA - NativePtr.toNativeInt targetA))

        4 * (most - left)

    /// Literals of both, as long as nothing else comes in either. How many of each. Two that know nothing of each other keep a processor busy: it
    /// takes little longer than one.
    [<MethodImpl(MethodImplOptions.AggressiveOptimization)>]
    static member Abreast(a: Deflated, b: Deflated) =
        use bytesA = fixed a.Place.Bytes
        use bytesB = fixed b.Place.Bytes
        use targetA = fixed a.Place.Target
        use targetB = fixed b.Place.Target
        use literalsA = fixed a.Literals
        use literalsB = fixed b.Literals
        let tableA = NativePtr.toNativeInt literalsA
        let tableB = NativePtr.toNativeInt literalsB
        let mutable toA = NativePtr.toNativeInt targetA + nativeint a.Filled
        let mutable toB = NativePtr.toNativeInt targetB + nativeint b.Filled
        let mutable fromA = NativePtr.toNativeInt bytesA + nativeint (a.At >>> 3)
        let mutable fromB = NativePtr.toNativeInt bytesB + nativeint (b.At >>> 3)
        let most = min (Literals.Fours a) (Literals.Fours b)
        let mutable left = most

        if most > 0 then
            let mutable wordA = Literals.Word fromA >>> (a.At &&& 7)
            let mutable wordB = Literals.Word fromB >>> (b.At &&& 7)
            let mutable bitsA = 56 - (a.At &&& 7)
            let mutable bitsB = 56 - (b.At &&& 7)
            fromA <- fromA + 7n
            fromB <- fromB + 7n
            let mutable entryA = Literals.Entry(tableA, wordA)
            let mutable entryB = Literals.Entry(tableB, wordB)
            let mutable more = true

            while more do
                Literals.Write(toA, entryA)
                Literals.Write(toB, entryB)
                wordA <- wordA >>> int entryA
                wordB <- wordB >>> int entryB
                let mutable sumA = entryA
                let mutable sumB = entryB

                entryA <- Literals.Entry(tableA, wordA)
                entryB <- Literals.Entry(tableB, wordB)
                Literals.Write(toA + 1n, entryA)
                Literals.Write(toB + 1n, entryB)
                wordA <- wordA >>> int entryA
                wordB <- wordB >>> int entryB
                sumA <- sumA + entryA
                sumB <- sumB + entryB

                entryA <- Literals.Entry(tableA, wordA)
                entryB <- Literals.Entry(tableB, wordB)
                Literals.Write(toA + 2n, entryA)
                Literals.Write(toB + 2n, entryB)
                wordA <- wordA >>> int entryA
                wordB <- wordB >>> int entryB
                sumA <- sumA + entryA
                sumB <- sumB + entryB

                entryA <- Literals.Entry(tableA, wordA)
                entryB <- Literals.Entry(tableB, wordB)
                Literals.Write(toA + 3n, entryA)
                Literals.Write(toB + 3n, entryB)
                wordA <- wordA >>> int entryA
                wordB <- wordB >>> int entryB
                sumA <- sumA + entryA
                sumB <- sumB + entryB

                if sumA + sumB >= Prefix.other then
                    more <- false
                else
                    bitsA <- bitsA - Prefix.lengthOf sumA
                    bitsB <- bitsB - Prefix.lengthOf sumB
                    entryA <- Literals.Entry(tableA, wordA)
                    entryB <- Literals.Entry(tableB, wordB)
                    wordA <- wordA ||| (Literals.Word fromA <<< bitsA)
                    wordB <- wordB ||| (Literals.Word fromB <<< bitsB)
                    fromA <- fromA + nativeint ((63 - bitsA) >>> 3)
                    fromB <- fromB + nativeint ((63 - bitsB) >>> 3)
                    bitsA <- bitsA ||| 56
                    bitsB <- bitsB ||| 56
                    toA <- toA + 4n
                    toB <- toB + 4n
                    left <- left - 1
                    more <- left > 0

            a.Pass(8 * int (fromA - NativePtr.toNativeInt bytesA) - bitsA, int (toA - NativePtr.toNativeInt targetA))
            b.Pass(8 * int (fromB - NativePtr.toNativeInt bytesB) - bitsB, int (toB - NativePtr.toNativeInt targetB))

        4 * (most - left)
