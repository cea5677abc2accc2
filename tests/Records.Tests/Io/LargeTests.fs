/// Tensors past 2 GiB and files past 4 GiB. The files are sparse: nearly all of them is zeros that take no room on the disk.
module Records.Tests.LargeTests

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support

let private gib = 1L <<< 30

/// Zeros, but the last four bytes are these.
[<Sealed>]
type private Zeros(length: int64, last: single) =

    interface ISource with
        member _.Name = "zeros"
        member _.Length = length
        member _.InMemory = false
        member _.Outlives = true

        member _.Read(_, count) =
            ReadOnlyMemory(Array.zeroCreate<byte> count)

        member _.Fill(offset, target) =
            target.Clear()
            let tail = BitConverter.GetBytes last

            for index in 0..3 do
                let place = length - 4L + int64 index - offset

                if place >= 0L && place < int64 target.Length then
                    target[int place] <- tail[index]

        member _.Dispose() = ()

let private tensor bytes last =
    let slice = { Source = new Zeros(bytes, last); Offset = 0L; Length = bytes }
    Record.Tensor(ok (TensorData.create Dtype.F32 (shapeOf [ bytes / 4096L; 1024L ]) slice))

let private isZero (bytes: ReadOnlyMemory<byte>) = bytes.Span.IndexOfAnyExcept 0uy < 0

/// Writes a payload and leaves out what is zero.
let private writeSparse path (payload: Payload) =
    use file = File.Create path

    for part in payload.Parts do
        if part.Length >= 4096 && isZero part then
            file.Seek(int64 part.Length, SeekOrigin.Current) |> ignore
        else
            file.Write part.Span

    file.SetLength file.Position
    file.Position

let private sizes = [ "a", 3L * gib, 1.5f; "b", 4096L, 2.5f; "c", 2L * gib + 4096L, 3.5f ]

let private schema = Schema.Struct [ for name, _, _ in sizes -> name, Schema.Tensor ]

let private lastOf (data: TensorData) =
    let bytes = Array.zeroCreate<byte> 4
    data.Bytes.Source.Fill(data.Bytes.Offset + data.Bytes.Length - 4L, bytes.AsSpan())
    BitConverter.ToSingle bytes

let private opens name (recorder: Recorder) =
    testCase $"{name}: 5 GiB are saved and opened, positionally and mapped" (fun () ->
        inFolder (fun folder ->
            let path = Path.Combine(folder, "large." + Recorder.extension recorder)
            let document = documentOf (structOf [ for name, size, last in sizes -> name, tensor size last ])
            let payload = ok (Recorder.encode recorder document)
            let written = writeSparse path payload
            Expect.equal (Some written) payload.Length "as long as it said"
            Expect.isGreaterThan written (4L * gib) "past 4 GiB"

            for mapped in [ false; true ] do
                let place = File.place { File.defaults with Mapped = mapped } path
                let watch = { Report = None; Token = token }
                let before = GC.GetAllocatedBytesForCurrentThread()
                use opened = ok (Recorder.openNow (Recorder.schema schema recorder) watch place)
                let allocated = GC.GetAllocatedBytesForCurrentThread() - before
                Expect.isLessThan allocated (4L <<< 20) "opening reads no tensor"
                let tensors = [ for path, data in Record.tensors opened.Document.Root -> List.last path, data ]
                let found = [ for name, data in tensors -> name, data.Bytes.Length, lastOf data ]
                Expect.equal found sizes "every tensor, to its last element"))

let tests =
    testList
        "large"
        [
            opens "mpk" Recorder.namedMsgPack
            opens "bin" Recorder.bincode
            opens "bpk" Recorder.burnpack

            testCase
                "a tensor past 4 GiB is more than MessagePack can say, and that is told before anything is written"
                (fun () ->
                    inFolder (fun folder ->
                        let path = Path.Combine(folder, "large.mpk")
                        let document = documentOf (structOf [ "weight", tensor (4L * gib) 1f ])
                        let watch = { Report = None; Token = token }

                        match error (Recorder.saveNow Recorder.namedMsgPack (File.at path) watch document) with
                        | RecordError.TooLarge([ "weight" ], _, actual, limit) ->
                            Expect.equal (actual, limit) (4L * gib, 0xFFFFFFFFL) "what it is and what it may be"
                        | other -> failtest (RecordError.message other)

                        Expect.isEmpty (Directory.GetFileSystemEntries folder) "nothing is there"))

            testCase "bin has no such bound" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "large.bin")
                    let document = documentOf (structOf [ "weight", tensor (4L * gib + 4096L) 4.5f ])
                    let written = writeSparse path (ok (Recorder.encode Recorder.bincode document))
                    Expect.isGreaterThan written (4L * gib) "past 4 GiB"
                    let schema = Schema.Struct [ "weight", Schema.Tensor ]
                    let watch = { Report = None; Token = token }
                    use opened = ok (Recorder.openNow (Recorder.schema schema Recorder.bincode) watch (File.at path))

                    match List.ofSeq (Record.tensors opened.Document.Root) with
                    | [ [ "weight" ], data ] ->
                        Expect.equal (Shape.dims data.Shape) [ gib / 1024L + 1L; 1024L ] "its shape"
                        Expect.equal (lastOf data) 4.5f "its last element"
                    | other -> failtest $"{other.Length} tensors"))
        ]
