module Records.Tests.Tensor.RoomTests

open System
open Expecto
open Records.Core

/// Bytes that are not in memory: each read is noted, and one that begins at the given offset fails.
type private Noted(length: int, failing: int64) =
    member val Reads = ResizeArray<struct (int64 * int)>()

    member private this.Note(offset, length) =
        lock this.Reads (fun () -> this.Reads.Add(struct (offset, length)))

    static member At(offset: int64) = byte (offset * 7L % 251L)

    interface ISource with
        member _.Name = "noted"
        member _.Length = int64 length
        member _.InMemory = false
        member _.Outlives = false
        member _.Read(_, _) = failtest "read in one piece"

        member this.Fill(offset, target) =
            this.Note(offset, target.Length)

            if offset = failing then
                RecordError.raise (RecordError.Io("noted", "read", exn "no"))

            for index in 0 .. target.Length - 1 do
                target[index] <- Noted.At(offset + int64 index)

        member _.Dispose() = ()

let private roomAt source dtype (offset: int64) (count: int64) =
    let size = int64 (Dtype.size dtype).Value
    let slice = { Source = source; Offset = offset; Length = count * size }

    Shape.create [ count ]
    |> Result.bind (fun shape -> TensorData.create dtype shape slice)
    |> Result.map View.reserve
    |> function
        | Ok(ValueSome room) -> room
        | other -> failtest $"no room: {other}"

let private check (room: Room) =
    let held = room.Held.Bytes
    let bytes = held.Source.Read(held.Offset, int held.Length)

    for index in 0 .. bytes.Length - 1 do
        if bytes.Span[index] <> Noted.At(room.From.Offset + int64 index) then
            failtest $"byte {index} of the tensor at {room.From.Offset}"

let tests =
    testList
        "rooms"
        [
            testCase "small tensors that lie together are one read" (fun () ->
                let source = new Noted(1_000_000, -1L)

                let rooms =
                    [|
                        roomAt source Dtype.F32 100L 10L
                        roomAt source Dtype.U8 140L 0L
                        roomAt source Dtype.U8 150L 5L
                        roomAt source Dtype.F16 4_000L 1_000L
                    |]

                let told = ResizeArray()
                Room.fillAll told.Add rooms
                Array.iter check rooms
                Expect.equal (List.ofSeq source.Reads) [ struct (100L, 5_900) ] "one read from the first to the last"
                Expect.equal (List.ofSeq told) [ 0 ] "told once")

            testCase "large ones, those apart and those out of order are read each by itself" (fun () ->
                let source = new Noted(3_000_000, -1L)
                let other = new Noted(3_000_000, -1L)

                let rooms =
                    [|
                        roomAt source Dtype.F32 0L 5_000L
                        roomAt source Dtype.F32 20_000L 10L
                        roomAt source Dtype.F32 600_000L 10L
                        roomAt source Dtype.F32 500_000L 10L
                        roomAt other Dtype.F32 500_040L 10L
                    |]

                let told = ResizeArray()
                Room.fillAll told.Add rooms
                Array.iter check rooms
                Expect.equal source.Reads.Count 4 "of the one source"
                Expect.equal other.Reads.Count 1 "of the other"
                Expect.equal (List.ofSeq told) [ 0..4 ] "told of each")

            testCase "a source that fails stops there, and its error is what is told" (fun () ->
                let source = new Noted(1_000_000, 400_000L)
                let rooms = [| roomAt source Dtype.U8 0L 8L; roomAt source Dtype.U8 400_000L 8L |]

                match RecordError.catch (fun () -> Room.fillAll ignore rooms) with
                | Error(RecordError.Io("noted", "read", _)) -> check rooms[0]
                | other -> failtest $"{other}"

                match Pages.tryFill rooms with
                | [ RecordError.Io("noted", "read", _) ] -> ()
                | other -> failtest $"{other}")

            testCase "memory that large pages are asked for holds what is read into it" (fun () ->
                let source = new Noted(40_000_000, -1L)

                let rooms =
                    [|
                        for index in 0..8 do
                            roomAt source Dtype.F32 (int64 index * 4_000_000L) 999_999L

                        roomAt source Dtype.U8 36_000_000L 3_000_001L
                    |]

                Pages.fill 1 ignore rooms
                GC.Collect(2, GCCollectionMode.Forced, true, true)
                Array.iter check rooms)

            testCase "several stretches are filled at a time, each tensor once" (fun () ->
                let source = new Noted(64_000_000, -1L)

                let rooms =
                    [|
                        for index in 0..63 do
                            roomAt
                                source
                                Dtype.F32
                                (int64 index * 1_000_000L)
                                (if index % 2 = 0 then 240_000L else 10L)
                    |]

                Expect.isGreaterThan (Room.stretches 2 rooms).Length 1 "more than one stretch"
                Expect.hasLength (Room.stretches 1 rooms) 1 "one for one thread"
                let told = ResizeArray()
                Pages.fill 2 (fun index -> lock told (fun () -> told.Add index)) rooms
                Array.iter check rooms
                Expect.equal (List.sort (List.ofSeq told)) [ 0..63 ] "told of each")

            testCase "what one of several threads meets is told as it is" (fun () ->
                let source = new Noted(64_000_000, 50_000_000L)

                let rooms = [| for index in 0..63 -> roomAt source Dtype.F32 (int64 index * 1_000_000L) 250_000L |]

                match RecordError.catch (fun () -> Pages.fill 2 ignore rooms) with
                | Error(RecordError.Io("noted", "read", _)) -> ()
                | other -> failtest $"{other}"

                let stopped _ = raise (OperationCanceledException())
                Expect.throwsT<OperationCanceledException> (fun () -> Pages.fill 2 stopped rooms) "cancelled")

            testCase "what is in memory of its own needs no room" (fun () ->
                match View.tensor Dtype.F32 [ 3L ] [| 1f; 2f; 3f |] with
                | Ok data -> Expect.isTrue (View.reserve data).IsNone "none"
                | Error error -> failtest (RecordError.message error))
        ]
