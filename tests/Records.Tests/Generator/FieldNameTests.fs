module Records.Tests.Generator.FieldNameTests

open Expecto
open Records.Generator

let private names =
    [
        "RunningMean", "running_mean"
        "FC1", "fc1"
        "Conv1D", "conv1d"
        "LSTMCell", "lstm_cell"
        "Weight", "weight"
        "weight", "weight"
        "Norm1", "norm1"
        "Norm1Weight", "norm1_weight"
        "DModel", "d_model"
        "DK", "dk"
        "A", "a"
        "AB", "ab"
        "Ab", "ab"
        "QuietSoftmax", "quiet_softmax"
        "InputHTTPGate", "input_http_gate"
        "Moment_1", "moment_1"
        "Foo_Bar", "foo_bar"
        "ConvT2d", "conv_t2d"
        "class", "class"
    ]

let tests =
    testList
        "FieldName"
        [
            for property, expected in names do
                testCase $"{property} is {expected}" (fun () -> Expect.equal (FieldName.Of property) expected "")

            testCase "a raw identifier loses its mark" (fun () -> Expect.equal (FieldName.Said "r#type") "type" "")
            testCase "a said name stays" (fun () -> Expect.equal (FieldName.Said "norm_1") "norm_1" "")
        ]
