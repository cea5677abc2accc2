/// Saves that are stopped on the way, and several at a time.
module Records.Tests.InterruptedTests

open System
open System.Collections.Generic
open System.IO
open System.Threading
open System.Threading.Tasks
open Expecto
open Records.Core
open Records.Tests.Support

let private model seed =
    let random = Random seed

    structOf
        [
            for name in [ "fc1"; "fc2"; "fc3" ] ->
                name, parameter "0400000000000" (f32 [ 2000L ] [ for _ in 1..2000 -> random.NextSingle() ])
        ]

let tests =
    testList
        "Replace, interrupted"
        [
            testCase "a save is cancelled in the midst of a tensor" (fun () ->
                inFolder (fun folder ->
                    use source = new CancellationTokenSource()
                    let mutable writes = 0

                    let write handle (bytes: ReadOnlyMemory<byte>) offset =
                        Disk.real.Write handle bytes offset
                        writes <- writes + 1

                        if writes = 2 then
                            source.Cancel()

                    let disk = { Disk.real with Write = write }
                    let bytes = Array.zeroCreate<byte>(5 <<< 20)

                    let payload: Payload = { Length = Some bytes.LongLength; Parts = [ ReadOnlyMemory bytes ] }

                    Expect.throwsT<OperationCanceledException>
                        (fun () ->
                            Replace.file
                                disk
                                true
                                false
                                ignore
                                (Path.Combine(folder, "model.mpk"))
                                payload
                                source.Token)
                        "it goes on"

                    Expect.equal writes 2 "no write after that"
                    Expect.isEmpty (Directory.GetFiles folder) "nothing is left"))

            for extension, recorder in Models.recorders do
                testCase $"{extension}: cancelled at any step, the file is the old or the new one" (fun () ->
                    inFolder (fun folder ->
                        let path = Path.Combine(folder, $"model.{extension}")
                        let place = File.at path
                        ok (Recorder.saveNow recorder place { Report = None; Token = token } (documentOf (model 1)))
                        let before = File.ReadAllBytes path

                        // false once there is no such step any more
                        let stopAt step =
                            use source = new CancellationTokenSource()
                            let mutable seen = 0

                            let report _ =
                                if seen = step then
                                    source.Cancel()

                                seen <- seen + 1

                            let watch = { Report = Some report; Token = source.Token }

                            let stopped =
                                try
                                    ok (Recorder.saveNow recorder place watch (documentOf (model 2)))
                                    false
                                with :? OperationCanceledException ->
                                    true

                            if stopped then
                                expectBytes (File.ReadAllBytes path) before $"step {step}: the old file"
                            else
                                let schema = Schema.ofRecord (model 2)
                                let recorder = Recorder.schema schema recorder
                                let loaded = ok (Recorder.loadNow recorder { Report = None; Token = token } place)
                                expectSame loaded.Root (model 2) $"step {step}: the new file"
                                File.WriteAllBytes(path, before)

                            Expect.equal (Directory.GetFiles folder) [| path |] $"step {step}: nothing beside it"
                            step < seen

                        let steps = Seq.initInfinite id |> Seq.takeWhile stopAt |> Seq.length
                        Expect.isGreaterThan steps 1 "it was stopped on the way"))

            for taken in [ 11; 35; 0x80070020 ] do
                testCase $"a file that is taken, 0x{taken:x}, is asked for again" (fun () ->
                    let mutable asked = 0

                    let opening () =
                        asked <- asked + 1

                        if asked < 4 then
                            raise (IOException("taken", taken))

                        asked

                    Expect.equal (Disk.whenFree opening) 4 "three times in vain")

            testCase "another failure is told at once, and that a file is taken when it stays so" (fun () ->
                let mutable asked = 0

                let failing (code: int) () : unit =
                    asked <- asked + 1
                    raise (IOException("failed", code))

                Expect.throwsT<IOException> (fun () -> Disk.whenFree (failing 5)) "another"
                Expect.equal asked 1 "once"
                Expect.throwsT<IOException> (fun () -> Disk.whenFree (failing 11)) "taken"
                Expect.isGreaterThan asked 2 "more than once"

                inFolder (fun folder ->
                    let path = Path.Combine(folder, "model.bin")
                    File.WriteAllBytes(path, [| 1uy |])
                    use _ = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None)

                    for mapped in [ true; false ] do
                        let message = RecordError.message (error (File.source mapped path))
                        Expect.stringContains message "another process" "who has it"))

            testCase "several save to one path and others read it: each sees one whole file" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "model.bin")
                    let writers, saves = 4, 25
                    let size writer = 300_000 + writer * 50_000

                    let version writer : Payload =
                        let part = ReadOnlyMemory(Array.create (size writer / 10) (byte writer))
                        { Length = None; Parts = Seq.replicate 10 part }

                    let expectWhole (bytes: byte[]) =
                        let writer = int bytes[0]
                        Expect.equal bytes.Length (size writer) "all of one writer's"
                        Expect.isLessThan (bytes.AsSpan().IndexOfAnyExcept bytes[0]) 0 "and nobody else's"

                    let sink durability =
                        File.sinkOn Disk.real true durability path

                    ok ((sink Durability.Flushed).Write(version 0, token).Result)
                    use ended = new CancellationTokenSource()

                    let write writer () =
                        for save in 1..saves do
                            // some with the fast way, some with the slow one
                            let durability =
                                if save % 5 = 0 then
                                    Durability.Flushed
                                else
                                    Durability.Renamed
                            // as if a save had been killed: sweeping goes on all the while
                            File.WriteAllBytes(Leftovers.fresh path, [| 0uy |])
                            ok ((sink durability).Write(version writer, token).Result)

                    let read () =
                        let mutable count = 0

                        while not ended.IsCancellationRequested do
                            use source = ok (File.source (count % 2 = 0) path)
                            expectWhole (source.Read(0L, int source.Length).ToArray())
                            count <- count + 1

                        count

                    let run (work: unit -> 'T) =
                        Task.Factory.StartNew(Func<'T> work, TaskCreationOptions.LongRunning)

                    let readers = [ for _ in 1..2 -> run read ]
                    let writing = [ for writer in 1..writers -> run (write writer) ]

                    try
                        Task.WaitAll [| for task in writing -> task :> Task |]
                    finally
                        ended.Cancel()

                    for reader in readers do
                        Expect.isGreaterThan reader.Result 0 "it read"

                    expectWhole (File.ReadAllBytes path)
                    // what the last save had no time to see
                    ok ((sink Durability.Flushed).Write(version 0, token).Result)
                    Expect.equal (Directory.GetFiles folder) [| path |] "no save left anything"))
        ]
