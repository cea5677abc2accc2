module Records.Tests.SealTests

open System
open System.IO
open System.IO.Compression
open System.Text
open Expecto
open Records.Core
open Records.Tests.Support
open Records.Tests.Deflating

let recorders =
    [
        "mpk", Recorder.namedMsgPack
        "bin", Recorder.bincode
        "json", Recorder.prettyJson
        "bpk", Recorder.burnpack
        "mpk.gz", Recorder.gzip Recorder.namedMsgPack
        "bin.gz", Recorder.gzip Recorder.bincode
        "json.gz", Recorder.gzip Recorder.prettyJson
        "bpk.gz", Recorder.gzip Recorder.burnpack
    ]

/// Parameters of a few numbers, one that is too large to be written at once, one of nothing, and names that need spelling.
let private model large =
    structOf
        [
            "fc1", structOf [ "weight", parameter (idText 1UL) (f32 [ 2L; 2L ] [ 1f; -2f; 3f; 0.5f ]) ]
            "häß.lich", Record.Tensor(f32 [ 1L ] [ 7f ])
            "none", Record.Tensor(f32 [ 0L; 3L ] [])
            "large", Record.Tensor(tensorOf Dtype.U8 [ int64 (Array.length large) ] large)
            "last", Record.Tensor(f32 [ 3L ] [ 9f; 8f; 7f ])
        ]

let schemed root recorder =
    Recorder.schema (Schema.ofRecord root) recorder
    |> Recorder.precision Precision.Kept

let write recorder root =
    bytesOf (ok (Recorder.encode recorder (documentOf root)))

let load recorder source =
    Recorder.loadNow recorder { Report = None; Token = token } (Memory.place source)

let private inMemory bytes = Memory.source (ReadOnlyMemory bytes)

/// Whatever opens the file tells of it; what is lazy, once everything has been touched.
let isRefused recorder (bytes: byte[]) =
    let inMemory = Recorder.decode recorder (inputOf bytes)
    let remote = load recorder (remote bytes)

    match inMemory, remote with
    | Error _, Error _ -> true
    | _ -> false

let private flip (bytes: byte[]) (bit: int) =
    bytes[bit / 8] <- bytes[bit / 8] ^^^ (1uy <<< (bit % 8))

let private everyBit name recorder =
    test $"{name}: any single flipped bit of a small file is refused" {
        let root = model (noise 1 5)
        let recorder = schemed root recorder
        let bytes = write recorder root
        ok (load recorder (remote bytes)) |> ignore
        let passed = ResizeArray()

        for bit in 0 .. 8 * bytes.Length - 1 do
            flip bytes bit

            if not (isRefused recorder bytes) then
                passed.Add bit

            flip bytes bit

        Expect.isEmpty passed $"bits of {bytes.Length} bytes that may be wrong"
    }

let private randomBits name recorder size count =
    test $"{name}: {count} random bits of a file of {size} bytes are refused" {
        let root = model (noise 2 size)
        let recorder = schemed root recorder
        let bytes = write recorder root
        let random = Random 3

        for _ in 1..count do
            let bit = int (random.NextInt64(8L * int64 bytes.Length))
            flip bytes bit

            match Recorder.decode recorder (inputOf bytes) with
            | Error _ -> ()
            | Ok _ -> failtest $"Bit {bit} was overlooked."

            flip bytes bit
    }

let private roundTrip name recorder =
    testList
        name
        [
            test "a sealed file is read back from memory and from afar, and is as long as it said" {
                let root = model (noise 4 100_000)
                let recorder = schemed root recorder
                let payload = ok (Recorder.encode recorder (documentOf root))
                let bytes = bytesOf payload

                match payload.Length with
                | Some length -> Expect.equal length bytes.LongLength "the length beforehand"
                | None -> ()

                expectSame (ok (Recorder.decode recorder (inputOf bytes))).Root root "from memory"
                expectSame (ok (load recorder (remote bytes))).Root root "from afar"
                expectBytes (write recorder root) bytes "written twice"
            }

            test "unsealed, it is what the codec writes, and is read as ever" {
                let root = model (noise 5 5000)
                let recorder = schemed root recorder
                let bytes = write (Recorder.unsealed recorder) root
                let text = Encoding.Latin1.GetString bytes
                Expect.isFalse (text.Contains Seal.key || text.Contains "SEALED") "no seal"
                expectSame (ok (load recorder (remote bytes))).Root root "read back"
            }

            test "a tensor that is not what it was is named, with its bytes" {
                let root = model (noise 6 300_000)
                let recorder = schemed root recorder
                let bytes = write recorder root

                if recorder.Compression.IsNone then
                    let start = bytes.Length - 2000
                    flip bytes (8 * (bytes.Length / 2))

                    match error (load recorder (remote bytes)) with
                    | RecordError.Malformed("seal", [ "large" ], offset, expected, _) ->
                        Expect.isTrue (offset > 0L && offset < int64 start) "where it begins"
                        Expect.stringContains expected "to byte" "where it ends"
                    | other -> failtest (RecordError.message other)
            }
        ]

