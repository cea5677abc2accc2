module Records.Tests.BindTests

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support

// ---- Burn's example of a modern LSTM, as F# records: no attribute, no base type

type Affine = { Weight: Parameter; Bias: Parameter option }

type Norm = { Gamma: Parameter; Beta: Parameter; Epsilon: float }

type Dropout = { Prob: float }

type LstmCell =
    {
        HiddenSize: int
        WeightIh: Affine
        WeightHh: Affine
        NormX: Norm
        NormH: Norm
        NormC: Norm
        Dropout: Dropout
    }

type StackedLstm = { Layers: LstmCell list }

type LstmNetwork = { StackedLstm: StackedLstm; ReverseLstm: StackedLstm option; Dropout: Dropout; Fc: Affine }

let private parameter dims =
    let shape = shapeOf dims
    let id = ParamId.ofUInt64 (uint64 (List.sum dims))
    Parameter(id, Dtype.F32, shape, fun () -> failwith "an initialiser has run")

let private affine inputs outputs =
    { Weight = parameter [ inputs; outputs ]; Bias = Some(parameter [ outputs ]) }

let private norm size =
    { Gamma = parameter [ size ]; Beta = parameter [ size ]; Epsilon = 1e-5 }

let private cell inputs hidden =
    {
        HiddenSize = int hidden
        WeightIh = affine inputs (4L * hidden)
        WeightHh = affine hidden (4L * hidden)
        NormX = norm (4L * hidden)
        NormH = norm hidden
        NormC = norm hidden
        Dropout = { Prob = 0.1 }
    }

let private network: LstmNetwork =
    let stacked = { Layers = [ cell 1L 32L; cell 32L 32L ] }

    { StackedLstm = stacked; ReverseLstm = Some stacked; Dropout = { Prob = 0.1 }; Fc = affine 64L 1L }

let private dense (parameter: Parameter) = ok (Dense.ofTensor parameter.Value)

/// One step of the cell: the input of this step, hidden and cell state of the last.
let private step (cell: LstmCell) (input: Dense, hidden: Dense, state: Dense) =
    let through (layer: Affine) =
        Linear.forward (dense layer.Weight) (Option.map dense layer.Bias)

    let normed (norm: Norm) =
        Norm.layer norm.Epsilon (dense norm.Gamma) (Some(dense norm.Beta))

    let gates =
        Dense.map2 (+) (normed cell.NormX (through cell.WeightIh input)) (through cell.WeightHh hidden)

    let batch, size = hidden.Shape[0], cell.HiddenSize

    let gate index =
        Dense.create
            [| batch; size |]
            [|
                for row in 0 .. batch - 1 do
                    for column in 0 .. size - 1 -> gates.Values[row * 4 * size + index * size + column]
            |]

    let kept = Dense.map2 (*) (Activation.sigmoid (gate 1)) state
    let added = Dense.map2 (*) (Activation.sigmoid (gate 0)) (Activation.tanh (gate 2))
    let state = normed cell.NormC (Dense.map2 (+) kept added)
    let hidden = normed cell.NormH (Dense.map2 (*) (Activation.sigmoid (gate 3)) (Activation.tanh state))
    hidden, state

/// The same in plain loops and double precision, for one row.
let private stepPlainly (cell: LstmCell) (input: float[]) (hidden: float[]) (state: float[]) =
    let values parameter =
        (dense parameter).Values |> Array.map float

    let through (layer: Affine) (row: float[]) =
        let weight, bias = values layer.Weight, values layer.Bias.Value

        [|
            for column in 0 .. bias.Length - 1 ->
                let mutable sum = bias[column]

                for index in 0 .. row.Length - 1 do
                    sum <- sum + row[index] * weight[index * bias.Length + column]

                sum
        |]

    let normed (norm: Norm) (row: float[]) =
        let mean = Array.average row
        let variance = row |> Array.averageBy (fun value -> (value - mean) * (value - mean))
        let gamma, beta = values norm.Gamma, values norm.Beta

        [|
            for index in 0 .. row.Length - 1 ->
                (row[index] - mean) / sqrt (variance + norm.Epsilon) * gamma[index]
                + beta[index]
        |]

    let sigmoid value = 1.0 / (1.0 + exp -value)

    let gates =
        Array.map2 (+) (normed cell.NormX (through cell.WeightIh input)) (through cell.WeightHh hidden)

    let size = cell.HiddenSize

    let gate index =
        gates[index * size .. (index + 1) * size - 1]

    let enter, forget, candidate, leave = gate 0, gate 1, gate 2, gate 3

    let next =
        normed
            cell.NormC
            [|
                for index in 0 .. size - 1 ->
                    sigmoid forget[index] * state[index]
                    + sigmoid enter[index] * tanh candidate[index]
            |]

    normed cell.NormH [| for index in 0 .. size - 1 -> sigmoid leave[index] * tanh next[index] |], next

