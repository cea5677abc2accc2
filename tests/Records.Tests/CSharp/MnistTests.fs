/// Trained models that Burn wrote, run on digits. They are not the project's to ship: where the folder is absent, these tests are skipped.
module Records.Tests.CSharp.MnistTests

open System
open System.IO
open System.Text.Json
open Expecto
open Records
open Records.Tests.Support

/// The first shared/fixtures beside the repository, or beside a folder above it.
let private fixtures =
    let rec up (folder: DirectoryInfo | null) =
        match folder with
        | null -> None
        | folder ->
            let path = Path.Combine(folder.FullName, "shared", "fixtures")

            if Directory.Exists path then
                Some path
            else
                up folder.Parent

    up (DirectoryInfo(root).Parent)

let private fixture (name: string) =
    match fixtures |> Option.map (fun folder -> Path.Combine(folder, name)) with
    | Some path when File.Exists path -> path
    | _ -> skiptest $"../shared/fixtures/{name} is not here"

let private burnFile name =
    fixture (Path.Combine("burn-records", name))

let private size = 28 * 28

/// A thousand digits as [batch, 1, 28, 28], so many at a time, and what they are.
let private digits =
    lazy
        (let bytes = File.ReadAllBytes(fixture "mnist-digits-1000.bin")

         [|
             for batch in Array.chunkBySize 100 (Array.chunkBySize (size + 1) bytes) ->
                 let pixels =
                     batch
                     |> Array.collect (fun digit ->
                         digit[.. size - 1]
                         |> Array.map (fun pixel -> (float32 pixel / 255.0f - 0.1307f) / 0.3081f))

                 Tensor.Wrap(pixels, ReadOnlySpan [| int64 batch.Length; 1L; 28L; 28L |]),
                 batch |> Array.map (fun digit -> int digit[size])
         |])

/// The scores of these digits, and how many are right.
let private classifyOf digits (forward: Tensor -> Tensor) =
    let results =
        digits
        |> Array.Parallel.map (fun (images, labels) ->
            let scores = forward images
            let right = Array.map2 (=) (scores.ArgMax()) labels |> Array.filter id
            scores.ToArray(), right.Length)

    Array.collect fst results, Array.sumBy snd results

/// The same of every digit.
let private classify forward = classifyOf digits.Value forward

/// The same of the first hundred.
let private classifyFirst forward = classifyOf digits.Value[..0] forward

let private expectFirst expected (scores: float32[]) =
    for expected, actual in List.zip expected (List.ofArray scores[..9]) do
        Expect.floatClose { absolute = 1e-3; relative = 0.0 } (float actual) expected "the scores of digit 0"

/// Every tensor in the file, in order: path, id, shape, SHA-256.
let private manifest (name: string) =
    use document = JsonDocument.Parse(File.ReadAllText(burnFile "manifest.json"))

    [
        for leaf in document.RootElement.GetProperty(name).GetProperty("leaves").EnumerateArray() do
            if string (leaf.GetProperty "kind") = "tensor" then
                let hash =
                    match leaf.TryGetProperty "sha256" with
                    | true, hash -> hash
                    | _ -> leaf.GetProperty "sha256_le"

                string (leaf.GetProperty "path"),
                string (leaf.GetProperty "id"),
                [ for dim in leaf.GetProperty("shape").EnumerateArray() -> dim.GetInt64() ],
                string hash
    ]

let private seen (visit: Action<string, ParamId, Tensor> -> unit) =
    let leaves = ResizeArray()

    visit (
        Action<_, _, _>(fun path id tensor ->
            leaves.Add((path, string id, List.ofSeq tensor.Shape, sha256 (wholeOf tensor.Data.Bytes))))
    )

    List.ofSeq leaves

let private device = Device.Cpu

let private recorder () =
    BinFileRecorder<FullPrecisionSettings>()

// ---- Burn 0.19

