module Records.Tests.CSharp.BurnpackFaceTests

open Expecto
open Records
open Records.Samples
open Records.Tests.Support

let tests =
    testList
        "Burnpack from C#"
        [
            testCase "one of everything loads into a fresh module, and both files are what they were" (fun () ->
                inFolder (fun folder ->
                    let struct (packed, packedAgain, named, namedAgain) = Burnpacks.Everything folder
                    expectBytes packedAgain packed "burnpack"
                    expectBytes namedAgain named "MessagePack, with the structure of the module"))

            testCase "a shared weight stays shared" (fun () ->
                inFolder (fun folder -> Expect.isTrue (Burnpacks.StaysTied folder) "one parameter at two paths"))

            for recorder in
                [
                    BurnpackFileRecorder() :> FileRecorder
                    NamedMpkFileRecorder<FullPrecisionSettings>()
                    NamedMpkGzFileRecorder<FullPrecisionSettings>()
                    PrettyJsonFileRecorder<FullPrecisionSettings>()
                ] do
                testCase
                    $"{recorder.Extension}: a tensor that the module has no place for is an error, unless allowed"
                    (fun () ->
                        inFolder (fun folder ->
                            let struct (refused, loaded, later) = Burnpacks.Unused(folder, recorder)
                            let paths = [ for problem in refused.Problems -> problem.Path ]
                            Expect.equal paths [ "fc2.weight"; "fc2.bias" ] "each of them"
                            Expect.equal loaded.Fc1.Weight.Id later.Fc1.Weight.Id "the rest is there"))

            testCase "what a strict reader refuses is read on request, and reported" (fun () ->
                inFolder (fun folder ->
                    let struct (refused, forgiven) = Burnpacks.Lenient folder
                    Expect.isTrue refused.Offset.HasValue "with its offset"
                    Expect.equal [ for problem in forgiven -> problem.Message ] [ refused.Message ] "the same"))

            testCase "Burn's optimizer and scheduler are records of their types" (fun () ->
                let golden name =
                    System.IO.File.ReadAllBytes(System.IO.Path.Combine(root, "tests", "golden", "burnpack", name))

                let struct (adam, time, cosine, current) = Burnpacks.Training(golden "adam.bpk", golden "cosine.bpk")
                expectBytes adam (golden "adam.bpk") "the optimizer, written again"
                expectBytes cosine (golden "cosine.bpk") "the scheduler"
                Expect.equal (time, current) (3UL, 11UL) "their steps")

            testCase "user metadata is written and read" (fun () ->
                inFolder (fun folder ->
                    let metadata = Burnpacks.Metadata folder

                    Expect.equal
                        [ for entry in metadata.Entries -> entry.Key, entry.Value ]
                        [ "run", "7"; "层", "" ]
                        "both"))

            testCase "dtypes are kept unless a precision is said" (fun () ->
                inFolder (fun folder ->
                    Expect.equal (List.ofArray (Burnpacks.Dtypes folder)) [ "F32"; "F16"; "F64" ] "three files"))
        ]
