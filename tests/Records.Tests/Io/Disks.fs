/// Disks that fail, as they are told to or by themselves, and what is saved to them.
module Records.Tests.Disks

open System
open System.Collections.Generic
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support

// ---- what is saved

let old = Array.init 500_000 (fun index -> byte (index * 3))

// below the 256 KiB that are gathered, above them, and a rest
let parts =
    [
        for size, seed in [ 10, 1; 200_000, 2; 300_000, 3; 262_144, 4; 5, 5 ] ->
            Array.init size (fun index -> byte (index * 7 + seed))
    ]

let whole = Array.concat parts

let payload: Payload =
    { Length = Some(int64 whole.Length); Parts = seq { for part in parts -> ReadOnlyMemory part } }

// ---- a disk that fails

/// How one operation goes wrong.
[<RequireQualifiedAccess>]
type internal Fault =
    /// Nothing is done, and that is said.
    | Before
    /// All is done, of a write half, and still an error is said.
    | After
    /// Of a write half is done and nothing said.
    | Silently

/// Does what the real disk does and counts the operations; the one of this number fails.
[<Sealed>]
type internal Failing(position: int, fault: Fault, cause: exn) =
    let operations = List<string>()
    let mutable struck = false

    let perform name work half =
        let strikes = operations.Count = position
        operations.Add name
        struck <- struck || strikes

        match fault with
        | _ when not strikes -> work ()
        | Fault.Before -> raise cause
        | Fault.After ->
            half ()
            raise cause
        | Fault.Silently ->
            half ()
            Unchecked.defaultof<_>

    let real = Disk.real

    member _.Operations = List.ofSeq operations
    member _.Struck = struck

    member _.Disk: Disk =
        let all name work =
            perform name work (fun () -> work () |> ignore)

        {
            Create =
                fun path size ->
                    perform "create" (fun () -> real.Create path size) (fun () -> (real.Create path size).Dispose())
            SetMode = fun handle mode -> all "set the permissions of" (fun () -> real.SetMode handle mode)
            Write =
                fun handle bytes offset ->
                    perform "write" (fun () -> real.Write handle bytes offset) (fun () ->
                        real.Write handle (bytes.Slice(0, bytes.Length / 2)) offset)
            BeginFlush = real.BeginFlush
            Flush = fun handle -> all "flush" (fun () -> real.Flush handle)
            Rename = fun source target overwrite -> all "rename" (fun () -> real.Rename source target overwrite)
            Swap = fun first second -> all "rename" (fun () -> real.Swap first second)
            Delete = fun path -> all "delete" (fun () -> real.Delete path)
            FlushFolder = fun folder -> all "flush the folder of" (fun () -> real.FlushFolder folder)
        }

// ---- disks that fail by themselves

/// Runs a program of the system; whether it ended well, and what it said.
let system (program: string) (words: string list) =
    let info = Diagnostics.ProcessStartInfo(program, words)
    info.RedirectStandardError <- true

    try
        match Diagnostics.Process.Start info with
        | null -> false, $"{program} does not start"
        | started ->
            use started = started
            let said = started.StandardError.ReadToEnd()
            started.WaitForExit()
            started.ExitCode = 0, said.Trim()
    with :? ComponentModel.Win32Exception as cause ->
        false, cause.Message

/// A folder that is a file system of its own, with these options; skipped where that cannot be had.
let mounted options work =
    if not (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess) then
        skiptest "mounting takes root on Linux"

    inFolder (fun folder ->
        let mount = Path.Combine(folder, "disk")
        Directory.CreateDirectory mount |> ignore

        match system "mount" [ "-t"; "tmpfs"; "-o"; options; "none"; mount ] with
        | false, said -> skiptest $"this system lets nobody mount a tmpfs: {said}"
        | true, _ ->
            try
                work mount
            finally
                let unmounted, said = system "umount" [ mount ]
                Expect.isTrue unmounted said)
