/// What reads or writes the whole of a tensor past 2 GiB, or of a file past 4 GiB. One after the other: each takes its share of a machine.
module Records.Tests.LargeFileTests

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support
open Records.Tests.LargeFiles

let private watch = { Report = None; Token = token }

/// A tensor of so many bytes between two small ones.
let private recordAs dtype size =
    structOf [ "a", tensorAs dtype 4096L 1.5f; "b", tensorAs dtype size 2.5f; "c", tensorAs dtype 4096L 3.5f ]

let private expectRecord size (root: Record) =
    Expect.equal
        [ for path, data in Record.tensors root -> List.last path, data.Bytes.Length, lastOf data ]
        [ "a", 4096L, 1.5f; "b", size, 2.5f; "c", 4096L, 3.5f ]
        "every tensor, to its last element"

let private threeTensors = Schema.Struct [ for name in [ "a"; "b"; "c" ] -> name, Schema.Tensor ]

/// F32 comes as the one array that kernels compute on, others as bytes in pieces.
let private loads name dtype (recorder: Recorder) =
    testCase $"{name}: more than 2 GiB of {Dtype.name dtype} are loaded" (fun () ->
        needsMemory (4L * gib)

        inFolder (fun folder ->
            let size = 2L * gib + 4096L
            let path = Path.Combine(folder, $"large.{name}")
            let payload = ok (Recorder.encode recorder (documentOf (recordAs dtype size)))
            writeSparse path payload |> ignore
            let recorder = Recorder.schema threeTensors recorder
            let loaded = ok (Recorder.loadNow recorder watch (File.exactly File.defaults path))
            expectRecord size loaded.Root

            for _, data in Record.tensors loaded.Root do
                Expect.isTrue data.Bytes.Source.Outlives "in memory, and no more in the file"))

// ---- files past 4 GiB

let private half = 2L * gib + 4096L

let private twoTensors = Schema.Struct [ "a", Schema.Tensor; "b", Schema.Tensor ]

let private document = lazy documentOf (structOf [ "a", tensor half 1.5f; "b", tensor half 2.5f ])

/// Of a sealed file all of what is touched is hashed: the first tensor would be the same once more.
let private expectFile (recorder: Recorder) path =
    Expect.isGreaterThan (FileInfo path).Length (4L * gib) "past 4 GiB"
    let recorder = Recorder.schema twoTensors recorder
    use opened = ok (Recorder.openNow recorder watch (File.exactly File.defaults path))

    match [ for path, data in Record.tensors opened.Document.Root -> path, data ] with
    | [ [ "a" ], first; [ "b" ], second ] ->
        Expect.equal (first.Bytes.Length, second.Bytes.Length) (half, half) "both tensors"
        Expect.equal (lastOf second) 2.5f "to the last element"
    | others -> failtest $"{others.Length} tensors"

let private convert into source target =
    let conversion = { into with Conversion.Schema = Some(fun _ -> twoTensors) }
    let converted = ok (ConvertFile.runOn sparse conversion source target false watch)
    Expect.equal (converted.Losses, converted.Warnings) ([], []) "nothing to tell"

let private expectDamage path =
    (use file = File.OpenHandle(path, FileMode.Open, FileAccess.Write)
     RandomAccess.Write(file, ReadOnlySpan [| 1uy |], 4L * gib + 1024L))

    match RecordError.catch (fun () -> expectFile Recorder.namedMsgPack path) |> error with
    | RecordError.Malformed(_, path, offset, _, _) ->
        Expect.equal path [ "b" ] "whose it is"
        Expect.isGreaterThan offset half "where that begins"
    | other -> failtest (RecordError.message other)

let tests =
    testSequencedGroup
        "large files"
        (testList
            "large files"
            [
                loads "mpk" Dtype.I32 (Recorder.unsealed Recorder.namedMsgPack)
                loads "bin" Dtype.F32 (Recorder.unsealed Recorder.bincode)
                // held against its seal
                loads "bpk" Dtype.F32 Recorder.burnpack

                testCase "a file past 4 GiB is saved to the disk that there is" (fun () ->
                    needsRoom (5L * gib)

                    inFolder (fun folder ->
                        let path = Path.Combine(folder, "large.mpk")
                        // nobody waits for the disk: what is tested is where the bytes go
                        let place = File.exactly { File.defaults with Durability = Durability.Renamed } path
                        ok (Recorder.saveNow Recorder.namedMsgPack place watch document.Value)
                        expectFile Recorder.namedMsgPack path))

                // one test, since each would have to make that file
                testCase "a file past 4 GiB is verified and converted, and one wrong bit in it is seen" (fun () ->
                    inFolder (fun folder ->
                        let at extension =
                            Path.Combine(folder, $"large.{extension}")

                        let payload = ok (Recorder.encode Recorder.namedMsgPack document.Value)
                        writeSparse (at "mpk") payload |> ignore

                        let verdict = Verify.file Recorder.defaultLimits None (at "mpk")
                        Expect.isEmpty [ for problem in verdict.Problems -> problem.Error ] "nothing is wrong with it"
                        Expect.isTrue verdict.Sealed "it has a seal"
                        Expect.equal (verdict.Tensors, verdict.Bytes) (2, 2L * half) "all of it was looked at"

                        let limits = Recorder.defaultLimits
                        convert (Conversion.into "bpk" limits) (at "mpk") (at "bpk")
                        expectFile Recorder.burnpack (at "bpk")
                        convert { Conversion.into "bin" limits with Unsealed = true } (at "bpk") (at "bin")
                        expectFile Recorder.bincode (at "bin")
                        expectDamage (at "mpk")))
            ])
