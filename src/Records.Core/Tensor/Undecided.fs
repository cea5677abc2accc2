namespace Records.Core

/// The integers that a tensor may be instead, where its file does not say: Burn up to 0.13 wrote lists of bare numbers.
[<RequireQualifiedAccess>]
type internal Integers =
    /// The floats themselves, as far as they are whole. Burn up to 0.11 wrote ints of full precision so.
    | Whole
    /// The bits of the halves, which formats with names write as numbers.
    | Bits
    /// The same bits, which bincode writes as it writes signed numbers: even ones are positive.
    | Zigzag
    /// 0 and -1 for false and true, which bincode writes alike.
    | Truths

/// Bytes that are read as the likelier of two things. What a tensor is loaded into knows better, as it does in Burn: see Cast.
[<Sealed>]
type internal Undecided(inner: ISource, integers: Integers) =

    member _.Inner = inner
    member _.Integers = integers

    interface ISource with
        member _.Name = inner.Name
        member _.Length = inner.Length
        member _.InMemory = inner.InMemory
        member _.Outlives = inner.Outlives
        member _.Read(offset, count) = inner.Read(offset, count)
        member _.Fill(offset, target) = inner.Fill(offset, target)
        member _.Dispose() = inner.Dispose()

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module internal Undecided =

    /// The same bytes, which may be these integers.
    let mark integers (bytes: Slice) =
        let source: ISource = new Undecided(bytes.Source, integers)
        { bytes with Source = source }

    /// The integers that these bytes may be; None for bytes that are what they seem.
    let integersOf (bytes: Slice) =
        match bytes.Source with
        | :? Undecided as undecided -> Some undecided.Integers
        | _ -> None

    /// A copy of the bytes, as undecided as they are.
    let keep (bytes: Slice) (copy: Slice) =
        match integersOf bytes, integersOf copy with
        | Some integers, None -> mark integers copy
        | _ -> copy
