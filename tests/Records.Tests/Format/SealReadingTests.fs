/// What of a sealed file is read when it is opened, and what becomes of the memory that it was read into.
module Records.Tests.SealReadingTests

open Expecto
open Records.Core
open Records.Tests.Support
open Records.Tests.Deflating
open Records.Tests.SealTests

let tests =
    testList
        "Seal, read"
        [
            testCase "what was read stays what it was when other files are read" (fun () ->
                let rooted seed =
                    structOf
                        [
                            for index in 0..40 do
                                let id = idText (uint64 (seed * 1000 + index))
                                $"p{index}", parameter id (f32 [ 1L ] [ single (seed + index) ])
                                $"t{index}", Record.Scalar(Scalar.Text $"{seed} {index}")

                            // large enough for a copy of all that
                            for index in 0..7 do
                                $"l{index}", Record.Tensor(tensorOf Dtype.U8 [ 60_000L ] (noise seed 60_000))
                        ]

                for name, recorder in recorders do
                    let loaded =
                        [
                            for seed in 1..3 do
                                let recorder = schemed (rooted seed) recorder
                                let source = remote (write recorder (rooted seed))

                                seed,
                                ok (Recorder.openNow recorder { Report = None; Token = token } (Memory.place source))
                        ]

                    for seed, opened in loaded do
                        expectSame opened.Document.Root (rooted seed) $"{name}: {seed}")

            testCase
                "what is between the tensors is read once before a load, together with those that are small"
                (fun () ->
                    // stretches of 100 kB, each with three tensors of a kB behind it
                    let sizes = List.replicate 20 [ 100_000; 1000; 1000; 1000 ] |> List.concat

                    let root =
                        Record.List
                            [ for size in sizes -> Record.Tensor(tensorOf Dtype.U8 [ int64 size ] (noise 1 size)) ]

                    for recorder in [ Recorder.namedMsgPack; Recorder.bincode ] do
                        let recorder = schemed root recorder
                        let inner = remote (write recorder root)
                        let reads = ResizeArray<int>()

                        let source = Watch.source inner (fun _ count -> reads.Add(int count))
                        let document = ok (Loading.decode true recorder (Forward.input source))
                        Expect.equal (Record.countTensors document.Root) sizes.Length "tensors"
                        let seal = Seal.size 0L [| for path, _ in Record.tensors root -> Seal.pathText path |]
                        // what is looked at of the beginning and the end is read apart
                        Expect.isLessThan (Seq.sum reads) (20 * 3400 + seal + 8000) $"bytes, {recorder.Name}"
                        Expect.isLessThan reads.Count (20 + 10) $"reads, {recorder.Name}")

            testCase "small tensors between large ones are read where they are, and looked at" (fun () ->
                // nothing, a byte, and around the sizes that are read together with what is before and behind them
                let sizes = [ 0; 1; 4095; 4096; 4097; 3000; 3000; 3000; 8191; 8192; 20_000; 16; 16; 5000 ]

                let tensors =
                    [
                        for index, size in List.indexed sizes ->
                            Record.Tensor(tensorOf Dtype.U8 [ int64 size ] (noise index size))
                    ]

                let root = Record.List tensors

                for name, recorder in recorders do
                    let recorder = schemed root recorder
                    let bytes = write recorder root
                    let loaded = ok (load recorder (remote bytes))
                    expectSame loaded.Root root name

                    for at in 0 .. max 17 (bytes.Length / 700) .. bytes.Length - 1 do
                        bytes[at] <- bytes[at] ^^^ 64uy
                        Expect.isTrue (isRefused recorder bytes) $"{name}: byte {at}"
                        bytes[at] <- bytes[at] ^^^ 64uy)
        ]
