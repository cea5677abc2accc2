namespace Records.Core

open System
open System.Collections.Generic
open System.Runtime.CompilerServices

/// How a format reads what leaves nothing open, from the cursor's place on.
[<NoEquality; NoComparison>]
type internal Primitives = { Value: Kind -> Value; Number: string -> uint64; Text: string -> string }

[<RequireQualifiedAccess; NoEquality; NoComparison>]
type private Step =
    /// Paths are innermost first.
    | Read of Kind * Path: string list
    | Items of Item: Kind * Index: int * Left: int * Path: string list
    | Entries of Value: Kind * Left: int * Path: string list
    | Known of Left: (string * Kind) list * Path: string list
    /// The last values become one.
    | Join of Count: int * (Value[] -> Value)

/// Where reading goes on when what was tried does not work out.
[<NoEquality; NoComparison>]
type private Alternative =
    {
        Position: int64
        Index: int
        Kinds: Kind list
        Path: string list
        Rest: Step list
        Values: Value list
    }

/// Reads kinds with choices in them: the first choices with which everything can be read, to the end.
/// What is still to be read is a list, so going back is remembering it; a place from which the rest could not be read is
/// not tried again.
[<RequireQualifiedAccess>]
module internal Backtrack =

    /// Things read in all, what was tried in vain included. A model's file needs some ten for each of its tensors.
    let private most = 1_000_000L

    /// Nils at the end of a file that count as such.
    let private mostNils = 4096

    let rec private isOpen kind =
        match kind with
        | Kind.Choice _
        | Kind.Counted _
        | Kind.Keyed _
        | Kind.Nothing
        | Kind.Sure _ -> true
        | Kind.Option item
        | Kind.Seq item
        | Kind.Map item -> isOpen item
        | Kind.Tuple items -> List.exists isOpen items
        | Kind.Struct fields -> List.exists (snd >> isOpen) fields
        | Kind.Variant variants ->
            // the variants of an enum of which one was seen are the same one
            variants |> List.exists (fun (_, payload) -> payload |> Option.exists isOpen)
        | Kind.Marker
        | Kind.Scalar _
        | Kind.Bytes
        | Kind.Packed _ -> false

    /// A place in the file and what is to be read from there on, by identity.
    let private places =
        { new IEqualityComparer<struct (int64 * int * Step list)> with
            member _.Equals(struct (left, leftItems, leftSteps), struct (right, rightItems, rightSteps)) =
                left = right
                && leftItems = rightItems
                && Object.ReferenceEquals(leftSteps, rightSteps)

            member _.GetHashCode(struct (position, items, steps)) =
                HashCode.Combine(position, items, RuntimeHelpers.GetHashCode steps)
        }

    let private pairs (values: Value[]) =
        Value.Map
            [|
                for pair in Array.chunkBySize 2 values ->
                    match pair with
                    | [| Value.Scalar(Scalar.Text key); value |] -> struct (key, value)
                    | _ -> invalidOp "Keys and values alternate."
            |]

    let private present (values: Value[]) = Value.Present values[0]

    /// Reads one value of this kind from where the forward stands. The check refuses values that cannot be meant;
    /// the ending reads what follows, and refuses as well.
    let read
        (cursor: Cursor)
        (forward: Rewindable)
        (primitives: Primitives)
        check
        (ending: unit -> 'E)
        kind
        : Value * 'E =
        let failed = HashSet<struct (int64 * int * Step list)> places
        let choices = Stack<Alternative>()
        let mutable steps = 0L
        let mutable todo = [ Step.Read(kind, []) ]
        let mutable values: Value list = []
        let mutable from = 0L
        let mutable furthest = -1L
        let mutable reason = RecordError.Unsupported([], "nothing was read")
        let mutable result = ValueNone

        let back () =
            if choices.Count = 0 then
                RecordError.raise reason

            let choice = choices.Pop()
            cursor.Restart()
            forward.Seek choice.Position

            match choice.Kinds with
            | kind :: others ->
                if not others.IsEmpty then
                    choices.Push { choice with Index = choice.Index + 1; Kinds = others }

                let index = choice.Index
                let chosen = Step.Join(1, fun inner -> Value.Chosen(index, inner[0]))
                todo <- Step.Read(kind, choice.Path) :: chosen :: choice.Rest
                values <- choice.Values
            | [] -> invalidOp "A choice has something to choose from."

        // Told is the error of what began furthest into the file: what was tried last says little, and what was read at a
        // wrong place may end anywhere.
        let blame path error =
            if from > furthest then
                furthest <- from
                reason <- List.fold (fun error name -> RecordError.under name error) error path

        let refuse path offset expected actual =
            if from > furthest then
                blame path (RecordError.Malformed("bincode", [], offset, expected, actual))

            back ()

        let tag path (expected: string) (work: byte -> bool) =
            let offset = cursor.Position
            let found = cursor.Byte expected

            if not (work found) then
                refuse path offset expected (string found)

        let join count make =
            let inner = Array.zeroCreate<Value> count

            for index in count - 1 .. -1 .. 0 do
                inner[index] <- List.head values
                values <- List.tail values

            values <- make inner :: values

        // All at once and not one after the other: what is to be read after an item is then the same list however the
        // items before it were understood, and known for a place that did not work out.
        let each items path rest =
            steps <- steps + int64 (List.length items)

            List.foldBack
                (fun (index, item) todo -> Step.Read(item, string index :: path) :: todo)
                (List.indexed items)
                rest

        // Whether the rest of the file is nothing but nils: no more are looked at than a model could end with.
        let onlyNils () =
            let rest = cursor.Peek mostNils
            rest.Length < mostNils && rest.Span.IndexOfAnyExcept 0uy < 0

        // False where the rest could not be read from here before. So many items are left.
        let isNew steps left =
            failed.Add(struct (cursor.Position, left, steps))

        let expand kind path rest =
            match kind with
            | Kind.Choice kinds ->
                if isNew todo 0 then
                    choices.Push
                        {
                            Position = cursor.Position
                            Index = 0
                            Kinds = kinds
                            Path = path
                            Rest = rest
                            Values = values
                        }

                back ()
            | Kind.Nothing ->
                // The whole record may be a unit, as that of a constant learning rate is.
                if not path.IsEmpty && onlyNils () then
                    refuse path cursor.Position "a none: 0" "as many nones as the file ends with"
                else
                    values <- Value.Scalar Scalar.Unit :: values
                    todo <- rest
            | Kind.Option Kind.Marker ->
                tag path "a none: 0" (fun found ->
                    if found = 0uy then
                        values <- Value.Absent :: values
                        todo <- rest

                    found = 0uy)
            | kind when not (isOpen kind) ->
                let value = cursor.Within("item", fun () -> primitives.Value kind)
                check value
                values <- value :: values
                todo <- rest
            | Kind.Sure item ->
                tag path "an option that is there: 1" (fun found ->
                    if found = 1uy then
                        todo <- Step.Read(item, path) :: Step.Join(1, present) :: rest

                    found = 1uy)
            | Kind.Option item ->
                tag path "an option: 0 or 1" (fun found ->
                    if found = 1uy then
                        todo <- Step.Read(item, path) :: Step.Join(1, present) :: rest
                    elif found = 0uy then
                        values <- Value.Absent :: values
                        todo <- rest

                    found <= 1uy)
            | Kind.Struct fields ->
                let names = [| for name, _ in fields -> name |]

                let made =
                    Step.Join(
                        names.Length,
                        fun inner -> Value.Struct(Array.map2 (fun name value -> struct (name, value)) names inner)
                    )

                todo <-
                    List.foldBack (fun (name, kind) todo -> Step.Read(kind, name :: path) :: todo) fields (made :: rest)
            | Kind.Tuple items ->
                let made = Step.Join(items.Length, Value.Tuple)
                todo <- each items path (made :: rest)
            | Kind.Counted items ->
                let offset = cursor.Position
                let count = primitives.Number "a count"

                if count = uint64 items.Length then
                    let made = Step.Join(items.Length, Value.Seq)
                    todo <- each items path (made :: rest)
                else
                    refuse path offset $"a count of {items.Length}" (string count)
            | Kind.Seq item ->
                let count = cursor.Count(primitives.Number "a count", 0, "items")
                cursor.Spend(count, "entries")
                todo <- Step.Items(item, 0, count, path) :: Step.Join(count, Value.Seq) :: rest
            | Kind.Map item ->
                let count = cursor.Count(primitives.Number "a count", 1, "entries")
                cursor.Spend(count, "entries")
                todo <- Step.Entries(item, count, path) :: Step.Join(2 * count, pairs) :: rest
            | Kind.Keyed entries ->
                let offset = cursor.Position
                let count = primitives.Number "a count"

                if count = uint64 entries.Length then
                    todo <- Step.Known(entries, path) :: Step.Join(2 * entries.Length, pairs) :: rest
                else
                    refuse path offset $"a count of {entries.Length}" (string count)
            | Kind.Variant variants ->
                let offset = cursor.Position
                let index = primitives.Number "a variant"

                if index >= uint64 variants.Length then
                    refuse path offset $"a variant below {variants.Length}" (string index)
                else
                    let index = int index
                    let name, payload = variants[index]

                    match payload with
                    | Some kind ->
                        let made = Step.Join(1, fun inner -> Value.Variant(index, name, ValueSome inner[0]))
                        todo <- Step.Read(kind, name :: path) :: made :: rest
                    | None ->
                        values <- Value.Variant(index, name, ValueNone) :: values
                        todo <- rest
            | Kind.Marker
            | Kind.Scalar _
            | Kind.Bytes
            | Kind.Packed _ -> invalidOp "These leave nothing open."

        let step () =
            match todo with
            | [] -> result <- ValueSome(List.head values, ending ())
            | Step.Join(count, make) :: rest ->
                join count make
                todo <- rest
            | Step.Read(kind, path) :: rest -> expand kind path rest
            | (Step.Items(_, _, 0, _) | Step.Entries(_, 0, _) | Step.Known([], _)) :: rest -> todo <- rest
            | (Step.Items(_, _, left, _) | Step.Entries(_, left, _)) :: rest when not (isNew rest left) -> back ()
            | Step.Items(item, index, left, path) :: rest ->
                todo <-
                    Step.Read(item, string index :: path)
                    :: Step.Items(item, index + 1, left - 1, path)
                    :: rest
            | Step.Entries(item, left, path) :: rest ->
                let key = primitives.Text "a key"
                values <- Value.text key :: values
                todo <- Step.Read(item, key :: path) :: Step.Entries(item, left - 1, path) :: rest
            | Step.Known(left, path) :: rest ->
                let offset = cursor.Position
                let key = primitives.Text "a key"

                match List.tryFindIndex (fst >> (=) key) left with
                | Some index ->
                    values <- Value.text key :: values

                    todo <-
                        Step.Read(snd left[index], key :: path)
                        :: Step.Known(List.removeAt index left, path)
                        :: rest
                | None -> refuse path offset "one of the keys of the schema" $"'{key}'"

        let path () =
            match todo with
            | Step.Read(_, path) :: _
            | Step.Items(_, _, _, path) :: _
            | Step.Entries(_, _, path) :: _
            | Step.Known(_, path) :: _ -> path
            | Step.Join _ :: _
            | [] -> []

        while result.IsNone do
            steps <- steps + 1L

            if steps > most then
                RecordError.raise (RecordError.TooLarge([], "work to resolve what the schema leaves open", steps, most))

            from <- cursor.Position

            let fault =
                try
                    step ()
                    ValueNone
                with RecordFault error ->
                    ValueSome error

            match fault with
            | ValueSome error ->
                blame (path ()) error
                back ()
            | ValueNone -> ()

        result.Value
