module Records.Tests.CSharp.BadInputTests

open System.IO
open Expecto
open Records
open Records.Tests.Support

type private Bad = Contract.BadInput

let private recorders: FileRecorder list =
    [
        NamedMpkFileRecorder<FullPrecisionSettings>()
        NamedMpkGzFileRecorder<FullPrecisionSettings>()
        BinFileRecorder<FullPrecisionSettings>()
        BinGzFileRecorder<FullPrecisionSettings>()
        PrettyJsonFileRecorder<FullPrecisionSettings>()
        JsonGzFileRecorder<FullPrecisionSettings>()
    ]

let private saveOf small folder (recorder: FileRecorder) =
    let path = Path.Combine(folder, "model." + recorder.Extension)
    recorder.Record(Contract.Mlp.Record small, path)
    path

let private save folder recorder = saveOf (Bad.Small()) folder recorder

let private problem (found: RecordProblem | null) =
    match found with
    | null -> failtest "nothing was wrong"
    | found -> found

let tests =
    testList
        "bad input in C#"
        [
            test "a missing file is NotFound with its whole name" {
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "model")
                    let problem = problem (Bad.Load(Bad.Small(), path, DefaultRecorder()))
                    Expect.equal (problem.Kind, problem.Location) (RecordErrorKind.NotFound, path + ".mpk") "which one")
            }

            test "another format is named, whatever recorder meets it" {
                inFolder (fun folder ->
                    for writer in recorders do
                        let path = save folder writer

                        for reader in recorders do
                            if reader.GetType() <> writer.GetType() then
                                let problem = problem (Bad.Load(Bad.Small(), path, reader))
                                let text = $"{reader} over {writer}: {problem.Message}"

                                match problem.Kind with
                                | RecordErrorKind.WrongFormat -> Expect.isNotEmpty (string problem.Actual) text
                                // both are gzip: what is inside is no record of the other format
                                | RecordErrorKind.Malformed when writer.Extension.EndsWith "gz" ->
                                    Expect.isTrue problem.Offset.HasValue text
                                | RecordErrorKind.Several when writer.Extension.EndsWith "gz" ->
                                    Expect.exists problem.Problems (_.Offset.HasValue) text
                                | _ -> failtest text)
            }

            test "a file cut anywhere is an error with a path or an offset" {
                inFolder (fun folder ->
                    let small = Bad.Small()

                    for recorder in recorders do
                        let path = saveOf small folder recorder
                        let whole = File.ReadAllBytes path

                        // one that ends where its seal begins is a whole file without
                        let plain = File.ReadAllBytes(saveOf small folder (recorder.Unsealed()))

                        // of a large one every third length, but all that are nearly the whole
                        let step = if whole.Length > 600 then 3 else 1

                        let lengths =
                            [ 0..step .. whole.Length - 65 ]
                            @ [ max 0 (whole.Length - 64) .. whole.Length - 1 ]

                        for length in List.except [ plain.Length ] lengths do
                            File.WriteAllBytes(path, Array.truncate length whole)
                            let problem = problem (Bad.Load(Bad.Small(), path, recorder))

                            for one in problem.Problems do
                                Expect.isTrue
                                    (one.Offset.HasValue || not (isNull one.Path))
                                    $"{recorder} cut to {length}: {one.Message}")
            }

            test "bytes that are no record are an error" {
                for bytes in [ [||]; [| 0uy |]; Array.create 1000 0xFFuy; "not a model at all"B ] do
                    let problem = problem (Bad.LoadBytes bytes)
                    Expect.equal problem.Kind RecordErrorKind.Malformed problem.Message
            }

            test "another shape is an error with path and both shapes" {
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "model")
                    Bad.Save(Bad.Small(), path)
                    let problem = problem (Bad.Load(Bad.Small 4, path, DefaultRecorder()))

                    let seen = [ for each in problem.Problems -> each.Kind, each.Path, each.Expected, each.Actual ]

                    Expect.equal
                        seen
                        [
                            RecordErrorKind.Mismatch, "fc1.weight", "F32 [2, 4]", "F32 [2, 3]"
                            RecordErrorKind.Mismatch, "fc1.bias", "F32 [4]", "F32 [3]"
                            RecordErrorKind.Mismatch, "fc2.weight", "F32 [4, 1]", "F32 [3, 1]"
                        ]
                        "every one of them")
            }

            test "missing, unexpected and nil tensors are errors, each let through by its option" {
                let struct (missing, nil, both) = Bad.Broken()

                let seen (problem: RecordProblem | null) =
                    match problem with
                    | null -> []
                    | problem -> [ for each in problem.Problems -> each.Kind, each.Path ]

                let load record options =
                    seen (Bad.LoadRecord(Bad.Small(), record, options))

                Expect.equal (load missing null) [ RecordErrorKind.Missing, "fc1.weight" ] "missing"
                Expect.equal (load missing (LoadOptions(AllowMissing = true))) [] "allowed"
                Expect.equal (load nil null) [ RecordErrorKind.Mismatch, "fc2.bias" ] "nil"
                Expect.equal (load nil (LoadOptions(AllowNilOptional = true))) [] "allowed"

                Expect.equal
                    (load both null)
                    [ RecordErrorKind.Missing, "fc1.weight"; RecordErrorKind.Mismatch, "fc2.bias" ]
                    "both at once"

                let unused options =
                    seen (Bad.LoadRecord(Bad.Small(3, false), Contract.Mlp.Record(Bad.Small()), options))

                Expect.equal (unused null) [ RecordErrorKind.Unexpected, "fc2.bias" ] "no place for it"
                Expect.equal (unused (LoadOptions(AllowUnused = true))) [] "allowed"
            }

            test "a module of a gigabyte costs under a megabyte until it is used" {
                let struct (allocated, drawn) = Bad.Gigabyte()
                Expect.isLessThan allocated (1L <<< 20) "bytes"
                Expect.isFalse drawn "nothing is drawn"
            }
        ]