/// The bytes as they are when they are read first. What is true here is different when it is read again.
let private changing (bytes: byte[]) (changes: bool[]) : ISource =
    let seen = Array.zeroCreate<bool> bytes.Length

    remoteBy bytes.LongLength (fun offset count ->
        [|
            for at in int offset .. int offset + count - 1 do
                if seen[at] && changes[at] then ~~~bytes[at] else bytes[at]
                seen[at] <- true
        |])

let tests =
    testList
        "Seal"
        [
            testCase "what is decoded is what was hashed, read once" (fun () ->
                let tensors = [ for index in 0..7 -> noise index 20_000 ]

                let root =
                    structOf
                        [
                            for index, bytes in List.indexed tensors ->
                                $"name{index}", Record.Tensor(tensorOf Dtype.U8 [ 20_000L ] bytes)
                        ]

                let recorder = schemed root Recorder.namedMsgPack
                let bytes = write recorder root
                let starts = [ for tensor in tensors -> (Span bytes).IndexOf(ReadOnlySpan tensor) ]
                // not the first, which is looked at to see what the file is, nor the last, where the seal is
                let changes = Array.zeroCreate<bool> bytes.Length

                for start, next in List.pairwise starts do
                    Array.fill changes (start + 20_000) (next - start - 20_000) true

                let loaded = ok (load recorder (changing bytes changes))
                expectSame loaded.Root root "as it was at first"
                let source = changing bytes changes
                let all = source.Read(0L, bytes.Length).ToArray()
                expectBytes all bytes "read for the first time"
                Expect.isError (load recorder source) "what had been read before")

            for name, recorder in recorders do
                roundTrip name recorder

            for name, recorder in recorders do
                everyBit name recorder

            randomBits "mpk" Recorder.namedMsgPack (8 <<< 20) 10_000
            randomBits "bpk" Recorder.burnpack (2 <<< 20) 10_000
            randomBits "bin.gz" (Recorder.gzip Recorder.bincode) (1 <<< 17) 2_000
            randomBits "json" Recorder.prettyJson (1 <<< 17) 2_000

            for name, recorder in recorders do
                test $"{name}: a wrong bit in the mark is told as damage of the seal" {
                    let recorder = schemed (model [||]) recorder
                    let bytes = write recorder (model [||])
                    let at = bytes.AsSpan().LastIndexOf(ReadOnlySpan Seal.magic)

                    for bit in [ 0; 64; 120 ] do
                        flip bytes (8 * at + bit)

                        match Recorder.decode recorder (inputOf bytes) with
                        | Error error -> Expect.stringContains (RecordError.message error) "not valid seal" $"bit {bit}"
                        | Ok _ -> failtest $"Bit {bit} was overlooked."

                        flip bytes (8 * at + bit)
                }

            test "a text that is the mark, where a file without a seal ends, is taken for one" {
                let name = Encoding.ASCII.GetString Seal.magic

                for text, isTaken in [ name, true; name + String('.', 200), false ] do
                    let root = structOf [ "a", Record.Tensor(f32 [ 1L ] [ 1f ]); "b", Record.Scalar(Scalar.Text text) ]
                    let recorder = schemed root Recorder.namedMsgPack
                    let read = Recorder.decode recorder (inputOf (write (Recorder.unsealed recorder) root))
                    Expect.equal (Result.isError read) isTaken text
                    ok (Recorder.decode recorder (inputOf (write recorder root))) |> ignore
            }

            test "what is opened is told of when it is touched, tensor by tensor" {
                let root = model (noise 7 300_000)

                for recorder in [ Recorder.namedMsgPack; Recorder.bincode; Recorder.burnpack ] do
                    let recorder = schemed root recorder
                    let bytes = write recorder root
                    flip bytes (8 * (bytes.Length / 2))
                    let document = ok (Recorder.decode recorder (Forward.input (remote bytes)))
                    let tensors = List.ofSeq (Record.tensors document.Root)

                    for path, data in tensors do
                        match Slice.whole data.Bytes with
                        | Ok _ -> Expect.notEqual path [ "large" ] "the wrong one"
                        | Error _ -> Expect.equal path [ "large" ] "the others are as they were"
            }

            test "a tensor is hashed once, and read once where all of it is read" {
                let root = model (noise 8 300_000)
                let recorder = schemed root Recorder.namedMsgPack
                let bytes = write recorder root
                let mutable large = 0L

                let source =
                    Watch.source (remote bytes) (fun _ length ->
                        if length > 4096 then
                            large <- large + int64 length)

                let document = ok (Recorder.decode recorder (Forward.input source))
                let path, data = Record.tensors document.Root |> Seq.find (fun (path, _) -> path = [ "large" ])
                large <- 0L
                let target = Array.zeroCreate<byte> 300_000
                data.Bytes.Source.Fill(data.Bytes.Offset, Span target)
                Expect.equal large 300_000L $"the first time, {path}"
                data.Bytes.Source.Fill(data.Bytes.Offset + 1L, Span(target, 0, 10))
                Expect.equal large 300_000L "and never again"
            }

            test "several threads may touch a tensor first" {
                let root = model (noise 9 3_000_000)
                let recorder = schemed root Recorder.namedMsgPack
                let bytes = write recorder root
                let document = ok (Recorder.decode recorder (Forward.input (remote bytes)))
                let tensors = Array.ofSeq (Record.tensors document.Root)

                Threading.Tasks.Parallel.For(
                    0,
                    64,
                    fun index ->
                        let _, data = tensors[index % tensors.Length]
                        ok (Slice.whole data.Bytes) |> ignore
                )
                |> ignore

                expectSame document.Root root "all of them"
            }

            test "a seal of thousands of tensors lies in several members, and readers of them all see one file" {
                let root = Record.List [ for index in 1..4000 -> Record.Tensor(f32 [ 1L ] [ single index ]) ]

                let recorder = schemed root (Recorder.gzip Recorder.namedMsgPack |> Recorder.parallelism 2)
                let bytes = write recorder root
                expectSame (ok (load recorder (remote bytes))).Root root "read back"

                let inflated (bytes: byte[]) =
                    // reads every member there is
                    use stream = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress)
                    use inflated = new MemoryStream()
                    stream.CopyTo inflated
                    inflated.ToArray()

                expectBytes
                    (inflated bytes)
                    (inflated (write (Recorder.unsealed recorder) root))
                    "Burn's file is inside"
            }

            test "a sealed file that someone else compressed is read, and its seal checked" {
                let root = model (noise 10 5000)

                for recorder in [ Recorder.namedMsgPack; Recorder.bincode; Recorder.prettyJson; Recorder.burnpack ] do
                    let recorder = schemed root recorder
                    let gzipped = { recorder with Compression = Some Gzip.transform }
                    let bytes = write recorder root

                    let compress (bytes: byte[]) =
                        bytesOf (Gzip.transform.Forward 1 { Length = None; Parts = [ ReadOnlyMemory bytes ] })

                    expectSame (ok (load gzipped (remote (compress bytes)))).Root root "read back"
                    flip bytes (8 * (bytes.Length / 2))
                    error (load gzipped (remote (compress bytes))) |> ignore
            }

            test "a burst over either mark is refused" {
                let root = model (noise 11 5)

                for name, recorder in recorders do
                    let recorder = schemed root recorder
                    let bytes = write recorder root

                    for mark in [ Encoding.ASCII.GetBytes Seal.key; Seal.magic ] do
                        let at = bytes.AsSpan().LastIndexOf(ReadOnlySpan mark)
                        let damaged = Array.copy bytes
                        Span(damaged, at, mark.Length).Clear()
                        Expect.isTrue (isRefused recorder damaged) $"{name} without {Encoding.ASCII.GetString mark}"
            }

            test "numbers that decode alike are not alike in a seal" {
                let root = structOf [ "x", Record.Scalar(Scalar.F64 1e300); "t", Record.Tensor(f32 [ 1L ] [ 1f ]) ]
                let text = Encoding.UTF8.GetString(write Recorder.prettyJson root)
                Expect.stringContains text "1e300" "as it is written"
                let other = Encoding.UTF8.GetBytes(text.Replace("1e300", "1E300"))
                Expect.isTrue (isRefused Recorder.prettyJson other) "another byte"
            }

            test "a changed scalar of a burnpack that is forgiven is told" {
                let root = model (noise 12 5)
                let bytes = write (schemed root Recorder.burnpack) root
                // the version among the tensor descriptions' shapes stays: a name changes
                let at = bytes.AsSpan().IndexOf(ReadOnlySpan "last"B)
                bytes[at] <- 'm'B
                let _, forgiven = ok (Burnpack.decodeLenient (contextOf None) (inputOf bytes))

                match forgiven with
                | [ RecordError.Malformed("seal", [], _, _, _) ] -> ()
                | other -> failtest $"%A{List.map RecordError.message other}"
            }

            test "the metadata is read from a sealed file, and the seal is none of it" {
                let root = model (noise 13 5)

                for name, recorder in recorders do
                    inFolder (fun folder ->
                        let place = File.at (Path.Combine(folder, "model"))
                        let recorder = schemed root recorder
                        ok (Recorder.saveNow recorder place { Report = None; Token = token } (documentOf root))
                        let metadata = ok (Recorder.metadata recorder place)
                        Expect.isFalse (metadata.ContainsKey Seal.key) name
                        let document = ok (Recorder.loadNow recorder { Report = None; Token = token } place)
                        Expect.equal document.Metadata metadata name
                        Expect.isEmpty document.Annex name)
            }
        ]