let private pooledFile = "mnist-web__2025-08-25__a09c76e67.bin"

let private pooled =
    lazy (Mnist.PooledModel.Init(device).LoadFile(burnFile pooledFile, recorder (), device))

/// What more than one test asks for.
let private pooledResults = lazy (classify pooled.Value.Forward)

let private pooledScores =
    [ -6.4705; 13.1824; -3.1643; -6.3396; -3.3829; -2.3388; -0.5788; -2.4419; -3.3054; -3.583 ]

let private leavesOf (model: Mnist.PooledModel) =
    seen (fun visitor -> model.Visit visitor)

// ---- Burn 0.8 and 0.14

let private deep name =
    Mnist.DeepModel.Init(device).LoadFile(burnFile name, recorder (), device)

let private older name right scores =
    testCase $"{name} loads leaf by leaf and reads digits as in Burn" (fun () ->
        let model = deep name
        Expect.equal (seen (fun visitor -> model.Visit visitor)) (manifest name) "path, id, shape, bytes"
        let bytes = File.ReadAllBytes(burnFile name)
        let record = BinBytesRecorder<FullPrecisionSettings>().Load<Mnist.DeepModelRecord>(bytes, device)
        let embedded = Mnist.DeepModel.Init(device).LoadRecord record
        Expect.equal (seen (fun visitor -> embedded.Visit visitor)) (manifest name) "from bytes as from the file"
        let found, correct = classify model.Forward
        Expect.equal correct right "digits that are right"
        expectFirst scores found)

let olderFiles =
    testList
        "older files"
        [
            older
                "mnist-web__2023-05-20__17c12a0fe.bin"
                998
                [ -7.1702; 10.2898; -1.2472; -2.3922; -1.4033; -3.8755; -1.5621; -2.7592; -3.2047; -6.7877 ]
            older
                "mnist-web__2024-08-15__4e552ca67.bin"
                996
                [ -2.0649; 9.8728; -0.6756; -4.1567; 0.3097; -5.2643; -1.1486; -6.2278; -0.1265; -5.1216 ]
        ]

// ---- Burn 0.22

let private packedFile = "burnpack/mnist-inference-web-model.bpk"

let private packedModel =
    lazy (Mnist.PooledModel.Init(device, 128).LoadFile(fixture packedFile, BurnpackFileRecorder(), device))

let private packedScores =
    [ -3.776; 7.0542; -0.4633; -3.1641; -2.3885; -1.7504; 0.6552; -2.9944; -1.3002; -3.3539 ]

/// Every tensor in the file: path, id, shape, SHA-256.
let private packedManifest () =
    use document = JsonDocument.Parse(File.ReadAllText(fixture "burnpack/EXPECTED-mnist.json"))
    let file = (Seq.head (document.RootElement.EnumerateObject())).Value

    [
        for tensor in file.GetProperty("tensors").EnumerateObject() do
            tensor.Name,
            idText (UInt64.Parse(string (tensor.Value.GetProperty "param_id"))),
            [ for dim in tensor.Value.GetProperty("shape").EnumerateArray() -> dim.GetInt64() ],
            string (tensor.Value.GetProperty "sha256")
    ]

