/// Records as each Burn could write them: what tensors can be, and what is left of them, by version and setting.
module Records.Tests.BurnGenerators

open FsCheck
open FsCheck.FSharp
open Records.Core
open Records.Tests.LeafGenerators
open Records.Tests.Generators

/// A document for a Burn and a setting, and the schema of its record.
type Case = { Burn: BurnVersion; Precision: Precision; Schema: Schema; Document: Document }

// ---- what a tensor can be

/// What this Burn can say of quantised tensors.
let quantised (burn: BurnVersion) : Gen<Dtype> list =
    let old = OldQuantScheme.Symmetric14 >> Dtype.OldQFloat
    let scales = Gen.elements [ 0.0625f; 1f; -0f; 0.023529f; 1e-9f; System.Single.MaxValue ]

    match burn.Minor with
    | minor when minor >= 20 -> [ Gen.map Dtype.QFloat scheme ]
    | 19 ->
        let store = Gen.elements [ QuantStore.Native; QuantStore.PackedU32 0UL ]
        [ Gen.map2 (fun scheme store -> Dtype.QFloat { scheme with Store = store }) scheme store ]
    | 18 ->
        let flag = Gen.elements [ true; false ]

        [
            Gen.map2 (fun half propagates -> OldQuantScheme.Symmetric18(half, propagates)) flag flag
            |> Gen.map Dtype.OldQFloat
        ]
    | 17 -> [ Gen.constant (Dtype.OldQFloat OldQuantScheme.Symmetric17) ]
    | 16 ->
        [
            Gen.elements [ OldQuantScheme.Affine16; OldQuantScheme.Symmetric16 ]
            |> Gen.map Dtype.OldQFloat
        ]
    | 14
    | 15 ->
        let offset = Gen.elements [ 0y; 1y; -1y; 127y; -128y ]

        [
            Gen.map old scales
            Gen.map2 (fun scale offset -> Dtype.OldQFloat(OldQuantScheme.Affine14(scale, offset))) scales offset
        ]
    | _ -> []

let floatOf precision =
    match precision with
    | Precision.Kept
    | Precision.Full -> Dtype.F32
    | Precision.Half -> Dtype.F16
    | Precision.Double -> Dtype.F64

let private intOf precision =
    match precision with
    | Precision.Kept
    | Precision.Full -> Dtype.I32
    | Precision.Half -> Dtype.I16
    | Precision.Double -> Dtype.I64

/// What a recorder of this setting has left to write.
let saved burn precision =
    Gen.frequency (
        [
            4, Gen.constant (floatOf precision)
            2, Gen.constant (intOf precision)
            1, Gen.elements [ Dtype.Bool BoolStore.Native; Dtype.Bool BoolStore.U8; Dtype.Bool BoolStore.U32 ]
        ]
        @ [ for scheme in quantised burn -> 1, scheme ]
    )

/// Everything that a tensor of this Burn can be.
let private any (burn: BurnVersion) =
    let known =
        sized
        |> List.filter (fun dtype -> List.contains (Dtype.name dtype) (Generation.at burn).Dtypes)

    Gen.frequency ([ 8, Gen.elements known ] @ [ for scheme in quantised burn -> 1, scheme ])

/// Whether tensors are lists of bare numbers.
let hasValues (burn: BurnVersion) = burn.Minor < 14

// ---- what is left of it

let private constants change record =
    let rec walk record =
        let fields (inner: Field list) =
            [ for field in inner -> { field with Value = walk field.Value } ]

        match record with
        | Record.Struct inner -> Record.Struct(fields inner)
        | Record.Map inner -> Record.Map(fields inner)
        | Record.List items -> Record.List(List.map walk items)
        | Record.Array items -> Record.Array(List.map walk items)
        | Record.Tuple items -> Record.Tuple(List.map walk items)
        | Record.Option item -> Record.Option(Option.map walk item)
        | Record.Enum(index, case, payload) -> Record.Enum(index, case, walk payload)
        | Record.Constant parts -> change parts
        | Record.Param _
        | Record.Tensor _
        | Record.Scalar _ -> record

    walk record

/// Up to Burn 0.20 the parts of a constant are written one by one, and that is what a reader without a schema sees.
let partsShown (burn: BurnVersion) record =
    let rec shown parts =
        match parts with
        | Constant.Fixed items
        | Constant.Listed items -> Record.List(List.map shown items)
        | Constant.Optional(Some item) -> shown item
        | Constant.Single
        | Constant.Optional None -> Record.Constant Constant.Single

    if burn.Minor >= 21 then record else constants shown record

