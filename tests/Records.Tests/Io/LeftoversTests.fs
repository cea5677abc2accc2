module Records.Tests.LeftoversTests

open System
open System.Diagnostics
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support

let private save path =
    let payload: Payload = { Length = None; Parts = [ ReadOnlyMemory [| 9uy |] ] }
    (File.sinkAt true path).Write(payload, token).Result

let private names folder =
    Directory.GetFileSystemEntries folder
    |> Array.map (Path.GetFileName >> string)
    |> set

/// Beside these files in the folder a save over model.mpk is done: what is left of them?
let private left (files: string list) make =
    inFolder (fun folder ->
        for file in files do
            make (Path.Combine(folder, file))

        ok (save (Path.Combine(folder, "model.mpk")))
        Set.remove "model.mpk" (names folder))

let private plain (path: string) = File.WriteAllBytes(path, [| 1uy |])

let private leftover = ".model.mpk.0123456789abcdef.tmp"

let private unix name work =
    if OperatingSystem.IsWindows() then
        ptestCase name work
    else
        testCase name work

let tests =
    testList
        "Leftovers"
        [
            testCase "every name that a save makes is recognised" (fun () ->
                for name in [ "model.mpk"; "a"; ".hidden"; "with space"; "[x]*?.bin" ] do
                    let fresh = Path.GetFileName(Leftovers.fresh (Path.Combine("folder", name))) |> string
                    Expect.isTrue (Leftovers.isOf name fresh) fresh)

            testCase "what a killed save left is swept by the next" (fun () ->
                Expect.isEmpty (left [ leftover; ".model.mpk.ffffffffffffffff.tmp" ] plain) "both are gone")

            testCase "nothing else is" (fun () ->
                let others =
                    [
                        "model.mpk.0123456789abcdef.tmp"
                        ".model.mpk.0123456789abcde.tmp"
                        ".model.mpk.0123456789abcdef0.tmp"
                        ".model.mpk.0123456789ABCDEF.tmp"
                        ".model.mpk.0123456789abcdeg.tmp"
                        ".model.mpk.0123456789abcdef"
                        ".model.mpk.0123456789abcdef.tmp.tmp"
                        ".model.bin.0123456789abcdef.tmp"
                        ".other.model.mpk.0123456789abcdef.tmp"
                        ".records.0123456789abcdef.tmp"
                    ]

                Expect.equal (left others plain) (set others) "none of them is its name")

            testCase "nor a folder of that name" (fun () ->
                let folder path =
                    Directory.CreateDirectory path |> ignore

                Expect.equal (left [ leftover ] folder) (set [ leftover ]) "it stays")

            unix "nor a link of that name, nor what it points to" (fun () ->
                inFolder (fun elsewhere ->
                    let precious = Path.Combine(elsewhere, "precious")
                    plain precious

                    let link path =
                        File.CreateSymbolicLink(path, precious) |> ignore

                    Expect.equal (left [ leftover ] link) (set [ leftover ]) "the link stays"
                    Expect.equal (File.ReadAllBytes precious) [| 1uy |] "and so does the file"))

            unix "nor a pipe of that name, and nobody waits for its other end" (fun () ->
                let pipe (path: string) =
                    use made = Process.Start("mkfifo", [ path ])
                    made.WaitForExit()

                Expect.equal (left [ leftover ] pipe) (set [ leftover ]) "it stays")

            testCase "nor one that a save is writing" (fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "model.mpk")
                    let mutable beside = Set.empty

                    // the second save to the path begins and ends while the first one is writing
                    let parts =
                        seq {
                            ReadOnlyMemory(Array.zeroCreate<byte> 300_000)
                            plain (Path.Combine(folder, leftover))
                            ok (save path)
                            beside <- names folder
                            ReadOnlyMemory(Array.zeroCreate<byte> 300_000)
                        }

                    ok ((File.sinkAt true path).Write({ Length = None; Parts = parts }, token).Result)
                    Expect.equal beside.Count 2 "the dead one is swept, the one in work is not"
                    Expect.equal (names folder) (set [ "model.mpk" ]) "and it becomes the file"
                    Expect.equal (File.ReadAllBytes path).Length 600_000 "the one that ends last wins"))

            testCase "where locks do not hold nothing is swept" (fun () ->
                inFolder (fun folder ->
                    let target = Path.Combine(folder, "model.mpk")
                    plain (Path.Combine(folder, leftover))

                    // a file system that keeps no locks: the file is as free as one that nobody writes
                    let unlocked path size =
                        (Disk.real.Create path size).Dispose()
                        new Microsoft.Win32.SafeHandles.SafeFileHandle()

                    Leftovers.sweep { Disk.real with Create = unlocked } target
                    Expect.equal (names folder) (set [ leftover ]) "it could be somebody's"))
        ]
