module Records.Tests.Generator.LoadingTests

open Expecto
open Records
open Records.Samples
open Records.Tests.Support

let private holds name (run: unit -> bool) =
    testCase name (fun () -> Expect.isTrue (run ()) "")

let private gives name (run: unit -> 'T) (expected: 'T) =
    testCase name (fun () -> Expect.equal (run ()) expected "")

let private list (run: unit -> string array) () = List.ofArray (run ())

let tests =
    testList
        "Loading"
        [
            gives "values and ids come from the record" (list Loading.TakesValuesAndIds) [ "same id"; "1 2 3 4 5 6" ]
            gives "a missing tensor is named" (list Loading.Missing) [ "'weight' is missing, expected F32 [2, 3]." ]
            holds "a missing tensor stays when allowed" Loading.MissingAllowed
            gives
                "a missing module is its tensors"
                (list Loading.MissingModule)
                [
                    "'fc1.weight' is missing, expected F32 [4, 3]."
                    "'fc1.bias' is missing, expected F32 [3]."
                    "'fc2.weight' is missing, expected F32 [3, 2]."
                    "'fc2.bias' is missing, expected F32 [2]."
                ]
            holds "a missing module stays when allowed" Loading.MissingModuleAllowed
            gives
                "a tensor without a place is named"
                (list Loading.Unused)
                [ "'bias' is F32 [3], expected nothing there." ]
            holds "a tensor without a place is left when allowed" Loading.UnusedAllowed
            gives
                "a module without a place is its tensors"
                (list Loading.UnusedModule)
                [
                    "'extra.weight' is F32 [2, 3], expected nothing there."
                    "'extra.bias' is F32 [3], expected nothing there."
                ]
            gives "a nil against a value is named" (list Loading.Nil) [ "'bias' is nil, expected F32 [3]." ]
            holds "a nil empties the module when allowed" Loading.NilAllowed
            gives "a nil against a module is named" (list Loading.NilModule) [ "'extra' is nil, expected a value." ]
            gives
                "other lengths are named"
                (list Loading.OtherLength)
                [
                    "'layers' is a list of 1, expected a list of 2."
                    "'heads' is a list of 1, expected a list of 2."
                ]
            gives "other lengths load as far as both go when allowed" Loading.OtherLengthAllowed "2 True True 2"
            gives
                "the length of an array is never allowed to differ"
                (list Loading.ArrayLengthIsNeverAllowed)
                [ "'heads' is a list of 1, expected a list of 2." ]
            gives "another shape is named" (list Loading.Shape) [ "'weight' is F32 [3, 2], expected F32 [2, 3]." ]
            gives
                "another shape is never allowed"
                (list Loading.ShapeWithEverythingAllowed)
                [ "'weight' is F32 [3, 2], expected F32 [2, 3]." ]
            gives "ints do not become floats" (list Loading.Dtype) [ "'bias' is I32 [3], expected F32 [3]." ]
            gives "another variant is named" (list Loading.Variant) [ "The record is PReLU, expected Dense." ]
            gives
                "another variant is an error without tensors too"
                (list Loading.ConstantVariant)
                [ "The record is Relu, expected Gelu." ]
            holds "the same variant loads" Loading.SameVariant
            gives "what holds no tensor may be missing" (list Loading.MissingWithoutTensors) []
            gives
                "an optional without tensors may be missing, extra, nil or of another length"
                (list Loading.OptionalWithoutTensors)
                [ "True True" ]
            gives
                "an optional with tensors may not"
                (list Loading.OptionalWithTensors)
                [
                    "'act' is nil, expected a value."
                    "'pair' is nil, expected a value."
                    "'acts' is nil, expected a value."
                    "'act.Dense.weight' is F32 [2, 3], expected nothing there."
                    "'act.Dense.bias' is F32 [3], expected nothing there."
                    "'pair.0.weight' is F32 [2, 3], expected nothing there."
                    "'pair.0.bias' is F32 [3], expected nothing there."
                    "'acts.0.Dense.weight' is F32 [2, 3], expected nothing there."
                    "'acts.0.Dense.bias' is F32 [3], expected nothing there."
                ]
            holds "an optional with tensors is emptied or left when allowed" Loading.OptionalEmptied
            gives
                "a missing variant or tuple is its tensors"
                (list Loading.MissingVariant)
                [
                    "'pair.0.weight' is missing, expected F32 [1, 1]."
                    "'pair.0.bias' is missing, expected F32 [1]."
                    "'activation.Dense.weight' is missing, expected F32 [1, 1]."
                    "'activation.Dense.bias' is missing, expected F32 [1]."
                ]
            gives
                "a file that fails while loading is a fault"
                (list Loading.Unreadable)
                [ "'weight': the file is gone." ]
            gives
                "faults are listed together"
                (list Loading.Together)
                [
                    "'fc1.weight' is F32 [3, 4], expected F32 [4, 3]."
                    "'fc1.bias' is nil, expected F32 [3]."
                    "'fc2.weight' is missing, expected F32 [3, 2]."
                    "'fc2.bias' is F32 [9], expected F32 [2]."
                ]
            gives
                "the exception says it in parts"
                Loading.Structured
                "Several 4 Mismatch fc1.weight F32 [4, 3] F32 [3, 4]"
            gives "no initialiser runs" Loading.InitialisersRun 0
            gives "everything a module can hold comes back" Loading.WholeNet "same"
            gives "a class and a nominal record are copied, not changed" Loading.ClassAndNominal "True False low True 7"
            gives "what is shared stays shared, and nothing else" Loading.Shared "True True False 5"
            for name, recorder in
                [
                    "halves", Recorder.NamedMessagePack().HalfPrecision()
                    "doubles", Recorder.Bincode().DoublePrecision()
                    "halves without a seal", Recorder.NamedMessagePack().HalfPrecision().Unsealed()
                ] do
                testCase $"a file of {name} is converted as it is read, and not held twice" (fun () ->
                    inFolder (fun folder ->
                        let struct (same, times) = Loading.OneStep(recorder, folder)
                        Expect.isTrue same "in one step as in two"
                        Expect.isLessThan times 1.25 "times the module's bytes"))

            testCase "what does not fit is told with all else when it is converted as it is read" (fun () ->
                inFolder (fun folder ->
                    Expect.equal
                        (List.ofArray (
                            Loading.OneStepWithFaults(Recorder.NamedMessagePack().DoublePrecision(), folder)
                        ))
                        [
                            "'fc1.bias' is F64 [2], expected F32 [3]."
                            "'fc2.bias' is nil, expected F32 [3]."
                            "'fc1.weight' holds 1E+300, which does not fit F32."
                        ]
                        "all of it"))

            gives
                "a record with holes is not written"
                (list Loading.HandMadeWithHoles)
                [ "'fc1.weight' is missing, expected a parameter."; "'fc2' is missing, expected a record." ]
        ]
