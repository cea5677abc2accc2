/// F# types marked Recorded: values that files hold themselves.
module Records.Tests.Nn.StateTests

open System
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Records.Core
open Records.Tests
open Records.Tests.Support

type Layer = { Weight: Parameter; Bias: Parameter option; Rate: float }

[<Recorded; NoEquality; NoComparison>]
type Reading =
    | Nothing
    | Count of uint32
    | Name of string
    | Inner of Layer

[<Recorded; NoEquality; NoComparison>]
type Numbers =
    {
        F64: double
        F32: single
        F16: Half
        BF16: BFloat16
        I64: int64
        I32: int
        I16: int16
        I8: sbyte
        U64: uint64
        U32: uint32
        U16: uint16
        U8: byte
        Flag: bool
        Text: string
        Id: ParamId
        Nothing: unit
    }

[<Recorded; NoEquality; NoComparison>]
type State =
    {
        Model: Layer
        Spare: Parameter option
        Numbers: Numbers
        Counts: Map<string, uint32>
        Means: Map<ParamId, TensorData>
        Order: (ParamId * float) list
        Rates: float list
        Steps: int[]
        Best: (int * string) option
        Pair: byte * TensorData
        Readings: Reading list
        Layers: Layer list
        [<RecordName "h_2">]
        Hidden: TensorData
        [<NotRecorded>]
        Note: string
    }

let private tensor (random: Random) =
    let count = random.Next 5
    f32 [ int64 count ] [ for _ in 1..count -> single (random.NextDouble()) ]

let private id (random: Random) =
    ParamId.ofUInt64 (uint64 (random.NextInt64()))

let private layer (random: Random) =
    {
        Weight = Parameter(id random, tensor random)
        Bias =
            if random.Next 2 = 0 then
                None
            else
                Some(Parameter(id random, tensor random))
        Rate = 0.0
    }

let private numbers (random: Random) =
    let edge low high =
        if random.Next 3 = 0 then
            (if random.Next 2 = 0 then low else high)
        else
            random.NextInt64(low, high)

    {
        F64 = (random.NextDouble() - 0.5) * 1e300
        F32 = single (random.NextDouble() - 0.5)
        F16 = BitConverter.UInt16BitsToHalf(uint16 (random.Next 0x7C00))
        BF16 = { Bits = uint16 (random.Next 0x7F80) }
        I64 = edge Int64.MinValue Int64.MaxValue
        I32 = int (edge (int64 Int32.MinValue) (int64 Int32.MaxValue))
        I16 = int16 (edge -32768L 32767L)
        I8 = sbyte (edge -128L 127L)
        U64 = uint64 (edge Int64.MinValue Int64.MaxValue)
        U32 = uint32 (edge 0L 0xFFFFFFFFL)
        U16 = uint16 (edge 0L 0xFFFFL)
        U8 = byte (edge 0L 255L)
        Flag = random.Next 2 = 0
        Text = String.init (random.Next 5) (fun _ -> [ "a"; "é"; "\""; "\n"; " "; "☃" ][random.Next 6])
        Id = id random
        Nothing = ()
    }

let private reading (random: Random) =
    match random.Next 4 with
    | 0 -> Nothing
    | 1 -> Count(uint32 (random.Next()))
    | 2 -> Name "n"
    | _ -> Inner(layer random)

let private several (random: Random) one =
    List.init (random.Next 4) (fun _ -> one random)

let private stateOf seed =
    let random = Random(seed: int)

    {
        Model = layer random
        Spare =
            if random.Next 2 = 0 then
                None
            else
                Some(Parameter(id random, tensor random))
        Numbers = numbers random
        Counts = Map [ for name in several random id -> ParamId.text name, uint32 (random.Next()) ]
        Means = Map [ for name in several random id -> name, tensor random ]
        Order = [ for name in several random id -> name, random.NextDouble() ]
        Rates = several random _.NextDouble()
        Steps = Array.ofList (several random _.Next())
        Best =
            if random.Next 2 = 0 then
                None
            else
                Some(random.Next(), "best")
        Pair = byte (random.Next 256), tensor random
        Readings = several random reading
        Layers = several random layer
        Hidden = tensor random
        Note = ""
    }

