/// The models that the reference program writes, as schemas written by hand.
module Records.Tests.Models

open Records.Core

let constant = Schema.Constant Constant.Single

let linear = Schema.Struct [ "weight", Schema.Param; "bias", Schema.Option Schema.Param ]

let private constants names = [ for name in names -> name, constant ]

let tiny =
    Schema.Struct [ "weight", Schema.Param; "bias", Schema.Option Schema.Param; "activation", constant ]

let mlp = Schema.Struct([ "fc1", linear; "fc2", linear ] @ constants [ "dropout"; "activation" ])

/// A convolution; what its sizes are made of differs between layouts.
let conv2d sizes =
    Schema.Struct(
        [ "weight", Schema.Param; "bias", Schema.Option Schema.Param ]
        @ [ for name in [ "stride"; "kernel_size"; "dilation" ] -> name, Schema.Constant sizes ]
        @ constants [ "groups"; "padding" ]
    )

let batchNorm =
    Schema.Struct(
        [ for name in [ "gamma"; "beta"; "running_mean"; "running_var" ] -> name, Schema.Param ]
        @ constants [ "momentum"; "epsilon" ]
    )

let cnn =
    Schema.Struct [ "conv1", conv2d Constant.Single; "norm", batchNorm; "pool", constant; "fc", linear ]

let layerNorm =
    Schema.Struct [ "gamma", Schema.Param; "beta", Schema.Option Schema.Param; "epsilon", constant ]

let transformer =
    let attention =
        Schema.Struct(
            [ for name in [ "query"; "key"; "value"; "output" ] -> name, linear ]
            @ constants [ "dropout"; "activation"; "d_model"; "n_heads"; "d_k"; "min_float"; "quiet_softmax" ]
        )

    let forward =
        Schema.Struct(
            [ "linear_inner", linear; "linear_outer", linear ]
            @ constants [ "dropout"; "activation" ]
        )

    let layer =
        Schema.Struct(
            [ "mha", attention; "pwff", forward; "norm_1", layerNorm; "norm_2", layerNorm ]
            @ constants [ "dropout"; "norm_first" ]
        )

    Schema.Struct(
        [ "layers", Schema.List layer ]
        @ constants [ "d_model"; "d_ff"; "n_heads"; "n_layers"; "dropout"; "norm_first"; "quiet_softmax" ]
    )

/// One of everything.
let kitchen =
    let activation =
        Schema.Enum
            [
                "Gelu", constant
                "PRelu", Schema.Struct [ "alpha", Schema.Param; "alpha_value", constant ]
                "Relu", constant
            ]

    let scalar = Schema.Scalar

    Schema.Struct
        [
            "none", Schema.Option Schema.Param
            "list", Schema.List linear
            "empty_list", Schema.List linear
            "pair", Schema.Tuple [ linear; constant ]
            "array", Schema.Array(Schema.Param, 2)
            "act_a", activation
            "act_b", activation
            "int_param", Schema.Param
            "bool_param", Schema.Param
            "quant", Schema.Param
            "quant_block", Schema.Param
            "scalar0", Schema.Param
            "zero_sized", Schema.Param
            "raw_tensor", Schema.Tensor
            "s", scalar ScalarType.Text
            "b", scalar ScalarType.Bool
            "f32_", scalar ScalarType.F32
            "f64_", scalar ScalarType.F64
            "us", scalar ScalarType.U64
            "u64_", scalar ScalarType.U64
            "u32_", scalar ScalarType.U32
            "u16_", scalar ScalarType.U16
            "u8_", scalar ScalarType.U8
            "i64_", scalar ScalarType.I64
            "i32_", scalar ScalarType.I32
            "i16_", scalar ScalarType.I16
            "i8_", scalar ScalarType.I8
            "h", scalar ScalarType.F16
            "bf", scalar ScalarType.BF16
            "unit", scalar ScalarType.Unit
            "nofields", Schema.Struct []
            "type", scalar ScalarType.U8
            "map", Schema.Map(scalar ScalarType.U32)
            "opt_num", Schema.Option(scalar ScalarType.U32)
            "neg", scalar ScalarType.I64
            "big", scalar ScalarType.U64
        ]

let adam =
    let momentum =
        Schema.Struct
            [
                "time", Schema.Scalar ScalarType.U64
                "moment_1", Schema.Tensor
                "moment_2", Schema.Tensor
                "max_moment_2", Schema.Option Schema.Tensor
            ]

    let state = Schema.Struct [ "momentum", momentum ]
    Schema.Map(Schema.Enum [ "V1", Schema.Enum [ for rank in 0..8 -> $"Rank{rank}", state ] ])

/// Models that are written in every setting.
let models =
    [
        "tiny", tiny
        "mlp", mlp
        "cnn", cnn
        "transformer", transformer
        "kitchen", kitchen
        "optim-adam", adam
    ]

/// Learning rate schedulers: a single value, in full precision alone.
let schedulers =
    [
        "scheduler-noam", Schema.Scalar ScalarType.U64
        "scheduler-exp", Schema.Scalar ScalarType.F64
        "scheduler-step", Schema.Scalar ScalarType.I32
        "scheduler-constant", Schema.Scalar ScalarType.Unit
        "cosine-max", Schema.Scalar ScalarType.U64
    ]

/// The model that exists in every layout: its sizes are pairs of constants up to Burn 0.20.
let legacy =
    Schema.Struct
        [
            "conv", conv2d (Constant.Fixed [ Constant.Single; Constant.Single ])
            "steps", Schema.Param
            "mask", Schema.Param
            "pool", constant
            "fc", linear
            "ratio", constant
        ]

let settings = [ "full", Precision.Full; "half", Precision.Half; "double", Precision.Double ]

/// Burn's six file recorders by what their files end with, to the byte: no seal.
let recorders =
    [
        "mpk", Recorder.namedMsgPack
        "mpk.gz", Recorder.gzip Recorder.namedMsgPack
        "bin", Recorder.bincode
        "bin.gz", Recorder.gzip Recorder.bincode
        "json", Recorder.prettyJson
        "json.gz", Recorder.gzip Recorder.prettyJson
    ]
    |> List.map (fun (extension, recorder) -> extension, Recorder.unsealed recorder)