let private realFile =
    Path.Combine(House.root, "..", "shared", "fixtures", "burn-records", "modern-lstm__7d6a853be.mpk")

// ---- everything else that a type can be

type Activation =
    | Gelu
    | PRelu of Affine

type Padding =
    | Valid
    | Explicit of int * int

type Zoo =
    {
        [<RecordName "first">]
        FC1: Affine
        Conv1D: Affine
        Pair: Affine * Dropout
        Heads: Affine[]
        Maybe: Affine option
        Act: Activation
        Padding: Padding
        Stride: int * int
        Name: string
        [<NotRecorded>]
        Note: string
    }

let private given dims =
    let shape = shapeOf dims
    let values = [| for index in 0L .. Shape.count shape - 1L -> single index |]
    Parameter(ParamId.ofUInt64 (uint64 (Shape.count shape)), ok (View.tensor Dtype.F32 dims values))

let private small inputs outputs =
    { Weight = given [ inputs; outputs ]; Bias = Some(given [ outputs ]) }

let private zoo =
    {
        FC1 = small 2L 3L
        Conv1D = { small 3L 1L with Bias = None }
        Pair = small 1L 1L, { Prob = 0.5 }
        Heads = [| small 1L 2L; small 2L 1L |]
        Maybe = None
        Act = PRelu(small 1L 1L)
        Padding = Explicit(1, 2)
        Stride = 2, 2
        Name = "zoo"
        Note = "n"
    }

let private faults result =
    match result with
    | Ok _ -> []
    | Error(RecordError.Many problems) -> List.map RecordError.message problems
    | Error problem -> [ RecordError.message problem ]

let private without name record =
    match record with
    | Record.Struct fields -> Record.Struct(List.filter (fun (field: Field) -> field.Name <> name) fields)
    | other -> other

