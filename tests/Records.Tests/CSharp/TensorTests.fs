module Records.Tests.CSharp.TensorTests

open System
open Expecto
open Records

// Only this of the samples: others have layers of their own.
type TensorSamples = Records.Samples.TensorSamples

let private is text (tensor: Tensor) =
    Expect.equal (tensor.ToString()) text "dtype, shape and values"

let private device seed = Device.Cpu.Seeded seed

let private refused<'E, 'T when 'E :> exn> (work: unit -> 'T) why =
    Expect.throwsT<'E> (fun () -> work () |> ignore) why

let private bias (layer: Linear) =
    match layer.Bias with
    | null -> failtest "the layer has a bias"
    | bias -> bias

let tests =
    testList
        "C# tensors"
        [
            testCase "tensors are made of arrays, literals, spans and rectangles" (fun () ->
                TensorSamples.FromArray() |> is "F32 [2, 3]: 1, 2, 3, 4, 5, 6"
                TensorSamples.FromLiteral() |> is "F32 [3]: 1, 2, 3"
                TensorSamples.FromLiteralWithShape() |> is "F64 [2, 2]: 1, 2, 3, 4"
                TensorSamples.FromIntegers() |> is "I32 [3]: 1, 2, 3"
                TensorSamples.FromTruths() |> is "Bool [1, 2]: True, False"
                TensorSamples.FromRectangle() |> is "I64 [2, 3]: 1, 2, 3, 4, 5, 6"
                TensorSamples.FromSpan() |> is "F32 [2]: 1, 2"
                TensorSamples.Scalar() |> is "F32 []: 1.5"
                TensorSamples.WithShape([| 1.0f; 2.0f |], [| 2L; 1L |]) |> is "F32 [2, 1]: 1, 2")

            testCase "shape, rank, count and dtype are known" (fun () ->
                let tensor = TensorSamples.FromArray()
                Expect.sequenceEqual tensor.Shape [ 2L; 3L ] "shape"
                Expect.equal (tensor.Rank, tensor.Count, tensor.Dtype) (2, 6L, Dtype.F32) "rank, count, dtype"
                Expect.equal (TensorSamples.Scalar().Rank, TensorSamples.Scalar().Count) (0, 1L) "a scalar")

            testCase "a tensor does not change with the array it was made of, unless it wraps it" (fun () ->
                Expect.equal (TensorSamples.AfterTheArrayChanged()) [| 1.0f; 2.0f |] "Of copies"
                Expect.isTrue (TensorSamples.WrapCopiesNothing()) "Wrap does not")

            testCase "arrays given out are copies" (fun () ->
                let tensor = TensorSamples.FromArray()
                tensor.ToArray()[0] <- 9.0f
                tensor.ToArray<float32>()[0] <- 9.0f
                Expect.equal (tensor.ToArray()[0]) 1.0f "untouched")

            testCase "reshape and flatten keep the values" (fun () ->
                TensorSamples.Reshaped() |> is "F32 [3, 2]: 1, 2, 3, 4, 5, 6"
                TensorSamples.Reshaped().Flatten() |> is "F32 [6]: 1, 2, 3, 4, 5, 6"

                TensorSamples.Reshaped().Reshape(ReadOnlySpan [| 3L; 1L; 2L |]).Flatten 1
                |> is "F32 [3, 2]: 1, 2, 3, 4, 5, 6")

            testCase "Parts are the elements' bytes, in order and in place" (fun () ->
                let values = [| 1.0f; -2.5f; 3.0f |]
                let parts = Seq.toArray (Tensor.Wrap(values).Parts())

                let bytes =
                    [|
                        for part in parts do
                            yield! part.ToArray()
                    |]

                Expect.equal
                    bytes
                    [|
                        for value in values do
                            yield! BitConverter.GetBytes value
                    |]
                    "little-endian"

                values[0] <- 7.0f
                Expect.equal (BitConverter.ToSingle parts[0].Span) 7.0f "nothing was copied")

            testCase "ToArray converts floats, and gives others in their own type" (fun () ->
                Expect.equal
                    (TensorSamples.FromLiteralWithShape().ToArray())
                    [| 1.0f; 2.0f; 3.0f; 4.0f |]
                    "F64 as float"

                Expect.equal (TensorSamples.FromIntegers().ToArray<int>()) [| 1; 2; 3 |] "I32"
                Expect.equal (TensorSamples.FromTruths().ToArray<bool>()) [| true; false |] "Bool")

            testCase "ArgMax gives the best of each row" (fun () ->
                Expect.equal (TensorSamples.BestOfEachRow()) [| 1; 0 |] "the first of equals")

            testCase "mistakes are named" (fun () ->
                refused<ArgumentException, _> TensorSamples.FromDecimals "decimal is no element"

                refused<ArgumentException, _>
                    (fun () -> TensorSamples.WithShape([| 1.0f |], [| 2L |]))
                    "too few values"

                refused<ArgumentException, _>
                    (fun () -> TensorSamples.WithShape([| 1.0f |], [| -1L |]))
                    "a negative dimension"

                refused<ArgumentNullException, _>
                    (fun () -> TensorSamples.WithShape(Unchecked.defaultof<float32[]>, [| 1L |]))
                    "no array"

                refused<ArgumentException, _>
                    (fun () -> TensorSamples.FromArray().Reshape(ReadOnlySpan [| 4L; -1L |]))
                    "6 by 4"

                refused<ArgumentException, _> (fun () -> TensorSamples.FromArray().Flatten 2) "no such axis"

                refused<InvalidOperationException, _>
                    (fun () -> TensorSamples.FromIntegers().ToArray())
                    "integers are not converted"

                refused<InvalidOperationException, _>
                    (fun () -> TensorSamples.FromIntegers().ToArray<int64>())
                    "another type"

                refused<InvalidOperationException, _>
                    (fun () -> TensorSamples.FromTruths().ArgMax())
                    "truth has no order")

            testCase "a mistake is worded for the caller" (fun () ->
                let message (work: unit -> Tensor) =
                    try
                        string (work ())
                    with :? ArgumentException as mistake ->
                        mistake.Message

                Expect.equal
                    (message (fun () -> TensorSamples.FromArray().Reshape(ReadOnlySpan [| 4L; -1L |])))
                    "'shape' is [4, -1], expected 6 elements, as F32 [2, 3] has. (Parameter 'shape')"
                    "Reshape"

                Expect.equal
                    (message (fun () -> TensorSamples.WithShape([| 1.0f |], [| 2L |])))
                    "1 values do not make up a shape [2]. (Parameter 'shape')"
                    "Of"

                Expect.equal
                    (message (fun () -> TensorSamples.FromLiteral().Flatten 1))
                    "'axis' is 1, expected an axis below the rank of F32 [3]. (Parameter 'axis')"
                    "Flatten"

                Expect.equal
                    (message (fun () -> TensorSamples.Known().Forward(TensorSamples.FromLiteralWithShape())))
                    "The input is [2, 2], expected [.., 3]. (Parameter 'input')"
                    "Forward")

            testCase "no F# type shows in the face" (fun () ->
                let shown =
                    [
                        for kind in typeof<Tensor>.Assembly.GetExportedTypes() do
                            for method in kind.GetMethods() do
                                method.ReturnType

                                for parameter in method.GetParameters() do
                                    parameter.ParameterType

                            for constructor in kind.GetConstructors() do
                                for parameter in constructor.GetParameters() do
                                    parameter.ParameterType
                    ]

                let foreign =
                    shown
                    |> List.map string
                    |> List.filter (fun name -> name.Contains "FSharp" || name.Contains "Records.Core")

                Expect.isEmpty (List.distinct foreign) "own names only")

            testCase "a layer computes" (fun () ->
                Expect.equal (TensorSamples.Forward()) [| 10.0f + 1.0f - 5.0f; 20.0f + 2.0f - 6.0f |] "by hand"
                let chances = TensorSamples.Perceptron(TensorSamples.WithShape(Array.create 12 0.5f, [| 3L; 4L |]))
                Expect.equal chances.Length 6 "three rows of two"
                Expect.floatClose Accuracy.medium (float (Array.sum chances)) 3.0 "a probability each"

                refused<ArgumentException, _>
                    (fun () -> TensorSamples.Known().Forward(TensorSamples.FromLiteralWithShape()))
                    "2 inputs of 3"

                refused<InvalidOperationException, _>
                    (fun () -> TensorSamples.Known().Forward(TensorSamples.FromIntegers()))
                    "integers"

                refused<ArgumentNullException, _> (fun () -> Relu().Forward(Unchecked.defaultof<Tensor>)) "null")

            testCase "a new layer has drawn no values" (fun () ->
                let layer = Linear.Init(30000, 30000, device 1L)
                Expect.isFalse (layer.Weight.IsInitialised || (bias layer).IsInitialised) "3.6 GB not drawn"
                Expect.sequenceEqual layer.Weight.Shape [ 30000L; 30000L ] "shape"
                Expect.stringContains (layer.ToString()) "d_input: 30000" "printing draws nothing"
                Expect.isFalse layer.Weight.IsInitialised "still not"
                Expect.isNull (TensorSamples.WithoutBias(device 1L).Bias) "bias: false"
                refused<ArgumentOutOfRangeException, _> (fun () -> Linear.Init(0, 1, Device.Cpu)) "no inputs")

            testCase "the same seed and order give the same ids and values" (fun () ->
                let draw device =
                    let layers = [ Linear.Init(3, 2, device); Linear.Init(3, 2, device) ]

                    [
                        for layer in layers ->
                            layer.Weight.Id, (bias layer).Id, List.ofArray (layer.Weight.Value.ToArray())
                    ]

                let first = draw (device 42L)
                Expect.equal first (draw (device 42L)) "starts over"
                Expect.notEqual first (draw (device 43L)) "another seed"
                Expect.notEqual first[0] first[1] "the second layer is another"
                Expect.notEqual (draw Device.Cpu) (draw Device.Cpu) "the CPU itself goes on")

            testCase "values do not depend on which is asked for first" (fun () ->
                let values order =
                    let layer = Linear.Init(3, 2, device 42L)
                    let parameters = [| layer.Weight; bias layer |]

                    for index in order do
                        parameters[index].Value |> ignore

                    [ for parameter in parameters -> List.ofArray (parameter.Value.ToArray()) ]

                Expect.equal (values [ 0; 1 ]) (values [ 1; 0 ]) "the seed was drawn by Init")

            testCase "a parameter's function runs when its value is asked for, once" (fun () ->
                let mutable runs = 0
                let param = TensorSamples.Counted(fun () -> runs <- runs + 1)
                param.ToString() |> ignore
                Expect.sequenceEqual param.Shape [ 2L ] "shape"
                Expect.equal (param.Dtype, param.IsInitialised, runs) (Dtype.F32, false, 0) "not yet"
                Expect.isTrue (obj.ReferenceEquals(param.Value, param.Value)) "one tensor"
                Expect.equal (param.IsInitialised, runs) (true, 1) "once"
                refused<InvalidOperationException, _> (fun () -> TensorSamples.WrongShape().Value) "[2] for [3]")

            testCase "WithValue keeps the id; parameters are equal to themselves only" (fun () ->
                let tensor = TensorSamples.FromLiteral()
                let param = Param.Of(ParamId.Of 1UL, tensor)
                Expect.isTrue param.IsInitialised "it has its tensor"
                let other = param.WithValue(TensorSamples.Scalar())
                Expect.equal other.Id param.Id "id"
                Expect.equal other.Value.Rank 0 "the new tensor"
                Expect.isFalse (param.Equals(Param.Of(ParamId.Of 1UL, tensor))) "by reference"
                Expect.notEqual (Param.Of tensor).Id (Param.Of tensor).Id "random ids")

            testCase "ids are text and number" (fun () ->
                Expect.equal (ParamId.Of(1UL).ToString()) "0400000000000" "as Burn writes it"
                Expect.equal (ParamId.Of "0400000000000") (ParamId.Of 1UL) "equal by text"
                Expect.equal (ParamId.Of("tv6qn2b78khg2").Value) (Nullable 0x0123456789abcdefUL) "number"
                Expect.equal (ParamId.Of("67e55044-10b1-426f-9247-bb680e5fe0c8").Value) (Nullable()) "a UUID has none"

                Expect.equal
                    (Unchecked.defaultof<ParamId>.ToString(), Unchecked.defaultof<ParamId>.Value)
                    ("", Nullable())
                    "no id"

                refused<ArgumentException, _> (fun () -> ParamId.Of "") "empty"
                refused<ArgumentException, _> (fun () -> Param.Of(ParamId(), TensorSamples.Scalar())) "no id")

            testCase "initializers draw what they say" (fun () ->
                let param = TensorSamples.Xavier(device 1L)
                let highest = param.Value.ToArray() |> Array.map abs |> Array.max
                Expect.isLessThanOrEqual highest (float32 (sqrt (6.0 / 50.0))) "Xavier's bound"
                refused<ArgumentException, _> (fun () -> TensorSamples.ForgotTheFan Device.Cpu) "at once"

                Expect.equal
                    (Initializer.KaimingUniform 1.0)
                    (Initializer.KaimingUniform(1.0, false))
                    "equal by what they draw")

            testCase "activations print as Burn prints them" (fun () ->
                Expect.equal (Dropout(0.5).ToString()) "Dropout {prob: 0.5}" "Dropout"
                Expect.equal (Relu().ToString()) "Relu" "Relu"

                Expect.isTrue
                    (obj.ReferenceEquals(Dropout(0.5).Forward(TensorSamples.Scalar()), null) |> not)
                    "a tensor")
        ]
