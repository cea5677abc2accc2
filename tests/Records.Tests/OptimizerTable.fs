/// What Burn's optimizers keep, written down by hand from its sources: the types of both faces are held against it.
module Records.Tests.OptimizerTable

open Records.Core

/// The optimizers whose records Burn writes: they differ in what they keep of a parameter.
[<RequireQualifiedAccess>]
type OptimizerKind =
    /// AdamW keeps the same.
    | Adam
    | Sgd
    | AdaGrad
    | RmsProp
    /// Since Burn 0.20.
    | Muon
    /// Since Burn 0.21.
    | Adan

// Source: the optim module of burn-core at the release tags 0.7 to 0.21.

/// What Adam and Sgd up to 0.8 had first: the gradient of the last step.
let private weightDecay version =
    [
        if version < BurnVersion.minor 9 then
            "weight_decay", Schema.Option(Schema.Struct [ "grad_last_step", Schema.Tensor ])
    ]

let private tensors names =
    Schema.Struct [ for name in names -> name, Schema.Tensor ]

/// The state of one parameter, with the fields that it had in this Burn.
let state kind version =
    let time = "time", Schema.Scalar ScalarType.U64

    match kind with
    | OptimizerKind.Adam ->
        let momentum =
            [
                time
                "moment_1", Schema.Tensor
                "moment_2", Schema.Tensor
                if version >= BurnVersion.minor 21 then
                    "max_moment_2", Schema.Option Schema.Tensor
            ]

        Schema.Struct(weightDecay version @ [ "momentum", Schema.Struct momentum ])
    | OptimizerKind.Sgd -> Schema.Struct(weightDecay version @ [ "momentum", Schema.Option(tensors [ "velocity" ]) ])
    | OptimizerKind.AdaGrad -> Schema.Struct [ "lr_decay", Schema.Struct [ time; "sum", Schema.Tensor ] ]
    | OptimizerKind.RmsProp ->
        Schema.Struct
            [
                "square_avg", tensors [ "square_avg" ]
                "centered", Schema.Struct [ "grad_avg", Schema.Option Schema.Tensor; "avg", Schema.Tensor ]
                "momentum", Schema.Option(tensors [ "buf" ])
            ]
    | OptimizerKind.Muon -> Schema.Struct [ "momentum", tensors [ "velocity" ] ]
    | OptimizerKind.Adan ->
        let moments = [ "exp_avg"; "exp_avg_sq"; "exp_avg_diff"; "neg_pre_grad" ]
        Schema.Struct [ "momentum", Schema.Struct(time :: [ for name in moments -> name, Schema.Tensor ]) ]

/// The whole record of an optimizer as this Burn laid it out.
let schema kind version =
    OptimizerTree.around (state kind) version
