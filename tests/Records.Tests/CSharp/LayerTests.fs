/// What the layers look like from C#: in a file, in print, freshly made.
module Records.Tests.CSharp.LayerTests

open System
open Expecto
open Records

type private Schema = Records.Core.Schema
type private Constant = Records.Core.Constant

let private device () = Device.Cpu.Seeded 1L

// ---- Burn's fields by version, as its source has them

let private linear = "weight: Param<Tensor<B, 2>>, bias: Option<Param<Tensor<B, 1>>>"
let private gate = "input_transform: Linear<B>, hidden_transform: Linear<B>"

let private gates =
    "input_gate: GateController<B>, forget_gate: GateController<B>, output_gate: GateController<B>, cell_gate: GateController<B>, d_hidden: usize"

let private activations =
    "Gelu(Gelu), PRelu(PRelu<B>), Relu(Relu), LeakyRelu(LeakyRelu), SwiGlu(SwiGlu<B>), Sigmoid(Sigmoid), Tanh(Tanh), HardSigmoid(HardSigmoid)"

let private conv rank size padding =
    $"weight: Param<Tensor<B, {rank}>>, bias: Option<Param<Tensor<B, 1>>>, stride: {size}, kernel_size: {size}, dilation: {size}, groups: usize, padding: {padding}"

let private fields =
    [
        "Linear", [ 17, linear ]
        "GateController", [ 17, gate ]
        "PRelu", [ 17, "alpha: Param<Tensor<B, 1>>, alpha_value: f64" ]
        "SwiGlu", [ 17, "linear_inner: Linear<B>, linear_outer: Linear<B>" ]
        "Embedding", [ 17, "weight: Param<Tensor<B, 2>>" ]
        "Conv1d", [ 17, conv 3 "usize" "Ignored<PaddingConfig1d>"; 21, conv 3 "usize" "PaddingConfig1d" ]
        "Conv2d", [ 17, conv 4 "[usize; 2]" "Ignored<PaddingConfig2d>"; 21, conv 4 "[usize; 2]" "PaddingConfig2d" ]
        "BatchNorm",
        [
            17,
            "gamma: Param<Tensor<B, 1>>, beta: Param<Tensor<B, 1>>, running_mean: RunningState<Tensor<B, 1>>, running_var: RunningState<Tensor<B, 1>>, momentum: f64, epsilon: f64"
        ]
        "LayerNorm",
        [
            17, "gamma: Param<Tensor<B, 1>>, beta: Param<Tensor<B, 1>>, epsilon: f64"
            20, "gamma: Param<Tensor<B, 1>>, beta: Option<Param<Tensor<B, 1>>>, epsilon: f64"
        ]
        "Lstm",
        [
            17, gates
            20,
            gates
            + ", batch_first: bool, reverse: bool, clip: Option<f64>, input_forget: bool, gate_activation: Activation<B>, cell_activation: Activation<B>, hidden_activation: Activation<B>"
        ]
        "Activation",
        [
            19, activations
            20, activations + ", HardSwish(HardSwish), Softplus(Softplus)"
            21,
            "Gelu(Gelu), PRelu(PRelu<B>), Relu(Relu), LeakyRelu(LeakyRelu), SwiGlu(SwiGlu<B>), Selu(Selu), Sigmoid(Sigmoid), Tanh(Tanh), HardSigmoid(HardSigmoid), HardSwish(HardSwish), Softplus(Softplus), Softsign(Softsign), Elu(Elu), Celu(Celu), ThresholdedRelu(ThresholdedRelu), HardShrink(HardShrink), SoftShrink(SoftShrink), Shrink(Shrink)"
        ]
        // Structs without tensors are one constant as a whole, whatever their fields are.
        "Pools", [ 17, "max: MaxPool2d, average: AvgPool2d, adaptive: AdaptiveAvgPool2d, maybe: Option<MaxPool2d>" ]
    ]

/// The commas that are in no bracket.
let private split (text: string) =
    let folder (depth, current, parts) letter =
        match letter with
        | '<'
        | '['
        | '(' -> depth + 1, current + string letter, parts
        | '>'
        | ']'
        | ')' -> depth - 1, current + string letter, parts
        | ',' when depth = 0 -> depth, "", current :: parts
        | _ -> depth, current + string letter, parts

    let _, last, parts = Seq.fold folder (0, "", []) text
    List.rev (last :: parts) |> List.map _.Trim()