let private asBools data =
    let truths = Support.ok (Truth.ofTensor data)
    { data with Dtype = Dtype.Bool BoolStore.Native; Bytes = View.ofArray truths }

/// What formats with names give back of the tensors. Bool's store is not written up to Burn 0.20; up to 0.13 the settings say
/// what lists of numbers are, empty ones are floats, and so are ints in 0.11 and halves' bits.
let expected burn precision record =
    record
    |> Record.mapTensors (fun _ data ->
        match data.Dtype with
        | _ when burn.Minor >= 21 -> data
        | Dtype.Bool BoolStore.U8 when not (hasValues burn) -> { data with Dtype = Dtype.Bool BoolStore.Native }
        | Dtype.Bool BoolStore.U32 when not (hasValues burn) -> { data with Dtype = Dtype.U32 }
        | _ when not (hasValues burn) -> data
        | _ when Shape.count data.Shape = 0L -> { data with Dtype = floatOf precision }
        | Dtype.Bool _ -> asBools data
        | Dtype.I32 when burn.Minor < 12 ->
            let ints = Support.ok (View.toArray<int> data.Bytes)
            { data with Dtype = Dtype.F32; Bytes = View.ofArray (Array.map single ints) }
        | Dtype.I16 when
            Support.ok (View.toArray<int16> data.Bytes)
            |> Array.forall (fun value -> value >= 0s)
            ->
            { data with Dtype = Dtype.F16 }
        | _ -> data)

// ---- cases

/// JSON has no NaN and infinity: an exponent that lacks its highest bit is finite.
let private finiteFloats record =
    record
    |> Record.mapTensors (fun _ data ->
        match data.Dtype, Dtype.size data.Dtype with
        | (Dtype.F32 | Dtype.F64), Some size ->
            let bytes = Array.copy (Support.wholeOf data.Bytes)

            for last in size - 1 .. size .. bytes.Length - 1 do
                bytes[last] <- bytes[last] &&& 0xBFuy

            { data with Bytes = Support.memory bytes }
        | _ -> data)

let private settle finite (case: Case) =
    if finite && hasValues case.Burn then
        { case with Document = { case.Document with Root = finiteFloats case.Document.Root } }
    else
        case

/// A case for a Burn from 0.7 to 0.21 and any setting. Saved: its tensors are what a recorder leaves of others.
let private caseWith saved' finite =
    gen {
        let! minor = Gen.frequency [ 1, Gen.constant 21; 2, Gen.choose (7, 21) ]
        let! precision = Gen.elements [ Precision.Full; Precision.Half; Precision.Double ]
        let! anything = Gen.elements [ true; false ]
        let burn = BurnVersion.minor minor

        let dtypes =
            if saved' || hasValues burn || not anything then
                saved burn precision
            else
                any burn

        let! sample = sampleWith finite dtypes
        let! texts = metadata
        let! annex = annex
        let names = Names.metadata "file" "R" precision burn

        // the version is the file's own, and up to 0.13 so are the types of its numbers
        let own =
            if hasValues burn then
                [ "version"; "float"; "int" ]
            else
                [ "version" ]

        let metadata = own |> List.fold (fun texts name -> Map.add name names[name] texts) texts

        let document = { Metadata = metadata; Annex = annex; Root = sample.Record }
        return settle finite { Burn = burn; Precision = precision; Schema = sample.Schema; Document = document }
    }

let private shrinkCase finite (case: Case) =
    seq {
        if not case.Document.Annex.IsEmpty then
            { case with Document = { case.Document with Annex = Map.empty } }

        for sample in shrink { Schema = case.Schema; Record = case.Document.Root } do
            // lists of numbers are those of the setting
            let fits (_, data: TensorData) =
                not (hasValues case.Burn) || data.Dtype <> Dtype.U8

            if Seq.forall fits (Record.tensors sample.Record) then
                settle
                    finite
                    { case with Schema = sample.Schema; Document = { case.Document with Root = sample.Record } }
    }

/// Documents that a codec can be given.
let cases finite =
    Arb.fromGenShrink (caseWith false finite, shrinkCase finite)

/// Documents whose tensors a recorder of the setting leaves as they are.
let savedCases finite =
    Arb.fromGenShrink (caseWith true finite, shrinkCase finite)

/// So many of those, by a seed.
let sampleCases finite seed count =
    Gen.sampleWithSeed (Rnd(uint64 seed)) 30 count (caseWith true finite)
