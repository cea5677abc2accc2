/// Opens a file over and over, and closes it while another thread reads from it. Memory that goes away under a reader ends the process, which is
/// then this one and not the tests.
module Records.Saver.Closing

open System
open System.IO
open System.Runtime.CompilerServices
open System.Threading
open Records.Core

let private ok result =
    match result with
    | Ok value -> value
    | Error error -> failwith (RecordError.message error)

let private quiet = { Report = None; Token = CancellationToken.None }

let private opened mapped path =
    let place = File.exactly { File.defaults with Mapped = mapped } path
    ok (Recorder.openNow Recorder.namedMsgPack quiet place)

let private tensors (opened: Opened) =
    [ for _, data in Record.tensors opened.Document.Root -> data ]

let private add (sum: int64) (bytes: ReadOnlySpan<byte>) =
    let mutable sum = sum

    for index in 0 .. bytes.Length - 1 do
        sum <- sum + int64 bytes[index]

    sum

let private sumOfParts (tensors: TensorData list) =
    let mutable sum = 0L

    for data in tensors do
        for part in Slice.parts data.Bytes do
            sum <- add sum part.Span

    sum

let private sumOfArrays (tensors: TensorData list) =
    tensors
    |> List.fold (fun sum data -> add sum (ReadOnlySpan(ok (View.toArray<byte> data.Bytes)))) 0L

/// What is looked at is the whole of a file that is made of them.
let private sumOfFiles (tensors: TensorData list) =
    let root =
        Record.Struct [ for index, data in List.indexed tensors -> { Name = $"{index}"; Value = Record.Tensor data } ]

    let document = { Metadata = Map.empty; Annex = Map.empty; Root = root }
    let payload = ok (Recorder.encode Recorder.namedMsgPack document)
    payload.Parts |> Seq.fold (fun sum part -> add sum part.Span) 0L

let private works = [ sumOfParts; sumOfArrays; sumOfFiles ]

/// Closes the file somewhere in the midst of the work of another thread, which goes on until it is refused.
let private round (random: Random) mapped path (work: TensorData list -> int64) expected =
    let opened = opened mapped path
    let tensors = tensors opened
    use begun = new ManualResetEventSlim()
    let mutable failure: exn option = None

    let read () =
        begun.Set()

        try
            while true do
                let found = work tensors

                if found <> expected then
                    failwith $"bytes that come to {found} and not to {expected}"
        with
        | :? ObjectDisposedException -> ()
        | cause -> failure <- Some cause

    let reader = Thread read
    reader.Start()
    begun.Wait()
    Thread.SpinWait(random.Next 300_000)
    (opened :> IDisposable).Dispose()

    if random.Next 2 = 0 then
        GC.Collect()
        GC.WaitForPendingFinalizers()

    reader.Join()
    failure |> Option.iter raise

/// The tensors of a file that nobody has any more but through them.
[<MethodImpl(MethodImplOptions.NoInlining)>]
let private left path = tensors (opened true path)

/// What nobody closes is closed when nobody has it any more, and not while its bytes are read.
let private unkept path expected rounds =
    let stop = ref false

    let collect () =
        while not (Volatile.Read &stop.contents) do
            GC.Collect()
            GC.WaitForPendingFinalizers()

    let collector = Thread collect
    collector.Start()

    for _ in 1..rounds do
        for work, sum in List.zip works expected do
            if work (left path) <> sum then
                failwith "other bytes, of a file that nobody kept"

    Volatile.Write(&stop.contents, true)
    collector.Join()

let run path rounds =
    let random = Random 7

    let expected =
        use opened = opened false path
        [ for work in works -> work (tensors opened) ]

    for _ in 1..rounds do
        for mapped in [ false; true ] do
            for work, sum in List.zip works expected do
                round random mapped path work sum

    unkept path expected rounds
    Console.Out.WriteLine $"{rounds} rounds"