let private states = Gen.choose (0, Int32.MaxValue) |> Arb.fromGen

let private same left right =
    Record.same (Bind.toRecord left) (Bind.toRecord right)

let private through recorder (state: State) =
    let recorder = Recorder.schemas Bind.schemas<State> recorder
    let bytes = bytesOf (ok (Recorder.encode recorder (Bind.toDocument state)))
    ok (Recorder.decode recorder (inputOf bytes))

[<Recorded>]
type Unknown = { When: DateTime }

type Settings = { Hidden: int }

[<Recorded>]
type Careless = { Settings: Settings }

type Twice = { A: Numbers; B: Layer }

let tests =
    testList
        "Recorded"
        [
            for extension, recorder in Models.recorders do
                testPropertyWithConfig Generators.config $"a state is read from {extension} as it was written"
                <| Prop.forAll states (fun seed ->
                    let state = stateOf seed
                    let document = through recorder state
                    let made: State = ok (Bind.ofDocument document)
                    let loaded = ok (Bind.loadDocument { Bind.strict with AllowMissing = false } document state)
                    same made state && same loaded state)

            test "what was read without a schema is the same state" {
                let state = stateOf 7

                for recorder in [ Recorder.namedMsgPack; Recorder.prettyJson ] do
                    let bytes = bytesOf (ok (Recorder.encode recorder (Bind.toDocument state)))
                    let document = ok (Recorder.decode recorder (inputOf bytes))
                    let made: State = ok (Bind.ofDocument document)
                    Expect.isTrue (same made state) recorder.Name
            }

            test "scalars are those of Burn's derive" {
                let schema = Bind.schema<Numbers>
                let scalar name kind = name, Schema.Scalar kind

                Expect.equal
                    schema
                    (Schema.Struct
                        [
                            scalar "f64" ScalarType.F64
                            scalar "f32" ScalarType.F32
                            scalar "f16" ScalarType.F16
                            scalar "bf16" ScalarType.BF16
                            scalar "i64" ScalarType.I64
                            scalar "i32" ScalarType.I32
                            scalar "i16" ScalarType.I16
                            scalar "i8" ScalarType.I8
                            scalar "u64" ScalarType.U64
                            scalar "u32" ScalarType.U32
                            scalar "u16" ScalarType.U16
                            scalar "u8" ScalarType.U8
                            scalar "flag" ScalarType.Bool
                            scalar "text" ScalarType.Text
                            scalar "id" ScalarType.Text
                            scalar "nothing" ScalarType.Unit
                        ])
                    "in their order"
            }

            test "a module inside keeps its constants, and a state inside a module its values" {
                let state = stateOf 3
                let model = { state.Model with Rate = 0.5 }

                let loaded =
                    ok (Bind.load Bind.strict (Bind.toRecord state) { state with Model = model; Note = "kept" })

                Expect.equal (loaded.Model.Rate, loaded.Note) (0.5, "kept") "files do not hold them"
                let both = { A = state.Numbers; B = state.Model }
                let other = { A = { state.Numbers with I32 = 5 }; B = { state.Model with Rate = 0.25 } }
                let loaded = ok (Bind.load Bind.strict (Bind.toRecord other) both)
                Expect.equal (loaded.A.I32, loaded.B.Rate) (5, 0.0) "a number of a state, a constant of a module"
            }

            test "a file's word counts: lengths, keys, cases and nils are what it says" {
                let there = stateOf 11

                let other =
                    { there with
                        Rates = [ 1.0; 2.0; 3.0; 4.0; 5.0 ]
                        Counts = Map [ "only", 1u ]
                        Readings = [ Name "x"; Count 1u ]
                        Best = None
                        Spare = None
                    }

                let loaded = ok (Bind.load Bind.strict (Bind.toRecord other) there)
                Expect.isTrue (same loaded other) "the file's"
                let loaded = ok (Bind.load Bind.strict (Bind.toRecord there) other)
                Expect.isTrue (same loaded there) "and back"
            }

            test "the order of pairs is the file's" {
                let ids = [ for number in [ 3UL; 1UL; 2UL ] -> ParamId.ofUInt64 number ]
                let state = { stateOf 1 with Order = [ for id in ids -> id, 0.5 ] }
                let read: State = ok (Bind.ofDocument (through Recorder.namedMsgPack state))
                Expect.equal (List.map fst read.Order) ids "not sorted"
            }

            test "everything that does not fit is listed at once" {
                let record = Bind.toRecord (stateOf 5)

                let change name value record =
                    match record with
                    | Record.Struct fields ->
                        Record.Struct
                            [
                                for field in fields ->
                                    if field.Name = name then
                                        { field with Value = value }
                                    else
                                        field
                            ]
                    | other -> other

                let numbers =
                    Bind.toRecord (stateOf 5).Numbers
                    |> change "u8" (Record.Scalar(Scalar.U64 300UL))
                    |> change "flag" (Record.Option None)
                    |> change "text" (Record.Scalar(Scalar.Bool true))

                let record = record |> change "numbers" numbers |> change "hidden" (Record.List [])
                let record = record |> change "h_2" (Record.List [])

                let expected =
                    [
                        "'numbers.u8' holds 300, which does not fit U8."
                        "'numbers.flag' is missing, expected Bool."
                        "'numbers.text' is a truth value, expected Text."
                        "'h_2' is a list, expected a tensor."
                    ]

                let lines (result: Result<State, RecordError>) =
                    (RecordError.message (error result)).Split '\n' |> List.ofArray

                Expect.equal (lines (Bind.load Bind.strict record (stateOf 5))) expected "into a value"
                Expect.equal (lines (Bind.ofRecord record)) expected "into a new one"
            }

            test "a number that the file lacks is missing, with its path, whoever reads" {
                let state = stateOf 2

                let document =
                    { Bind.toDocument state with
                        Root =
                            match Bind.toRecord state with
                            | Record.Struct fields ->
                                Record.Struct
                                    [
                                        for field in fields do
                                            if field.Name = "numbers" then
                                                { field with Value = Record.Struct [] }
                                            else
                                                field
                                    ]
                            | other -> other
                    }

                for recorder in [ Recorder.namedMsgPack; Recorder.schemas Bind.schemas<State> Recorder.namedMsgPack ] do
                    let bytes = bytesOf (ok (Recorder.encode Recorder.namedMsgPack document))
                    let read = ok (Recorder.decode recorder (inputOf bytes))
                    let made: Result<State, RecordError> = Bind.ofDocument read
                    Expect.stringContains (RecordError.message (error made)) "'numbers.u8' is missing" "its path"

                    let kept = ok (Bind.loadDocument { Bind.strict with AllowMissing = true } read state)
                    Expect.equal kept.Numbers.I32 state.Numbers.I32 "allowed: it stays"
            }

            test "types that nothing is known of are refused, with what to do" {
                Expect.throwsC (fun () -> Bind.schema<Unknown> |> ignore) (fun problem ->
                    Expect.stringContains problem.Message "DateTime" "a date")

                Expect.throwsC (fun () -> Bind.schema<Careless> |> ignore) (fun problem ->
                    Expect.stringContains problem.Message "[<Recorded>]" "numbers would be lost")
            }

            test "a state is opened from a file and read when it is touched" {
                inFolder (fun folder ->
                    let place = File.at (Path.Combine(folder, "state"))
                    let recorder = Recorder.schemas Bind.schemas<State> Recorder.bincode
                    let state = stateOf 9
                    ok (Recorder.saveNow recorder place { Report = None; Token = token } (Bind.toDocument state))
                    use opened = ok (Recorder.openNow recorder { Report = None; Token = token } place)
                    let made: State = ok (Bind.ofDocument opened.Document)
                    Expect.isTrue (same made state) "while it is open")
            }
        ]
