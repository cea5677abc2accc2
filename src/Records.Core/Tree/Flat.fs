namespace Records.Core

open System
open System.Collections.Generic

/// Records and flat lists, both ways.
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Flat =

    /// The id of a parameter whose file has none: made of its name, and so the same each time.
    let idOf (name: string) : ParamId =
        let digest = Security.Cryptography.SHA256.HashData(Text.Encoding.UTF8.GetBytes name)
        ParamId.ofUInt64 (Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(ReadOnlySpan(digest, 0, 8)))

    /// The number behind an id. One that has none, such as a UUID, gets one made of its text: Burn makes one too, but another on
    /// every kind of machine.
    let numberOf (id: ParamId) : uint64 =
        match ParamId.tryNumber id with
        | ValueSome number when ParamId.text id <> "" -> number
        | _ -> ParamId.tryNumber (idOf (ParamId.text id)) |> ValueOption.defaultValue 0UL

    // ---- a record as a list

    /// The tensors and numbers of a record under their dotted paths: variants by their name, items by their number, options
    /// without a level. Fails when two have the same path.
    let ofRecord (record: Record) : Result<Flat, RecordError> =
        let tensors = ResizeArray()
        let scalars = ResizeArray()
        let names = HashSet<string>(StringComparer.Ordinal)

        let claim name =
            if not (names.Add name) then
                RecordError.raise (RecordError.Unexpected([ name ], "there a second time"))

        let rec walk (place: Place) record =
            match record with
            | Record.Param(id, data) ->
                claim place.Name
                tensors.Add { Name = place.Name; Id = Some id; Data = data }
            | Record.Tensor data ->
                claim place.Name
                tensors.Add { Name = place.Name; Id = None; Data = data }
            | Record.Scalar Scalar.Unit
            | Record.Constant _
            | Record.Option None -> ()
            | Record.Scalar value ->
                claim place.Name
                scalars.Add(place.Name, value)
            | Record.Option(Some item) -> walk place item
            | Record.Struct fields
            | Record.Map fields ->
                for field in fields do
                    walk (Place.inside place field.Name) field.Value
            | Record.List items
            | Record.Array items
            | Record.Tuple items ->
                items
                |> List.iteri (fun index item -> walk (Place.inside place (string index)) item)
            | Record.Enum(_, case, payload) -> walk (Place.inside place case) payload

        RecordError.catch (fun () ->
            walk Place.root record
            { Tensors = List.ofSeq tensors; Scalars = List.ofSeq scalars })

    // ---- a list as a record, by names alone

    /// A name's part, with what is under it in order of appearance.
    [<Sealed>]
    type private Branch() =
        member val Leaf: Record option = None with get, set
        member val Names = ResizeArray<string>()
        member val Children = Dictionary<string, Branch>(StringComparer.Ordinal)

    /// Names of more parts than this are not taken apart: no module is nested so deep.
    let private deepest = 64

    let private parts (name: string) =
        if name.AsSpan().Count '.' >= deepest then
            None
        else
            Some(name.Split '.')

    let private leaf (tensor: FlatTensor) =
        match tensor.Id with
        | Some id -> Record.Param(id, tensor.Data)
        | None -> Record.Tensor tensor.Data

    /// The tree that the names make, or None where one name is inside another.
    let private nest (leaves: (string * Record) list) =
        let trunk = Branch()

        let add (name: string, value) =
            match parts name with
            | None -> false
            | Some parts ->
                let mutable branch = trunk
                let mutable free = true

                for part in parts do
                    match branch.Children.TryGetValue part with
                    | true, child -> branch <- child
                    | _ ->
                        let child = Branch()
                        branch.Names.Add part
                        branch.Children.Add(part, child)
                        branch <- child

                    free <- free && branch.Leaf.IsNone

                branch.Leaf <- Some value
                free && branch.Names.Count = 0

        let rec record (branch: Branch) =
            match branch.Leaf with
            | Some leaf -> leaf
            | None ->
                let numbered =
                    branch.Names.Count > 0
                    && Seq.forall2 (=) branch.Names (Seq.init branch.Names.Count string)

                if numbered then
                    Record.List [ for name in branch.Names -> record branch.Children[name] ]
                else
                    Record.Struct [ for name in branch.Names -> { Name = name; Value = record branch.Children[name] } ]

        if List.forall add leaves then Some(record trunk) else None

    /// The record that the names of the list describe: parts of a name as structs, numbers in a row from 0 as lists. Where that
    /// would change the order of the tensors, or a name is inside another, it is one struct of whole names. ofRecord gives the list back.
    let toRecord (flat: Flat) : Record =
        let leaves =
            [
                for tensor in flat.Tensors -> tensor.Name, leaf tensor
                for name, value in flat.Scalars -> name, Record.Scalar value
            ]

        let plain () =
            Record.Struct [ for name, value in leaves -> { Name = name; Value = value } ]

        let inOrder nested =
            match ofRecord nested with
            | Ok again ->
                List.forall2 (fun (a: FlatTensor) (b: FlatTensor) -> a.Name = b.Name) again.Tensors flat.Tensors
            | Error _ -> false

        match nest leaves with
        | Some nested when inOrder nested -> nested
        | _ -> plain ()

    // ---- a list as a record of a schema

    let rec private isLeaf schema =
        match schema with
        | Schema.Param
        | Schema.Tensor
        | Schema.Scalar _ -> true
        | Schema.Option item
        | Schema.Renamed(_, item)
        | Schema.Maybe item -> isLeaf item
        | _ -> false

    /// The name under which the list has a field: its own, or one that it had before.
    let private spelled (index: FlatIndex) place name schema =
        match schema with
        | Schema.Renamed(former, _) ->
            match name :: former |> List.filter (fun name -> index.Has(Place.inside place name)) with
            | [] -> name
            | [ found ] -> found
            | _ :: older :: _ ->
                let newer = $"there besides '{name}', its newer name"
                RecordError.raise (RecordError.Unexpected([ place.Inner + older ], newer))
        | _ -> name

    let rec private build (index: FlatIndex) (place: Place) schema : Record =
        let item name schema =
            match schema with
            | Schema.Constant parts -> Record.Constant parts
            | _ -> build index (index.Inside(place, name)) schema

        match schema with
        | Schema.Constant parts -> Record.Constant parts
        | Schema.Scalar ScalarType.Unit -> Record.Scalar Scalar.Unit
        | Schema.Maybe seen -> build index place seen
        | Schema.Param ->
            match index.Tensor place.Name with
            | ValueSome tensor -> Record.Param(tensor.Id |> Option.defaultWith (fun () -> idOf place.Name), tensor.Data)
            | ValueNone -> Record.Option None
        | Schema.Tensor ->
            match index.Tensor place.Name with
            | ValueSome tensor -> Record.Tensor tensor.Data
            | ValueNone -> Record.Option None
        | Schema.Scalar kind ->
            match index.Scalar place.Name with
            | Some value ->
                match Numbers.fit kind value with
                | Ok value -> Record.Scalar value
                | Error error -> RecordError.raise (RecordError.under place.Name error)
            | None -> Record.Option None
        | Schema.Option inner ->
            if index.Has place then
                match build index place inner with
                | Record.Option None -> Record.Option None
                | built -> Record.Option(Some built)
            else
                Record.Option None
        | Schema.Renamed(_, item) -> build index place item
        | Schema.Struct fields ->
            Record.Struct
                [
                    for name, schema in fields ->
                        let found = spelled index place name schema
                        { Name = name; Value = item found (Schema.item schema) }
                ]
        | Schema.List inner ->
            // items without tensors leave no trace, so the last that has some counts
            let there = index.Items place
            index.Gaps(Array.sumBy (fun isThere -> if isThere then 0 else 1) there, place.Name)
            // the same wherever it stands, since nothing is there
            let empty = lazy item (string there.Length) inner

            Record.List
                [
                    for number in 0 .. there.Length - 1 ->
                        if there[number] then
                            item (string number) inner
                        else
                            empty.Value
                ]
        | Schema.Array(inner, count) -> Record.Array [ for number in 0 .. count - 1 -> item (string number) inner ]
        | Schema.Tuple schemas ->
            Record.Tuple [ for number, schema in List.indexed schemas -> item (string number) schema ]
        | Schema.Map inner ->
            let key (rest: string) =
                match rest.IndexOf '.' with
                | dot when dot >= 0 && not (isLeaf inner) -> rest.Substring(0, dot)
                | _ -> rest

            let keys = index.Under place |> Seq.map key |> Seq.distinct |> List.ofSeq
            Record.Map [ for key in keys -> { Name = key; Value = item key inner } ]
        | Schema.Enum variants ->
            match
                [
                    for number, (name, schema) in List.indexed variants do
                        if index.Has(Place.inside place name) then
                            number, name, schema
                ]
            with
            | [] -> Record.Option None
            | [ number, name, schema ] -> Record.Enum(number, name, item name schema)
            | several ->
                let names = String.Join(" and ", [ for _, name, _ in several -> name ])
                RecordError.raise (RecordError.Mismatch([ place.Name ], "one variant", names))

    /// The list as a record of this schema. What the list lacks is nil, as a missing key is in other formats. Tensors that the
    /// schema has no place for come last in the outermost struct, by their whole names: who loads the record decides about them.
    let toSchema (schema: Schema) (flat: Flat) : Result<Record, RecordError> =
        RecordError.catch (fun () ->
            let index = FlatIndex flat

            match build index Place.root schema, index.Unused with
            | record, [] -> record
            | Record.Struct fields, unused ->
                Record.Struct(fields @ [ for tensor in unused -> { Name = tensor.Name; Value = leaf tensor } ])
            | _, unused ->
                [ for tensor in unused -> RecordError.Unexpected([ tensor.Name ], TensorData.text tensor.Data) ]
                |> RecordError.ofList
                |> RecordError.raise)

    // ---- a list in the structure of another record

    /// The other record with the tensors, ids and numbers of the list: constants, options, lists and variants stay its own. Fails
    /// with every tensor that one has and the other lacks. Where the list has no id, the other record's stays.
    let fill (structure: Record) (flat: Flat) : Result<Record, RecordError> =
        let index = FlatIndex flat
        let faults = ResizeArray()

        let missing (place: Place) expected kept =
            faults.Add(RecordError.Missing([ place.Name ], expected))
            kept

        let rec walk (place: Place) record =
            let items = List.mapi (fun number item -> walk (Place.inside place (string number)) item)

            let fields =
                List.map (fun (field: Field) -> { field with Value = walk (Place.inside place field.Name) field.Value })

            match record with
            | Record.Param(id, data) ->
                match index.Tensor place.Name with
                | ValueSome tensor -> Record.Param(Option.defaultValue id tensor.Id, tensor.Data)
                | ValueNone -> missing place (TensorData.text data) record
            | Record.Tensor data ->
                match index.Tensor place.Name with
                | ValueSome tensor -> Record.Tensor tensor.Data
                | ValueNone -> missing place (TensorData.text data) record
            | Record.Scalar Scalar.Unit
            | Record.Constant _
            | Record.Option None -> record
            | Record.Scalar value ->
                match index.Scalar place.Name, Schema.ofRecord record with
                | Some found, Schema.Scalar kind ->
                    match Numbers.fit kind found with
                    | Ok found -> Record.Scalar found
                    | Error error ->
                        faults.Add(RecordError.under place.Name error)
                        record
                | _ -> missing place $"{value}" record
            | Record.Option(Some item) -> Record.Option(Some(walk place item))
            | Record.Struct inner -> Record.Struct(fields inner)
            | Record.Map inner -> Record.Map(fields inner)
            | Record.List inner -> Record.List(items inner)
            | Record.Array inner -> Record.Array(items inner)
            | Record.Tuple inner -> Record.Tuple(items inner)
            | Record.Enum(number, case, payload) -> Record.Enum(number, case, walk (Place.inside place case) payload)

        let filled = walk Place.root structure

        for tensor in index.Unused do
            faults.Add(RecordError.Unexpected([ tensor.Name ], TensorData.text tensor.Data))

        if faults.Count = 0 then
            Ok filled
        else
            Error(RecordError.ofList (List.ofSeq faults))
