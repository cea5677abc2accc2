/// A save, every one of whose operations fails once, at every position.
module Records.Tests.ReplaceTests

open System
open System.Collections.Generic
open System.IO
open System.Threading
open System.Threading.Tasks
open Expecto
open Records.Core
open Records.Tests.Support
open Records.Tests.Disks

let private causes: exn list =
    [
        IOException("No space left on device", 28)
        IOException("Input/output error", 5)
        IOException("Interrupted system call", 4)
        UnauthorizedAccessException "Permission denied"
    ]

let private saveAs durability disk overwrite path =
    (File.sinkOn disk overwrite durability path).Write(payload, token).Result

let private saveOn disk overwrite path =
    saveAs Durability.Flushed disk overwrite path

let private isTemporary (path: string) =
    Leftovers.isOf "model.mpk" (string (Path.GetFileName path))

/// What is at the path: the old bytes, the new ones or, None, nothing. Anything else fails the test.
let private expectOldOrNew told (path: string) (before: byte[] option) =
    let found =
        if File.Exists path then
            Some(File.ReadAllBytes path)
        else
            None

    match found with
    | Some bytes when bytes.AsSpan().SequenceEqual(ReadOnlySpan whole) -> true
    | _ ->
        match found, before with
        | None, None -> ()
        | Some bytes, Some before -> expectBytes bytes before $"{told}: the old file"
        | _ -> failtest $"{told}: neither the old nor the new"

        false

/// Saves into a folder where this was before, on a disk that fails so; what else may lie there afterwards is for the caller.
let private strikeAs durability told before overwrite (failing: Failing) check =
    inFolder (fun folder ->
        let path = Path.Combine(folder, "model.mpk")
        before |> Option.iter (fun (bytes: byte[]) -> File.WriteAllBytes(path, bytes))
        let outcome = saveAs durability failing.Disk overwrite path
        let isNew = expectOldOrNew told path before
        let others = Directory.GetFileSystemEntries folder |> Array.filter ((<>) path)
        check path outcome isNew others)

let private strike told before overwrite failing check =
    strikeAs Durability.Flushed told before overwrite failing check

let private situations =
    [ "over a file", Some old, true; "a first file", None, true; "not over a file", None, false ]

let private operationsOf before overwrite =
    let counting = Failing(-1, Fault.Before, IOException "never")

    strike "no fault" before overwrite counting (fun _ outcome isNew others ->
        ok outcome
        Expect.isTrue isNew "saved"
        Expect.isEmpty others "alone")

    counting.Operations

