namespace Records.Core

open System
open System.Collections.Generic
open Microsoft.FSharp.Core.CompilerServices

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Record =

    /// The records directly inside this one, each with the name it has in a path. An option is no level of its own.
    let rec children record =
        match record with
        | Record.Struct fields
        | Record.Map fields -> [ for field in fields -> field.Name, field.Value ]
        | Record.List items
        | Record.Array items
        | Record.Tuple items -> items |> List.mapi (fun index item -> string index, item)
        | Record.Enum(_, case, payload) -> [ case, payload ]
        | Record.Option(Some item) -> children item
        | Record.Option None
        | Record.Param _
        | Record.Tensor _
        | Record.Scalar _
        | Record.Constant _ -> []

    /// Every tensor with its path, in the order a format writes them.
    let tensors record : seq<RecordPath * TensorData> =
        // what is still to come, the next on top, so the last child is put there first. A sequence within a sequence for each level would cost
        // more than the tensors' own objects.
        seq {
            let ahead = Stack()
            ahead.Push(struct ([], record))

            while ahead.Count > 0 do
                match ahead.Pop() with
                | struct (path, Record.Param(_, data))
                | struct (path, Record.Tensor data) -> List.rev path, data
                // no level of its own, however many there are
                | struct (path, Record.Option(Some item)) -> ahead.Push(struct (path, item))
                | struct (path, record) ->
                    for name, child in List.rev (children record) do
                        ahead.Push(struct (name :: path, child))
        }

    /// What becomes of the state, tensor by tensor.
    let rec private fold (next: 'S -> TensorData -> 'S) state record : 'S =
        match record with
        | Record.Struct fields
        | Record.Map fields -> fields |> List.fold (fun state field -> fold next state field.Value) state
        | Record.List items
        | Record.Array items
        | Record.Tuple items -> List.fold (fold next) state items
        | Record.Enum(_, _, payload) -> fold next state payload
        | Record.Option(Some item) -> fold next state item
        | Record.Param(_, data)
        | Record.Tensor data -> next state data
        | Record.Option None
        | Record.Scalar _
        | Record.Constant _ -> state

    /// How many tensors there are.
    let countTensors record =
        fold (fun count _ -> count + 1) 0 record

    /// Bytes of all tensors.
    let internal countBytes record =
        fold (fun bytes data -> bytes + data.Bytes.Length) 0L record

    /// Whether all tensors are like this.
    let internal forallTensors (like: TensorData -> bool) record =
        fold (fun all data -> all && like data) true record

    /// The whole that there is where this part of it is the same, and otherwise one that is made of the other part.
    let inline internal rebuilt (whole: 'W) (part: 'P) ([<InlineIfLambda>] make: 'P -> 'W) (changed: 'P) =
        if obj.ReferenceEquals(changed, part) then
            whole
        else
            make changed

    /// Another list only where an item is another: most records are of many tensors, and changed they are held twice.
    let inline internal mapShared ([<InlineIfLambda>] change: int -> 'T -> 'T) (items: 'T list) =
        let mutable changed = ListCollector<'T>()
        let mutable isChanged = false
        let mutable rest = items
        let mutable index = 0

        while not rest.IsEmpty do
            let item = change index rest.Head

            if not isChanged && not (obj.ReferenceEquals(item, rest.Head)) then
                isChanged <- true
                changed.AddMany(List.take index items)

            if isChanged then
                changed.Add item

            rest <- rest.Tail
            index <- index + 1

        if isChanged then changed.Close() else items

    let rec private mapAt (change: RecordPath -> TensorData -> TensorData) path record =
        match record with
        | Record.Struct inner -> mapFields change path inner |> rebuilt record inner Record.Struct
        | Record.Map inner -> mapFields change path inner |> rebuilt record inner Record.Map
        | Record.List inner -> mapItems change path inner |> rebuilt record inner Record.List
        | Record.Array inner -> mapItems change path inner |> rebuilt record inner Record.Array
        | Record.Tuple inner -> mapItems change path inner |> rebuilt record inner Record.Tuple
        | Record.Option(Some item) -> mapAt change path item |> rebuilt record item (Some >> Record.Option)
        | Record.Enum(index, case, payload) ->
            mapAt change (case :: path) payload
            |> rebuilt record payload (fun other -> Record.Enum(index, case, other))
        | Record.Param(id, data) -> change path data |> rebuilt record data (fun other -> Record.Param(id, other))
        | Record.Tensor data -> change path data |> rebuilt record data Record.Tensor
        | Record.Option None
        | Record.Scalar _
        | Record.Constant _ -> record

    and private mapFields change path (fields: Field list) =
        let change _ (field: Field) =
            mapAt change (field.Name :: path) field.Value
            |> rebuilt field field.Value (fun other -> { field with Value = other })

        mapShared change fields

    and private mapItems change path items =
        mapShared (fun index item -> mapAt change (string index :: path) item) items

    /// The record with each tensor replaced; the nesting and the ids are untouched, and so is what holds no other tensor.
    let mapTensors (change: RecordPath -> TensorData -> TensorData) record =
        mapAt (fun path data -> change (List.rev path) data) [] record

    /// The same, where few paths are needed: the function is given them innermost name first.
    let internal mapTensorsReversed (change: RecordPath -> TensorData -> TensorData) record = mapAt change [] record

    /// What is left of a record in a format that describes itself: names, numbers and tensors.
    /// Options, tuples, variants and the width of integers are gone.
    let rec erase record =
        let fields = List.map (fun (field: Field) -> { field with Value = erase field.Value })

        match record with
        | Record.Struct inner
        | Record.Map inner -> Record.Struct(fields inner)
        | Record.List items
        | Record.Array items
        | Record.Tuple items -> Record.List(List.map erase items)
        | Record.Enum(_, case, payload) -> Record.Struct [ { Name = case; Value = erase payload } ]
        | Record.Option(Some item) -> erase item
        | Record.Option None
        | Record.Constant _
        | Record.Scalar Scalar.Unit -> Record.Constant Constant.Single
        | Record.Scalar scalar -> Record.Scalar(eraseWidth scalar)
        | Record.Param _
        | Record.Tensor _ -> record

    and private eraseWidth scalar =
        let signed (value: int64) =
            if value < 0L then
                Scalar.I64 value
            else
                Scalar.U64(uint64 value)

        match scalar with
        | Scalar.I64 value -> signed value
        | Scalar.I32 value -> signed (int64 value)
        | Scalar.I16 value -> signed (int64 value)
        | Scalar.I8 value -> signed (int64 value)
        | Scalar.U32 value -> Scalar.U64(uint64 value)
        | Scalar.U8 value -> Scalar.U64(uint64 value)
        | Scalar.U16 value
        | Scalar.F16 value
        | Scalar.BF16 value -> Scalar.U64(uint64 value)
        | Scalar.Unit
        | Scalar.Bool _
        | Scalar.Text _
        | Scalar.F64 _
        | Scalar.F32 _
        | Scalar.U64 _ -> scalar

    let private sameBytes (left: Slice) (right: Slice) =
        left.Length = right.Length
        && (let size = 1L <<< 20

            Seq.forall
                (fun start ->
                    let count = int (min size (left.Length - start))
                    let a = left.Source.Read(left.Offset + start, count)
                    let b = right.Source.Read(right.Offset + start, count)
                    a.Span.SequenceEqual b.Span)
                (seq { 0L .. size .. left.Length - 1L }))

    let private sameData (left: TensorData) (right: TensorData) =
        left.Dtype = right.Dtype
        && left.Shape = right.Shape
        && sameBytes left.Bytes right.Bytes

    let private sameScalar left right =
        match left, right with
        // by bits, so that NaN is itself and 0 is not -0
        | Scalar.F64 left, Scalar.F64 right ->
            BitConverter.DoubleToInt64Bits left = BitConverter.DoubleToInt64Bits right
        | Scalar.F32 left, Scalar.F32 right ->
            BitConverter.SingleToInt32Bits left = BitConverter.SingleToInt32Bits right
        | _ -> left = right

    /// True when both hold the same structure, names, ids and bytes.
    let rec same left right =
        let items left right =
            List.length left = List.length right && List.forall2 same left right

        let fields left right =
            List.length left = List.length right
            && List.forall2
                (fun (left: Field) (right: Field) -> left.Name = right.Name && same left.Value right.Value)
                left
                right

        match left, right with
        | Record.Struct left, Record.Struct right
        | Record.Map left, Record.Map right -> fields left right
        | Record.List left, Record.List right
        | Record.Array left, Record.Array right
        | Record.Tuple left, Record.Tuple right -> items left right
        | Record.Option None, Record.Option None -> true
        | Record.Option(Some left), Record.Option(Some right) -> same left right
        | Record.Enum(left, leftCase, leftItem), Record.Enum(right, rightCase, rightItem) ->
            left = right && leftCase = rightCase && same leftItem rightItem
        | Record.Param(left, leftData), Record.Param(right, rightData) -> left = right && sameData leftData rightData
        | Record.Tensor left, Record.Tensor right -> sameData left right
        | Record.Scalar left, Record.Scalar right -> sameScalar left right
        | Record.Constant left, Record.Constant right -> left = right
        | _ -> false

    /// What is left of a record without its constants, whose values it does not hold anyway; None where nothing is.
    let rec internal state record =
        let fields inner =
            [
                for field: Field in inner do
                    match state field.Value with
                    | Some value -> { field with Value = value }
                    | None -> ()
            ]

        let items (inner: Record list) rebuild =
            match List.map state inner with
            | states when List.forall Option.isNone states -> None
            | states -> Some(rebuild (List.map (Option.defaultValue (Record.Constant Constant.Single)) states))

        match record with
        | Record.Struct inner ->
            match fields inner with
            | [] -> None
            | inner -> Some(Record.Struct inner)
        | Record.Map inner -> Some(Record.Map(fields inner))
        | Record.List inner -> items inner Record.List
        | Record.Array inner -> items inner Record.Array
        | Record.Tuple inner -> items inner Record.Tuple
        | Record.Option(Some item) -> state item |> Option.map (Some >> Record.Option)
        | Record.Option None
        | Record.Constant _ -> None
        | Record.Enum(index, case, payload) ->
            let payload = state payload |> Option.defaultValue (Record.Constant Constant.Single)
            Some(Record.Enum(index, case, payload))
        | Record.Param _
        | Record.Tensor _
        | Record.Scalar _ -> Some record

[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Document =

    /// A record with nothing beside it.
    let ofRecord root =
        { Metadata = Map.empty; Annex = Map.empty; Root = root }
