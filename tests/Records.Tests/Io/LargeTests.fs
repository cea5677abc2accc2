/// Tensors past 2 GiB and files past 4 GiB. The files are sparse: nearly all of them is zeros that take no room on the disk.
module Records.Tests.LargeTests

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support
open Records.Tests.LargeFiles

let private sizes = [ "a", 3L * gib, 1.5f; "b", 4096L, 2.5f; "c", 2L * gib + 4096L, 3.5f ]

let private schema = Schema.Struct [ for name, _, _ in sizes -> name, Schema.Tensor ]

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
                        let watch = { Report = None; Token = token }

                        let isRefused weight =
                            let document = documentOf (structOf [ "weight", weight ])

                            match error (Recorder.saveNow Recorder.namedMsgPack (File.at path) watch document) with
                            | RecordError.TooLarge([ "weight" ], _, actual, limit) ->
                                Expect.equal (actual, limit) (4L * gib, 0xFFFFFFFFL) "what it is and what it may be"
                            | other -> failtest (RecordError.message other)

                            Expect.isEmpty (Directory.GetFileSystemEntries folder) "nothing is there"

                        let bare = tensor (4L * gib) 1f
                        isRefused bare

                        match bare with
                        | Record.Tensor data -> isRefused (Record.Param(ParamId.ofUInt64 1UL, data))
                        | _ -> failtest "no tensor"))

            testCase "what is written before and behind a part of 2 GiB keeps its place" (fun () ->
                inFolder (fun folder ->
                    let large = Path.Combine(folder, "large")
                    let size = int64 Array.MaxLength
                    (use file = File.Create large in file.SetLength size)
                    use source = ok (File.source true large)
                    let small = ReadOnlyMemory(Array.init 57 byte)
                    let written = ResizeArray()

                    // nothing is stored but where it would be
                    let write handle (bytes: ReadOnlyMemory<byte>) offset =
                        written.Add(struct (offset, bytes.Length))
                        RandomAccess.SetLength(handle, offset + int64 bytes.Length)

                    let parts = [ small; source.Read(0L, Array.MaxLength); small ]
                    let payload: Payload = { Length = None; Parts = parts }

                    Replace.file
                        { Disk.real with Write = write }
                        true
                        false
                        ignore
                        (Path.Combine(folder, "model.bpk"))
                        payload
                        token

                    let mutable next = 0L

                    for struct (offset, length) in written do
                        Expect.equal offset next "each behind the one before"
                        next <- offset + int64 length

                    Expect.equal next (size + 114L) "all of it"
                    Expect.equal written[0] (struct (0L, 57)) "what stands before it"
                    Expect.equal written[written.Count - 1] (struct (size + 57L, 57)) "what stands behind it"))

            testCase "halves become an F32 tensor of more than 2 GiB" (fun () ->
                let elements = (1L <<< 29) + 64L
                let zeros = new Zeros(2L * elements, 0f)
                let slice = { Source = zeros; Offset = 0L; Length = 2L * elements }
                let data = ok (TensorData.create Dtype.BF16 (shapeOf [ elements ]) slice)
                let wide = ok (Cast.tensor [] false Dtype.F32 data)
                let held = View.hold wide
                Expect.equal held.Bytes.Length (4L * elements) "its bytes"
                Expect.equal (lastOf held) 0f "its last element")

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
