/// What each layer has in files of each Burn: its fields by version, as Burn's source has them.
module Records.Tests.CSharp.LayerFieldsTests

open Expecto
open Records

type private Schema = Records.Core.Schema
type private Constant = Records.Core.Constant

let private linear = "weight: Param<Tensor<B, 2>>, bias: Option<Param<Tensor<B, 1>>>"
let private gate = "input_transform: Linear<B>, hidden_transform: Linear<B>"

let private gates =
    "input_gate: GateController<B>, forget_gate: GateController<B>, output_gate: GateController<B>, cell_gate: GateController<B>"

let private gruGates =
    "update_gate: GateController<B>, reset_gate: GateController<B>, new_gate: GateController<B>"

let private attention =
    "query: Linear<B>, key: Linear<B>, value: Linear<B>, output: Linear<B>, dropout: Dropout"

let private activations =
    "Gelu(Gelu), PRelu(PRelu<B>), Relu(Relu), LeakyRelu(LeakyRelu), SwiGlu(SwiGlu<B>), Sigmoid(Sigmoid), Tanh(Tanh), HardSigmoid(HardSigmoid)"

let private weights rank =
    $"weight: Param<Tensor<B, {rank}>>, bias: Option<Param<Tensor<B, 1>>>"

let private conv rank size padding =
    $"{weights rank}, stride: {size}, kernel_size: {size}, dilation: {size}, groups: usize, padding: {padding}"

let private transposed rank size =
    $"{conv rank size size}, padding_out: {size}"

let private deform padding =
    $"{weights 4}, stride: [usize; 2], kernel_size: [usize; 2], dilation: [usize; 2], weight_groups: usize, offset_groups: usize, padding: {padding}"

let private affine = "gamma: Option<Param<Tensor<B, 1>>>, beta: Option<Param<Tensor<B, 1>>>"

let private transformer =
    "d_model: usize, d_ff: usize, n_heads: usize, n_layers: usize, dropout: f64, norm_first: bool, quiet_softmax: bool"

let private binaryLoss = "weights: Option<Tensor<B, 1>>, smoothing: Option<f32>, logits: bool"