let private faults =
    [
        for situation, before, overwrite in situations do
            testCase $"every operation fails once, {situation}" (fun () ->
                let operations = operationsOf before overwrite
                Expect.containsAll operations [ "create"; "write"; "flush"; "rename"; "flush the folder of" ] "a save"

                for position, operation in List.indexed operations do
                    for fault in [ Fault.Before; Fault.After ] do
                        for cause in causes do
                            let failing = Failing(position, fault, cause)
                            let told = $"{operation}, number {position}, {fault}, {cause.Message}"

                            strike told before overwrite failing (fun path outcome isNew others ->
                                match outcome with
                                | Error(RecordError.Io(location, said, why)) ->
                                    Expect.equal (location, said) (path, operation) $"{told}: which file and step"
                                    Expect.stringContains why.Message cause.Message $"{told}: why"
                                | other -> failtest $"{told}: {other}"

                                // once the name is the new file's, it is the new file
                                let after =
                                    operation = "flush the folder of"
                                    || (operation = "rename" && fault = Fault.After)

                                Expect.equal isNew after $"{told}: the new file is there"

                                match outcome with
                                | Error error when operation = "flush the folder of" ->
                                    Expect.stringContains (RecordError.message error) "The new file is there" told
                                | _ -> ()

                                // a system that made the file and denies it leaves one for the next save
                                if operation = "create" && fault = Fault.After then
                                    Expect.all others isTemporary $"{told}: named temporary"
                                    Expect.hasLength others 1 $"{told}: one temporary"
                                    ok (saveOn Disk.real true path)

                                    Expect.equal
                                        (Directory.GetFileSystemEntries(string (Path.GetDirectoryName path)))
                                        [| path |]
                                        $"{told}: swept"
                                else
                                    Expect.isEmpty others $"{told}: nothing beside it"))

            testCase $"a short write that nothing is said of is noticed, {situation}" (fun () ->
                for position, operation in List.indexed (operationsOf before overwrite) do
                    if operation = "write" then
                        let failing = Failing(position, Fault.Silently, IOException "never")

                        strike $"write {position}" before overwrite failing (fun path outcome isNew others ->
                            match outcome with
                            | Error(RecordError.Io(location, "write", _)) -> Expect.equal location path "which file"
                            | other -> failtest $"{other}"

                            Expect.isFalse isNew "not the new one"
                            Expect.isEmpty others "nothing beside it"))

        testCase "what cannot be removed after a failure is one temporary, which the next save sweeps" (fun () ->
            let operations = operationsOf (Some old) true

            for position, operation in List.indexed operations do
                if operation <> "create" && operation <> "flush the folder of" then
                    let failing = Failing(position, Fault.Before, IOException "the first failure")

                    let disk =
                        { failing.Disk with
                            Delete = fun _ -> raise (UnauthorizedAccessException "the second failure")
                        }

                    inFolder (fun folder ->
                        let path = Path.Combine(folder, "model.mpk")
                        File.WriteAllBytes(path, old)

                        match saveOn disk true path with
                        | Error(RecordError.Io(_, said, why)) ->
                            Expect.equal (said, why.Message) (operation, "the first failure") "the one that matters"
                        | other -> failtest $"{other}"

                        Expect.isFalse (expectOldOrNew operation path (Some old)) "the old file"
                        let others = Directory.GetFiles folder |> Array.filter ((<>) path)
                        Expect.hasLength others 1 "one temporary"
                        Expect.all others isTemporary "by its name"
                        ok (saveOn Disk.real true path)
                        Expect.equal (Directory.GetFiles folder) [| path |] "swept"))

        testCase "a save that is not flushed asks for no flush" (fun () ->
            inFolder (fun folder ->
                let counting = Failing(-1, Fault.Before, IOException "never")
                let sink = File.sinkOn counting.Disk true Durability.Renamed (Path.Combine(folder, "model.mpk"))
                ok (sink.Write(payload, token).Result)
                let flushes = counting.Operations |> List.filter (fun name -> name.StartsWith "flush")
                Expect.isEmpty flushes "the system does it when it likes"))

        testCase
            "a save that is not flushed swaps names with the old file, and every step of that fails once"
            (fun () ->
                let strike = strikeAs Durability.Renamed
                let counting = Failing(-1, Fault.Before, IOException "never")

                strike "no fault" (Some old) true counting (fun _ outcome isNew others ->
                    ok outcome
                    Expect.isTrue isNew "saved"
                    Expect.isEmpty others "the old file is gone")

                for position, operation in List.indexed counting.Operations do
                    for fault in [ Fault.Before; Fault.After ] do
                        let failing = Failing(position, fault, IOException "no")
                        let told = $"{operation}, number {position}, {fault}"

                        strike told (Some old) true failing (fun path outcome isNew others ->
                            match operation, outcome with
                            | "delete", outcome -> ok outcome
                            | _, Error(RecordError.Io(_, said, _)) -> Expect.equal said operation told
                            | _, other -> failtest $"{told}: {other}"

                            let after = operation = "delete" || (operation = "rename" && fault = Fault.After)
                            Expect.equal isNew after $"{told}: the new file is there"
                            Expect.all others isTemporary $"{told}: named temporary"

                            let left =
                                (operation = "delete" && fault = Fault.Before)
                                || (operation = "create" && fault = Fault.After)

                            Expect.hasLength others (if left then 1 else 0) $"{told}: what is left"
                            ok (saveOn Disk.real true path)
                            Expect.equal (Directory.GetFiles(string (Path.GetDirectoryName path))) [| path |] "swept"))

        testCase "where names cannot be swapped the file is renamed" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "model.mpk")
                File.WriteAllBytes(path, old)
                ok (saveAs Durability.Renamed { Disk.real with Swap = fun _ _ -> false } true path)
                Expect.isTrue (expectOldOrNew "renamed" path (Some old)) "the new file"
                Expect.equal (Directory.GetFiles folder) [| path |] "alone"
                Expect.isFalse (Disk.real.Swap path (path + ".not")) "with nothing there is no swap"
                Expect.equal (Directory.GetFiles folder) [| path |] "and nothing lost"))

        testCase "a durable save is flushed in stretches while it is written, and then as a whole" (fun () ->
            inFolder (fun folder ->
                let path = Path.Combine(folder, "model.mpk")
                let begun = List<struct (int64 * int64)>()
                let flushed = List<int64>()

                let disk =
                    { Disk.real with
                        BeginFlush =
                            fun handle offset length ->
                                begun.Add(struct (offset, length))
                                Disk.real.BeginFlush handle offset length
                        Flush =
                            fun handle ->
                                flushed.Add(RandomAccess.GetLength handle)
                                Disk.real.Flush handle
                    }

                let bytes = Array.init 50_000_000 (fun index -> byte (index * 7))
                let parts = bytes |> Array.chunkBySize 3_000_000 |> Array.map ReadOnlyMemory
                let payload = { Length = Some bytes.LongLength; Parts = parts }
                let token = Threading.CancellationToken.None
                Replace.file disk true true ignore path payload token
                let mutable next = 0L

                for struct (offset, length) in begun do
                    Expect.equal offset next "each after the one before"
                    Expect.isGreaterThanOrEqual length (1L <<< 24) "not too often"
                    next <- offset + length

                Expect.equal begun.Count 2 "twice"
                Expect.equal (List.ofSeq flushed) [ bytes.LongLength ] "all of it at the end"
                Expect.isTrue (bytes.AsSpan().SequenceEqual(ReadOnlySpan(File.ReadAllBytes path))) "the bytes"
                begun.Clear()
                Replace.file disk true false ignore path payload token
                Expect.isEmpty begun "where nobody asked for it, nothing is flushed"))

        testCase "the folders that a save makes are flushed, and the one that they are in" (fun () ->
            inFolder (fun folder ->
                let flushed = List<string>()
                let disk = { Disk.real with FlushFolder = flushed.Add }
                ok (saveOn disk true (Path.Combine(folder, "a", "b", "model.mpk")))

                Expect.equal
                    (List.ofSeq flushed)
                    [ Path.Combine(folder, "a", "b"); Path.Combine(folder, "a"); folder ]
                    "from the file up"))
    ]

let tests = testList "Replace" faults
