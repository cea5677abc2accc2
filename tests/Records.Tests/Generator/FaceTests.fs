module Records.Tests.Generator.FaceTests

open System
open System.Reflection
open Expecto
open Records
open Records.Core

let private problem error =
    let problem = RecordProblem.Of error

    $"{problem.Kind}|{problem.Path}|{problem.Location}|{problem.Offset}|{problem.Expected}|{problem.Actual}"

let private mapped =
    [
        RecordError.NotFound("a.mpk", ""), "NotFound||a.mpk|||"
        RecordError.WrongFormat("a.mpk", "bincode", "gzip"), "WrongFormat||a.mpk||bincode|gzip"
        RecordError.Malformed("JSON", [ "a"; "0" ], 7L, "a digit", "x"), "Malformed|a.0||7|a digit|x"
        RecordError.Missing([ "a" ], "F32 [1]"), "Missing|a|||F32 [1]|"
        RecordError.Unexpected([], "F32 [1]"), "Unexpected|||||F32 [1]"
        RecordError.Mismatch([ "a"; "b" ], "F32 [1]", "nil"), "Mismatch|a.b|||F32 [1]|nil"
        RecordError.OutOfRange([ "a" ], 2L, "70000", "F16"), "OutOfRange|a|||F16|70000"
        RecordError.TooLarge([ "a" ], "rank", 99L, 8L), "TooLarge|a|||at most 8|99"
        RecordError.Unsupported([ "a" ], "no"), "Unsupported|a||||"
        RecordError.Io("a.mpk", "read", Exception "gone"), "Io||a.mpk|||"
        RecordError.Many [], "Several|||||"
    ]

let private isCore (kind: Type) =
    let rec parts (kind: Type) =
        seq {
            yield kind
            yield! kind.GetGenericArguments() |> Seq.collect parts

            match kind.GetElementType() with
            | null -> ()
            | element -> yield! parts element
        }

    parts kind
    |> Seq.exists (fun part ->
        let home = string part.Namespace
        home.StartsWith "Microsoft.FSharp" || home.StartsWith "Records.Core")

let private signatures (owner: Type) =
    let all =
        BindingFlags.Public
        ||| BindingFlags.Instance
        ||| BindingFlags.Static
        ||| BindingFlags.DeclaredOnly

    seq {
        for method in owner.GetMethods all do
            yield $"{owner.Name}.{method.Name}", method.ReturnType

            for parameter in method.GetParameters() do
                yield $"{owner.Name}.{method.Name}", parameter.ParameterType

        for maker in owner.GetConstructors all do
            for parameter in maker.GetParameters() do
                yield $"{owner.Name}", parameter.ParameterType
    }

let tests =
    testList
        "Face"
        [
            for error, expected in mapped do
                testCase $"{expected.Split('|')[0]} has its parts" (fun () -> Expect.equal (problem error) expected "")

            testCase "several problems are flat" (fun () ->
                let one = RecordError.Missing([ "a" ], "x")
                let several = RecordProblem.Of(RecordError.Many [ one; RecordError.Many [ one; one ] ])
                Expect.equal several.Problems.Count 3 ""

                Expect.equal
                    (several.Problems |> Seq.map _.Kind |> Seq.distinct |> List.ofSeq)
                    [ RecordErrorKind.Missing ]
                    "")

            testCase "the cause of an I/O error is the inner exception" (fun () ->
                let cause = Exception "gone"

                Expect.isTrue
                    (obj.ReferenceEquals(RecordException(RecordError.Io("a", "read", cause)).InnerException, cause))
                    "")

            testCase "no public signature shows the core" (fun () ->
                let shown =
                    typeof<RecordReader>.Assembly.GetExportedTypes()
                    |> Seq.collect signatures
                    |> Seq.filter (snd >> isCore)
                    |> Seq.map fst
                    |> Seq.distinct
                    |> List.ofSeq

                Expect.equal shown [] "")
        ]