let private inside (start: string) (text: string) =
    if text.StartsWith start then
        Some(text.Substring(start.Length, text.Length - start.Length - 1))
    else
        None

let rec private layer name minor : Schema =
    let text =
        fields
        |> List.find (fst >> (=) name)
        |> snd
        |> List.filter (fun (since, _) -> since <= minor)
        |> List.last
        |> snd

    if name = "Activation" then
        Schema.Enum
            [
                for variant in split text ->
                    let at = variant.IndexOf '('
                    variant[.. at - 1], kind variant[at + 1 .. variant.Length - 2] minor
            ]
    else
        Schema.Struct
            [
                for field in split text ->
                    let at = field.IndexOf ": "
                    field[.. at - 1], kind field[at + 2 ..] minor
            ]

and private kind (text: string) minor : Schema =
    match text with
    | text when text.StartsWith "Param<" || text.StartsWith "RunningState<" -> Schema.Param
    | text when text.StartsWith "[usize; 2" -> Schema.Constant(Constant.Fixed [ Constant.Single; Constant.Single ])
    | text when text.StartsWith "Ignored<" -> Schema.Constant Constant.Single
    | text when text.EndsWith "<B>" -> layer (text.Replace("<B>", "")) minor
    | text ->
        match inside "Option<" text with
        | Some item ->
            match kind item minor with
            | Schema.Constant constant -> Schema.Constant(Constant.Optional(Some constant))
            | schema -> Schema.Option schema
        | None -> Schema.Constant Constant.Single

let private schemas: (string * RecordSchema) list =
    [
        "Linear", LinearRecord.Schema
        "GateController", GateControllerRecord.Schema
        "PRelu", PReluRecord.Schema
        "SwiGlu", SwiGluRecord.Schema
        "Embedding", EmbeddingRecord.Schema
        "Conv1d", Conv1dRecord.Schema
        "Conv2d", Conv2dRecord.Schema
        "BatchNorm", BatchNormRecord.Schema
        "LayerNorm", LayerNormRecord.Schema
        "Lstm", LstmRecord.Schema
        "Activation", ActivationRecord.Schema
        "Pools", Records.Samples.PoolsRecord.Schema
    ]

let private printed: (string * obj) list =
    let device = device ()

    [
        "Conv1d {ch_in: 5, ch_out: 5, stride: 1, kernel_size: 5, dilation: 1, groups: 1, padding: Valid, params: 130}",
        Conv1d.Init(5, 5, 5, device)
        "Conv2d {ch_in: 5, ch_out: 1, stride: [1, 1], kernel_size: [5, 5], dilation: [1, 1], groups: 1, padding: Valid, params: 126}",
        Conv2d.Init(5, 1, struct (5, 5), device)
        "Conv2d {ch_in: 4, ch_out: 6, stride: [1, 1], kernel_size: [1, 1], dilation: [1, 1], groups: 2, padding: Explicit(1, 2, 3, 4), params: 18}",
        Conv2d.Init(4, 6, struct (1, 1), device, groups = 2, padding = PaddingConfig2d.Explicit(1, 2, 3, 4))
        "MaxPool2d {kernel_size: [3, 3], stride: [3, 3], padding: Valid, dilation: [1, 1], ceil_mode: false}",
        MaxPool2d(struct (3, 3))
        "AvgPool2d {kernel_size: [3, 3], stride: [3, 3], padding: Valid, count_include_pad: true, ceil_mode: false}",
        AvgPool2d(struct (3, 3))
        "AdaptiveAvgPool2d {output_size: [3, 3]}", AdaptiveAvgPool2d(struct (3, 3))
        "BatchNorm {num_features: 3, momentum: 0.1, epsilon: 0.00001, params: 12}", BatchNorm.Init(3, device)
        "LayerNorm {d_model: 6, epsilon: 0.00001, bias: true, params: 12}", LayerNorm.Init(6, device)
        "LayerNorm {d_model: 6, epsilon: 0.00001, bias: false, params: 6}", LayerNorm.Init(6, device, bias = false)
        "Embedding {n_embedding: 100, d_model: 10, params: 1000}", Embedding.Init(100, 10, device)
        "Lstm {d_input: 2, d_hidden: 3, bias: true, params: 84}", Lstm.Init(2, 3, device)
        "PRelu {num_parameters: 1, alpha_value: 0.25, params: 1}", PRelu.Init device
        "SwiGlu {d_input: 3, d_output: 5, bias: false, params: 30}", SwiGlu.Init(3, 5, device)
        "LeakyRelu {negative_slope: 0.01}", LeakyRelu()
        "Selu", Selu()
        "HardSigmoid {alpha: 0.2, beta: 0.5}", HardSigmoid()
        "HardSwish", HardSwish()
        "Softplus {beta: 1}", Softplus()
        "Softsign", Softsign()
        "Elu {alpha: 1}", Elu()
        "Celu {alpha: 1}", Celu()
        "ThresholdedRelu {alpha: 1}", ThresholdedRelu()
        "HardShrink {lambda: 0.5}", HardShrink()
        "SoftShrink {lambda: 0.5}", SoftShrink()
        "Shrink {lambda: 0.5, bias: 0.5}", Shrink()
        "Same", PaddingConfig1d.Same
        "Explicit(1, 2)", PaddingConfig1d.Explicit(1, 2)
    ]