let private burnpack =
    testList
        "burnpack"
        [
            testCase "Burn's file loads, leaf by leaf" (fun () ->
                let byName leaves =
                    List.sortBy (fun (name, _, _, _) -> name) leaves

                Expect.equal
                    (byName (leavesOf packedModel.Value))
                    (byName (packedManifest ()))
                    "path, id, shape, bytes")

            testCase "986 of 1,000 digits are right, with Burn's scores" (fun () ->
                let scores, right = classify packedModel.Value.Forward
                Expect.equal right 986 "digits that are right"
                expectFirst packedScores scores)

            testCase "saved again it is the file it was loaded from" (fun () ->
                let bytes = BurnpackBytesRecorder().Unsealed().Record(packedModel.Value.IntoRecord())
                expectBytes bytes (File.ReadAllBytes(fixture packedFile)) "to the byte"
                let record = BurnpackBytesRecorder().Load<Mnist.PooledModelRecord>(bytes, device)
                let copy = Mnist.PooledModel.Init(device, 128).LoadRecord record
                Expect.equal (leavesOf copy) (leavesOf packedModel.Value) "loaded from bytes")

            testCase "to MessagePack and back, the same files" (fun () ->
                inFolder (fun folder ->
                    let mpk = NamedMpkFileRecorder<FullPrecisionSettings>()
                    let path = Path.Combine(folder, "model")
                    packedModel.Value.SaveFile(path, mpk)
                    let model = Mnist.PooledModel.Init(device, 128).LoadFile(path, mpk, device)
                    model.SaveFile(path, BurnpackFileRecorder().Unsealed())
                    expectBytes (File.ReadAllBytes(path + ".bpk")) (File.ReadAllBytes(fixture packedFile)) "burnpack"
                    let before = File.ReadAllBytes(path + ".mpk")
                    let model = Mnist.PooledModel.Init(device, 128).LoadFile(path, BurnpackFileRecorder(), device)
                    model.SaveFile(path, mpk)
                    expectBytes (File.ReadAllBytes(path + ".mpk")) before "MessagePack"))

            testCase "opened, its tensors stay in the file" (fun () ->
                let file = BurnpackFileRecorder()
                use opened = file.Open<Mnist.PooledModelRecord>(fixture packedFile, device)
                let model = Mnist.PooledModel.Init(device, 128).LoadRecord(opened.Record)
                let scores, _ = classifyFirst model.Forward
                expectFirst packedScores scores)
        ]

let tests =
    testList
        "MNIST"
        [
            testCase "Burn's file loads, leaf by leaf" (fun () ->
                Expect.equal (leavesOf pooled.Value) (manifest pooledFile) "path, id, shape, bytes")

            testCase "the file's bytes load as well" (fun () ->
                let bytes = File.ReadAllBytes(burnFile pooledFile)
                let record = BinBytesRecorder<FullPrecisionSettings>().Load<Mnist.PooledModelRecord>(bytes, device)

                Expect.equal
                    (leavesOf (Mnist.PooledModel.Init(device).LoadRecord record))
                    (manifest pooledFile)
                    "the same")

            testCase "998 of 1,000 digits are right, with Burn's scores" (fun () ->
                let scores, right = pooledResults.Value
                Expect.equal right 998 "digits that are right"
                expectFirst pooledScores scores)

            testCase "a copy of whatever format and precision knows its digits" (fun () ->
                let scores, _ = pooledResults.Value
                let mutable firstHalf = None

                // the same weights: a hundred digits show that the layers are as well
                let expectSame name (copy: Mnist.PooledModel) leaves (scores: float32[]) =
                    Expect.equal (leavesOf copy) leaves name
                    let found, _ = classifyFirst copy.Forward
                    Expect.sequenceEqual found scores[.. found.Length - 1] $"{name}: to the bit"

                inFolder (fun folder ->
                    for struct (name, copy) in Mnist.Copies.Of(pooled.Value, folder) do
                        match firstHalf with
                        | _ when not (name.Contains "Half") -> expectSame name copy (manifest pooledFile) scores
                        | Some(leaves, scores) -> expectSame name copy leaves scores
                        | None ->
                            let found, right = classify copy.Forward
                            let away = Array.map2 (fun a b -> abs (a - b)) scores found |> Array.max
                            // Eleven bits of each weight are left.
                            Expect.isLessThan away 0.05f $"{name}: near"
                            Expect.isGreaterThan away 0.0f $"{name}: not the same"
                            Expect.equal right 998 name
                            firstHalf <- Some(leavesOf copy, found)))

            olderFiles
            burnpack
        ]
