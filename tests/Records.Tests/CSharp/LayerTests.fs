/// What the layers look like from C#: in a file, in print, freshly made.
module Records.Tests.CSharp.LayerTests

open System
open Expecto
open Records

let private device () = Device.Cpu.Seeded 1L

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
        "GroupNorm {num_groups: 3, num_channels: 6, epsilon: 0.00001, affine: true, params: 12}",
        GroupNorm.Init(3, 6, device)
        "InstanceNorm {num_channels: 6, epsilon: 0.00001, affine: false}", InstanceNorm.Init(6, device, affine = false)
        "RmsNorm {d_model: 6, epsilon: 0.00001, params: 6}", RmsNorm.Init(6, device)
        "LocalResponseNorm {size: 5, alpha: 0.0001, beta: 0.75, k: 1}", LocalResponseNorm 5
        "Conv3d {ch_in: 5, ch_out: 5, stride: [1, 1, 1], kernel_size: [5, 5, 5], dilation: [1, 1, 1], groups: 1, padding: Valid, params: 3130}",
        Conv3d.Init(5, 5, struct (5, 5, 5), device)
        "ConvTranspose1d {channels: [5, 2], stride: 1, kernel_size: 5, dilation: 1, groups: 1, padding: 0, padding_out: 0, params: 52}",
        ConvTranspose1d.Init(5, 2, 5, device)
        "ConvTranspose2d {channels: [5, 2], stride: [1, 1], kernel_size: [5, 5], dilation: [1, 1], groups: 1, padding: [0, 0], padding_out: [0, 0], params: 252}",
        ConvTranspose2d.Init(5, 2, struct (5, 5), device)
        "ConvTranspose3d {channels: [5, 2], stride: [1, 1, 1], kernel_size: [5, 5, 5], dilation: [1, 1, 1], groups: 1, padding: [0, 0, 0], padding_out: [0, 0, 0], params: 1252}",
        ConvTranspose3d.Init(5, 2, struct (5, 5, 5), device)
        "DeformConv2d {stride: [1, 1], kernel_size: [5, 5], dilation: [1, 1], weight_groups: 1, offset_groups: 1, padding: Valid, params: 126}",
        DeformConv2d.Init(5, 1, struct (5, 5), device)
        "Gru {d_input: 2, d_hidden: 8, bias: true, reset_after: true, params: 288}", Gru.Init(2, 8, device)
        "Rnn {d_input: 2, d_hidden: 3, bias: false, params: 15}", Rnn.Init(2, 3, device, bias = false)
        "BiGru {d_input: 2, d_hidden: 3, bias: true, params: 126}", BiGru.Init(2, 3, device)
        "BiRnn {d_input: 2, d_hidden: 3, bias: true, params: 42}", BiRnn.Init(2, 3, device)
        "BiLstm {d_input: 2, d_hidden: 3, bias: true, params: 168}", BiLstm.Init(2, 3, device)
        "MultiHeadAttention {d_model: 2, n_heads: 2, d_k: 1, dropout: 0.1, min_float: -10000, quiet_softmax: false, params: 24}",
        MultiHeadAttention.Init(2, 2, device)
        "PositionWiseFeedForward {d_model: 2, d_ff: 4, prob: 0.1, params: 22}",
        PositionWiseFeedForward.Init(2, 4, device)
        "TransformerEncoder {d_model: 2, d_ff: 4, n_heads: 2, n_layers: 3, dropout: 0.1, norm_first: false, quiet_softmax: false, params: 162}",
        TransformerEncoder.Init(2, 4, 2, 3, device)
        "TransformerDecoder {d_model: 2, d_ff: 4, n_heads: 2, n_layers: 3, dropout: 0.1, norm_first: false, quiet_softmax: false, params: 246}",
        TransformerDecoder.Init(2, 4, 2, 3, device)
        "PositionalEncoding {d_model: 4, max_sequence_size: 5000, max_timescale: 10000}", PositionalEncoding.Init 4
        "RotaryEncoding {d_model: 4, max_sequence_length: 10}", RotaryEncoding.Init(10, 4)
        "AvgPool1d {kernel_size: 3, stride: 3, padding: Valid, count_include_pad: true, ceil_mode: false}", AvgPool1d 3
        "MaxPool1d {kernel_size: 3, stride: 3, padding: Valid, dilation: 1, ceil_mode: false}", MaxPool1d 3
        "AdaptiveAvgPool1d {output_size: 3}", AdaptiveAvgPool1d 3
        "Unfold4d {kernel_size: [3, 3], stride: [1, 1], dilation: [1, 1], padding: [0, 0]}", Unfold4d(struct (3, 3))
        "GaussianNoise {std: 0.5}", GaussianNoise 0.5
        "HuberLoss {delta: 0.5, lin_bias: 0.125}", HuberLoss.Init 0.5f
        "CrossEntropyLoss {pad_tokens: None, weights: None, smoothing: None, logits: true}", CrossEntropyLoss()
        "CrossEntropyLoss {pad_tokens: Vec<0..2>, weights: Tensor {rank: 1, shape: [3]}, smoothing: 0.5, logits: true}",
        CrossEntropyLoss([| 1; 2 |], Tensor.Of([| 1.0f; 2.0f; 3.0f |]), 0.5f)
        "BinaryCrossEntropyLoss {weights: None, smoothing: None, logits: false}", BinaryCrossEntropyLoss()
        "PoissonNllLoss {log_input: true, full: false, eps: 0.00000001}", PoissonNllLoss()
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

            testCase "mistakes with heads, groups, places and masks are named" (fun () ->
                let device = device ()
                refused<ArgumentException> (fun () -> MultiHeadAttention.Init(4, 3, device)) "4 in 3 heads"
                refused<ArgumentOutOfRangeException> (fun () -> MultiHeadAttention.Init(4, 0, device)) "no heads"
                refused<ArgumentException> (fun () -> CrossAttention.Init(4, 4, 3, 2, 1, device)) "3 heads share 2"
                refused<ArgumentException> (fun () -> GroupNorm.Init(3, 4, device)) "4 channels in 3 groups"
                refused<ArgumentOutOfRangeException> (fun () -> RmsNorm.Init(3, device, 0.0)) "no epsilon"
                refused<ArgumentException> (fun () -> PositionalEncoding.Init 3) "an odd width"
                refused<ArgumentException> (fun () -> PositionalEncoding.Init(4, 10, 9)) "a short timescale"
                refused<ArgumentOutOfRangeException> (fun () -> RotaryEncoding.Init(10, 4, 0.0f)) "no theta"

                refused<ArgumentOutOfRangeException>
                    (fun () -> ConvTranspose2d.Init(1, 1, struct (2, 2), device, padding = struct (0, -1)))
                    "a negative padding"

                refused<ArgumentOutOfRangeException>
                    (fun () -> DeformConv2d.Init(1, 1, struct (2, 2), device, offsetGroups = 0))
                    "no groups of offsets"

                let input = Tensor.Of(Array.zeroCreate<float32> 24, ReadOnlySpan [| 2L; 3L; 4L |])
                let attention = MultiHeadAttention.Init(4, 2, device)

                refused<InvalidOperationException>
                    (fun () -> attention.Forward(input, maskPad = input))
                    "a mask of floats"

                let mask = Tensor.Of([| true |], ReadOnlySpan [| 1L |])

                refused<ArgumentException>
                    (fun () -> attention.Forward(input, maskPad = mask))
                    "a mask of one dimension"

                let mask = Tensor.Of([| true |], ReadOnlySpan [| 1L; 1L |])
                refused<ArgumentException> (fun () -> attention.Forward(input, maskPad = mask)) "a short mask"
                refused<ArgumentException> (fun () -> (PositionalEncoding.Init(4, 2)).Forward input) "too long"

                refused<ArgumentException>
                    (fun () -> (RotaryEncoding.Init(3, 4)).Forward(input, 1))
                    "beyond the places"

                refused<ArgumentException> (fun () -> (Glu 1).Forward input) "three in two halves"
                refused<ArgumentException> (fun () -> (LocalResponseNorm 0).Forward input) "no channels"

                refused<ArgumentNullException>
                    (fun () -> Gru.Init(4, 2, device).Forward(Unchecked.defaultof<_>))
                    "null")

            testCase "recurrent layers turn the first two dimensions round when the batch is second" (fun () ->
                let values = Array.init 6 (fun index -> float32 (index % 7) / 7.0f)
                // With one of each, [steps, batch] and [batch, steps] are the same numbers.
                let one = Tensor.Of(values, ReadOnlySpan [| 1L; 2L; 3L |])
                let two = Tensor.Of(values, ReadOnlySpan [| 2L; 1L; 3L |])
                let rnn = Rnn.Init(3, 2, device ())
                let other = Rnn(rnn.Gate, 2, false, false, rnn.Clip, rnn.HiddenActivation)
                let struct (first, state), struct (second, last) = rnn.Forward one, other.Forward two
                Expect.sequenceEqual second.Shape [ 2L; 1L; 2L ] "[steps, batch, hidden]"
                Expect.equal (second.ToArray()) (first.ToArray()) "the same steps"
                Expect.equal (last.ToArray()) (state.ToArray()) "the same state"
                let gru = BiGru.Init(3, 2, device ())
                let other = BiGru(gru.ForwardLayer, gru.ReverseLayer, 2, false)
                let struct (first, state), struct (second, last) = gru.Forward one, other.Forward two
                Expect.sequenceEqual second.Shape [ 2L; 1L; 4L ] "[steps, batch, 2 hidden]"
                Expect.equal (second.ToArray()) (first.ToArray()) "both directions"
                Expect.equal (last.ToArray()) (state.ToArray()) "both states")

            testCase "a Gru's record without functions has those that were fixed before Burn 0.21" (fun () ->
                let gru = Gru.Init(3, 2, device ())
                let record = gru.IntoRecord()

                let old =
                    GruRecord(
                        record.UpdateGate,
                        record.ResetGate,
                        record.NewGate,
                        record.DHidden,
                        record.ResetAfter,
                        null,
                        null,
                        record.Clip
                    )

                let recorder = BinBytesRecorder<FullPrecisionSettings>()
                Expect.equal (recorder.Record old) (recorder.Record record) "sigmoid and tanh"
                let bytes = recorder.ForBurn("0.20").Record old
                Expect.equal bytes (recorder.ForBurn("0.20").Record record) "and none for an older Burn"

                let record = GruRecord(null, null, null, record.DHidden, record.ResetAfter, null, null, record.Clip)

                Expect.throwsT<RecordException>
                    (fun () -> recorder.Record record |> ignore)
                    "what was never fixed is missing")

            testCase "a back end that was named makes a struct of what is a constant otherwise" (fun () ->
                let recorder = BinBytesRecorder<FullPrecisionSettings>()
                let leaky = LeakyRelu()
                let constant = recorder.Record(leaky.IntoRecord())
                let parts = recorder.ForBurn("0.13").Record(leaky.IntoRecord())
                Expect.equal parts.Length (constant.Length + 1) "one none, and two"
                let loaded = recorder.ForBurn("0.13").Load<LeakyReluRecord>(parts, Device.Cpu)
                Expect.equal (recorder.Record loaded) constant "loaded and saved for the newest"
                let loaded = recorder.Load<LeakyReluRecord>(constant, Device.Cpu)
                Expect.equal (recorder.ForBurn("0.13").Record loaded) parts "and the other way")

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
