/// Tensors of opened files, used after the record was disposed: an exception that C# code can catch, whichever way they are used.
module Records.Tests.CSharp.ClosedTests

open System
open System.IO
open Expecto
open Records
open Records.Tests.Support

let private device = Device.Cpu

/// A weight of 4 MiB, which has several parts even as halves, and a bias that is smaller than a page.
let private record =
    lazy
        (let linear = Linear.Init(1024, 1024, device)
         LinearRecord(Weight = linear.Weight, Bias = linear.Bias))

let private param (found: Param | null) : Param =
    match found with
    | null -> failtest "no parameter"
    | found -> found

let private weight (record: LinearRecord) = (param record.Weight).Value
let private bias (record: LinearRecord) = (param record.Bias).Value

let private unmapped: (string * FileRecorder) list =
    [
        "mpk", NamedMpkFileRecorder<FullPrecisionSettings>()
        "bin", BinFileRecorder<FullPrecisionSettings>()
        "bpk", BurnpackFileRecorder()
        "half mpk", NamedMpkFileRecorder<HalfPrecisionSettings>()
    ]

/// Opens the record, as it was saved with each of these, sealed and not, mapped and not.
let private opened name work =
    [
        for format, recorder in unmapped do
            for isSealed in [ true; false ] do
                for mapped in [ true; false ] do
                    let how = $"""{format}, {if isSealed then "sealed" else "unsealed"}, mapped {mapped}"""

                    testCase $"{name}: {how}" (fun () ->
                        inFolder (fun folder ->
                            let path = Path.Combine(folder, "model")

                            if isSealed then
                                recorder.Record(record.Value, path)
                            else
                                recorder.Unsealed().Record(record.Value, path)

                            use opened = recorder.Open<LinearRecord>(path, device, mapped)
                            work folder mapped opened))
    ]

let private uses: (string * (string -> LinearRecord -> unit)) list =
    let forward (record: LinearRecord) =
        Linear(param record.Weight, record.Bias).Forward(Tensor.Of(Array.create 1024 0.5f))

    let all (tensor: Tensor) =
        for part in tensor.Parts() do
            part.ToArray() |> ignore

    [
        "ToArray", (fun _ record -> (weight record).ToArray() |> ignore)
        "ToArray of a small one", (fun _ record -> (bias record).ToArray() |> ignore)
        "ToArray of another shape", (fun _ record -> (weight record).Flatten().ToArray() |> ignore)
        "ArgMax", (fun _ record -> (weight record).ArgMax() |> ignore)
        "Parts", (fun _ record -> all (weight record))
        "Parts of a small one", (fun _ record -> all (bias record))
        "Forward", (fun _ record -> (forward record).ToArray() |> ignore)
        "Record", (fun folder record -> DefaultRecorder().Record(record, Path.Combine(folder, "again")))
    ]

let private afterwards =
    opened "a tensor that is used after its file was closed" (fun folder _ opened ->
        let record = opened.Record

        // touched before or not
        for name, work in List.tail uses do
            work folder record

        File.Delete(Path.Combine(folder, "again.mpk"))
        opened.Dispose()
        opened.Dispose()

        for name, work in uses do
            Expect.throwsT<ObjectDisposedException> (fun () -> work folder record) name

        Expect.isEmpty (Directory.GetFiles(folder, "*again*")) "a save that fails leaves nothing"
        Expect.equal (List.ofSeq (weight record).Shape) [ 1024L; 1024L ] "what is not in the file stays"
        Expect.stringContains (string (weight record)) "[1024, 1024]" "and so does what it prints")

let private untouched =
    opened "a tensor that is first used after its file was closed" (fun folder _ opened ->
        let record = opened.Record
        opened.Dispose()

        for name, work in uses do
            Expect.throwsT<ObjectDisposedException> (fun () -> work folder record) name)

let private midway =
    opened "a file that is closed between two parts" (fun _ mapped opened ->
        let expected = (weight record.Value).ToArray()
        let tensor = weight opened.Record
        use parts = tensor.Parts().GetEnumerator()
        Expect.isTrue (parts.MoveNext()) "a first part"
        let part = parts.Current
        let span = part.Span
        opened.Dispose()
        GC.Collect()
        GC.WaitForPendingFinalizers()
        // the enumerator has the part, and the part has the mapping
        let held = span.ToArray()

        if tensor.Dtype = Dtype.F32 then
            expectBytes
                held
                (Array.collect (fun (value: single) -> BitConverter.GetBytes value) expected[.. held.Length / 4 - 1])
                "taken before"

        if mapped then
            Expect.throwsT<ObjectDisposedException> (fun () -> part.Span.Length |> ignore) "its span, asked for again"
            Expect.throwsT<ObjectDisposedException> (fun () -> part.Pin().Dispose()) "its address"

        Expect.throwsT<ObjectDisposedException> (fun () -> parts.MoveNext() |> ignore) "the next part")

let private inMemory =
    [
        for format, recorder in
            [
                "mpk.gz", NamedMpkGzFileRecorder<FullPrecisionSettings>() :> FileRecorder
                "bin.gz", BinGzFileRecorder<FullPrecisionSettings>()
                "json", PrettyJsonFileRecorder<FullPrecisionSettings>()
            ] do
            testCase $"{format} is in memory, and stays there" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "model")
                    let linear = Linear.Init(64, 128, device)
                    recorder.Record(LinearRecord(Weight = linear.Weight, Bias = linear.Bias), path)

                    for mapped in [ false; true ] do
                        let opened = recorder.Open<LinearRecord>(path, device, mapped)
                        opened.Dispose()
                        Expect.equal ((weight opened.Record).ToArray()) (linear.Weight.Value.ToArray()) "its weight"))
    ]

let private asked =
    testCase "a file is mapped where that was asked for, and nowhere else" (fun () ->
        if not (OperatingSystem.IsLinux()) then
            skiptest "Linux alone says what is mapped"

        inFolder (fun folder ->
            let recorder = DefaultRecorder()
            let path = Path.Combine(folder, "model")
            recorder.Record(record.Value, path)

            let isMapped () =
                (File.ReadAllText "/proc/self/maps").Contains(path + ".mpk")

            (use opened = recorder.Open<LinearRecord>(path, device)
             Expect.equal (weight opened.Record).Count 1048576L "opened"
             Expect.isFalse (isMapped ()) "opened, and nothing said")

            let loaded = recorder.Load<LinearRecord>(path, device)
            Expect.isFalse (isMapped ()) "loaded"
            GC.KeepAlive loaded
            use opened = recorder.Open<LinearRecord>(path, device, mapped = true)
            Expect.isTrue (isMapped ()) "asked for"
            GC.KeepAlive opened))

let tests =
    testList "Closed" [ yield! afterwards; yield! untouched; yield! midway; yield! inMemory; asked ]