/// Minor version of Burn since which a layer has these fields. What is older than the first is read as that.
let private fields =
    [
        "Linear", [ 8, linear ]
        "GateController", [ 8, gate ]
        "Embedding", [ 8, "weight: Param<Tensor<B, 2>>" ]
        "PRelu", [ 13, "alpha: Param<Tensor<B, 1>>"; 14, "alpha: Param<Tensor<B, 1>>, alpha_value: f64" ]
        "LeakyRelu", [ 13, "negative_slope: f64, phantom: PhantomData<B>"; 14, "" ]
        "HuberLoss", [ 13, "delta: f32, lin_bias: f32, _backend: PhantomData<B>"; 14, "" ]
        "SwiGlu", [ 13, "linear_inner: Linear<B>, linear_outer: Linear<B>" ]
        "Conv1d", [ 8, conv 3 "usize" "PaddingConfig1d"; 14, conv 3 "usize" "Ignored<PaddingConfig1d>" ]
        "Conv2d", [ 8, conv 4 "[usize; 2]" "PaddingConfig2d"; 14, conv 4 "[usize; 2]" "Ignored<PaddingConfig2d>" ]
        "Conv3d", [ 14, conv 5 "[usize; 3]" "Ignored<PaddingConfig3d>"; 21, conv 5 "[usize; 3]" "PaddingConfig3d" ]
        "ConvTranspose1d", [ 9, transposed 3 "usize"; 14, transposed 3 "usize" + ", channels: [usize; 2]" ]
        "ConvTranspose2d", [ 9, transposed 4 "[usize; 2]"; 14, transposed 4 "[usize; 2]" + ", channels: [usize; 2]" ]
        "ConvTranspose3d", [ 14, transposed 5 "[usize; 3]" + ", channels: [usize; 2]" ]
        "DeformConv2d", [ 15, deform "Ignored<PaddingConfig2d>"; 21, deform "PaddingConfig2d" ]
        "BatchNorm",
        [
            8,
            "gamma: Param<Tensor<B, 1>>, beta: Param<Tensor<B, 1>>, running_mean: RunningState<Tensor<B, 1>>, running_var: RunningState<Tensor<B, 1>>, momentum: f64, epsilon: f64"
        ]
        "LayerNorm",
        [
            8, "gamma: Param<Tensor<B, 1>>, beta: Param<Tensor<B, 1>>, epsilon: f64"
            20, "gamma: Param<Tensor<B, 1>>, beta: Option<Param<Tensor<B, 1>>>, epsilon: f64"
        ]
        "GroupNorm",
        [
            11, $"num_groups: usize, num_channels: usize, {affine}, epsilon: f64, affine: bool"
            14, $"{affine}, num_groups: usize, num_channels: usize, epsilon: f64, affine: bool"
        ]
        "InstanceNorm",
        [ 13, "group_norm: GroupNorm<B>"; 14, $"{affine}, num_channels: usize, epsilon: f64, affine: bool" ]
        "RmsNorm", [ 13, "gamma: Param<Tensor<B, 1>>, epsilon: f64" ]
        "Normalization",
        [
            19,
            "Batch(BatchNorm<B>), Group(GroupNorm<B>), Instance(InstanceNorm<B>), Layer(LayerNorm<B>), Rms(RmsNorm<B>)"
        ]
        "Lstm",
        [
            8, gates + ", batch_size: usize, d_hidden: usize"
            10, gates + ", d_hidden: usize"
            20,
            gates
            + ", d_hidden: usize, batch_first: bool, reverse: bool, clip: Option<f64>, input_forget: bool, gate_activation: Activation<B>, cell_activation: Activation<B>, hidden_activation: Activation<B>"
        ]
        "BiLstm",
        [
            14, "forward: Lstm<B>, reverse: Lstm<B>, d_hidden: usize"
            20, "forward: Lstm<B>, reverse: Lstm<B>, d_hidden: usize, batch_first: bool"
        ]
        "Gru",
        [
            8, gruGates + ", batch_size: usize, d_hidden: usize"
            10, gruGates + ", d_hidden: usize"
            17, gruGates + ", d_hidden: usize, reset_after: bool"
            21,
            gruGates
            + ", d_hidden: usize, reset_after: bool, gate_activation: Activation<B>, hidden_activation: Activation<B>, clip: Option<f64>"
        ]
        "BiGru", [ 21, "forward: Gru<B>, reverse: Gru<B>, d_hidden: usize, batch_first: bool" ]
        "Rnn",
        [
            21,
            "gate: GateController<B>, d_hidden: usize, batch_first: bool, reverse: bool, clip: Option<f64>, hidden_activation: Activation<B>"
        ]
        "BiRnn", [ 21, "forward: Rnn<B>, reverse: Rnn<B>, d_hidden: usize, batch_first: bool" ]
        "MultiHeadAttention",
        [
            8, $"{attention}, activation: GELU, n_heads: usize, d_k: usize, min_float: f64"
            11, $"{attention}, activation: GELU, n_heads: usize, d_k: usize, min_float: f64, quiet_softmax: bool"
            14,
            $"{attention}, activation: Gelu, d_model: usize, n_heads: usize, d_k: usize, min_float: f64, quiet_softmax: bool"
        ]
        "CrossAttention",
        [
            20,
            $"{attention}, n_heads: usize, n_heads_kv: usize, d_head: usize, scale: f64, min_float: f64, quiet_softmax: bool"
        ]
        "PositionWiseFeedForward",
        [
            8, "linear_inner: Linear<B>, linear_outer: Linear<B>, dropout: Dropout, gelu: GELU"
            21, "linear_inner: Linear<B>, linear_outer: Linear<B>, dropout: Dropout, activation: @skip"
        ]
        "TransformerEncoderLayer",
        [
            8,
            "mha: MultiHeadAttention<B>, pwff: PositionWiseFeedForward<B>, norm_1: LayerNorm<B>, norm_2: LayerNorm<B>, dropout: Dropout, norm_first: bool"
        ]
        "TransformerEncoder",
        [
            8, "layers: Vec<TransformerEncoderLayer<B>>"
            14, $"layers: Vec<TransformerEncoderLayer<B>>, {transformer}"
        ]
        "TransformerDecoderLayer",
        [
            8,
            "cross_attn: MultiHeadAttention<B>, self_attn: MultiHeadAttention<B>, pwff: PositionWiseFeedForward<B>, norm_1: LayerNorm<B>, norm_2: LayerNorm<B>, norm_3: LayerNorm<B>, dropout: Dropout, norm_first: bool"
        ]
        "TransformerDecoder",
        [
            8, "layers: Vec<TransformerDecoderLayer<B>>"
            14, $"layers: Vec<TransformerDecoderLayer<B>>, {transformer}"
        ]
        "PositionalEncoding",
        [
            8, "sinusoids: Tensor<B, 3>"
            14, "sinusoids: Tensor<B, 3>, max_sequence_size: usize, max_timescale: usize"
        ]
        "RotaryEncoding",
        [
            13, "freq_complex: Tensor<B, 3>"
            14, "freq_complex: Tensor<B, 3>, max_sequence_length: usize, theta: f32"
            18, "freq_complex: Tensor<B, 3>, theta: Tensor<B, 1>, start_offset: usize"
        ]
        "BinaryCrossEntropyLoss", [ 9, binaryLoss ]
        "CrossEntropyLoss", [ 9, "pad_tokens: Option<Vec<usize>>, " + binaryLoss ]
        "Activation",
        [
            19, activations
            20, activations + ", HardSwish(HardSwish), Softplus(Softplus)"
            21,
            "Gelu(Gelu), PRelu(PRelu<B>), Relu(Relu), LeakyRelu(LeakyRelu), SwiGlu(SwiGlu<B>), Selu(Selu), Sigmoid(Sigmoid), Tanh(Tanh), HardSigmoid(HardSigmoid), HardSwish(HardSwish), Softplus(Softplus), Softsign(Softsign), Elu(Elu), Celu(Celu), ThresholdedRelu(ThresholdedRelu), HardShrink(HardShrink), SoftShrink(SoftShrink), Shrink(Shrink)"
        ]
        // Structs without tensors are one constant as a whole, whatever their fields are.
        "Pools", [ 8, "max: MaxPool2d, average: AvgPool2d, adaptive: AdaptiveAvgPool2d, maybe: Option<MaxPool2d>" ]
        "Constants",
        [
            8,
            "adaptive_avg_pool1d: C, avg_pool1d: C, max_pool1d: C, local_response_norm: C, glu: C, gaussian_noise: C, interpolate1d: C, interpolate2d: C, unfold4d: C, dropout: C, mse_loss: C, poisson_nll_loss: C, cosine_embedding_loss: C, kl_div_loss: C, lp_loss: C, smooth_l1_loss: C, ctc_loss: C, rnnt_loss: C, padding_config3d: C"
        ]
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
        |> fun versions ->
            versions
            |> List.tryFindBack (fun (since, _) -> since <= minor)
            |> Option.defaultValue (List.head versions)
        |> snd

    if text = "" then
        Schema.Constant Constant.Single
    elif text.Contains "(" then
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
    | "[usize; 2]" -> Schema.Constant(Constant.Fixed(List.replicate 2 Constant.Single))
    | "[usize; 3]" -> Schema.Constant(Constant.Fixed(List.replicate 3 Constant.Single))
    | text when
        List.exists (fun (start: string) -> text.StartsWith start) [ "Ignored<"; "Tensor<"; "PhantomData<"; "@skip" ]
        ->
        Schema.Constant Constant.Single
    // To Burn 0.21 what names the back end is no constant as a whole.
    | "Option<Tensor<B, 1>>" when minor >= 21 -> Schema.Option(Schema.Constant Constant.Single)
    | text ->
        match inside "Option<" text, inside "Vec<" text with
        | Some item, _ ->
            match kind item minor with
            | Schema.Constant constant -> Schema.Constant(Constant.Optional(Some constant))
            | schema -> Schema.Option schema
        | _, Some item ->
            match kind item minor with
            | Schema.Constant constant -> Schema.Constant(Constant.Listed [ constant ])
            | schema -> Schema.List schema
        | _ when text.EndsWith "<B>" -> layer (text.Replace("<B>", "")) minor
        | _ -> Schema.Constant Constant.Single

let private schemas: (string * RecordSchema) list =
    [
        "Linear", LinearRecord.Schema
        "GateController", GateControllerRecord.Schema
        "Embedding", EmbeddingRecord.Schema
        "PRelu", PReluRecord.Schema
        "LeakyRelu", LeakyReluRecord.Schema
        "HuberLoss", HuberLossRecord.Schema
        "SwiGlu", SwiGluRecord.Schema
        "Conv1d", Conv1dRecord.Schema
        "Conv2d", Conv2dRecord.Schema
        "Conv3d", Conv3dRecord.Schema
        "ConvTranspose1d", ConvTranspose1dRecord.Schema
        "ConvTranspose2d", ConvTranspose2dRecord.Schema
        "ConvTranspose3d", ConvTranspose3dRecord.Schema
        "DeformConv2d", DeformConv2dRecord.Schema
        "BatchNorm", BatchNormRecord.Schema
        "LayerNorm", LayerNormRecord.Schema
        "GroupNorm", GroupNormRecord.Schema
        "InstanceNorm", InstanceNormRecord.Schema
        "RmsNorm", RmsNormRecord.Schema
        "Normalization", NormalizationRecord.Schema
        "Lstm", LstmRecord.Schema
        "BiLstm", BiLstmRecord.Schema
        "Gru", GruRecord.Schema
        "BiGru", BiGruRecord.Schema
        "Rnn", RnnRecord.Schema
        "BiRnn", BiRnnRecord.Schema
        "MultiHeadAttention", MultiHeadAttentionRecord.Schema
        "CrossAttention", CrossAttentionRecord.Schema
        "PositionWiseFeedForward", PositionWiseFeedForwardRecord.Schema
        "TransformerEncoderLayer", TransformerEncoderLayerRecord.Schema
        "TransformerEncoder", TransformerEncoderRecord.Schema
        "TransformerDecoderLayer", TransformerDecoderLayerRecord.Schema
        "TransformerDecoder", TransformerDecoderRecord.Schema
        "PositionalEncoding", PositionalEncodingRecord.Schema
        "RotaryEncoding", RotaryEncodingRecord.Schema
        "BinaryCrossEntropyLoss", BinaryCrossEntropyLossRecord.Schema
        "CrossEntropyLoss", CrossEntropyLossRecord.Schema
        "Activation", ActivationRecord.Schema
        "Pools", Records.Samples.PoolsRecord.Schema
        "Constants", Records.Samples.ConstantsRecord.Schema
    ]

let tests =
    testList
        "C# layers' fields"
        [
            testCase "every layer of the table is checked" (fun () ->
                Expect.equal (List.map fst schemas) (List.map fst fields) "the same names")

            for name, schema in schemas do
                testCase $"{name} has Burn's fields from 0.7 to 0.21" (fun () ->
                    for minor in 7..21 do
                        let actual = schema.At { Major = 0; Minor = minor; Patch = 0 }
                        Expect.equal actual (layer name minor) $"as Burn 0.{minor} has them")

            testCase "a patch, and what comes after the last Burn, have the fields of their version" (fun () ->
                for name, schema in schemas do
                    Expect.equal
                        (schema.At { Major = 0; Minor = 13; Patch = 2 })
                        (layer name 13)
                        $"{name} in Burn 0.13.2"

                    Expect.equal (schema.At { Major = 1; Minor = 0; Patch = 0 }) (layer name 21) $"{name} in Burn 1.0")
        ]
