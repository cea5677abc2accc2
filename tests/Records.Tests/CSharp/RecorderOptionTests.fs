/// What recorders of the C# face do when they are asked for something.
module Records.Tests.CSharp.RecorderOptionTests

open System
open System.IO
open System.Threading
open Expecto
open Records
open Records.Samples
open Records.Tests.Support

let private device = Device.Cpu

/// 100,352 weights and some: more than a piece that is compressed has no need to be.
let private record = lazy Contract.Mlp.Record(Contract.Mlp.Init device)

let private weights (record: Contract.MlpRecord) =
    [
        for linear in [ record.Fc1; record.Fc2 ] do
            match linear with
            | null -> failtest "no layer"
            | linear ->
                for param in [ linear.Weight; linear.Bias ] do
                    match param with
                    | null -> failtest "no parameter"
                    | param -> string param.Id, List.ofArray (param.Value.ToArray())
    ]

let tests =
    testList
        "Recorder options"
        [
            testCase "BurnPaths cuts names at the last dot, both ways" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "ckpt-0.5")
                    let recorder = DefaultRecorder().BurnPaths()
                    recorder.Record(record.Value, path)
                    Expect.equal (Directory.GetFiles folder) [| Path.Combine(folder, "ckpt-0.mpk") |] "as Burn does"
                    let read = recorder.Load<Contract.MlpRecord>(Path.Combine(folder, "ckpt-0.6"), device)
                    Expect.equal (weights read) (weights record.Value) "read by the same rule"))

            testCase "AllowOverflow writes what is too large as infinity" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "model")
                    let recorder = NamedMpkFileRecorder<HalfPrecisionSettings>()
                    let large = Tensor.Wrap([| 1e30f |], ReadOnlySpan [| 1L |])
                    let tree = LinearRecord(Weight = Param.Of(large), Bias = null)
                    Expect.throwsT<RecordException> (fun () -> recorder.Record(tree, path)) "an error otherwise"
                    Expect.isEmpty (Directory.GetFiles folder) "and nothing is there"
                    recorder.AllowOverflow().Record(tree, path)

                    match recorder.Load<LinearRecord>(path, device).Weight with
                    | null -> failtest "no weight"
                    | weight -> Expect.equal (weight.Value.ToArray()) [| infinityf |] "as Burn writes it"))

            testCase "every limit is the one of its name" (fun () ->
                let limits =
                    RecordLimits(
                        Depth = 1,
                        Entries = 2L,
                        NameBytes = 3L,
                        Rank = 4,
                        HeaderBytes = 5L,
                        InflatedBytes = 6L,
                        InflateRatio = 7L,
                        TensorBytes = 8L
                    )

                let core = limits.ToCore()
                Expect.equal core.Depth 1 "depth"
                Expect.equal core.Entries 2L "entries"
                Expect.equal core.NameBytes 3L "names"
                Expect.equal core.Rank 4 "rank"
                Expect.equal core.HeaderBytes 5L "headers"
                Expect.equal core.InflatedBytes 6L "inflated bytes"
                Expect.equal core.InflateRatio 7L "ratio"
                Expect.equal core.TensorBytes 8L "tensor bytes")

            testCase "WithLimits is asked when a file is loaded, and when it is opened" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "model")
                    let recorder = DefaultRecorder()
                    recorder.Record(record.Value, path)
                    let small = recorder.WithLimits(RecordLimits(TensorBytes = 1000L))

                    for read in
                        [
                            fun () -> small.Load<Contract.MlpRecord>(path, device) |> ignore
                            fun () -> small.Open<Contract.MlpRecord>(path, device).Dispose()
                        ] do
                        let problem = Expect.throwsC read id
                        Expect.stringContains problem.Message "1000" "what it may be"))

            testCase "Parallelism makes the same file and the same record" (fun () ->
                inFolder (fun folder ->
                    let recorder = NamedMpkGzFileRecorder<FullPrecisionSettings>()
                    let path = Path.Combine(folder, "one")
                    recorder.Record(record.Value, path)

                    for degree in [ 2; 5; Int32.MaxValue ] do
                        let several = recorder.Parallelism degree
                        let other = Path.Combine(folder, $"at-{degree}")
                        several.Record(record.Value, other)

                        expectBytes
                            (File.ReadAllBytes(other + ".mpk.gz"))
                            (File.ReadAllBytes(path + ".mpk.gz"))
                            "the file"

                        Expect.equal
                            (weights (several.Load<Contract.MlpRecord>(other, device)))
                            (weights record.Value)
                            "the record"

                    for degree in [ 0; -1 ] do
                        Expect.throwsT<ArgumentOutOfRangeException>
                            (fun () -> recorder.Parallelism degree |> ignore)
                            $"{degree}"))

            testCase "OpenAsync and ReadMetadataAsync give what Open and ReadMetadata do" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "model")
                    let recorder = DefaultRecorder()
                    recorder.Record(record.Value, path)

                    for mapped in [ false; true ] do
                        use opened =
                            recorder.OpenAsync<Contract.MlpRecord>(path, device, mapped).GetAwaiter().GetResult()

                        Expect.equal (weights opened.Record) (weights record.Value) "the record"

                    let metadata = recorder.ReadMetadataAsync(path).GetAwaiter().GetResult()
                    Expect.equal metadata (recorder.ReadMetadata path) "the metadata"
                    use source = new CancellationTokenSource()
                    source.Cancel()

                    for read in
                        [
                            fun () ->
                                recorder.OpenAsync<Contract.MlpRecord>(path, device, false, source.Token)
                                :> Tasks.Task
                            fun () -> recorder.ReadMetadataAsync(path, source.Token)
                        ] do
                        Expect.throwsT<Tasks.TaskCanceledException>
                            (fun () -> (read ()).GetAwaiter().GetResult())
                            "cancelled before it begins"

                    let missing = Path.Combine(folder, "none")

                    Expect.throwsT<RecordException>
                        (fun () ->
                            recorder.OpenAsync<Contract.MlpRecord>(missing, device).GetAwaiter().GetResult()
                            |> ignore)
                        "no such file"))

            testCase "NoStdInferenceRecorder is what it stands for" (fun () ->
                let stands = NoStdInferenceRecorder().Record record.Value
                let itself = BinBytesRecorder<FullPrecisionSettings>().Record record.Value
                expectBytes stands itself "its bytes, metadata among them"
                let read = NoStdInferenceRecorder().Load<Contract.MlpRecord>(stands, device)
                Expect.equal (weights read) (weights record.Value) "read again")
        ]