let tests =
    testList
        "Bind"
        [
            test "names follow the rule" {
                for name, expected in
                    [
                        "RunningMean", "running_mean"
                        "FC1", "fc1"
                        "Conv1D", "conv1d"
                        "LSTMCell", "lstm_cell"
                        "A", "a"
                        "Norm1", "norm1"
                    ] do
                    Expect.equal (FieldName.ofMember name) expected name
            }

            test "a record is a struct, a union an enum, what cannot hold a parameter a constant" {
                let affine = Schema.Struct [ "weight", Schema.Param; "bias", Schema.Option Schema.Param ]
                let constant = Schema.Constant Constant.Single

                Expect.equal
                    Bind.schema<Zoo>
                    (Schema.Struct
                        [
                            "first", affine
                            "conv1d", affine
                            "pair", Schema.Tuple [ affine; constant ]
                            "heads", Schema.List affine
                            "maybe", Schema.Option affine
                            "act", Schema.Enum [ "Gelu", constant; "PRelu", affine ]
                            "padding", constant
                            "stride", Schema.Constant(Constant.Fixed [ Constant.Single; Constant.Single ])
                            "name", constant
                        ])
                    "as Burn's derive would see it"
            }

            test "a module is saved and loaded with every recorder" {
                inFolder (fun folder ->
                    for recorder in [ Recorder.namedMsgPack; Recorder.bincode; Recorder.gzip Recorder.prettyJson ] do
                        let place = File.at (Path.Combine(folder, "zoo"))
                        (Recorder.save recorder place token (Bind.toDocument zoo)).Result |> ok
                        let recorder = Recorder.schema Bind.schema<Zoo> recorder
                        let document = ok (Recorder.load recorder token place).Result
                        let loaded = ok (Bind.load Bind.strict document.Root zoo)
                        expectSame (Bind.toRecord loaded) (Bind.toRecord zoo) recorder.Name

                        Expect.equal
                            (loaded.Note, loaded.Stride, loaded.Padding)
                            (zoo.Note, zoo.Stride, zoo.Padding)
                            "constants stay")
            }

            test "every difference is listed at once, and each has its option" {
                let record = Bind.toRecord zoo
                let missing = without "first" record
                let load options record = faults (Bind.load options record zoo)

                Expect.equal
                    (load Bind.strict missing)
                    [ "'first.weight' is missing, expected F32 [2, 3]."; "'first.bias' is nil, expected a value." ]
                    "both"

                Expect.equal
                    (load { Bind.strict with AllowMissing = true; AllowNilOptional = true } missing)
                    []
                    "allowed"

                let other = { zoo with Heads = [| small 1L 2L |]; Act = Gelu; FC1 = small 3L 2L }

                Expect.equal
                    (load Bind.strict (Bind.toRecord other))
                    [
                        "'first.weight' is F32 [3, 2], expected F32 [2, 3]."
                        "'first.bias' is F32 [2], expected F32 [3]."
                        "'heads' is 1 items, expected 2 items."
                        "'act' is Gelu, expected PRelu."
                    ]
                    "shapes, lengths, variants"

                let more = Bind.toRecord { zoo with Maybe = Some(small 1L 1L) }

                Expect.equal
                    (load Bind.strict more)
                    [
                        "'maybe.weight' is F32 [1, 1], expected nothing there."
                        "'maybe.bias' is F32 [1], expected nothing there."
                    ]
                    "no place"

                Expect.equal (load { Bind.strict with AllowUnused = true } more) [] "allowed"
            }

            test "parameters that were one still are" {
                let shared = small 2L 2L
                let pair = { Layers = [] }, (shared, shared)
                let _, (first, second) = ok (Bind.load Bind.strict (Bind.toRecord pair) pair)
                Expect.isTrue (obj.ReferenceEquals(first.Weight, second.Weight)) "one parameter at two paths"
            }

            test "Burn's LSTM in half precision is read without a module, and into one without running an initialiser" {
                if not (File.Exists realFile) then
                    skiptest "../shared/fixtures is not there"

                let document =
                    ok (Recorder.loadNow Recorder.namedMsgPack { Report = None; Token = token } (File.at realFile))

                Expect.equal (Seq.length (Record.tensors document.Root)) 42 "every leaf"
                let model = ok (Bind.load Bind.strict document.Root network)
                let typed = Recorder.schema Bind.schema<LstmNetwork> Recorder.namedMsgPack
                let again = ok (Recorder.loadNow typed { Report = None; Token = token } (File.at realFile))
                let other = ok (Bind.load Bind.strict again.Root network)
                expectSame (Bind.toRecord other) (Bind.toRecord model) "with a schema and without"
            }

            test "the loaded LSTM cell computes what plain loops compute, step after step" {
                if not (File.Exists realFile) then
                    skiptest "../shared/fixtures is not there"

                let document =
                    ok (Recorder.loadNow Recorder.namedMsgPack { Report = None; Token = token } (File.at realFile))

                let model = ok (Bind.load Bind.strict document.Root network)
                let cell = model.StackedLstm.Layers[0]
                let zero = Dense.create [| 1; 32 |] (Array.zeroCreate 32)
                let mutable hidden, state = zero, zero
                let mutable plainHidden, plainState = Array.zeroCreate<float> 32, Array.zeroCreate<float> 32
                let mutable largest = 0.0

                for index in 0..19 do
                    let input = Dense.create [| 1; 1 |] [| single (sin (float index / 3.0)) |]
                    let nextHidden, nextState = step cell (input, hidden, state)
                    hidden <- nextHidden
                    state <- nextState
                    let plainNext, plainCell = stepPlainly cell [| float input.Values[0] |] plainHidden plainState
                    plainHidden <- plainNext
                    plainState <- plainCell

                    for expected, actual in Array.zip plainHidden hidden.Values do
                        largest <- max largest (abs (expected - float actual))

                Expect.isLessThan largest 1e-4 "twenty steps"
                Expect.isGreaterThan (hidden.Values |> Array.map abs |> Array.max) 0.01f "and not of zeros"
            }
        ]
