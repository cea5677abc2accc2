/// Files that are larger than what they take of a disk: nearly all of them is zeros, which are left out.
module Records.Tests.LargeFiles

open System
open System.IO
open Expecto
open Records.Core
open Records.Tests.Support

let gib = 1L <<< 30

/// Zeros, but the last four bytes are these.
[<Sealed>]
type Zeros(length: int64, last: single) =

    interface ISource with
        member _.Name = "zeros"
        member _.Length = length
        member _.InMemory = false
        member _.Outlives = true

        member _.Read(_, count) =
            ReadOnlyMemory(Array.zeroCreate<byte> count)

        member _.Fill(offset, target) =
            target.Clear()
            let tail = BitConverter.GetBytes last

            for index in 0..3 do
                let place = length - 4L + int64 index - offset

                if place >= 0L && place < int64 target.Length then
                    target[int place] <- tail[index]

        member _.Dispose() = ()

/// So many bytes as a tensor of a dtype with four of them an element, whose last is the bits of this.
let tensorAs dtype bytes last =
    let slice = { Source = new Zeros(bytes, last); Offset = 0L; Length = bytes }
    Record.Tensor(ok (TensorData.create dtype (shapeOf [ bytes / 4096L; 1024L ]) slice))

let tensor bytes last = tensorAs Dtype.F32 bytes last

let lastOf (data: TensorData) =
    let bytes = Array.zeroCreate<byte> 4
    data.Bytes.Source.Fill(data.Bytes.Offset + data.Bytes.Length - 4L, bytes.AsSpan())
    BitConverter.ToSingle bytes

let private isHole (bytes: ReadOnlyMemory<byte>) =
    bytes.Length >= 4096 && bytes.Span.IndexOfAnyExcept 0uy < 0

/// Writes a payload and leaves out what is zero.
let writeSparse path (payload: Payload) =
    use file = File.Create path

    for part in payload.Parts do
        if isHole part then
            file.Seek(int64 part.Length, SeekOrigin.Current) |> ignore
        else
            file.Write part.Span

    file.SetLength file.Position
    file.Position

/// A disk that does the same, for whoever writes to one.
let internal sparse: Disk =
    { Disk.real with
        Create = fun path _ -> Disk.real.Create path 0L
        Write =
            fun handle bytes offset ->
                if isHole bytes then
                    RandomAccess.SetLength(handle, offset + int64 bytes.Length)
                else
                    Disk.real.Write handle bytes offset
    }

/// Skips the test where the disk has not so much room.
let needsRoom (bytes: int64) =
    let free = DriveInfo(Path.GetTempPath()).AvailableFreeSpace

    if free < bytes then
        skiptest $"this takes {bytes >>> 20} MiB of the disk, which has {free >>> 20} left"

/// Skips the test where the machine has not so much memory.
let needsMemory (bytes: int64) =
    // what another test had is no longer in use
    GC.Collect(2, GCCollectionMode.Aggressive, true, true)
    let memory = GC.GetGCMemoryInfo()
    let free = memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes

    if free < bytes then
        skiptest $"this takes {bytes >>> 20} MiB of memory, of which {free >>> 20} are free"
