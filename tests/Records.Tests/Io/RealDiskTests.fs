/// Saves to disks that really are full or read-only.
module Records.Tests.RealDiskTests

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support
open Records.Tests.Disks

let tests =
    testList
        "Real disks"
        [
            for length in [ Some(int64 whole.Length); None ] do
                let known = if length.IsSome then "beforehand" else "only on the way"

                testCase $"a full disk, which is known {known}" (fun () ->
                    mounted "size=1m" (fun disk ->
                        let path = Path.Combine(disk, "model.mpk")
                        File.WriteAllBytes(path, old)
                        let sink = File.sinkAt true path

                        match sink.Write({ payload with Length = length }, token).Result with
                        | Error(RecordError.Io(location, step, cause)) ->
                            Expect.equal location path "which file"
                            Expect.equal step (if length.IsSome then "create" else "write") "which step"
                            Expect.isMatch cause.Message "space|full" "why"
                        | other -> failtest $"{other}"

                        expectBytes (File.ReadAllBytes path) old "the old file"
                        Expect.equal (Directory.GetFiles disk) [| path |] "nothing beside it"))

            testCase "a disk that a killed save filled has room for the next" (fun () ->
                mounted "size=2m" (fun disk ->
                    let path = Path.Combine(disk, "model.mpk")
                    File.WriteAllBytes(path, old)
                    File.WriteAllBytes(Leftovers.fresh path, Array.zeroCreate 1_300_000)
                    ok ((File.sinkAt true path).Write(payload, token).Result)
                    expectBytes (File.ReadAllBytes path) whole "the new file"))

            testCase "a read-only disk" (fun () ->
                mounted "size=2m" (fun disk ->
                    let path = Path.Combine(disk, "model.mpk")
                    File.WriteAllBytes(path, old)
                    let done', said = system "mount" [ "-o"; "remount,ro"; disk ]
                    Expect.isTrue done' said

                    match (File.sinkAt true path).Write(payload, token).Result with
                    | Error(RecordError.Io(_, "create", _)) -> ()
                    | other -> failtest $"{other}"

                    expectBytes (File.ReadAllBytes path) old "the old file"))

            testCase "a read-only folder" (fun () ->
                if OperatingSystem.IsWindows() then
                    skiptest "Windows knows no read-only folders"

                if Environment.IsPrivilegedProcess then
                    skiptest "root writes into every folder: see the read-only disk"

                inFolder (fun folder ->
                    let path = Path.Combine(folder, "model.mpk")
                    File.WriteAllBytes(path, old)
                    let mode = File.GetUnixFileMode folder
                    File.SetUnixFileMode(folder, UnixFileMode.UserRead ||| UnixFileMode.UserExecute)

                    try
                        match (File.sinkAt true path).Write(payload, token).Result with
                        | Error(RecordError.Io(_, "create", _)) -> ()
                        | other -> failtest $"{other}"
                    finally
                        File.SetUnixFileMode(folder, mode)

                    expectBytes (File.ReadAllBytes path) old "the old file"
                    Expect.equal (Directory.GetFiles folder) [| path |] "nothing beside it"))
        ]
