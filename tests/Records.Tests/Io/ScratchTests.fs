module Records.Tests.Io.ScratchTests

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support

let private payload (parts: byte[] list) : Payload =
    { Length = None; Parts = [ for part in parts -> ReadOnlyMemory part ] }

let tests =
    testList
        "Scratch"
        [
            test "what was taken in is given back, in its own place" {
                inFolder (fun folder ->
                    use scratch = new Scratch(folder)
                    let first = scratch.Store(payload [ [| 1uy; 2uy |]; [||]; [| 3uy |] ])
                    let nothing = scratch.Store(payload [])
                    let second = scratch.Store(payload [ [| 4uy; 5uy |] ])
                    Expect.equal (wholeOf first) [| 1uy; 2uy; 3uy |] "first"
                    Expect.equal (wholeOf nothing) [||] "nothing"
                    Expect.equal (wholeOf second) [| 4uy; 5uy |] "second"
                    Expect.equal (wholeOf (Slice.sub 1L 2L first)) [| 2uy; 3uy |] "a part")
            }

            test "nobody sees it, and nothing is left" {
                inFolder (fun folder ->
                    let look () =
                        Directory.GetFileSystemEntries(folder).Length

                    (use scratch = new Scratch(Path.Combine(folder, "not", "made", "yet"))
                     scratch.Store(payload [ [| 1uy |] ]) |> ignore

                     if not (OperatingSystem.IsWindows()) then
                         Expect.equal (look ()) 0 "it has no name")

                    Expect.equal (look ()) 0 "gone")
            }

            test "a folder that cannot be written to is an error of its own" {
                use scratch = new Scratch "/proc/self/nowhere"

                if Directory.Exists "/proc/self" then
                    match error (RecordError.catch (fun () -> scratch.Store(payload [ [| 1uy |] ]))) with
                    | RecordError.Io(location, _, _) -> Expect.stringContains location "temporary" "which file"
                    | other -> failtest (RecordError.message other)
            }
        ]