let private within bound (param: Param) why =
    let highest = param.Value.ToArray() |> Array.map abs |> Array.max
    Expect.isLessThanOrEqual highest (float32 bound) why
    Expect.isGreaterThan highest (float32 (bound / 2.0)) $"{why}, and not less"

let private refused<'E when 'E :> exn> (work: unit -> obj) why =
    Expect.throwsT<'E> (fun () -> work () |> ignore) why

let tests =
    testList
        "C# layers"
        [
            for name, schema in schemas do
                testCase $"{name} has Burn's fields from 0.17 to 0.21" (fun () ->
                    let first = fields |> List.find (fst >> (=) name) |> snd |> List.head |> fst

                    for minor in first..21 do
                        let actual = schema.At { Major = 0; Minor = minor; Patch = 0 }
                        Expect.equal actual (layer name minor) $"as Burn 0.{minor} has them")

            testCase "layers print as Burn prints them" (fun () ->
                for text, layer in printed do
                    Expect.equal (string layer) text "one line")

            testCase "a new layer has drawn no values" (fun () ->
                let conv = Conv2d.Init(3000, 3000, struct (15, 15), device ())
                Expect.isFalse conv.Weight.IsInitialised "8 GB not drawn"
                Expect.sequenceEqual conv.Weight.Shape [ 3000L; 3000L; 15L; 15L ] "[out, in, height, width]")

            testCase "weights start as Burn's do" (fun () ->
                let device = device ()
                let conv = Conv2d.Init(4, 8, struct (3, 3), device, groups = 2)
                within (1.0 / sqrt 18.0) conv.Weight "1 / sqrt (inputs of one output)"
                Expect.sequenceEqual conv.Weight.Shape [ 8L; 2L; 3L; 3L ] "[out, in / groups, height, width]"
                within (1.0 / sqrt 15.0) (Conv1d.Init(3, 8, 5, device)).Weight "1d"
                Expect.isNull (Conv1d.Init(3, 8, 5, device, bias = false)).Bias "bias: false"
                let norm = BatchNorm.Init(3, device)
                Expect.equal (norm.Gamma.Value.ToArray()) [| 1.0f; 1.0f; 1.0f |] "gamma"
                Expect.equal (norm.RunningVar.Value.ToArray()) [| 1.0f; 1.0f; 1.0f |] "variance"
                Expect.equal (norm.RunningMean.Value.ToArray()) [| 0.0f; 0.0f; 0.0f |] "mean"
                Expect.isNull (LayerNorm.Init(3, device, bias = false)).Beta "bias: false"

                let deviation (values: float32[]) =
                    values |> Array.averageBy (fun x -> float x * float x) |> sqrt

                let table = Embedding.Init(100, 100, device)

                Expect.floatClose
                    { absolute = 0.03; relative = 0.0 }
                    (deviation (table.Weight.Value.ToArray()))
                    1.0
                    "normal"

                let gate = (Lstm.Init(60, 40, device)).ForgetGate.InputTransform.Weight

                Expect.floatClose
                    { absolute = 0.005; relative = 0.0 }
                    (deviation (gate.Value.ToArray()))
                    (sqrt 0.02)
                    "Xavier")

            testCase "an Lstm turns the first two dimensions round when the batch is second" (fun () ->
                let lstm = Lstm.Init(3, 2, device (), gateActivation = Activation.HardSigmoid(HardSigmoid()))
                let other = Records.Samples.LayerSamples.StepsFirst lstm
                let values = Array.init 24 (fun index -> float32 (index % 7) / 7.0f)
                // With one of each, [steps, batch] and [batch, steps] are the same numbers.
                let one = Tensor.Of(values[..5], ReadOnlySpan [| 1L; 2L; 3L |])
                let two = Tensor.Of(values[..5], ReadOnlySpan [| 2L; 1L; 3L |])
                let struct (first, state) = lstm.Forward one
                let struct (second, last) = other.Forward two
                Expect.sequenceEqual second.Shape [ 2L; 1L; 2L ] "[steps, batch, hidden]"
                Expect.equal (second.ToArray()) (first.ToArray()) "the same steps"
                Expect.equal (last.Cell.ToArray()) (state.Cell.ToArray()) "the same cell")

            testCase "mistakes are named" (fun () ->
                let device = device ()

                refused<ArgumentException>
                    (fun () -> Conv1d.Init(3, 4, 3, device, groups = 2))
                    "3 channels in 2 groups"

                refused<ArgumentException>
                    (fun () -> Conv2d.Init(4, 3, struct (1, 1), device, groups = 2))
                    "3 outputs in 2"

                refused<ArgumentOutOfRangeException> (fun () -> Conv2d.Init(4, 3, struct (0, 1), device)) "no kernel"
                refused<ArgumentOutOfRangeException> (fun () -> PaddingConfig1d.Explicit -1) "a negative padding"
                let floats = Tensor.Of([| 1.0f; 2.0f |])

                refused<InvalidOperationException>
                    (fun () -> Embedding.Init(3, 2, device).Forward floats)
                    "floats for indices"

                refused<ArgumentException> (fun () -> MaxPool2d(struct (2, 2)).Forward floats) "one dimension"
                refused<ArgumentException> (fun () -> MaxPool2d(struct (0, 2)).Forward floats) "an empty window"

                refused<ArgumentNullException>
                    (fun () -> Lstm.Init(1, 1, device).Forward(Unchecked.defaultof<_>))
                    "null"

                refused<ArgumentException> (fun () -> Lstm.Init(1, 1, device).Forward floats) "one dimension")

            testCase "an Lstm of Burn 0.19 loads: what came later stays the module's" (fun () ->
                let saved = Lstm.Init(3, 2, Device.Cpu.Seeded 1L)
                let bytes = NamedMpkBytesRecorder<FullPrecisionSettings>().Record(saved.IntoRecord())
                let other = Lstm.Init(3, 2, Device.Cpu.Seeded 2L, reverse = true)

                let loaded =
                    other.LoadRecord(
                        NamedMpkBytesRecorder<FullPrecisionSettings>().Load<LstmRecord>(bytes, Device.Cpu)
                    )

                Expect.isTrue loaded.Reverse "a constant"

                let weight (lstm: Lstm) =
                    lstm.CellGate.HiddenTransform.Weight.Value.ToArray()

                Expect.equal (weight loaded) (weight saved) "the weights"

                // The layout that 0.10 to 0.19 wrote, from fields of that time.
                let old =
                    Records.Samples.OldLstm(saved.InputGate, saved.ForgetGate, saved.OutputGate, saved.CellGate, 2)

                for bytes, load in
                    [
                        BinBytesRecorder<FullPrecisionSettings>().ForBurn("0.19").Record(old.IntoRecord()),
                        fun (bytes: byte[]) ->
                            BinBytesRecorder<FullPrecisionSettings>().Load<LstmRecord>(bytes, Device.Cpu)
                    ] do
                    Expect.equal (weight (other.LoadRecord(load bytes))) (weight saved) "from bin")

            testCase "bin for an older Burn has that Burn's fields" (fun () ->
                let recorder = BinBytesRecorder<FullPrecisionSettings>().ForBurn "0.19"
                let norm = LayerNorm.Init(3, device ())
                let loaded = recorder.Load<LayerNormRecord>(recorder.Record(norm.IntoRecord()), Device.Cpu)
                Expect.isNotNull (norm.LoadRecord loaded).Beta "a beta that cannot be absent"
                let lstm = Lstm.Init(3, 2, device ())
                let bytes = recorder.Record(lstm.IntoRecord())
                lstm.LoadRecord(recorder.Load<LstmRecord>(bytes, Device.Cpu)) |> ignore
                let old = Records.Samples.OldLstm(lstm.InputGate, lstm.ForgetGate, lstm.OutputGate, lstm.CellGate, 2)
                Expect.equal bytes (recorder.Record(old.IntoRecord())) "no field of later versions")
        ]
