/// Inputs, weights and outputs of torch's layers, which tests/golden/torch/make.py wrote.
module internal Records.Tests.Nn.TorchCases

open System
open System.IO
open System.Text.Json
open Expecto
open Records

let folder = Path.Combine(Records.Tests.House.root, "tests", "golden", "torch")

type Values = { Shape: int64[]; Values: float[] }

type Case = { Layer: string; Options: JsonElement; Tensors: Map<string, Values>; Outputs: Values list }

let private values (element: JsonElement) =
    {
        Shape = [| for dim in element.GetProperty("shape").EnumerateArray() -> dim.GetInt64() |]
        Values = [| for value in element.GetProperty("values").EnumerateArray() -> value.GetDouble() |]
    }

let read folder =
    use document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "layers.json")))

    [
        for case in document.RootElement.GetProperty("cases").EnumerateArray() do
            {
                Layer = string (case.GetProperty "layer")
                Options = case.GetProperty("options").Clone()
                Tensors =
                    Map
                        [
                            for tensor in case.GetProperty("tensors").EnumerateObject() ->
                                tensor.Name, values tensor.Value
                        ]
                Outputs = [ for output in case.GetProperty("outputs").EnumerateArray() -> values output ]
            }
    ]

let floats (values: Values) =
    Tensor.Wrap(Array.map float32 values.Values, ReadOnlySpan values.Shape)

let param case name =
    Param.Of(ParamId.Of 1UL, floats case.Tensors[name])

let optional case name : Param | null =
    match Map.tryFind name case.Tensors with
    | Some values -> Param.Of(ParamId.Of 1UL, floats values)
    | None -> null

let flag case (name: string) =
    case.Options.GetProperty(name).GetBoolean()

let number case (name: string) =
    case.Options.GetProperty(name).GetDouble()

let ints (element: JsonElement) =
    [ for item in element.EnumerateArray() -> item.GetInt32() ]

let pair case (name: string) =
    match ints (case.Options.GetProperty name) with
    | [ height; width ] -> struct (height, width)
    | other -> failtest $"{name} is {other}"

let paddings case =
    let padding = case.Options.GetProperty "padding"

    if padding.ValueKind = JsonValueKind.String then
        None
    else
        Some [ for sides in padding.EnumerateArray() -> ints sides ]

let linear case name =
    Linear(param case (name + "weight"), optional case (name + "bias"))
