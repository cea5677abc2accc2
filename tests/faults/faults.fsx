// Small faults, one at a time, and whether the tests of that room notice:
//
//     dotnet fsi tests/faults/faults.fsx [--only TEXT]... [--list]
//
// Works on a clone in a temporary folder, never on the checkout. Each fault is one replacement in one file; its project is built
// again, put beside the tests, and the test lists named with it are run until one fails. The exit code is 0 where at least 95 of
// 100 faults are caught. Takes about a minute a fault.

open System
open System.Diagnostics
open System.IO

type Fault =
    {
        /// Under src.
        File: string
        /// Stands there once.
        From: string
        To: string
        /// Test lists of that room.
        Lists: string list
    }

let fault file from replacement lists =
    {
        File = file
        From = from
        To = replacement
        Lists = lists
    }

let faults =
    [
        // ---- vocabulary
        fault "Records.Core.fs" "count > Int64.MaxValue / dim ->" "count > Int64.MaxValue ->" [ "Shape" ]
        fault
            "Records.Core.fs"
            "when bytes.Length <> Shape.count shape * int64 size ->"
            "when bytes.Length < Shape.count shape * int64 size ->"
            [ "View"; "Bincode"; "MsgPack"; "reading" ]

        // ---- tensors
        fault "Records.Core/Tensor/View.fs" "int64 (Array.MaxLength &&& ~~~63)" "int64 Array.MaxLength" [ "large" ]
        fault "Records.Core/Tensor/Chunks.fs" "count <= chunkSize - start" "start + count <= chunkSize" [ "Chunks" ]
        fault
            "Records.Core/Tensor/Infinite.fs"
            "count 0x7FFFFFFFu 0x7F800000u bytes"
            "count 0xFFFFFFFFu 0x7F800000u bytes"
            [ "Cast" ]
        fault "Records.Core/Tensor/Infinite.fs" "if rest.Length > 0 then" "if rest.Length > 4 then" [ "Cast" ]
        fault "Records.Core/Tensor/Half.fs" "Vector<uint32> 0x40u), rounded)" "Vector<uint32> 0u), rounded)" [ "Half" ]
        fault "Records.Core/Tensor/Half.fs" "Vector<uint32> 0x7FFFu + odd" "Vector<uint32> 0x8000u" [ "Half" ]
        fault "Records.Core/Tensor/Cast.fs" "if value < low || value > high then" "if value > high then" [ "Cast" ]
        fault "Records.Core/Tensor/Cast.fs" "let skip = int (offset - first * int64 width)" "let skip = 0" [ "Cast" ]
        fault
            "Records.Core/Tensor/Cast.fs"
            "int16 (bits >>> 1) ^^^ -(int16 (bits &&& 1us))"
            "int16 (bits >>> 1)"
            [ "Undecided"; "Cast"; "reading" ]
        fault "Records.Core/Tensor/Half.fs" "uint16 (bits >>> 16) ||| 0x40us" "uint16 (bits >>> 16)" [ "Half"; "Cast" ]
        fault "Records.Core/Tensor/Half.fs" "((bits >>> 16) &&& 1u)) >>> 16)" "1u) >>> 16)" [ "Half"; "Cast" ]
        fault "Records.Core/Tensor/Chunks.fs" "Span.Slice(int (from % int64 chunkSize))" "Span.Slice 0" [ "Chunks" ]
        fault "Records.Core/Tensor/Chunks.fs" "from <- from + int64 count" "from <- from + int64 chunkSize" [ "Chunks" ]
        fault
            "Records.Core/Tensor/View.fs"
            "if slice.Length % size <> 0L then"
            "if slice.Length % size < 0L then"
            [ "View" ]
        fault
            "Records.Core/Tensor/Room.fs"
            "let mutable offset = int (room.From.Offset - start.Offset)"
            "let mutable offset = 0"
            [ "rooms" ]
        fault "Records.Core/Tensor/Room.fs" "&& (from next).Offset >= stop" "&& (from next).Offset >= 0L" [ "rooms" ]
        fault
            "Records.Core/Tensor/Slice.fs"
            "if offset < 0L || length < 0L || offset > slice.Length - length then"
            "if offset < 0L || length < 0L then"
            [ "Chunks" ]

        // ---- reading in general
        fault "Records.Core/Format/Forward.fs" "max count inMemory" "Array.MaxLength" [ "Chunks" ]
        fault
            "Records.Core/Format/Envelope.fs"
            "if Record.countTensors record >= tensors.Value then"
            "if true then"
            [ "Unplaced" ]
        fault "Records.Core/Format/Unplaced.fs" "List.contains name former" "false" [ "Unplaced" ]
        fault "Records.Core/Recorder.fs" "(_ :: _ as problems) ->" "(_ :: _ as problems) when false ->" [ "Unplaced" ]
        fault
            "Records.Core/Format/Cursor.fs"
            "| ValueSome rest when length > uint64 rest ->"
            "| ValueSome rest when length > uint64 rest + 1UL ->"
            [ "Bincode"; "MsgPack"; "codec laws" ]
        fault
            "Records.Core/Format/Cursor.fs"
            "if depth >= limits.Depth then"
            "if depth > limits.Depth then"
            [ "MsgPack"; "Json"; "Bincode"; "Attacks" ]
        fault
            "Records.Core/Format/Cursor.fs"
            "if weightless > mostWeightless then"
            "if weightless > UInt64.MaxValue - 1UL then"
            [ "Bincode"; "Attacks" ]
        fault
            "Records.Core/Format/Cursor.fs"
            "if length > uint64 cursor.Limits.NameBytes then"
            "if length > uint64 Int32.MaxValue then"
            [ "MsgPack"; "Bincode"; "Json"; "Attacks" ]
        fault
            "Records.Core/Format/Forward.fs"
            "source.Fill(position + int64 held, Span(target, held, wanted - held))"
            "source.Fill(position, Span(target, held, wanted - held))"
            [ "Forward"; "large"; "codec laws" ]
        fault
            "Records.Core/Format/Raise.fs"
            "if found.IsSome then\n                        ambiguous"
            "if false then\n                        ambiguous"
            [ "reading"; "MsgPack"; "Json" ]
        fault
            "Records.Core/Format/RaiseScalar.fs"
            "if number < low || number > high then"
            "if number < low then"
            [ "reading"; "MsgPack"; "Json" ]
        fault
            "Records.Core/Format/Elements.fs"
            "if number < low || number > high then"
            "if number > high then"
            [ "reading"; "MsgPack"; "Json" ]
        fault
            "Records.Core/Format/Elements.fs"
            "if dims.Length > limits.Rank then"
            "if dims.Length > limits.Rank + 1 then"
            [ "reading"; "MsgPack"; "Bincode"; "Attacks" ]

        // ---- MessagePack
        fault
            "Records.Core/Format/MsgPackWriter.fs"
            "if slice.Length <= 0xFFL then"
            "if slice.Length < 0xFFL then"
            [ "MsgPack"; "golden files of Burn"; "codec laws" ]
        fault
            "Records.Core/Format/MsgPackWriter.fs"
            "BinaryPrimitives.WriteUInt16BigEndian(header.Slice 1, uint16"
            "BinaryPrimitives.WriteUInt16LittleEndian(header.Slice 1, uint16"
            [ "MsgPack"; "codec laws" ]
        fault
            "Records.Core/Format/MsgPack.fs"
            "uint64 (BinaryPrimitives.ReadUInt32BigEndian bytes)"
            "uint64 (BinaryPrimitives.ReadUInt32LittleEndian bytes)"
            [ "MsgPack"; "codec laws" ]
        fault
            "Records.Core/Format/MsgPackWriter.fs"
            "if slice.Length > int64 UInt32.MaxValue then"
            "if slice.Length > Int64.MaxValue - 1L then"
            [ "MsgPack"; "large" ]
        fault "Records.Core/Format/MsgPack.fs" "if not cursor.AtEnd then" "if false then" [ "MsgPack"; "codec laws" ]

        fault
            "Records.Core/Format/Repeated.fs"
            "(length <= 16 || Ascii.Equals(bytes, known.Text.AsSpan()))"
            "true"
            [ "Repeated"; "MsgPack" ]
        fault "Records.Core/Format/Repeated.fs" "&& known.Last = last" "" [ "Repeated"; "MsgPack" ]
        fault
            "Records.Core/Format/Repeated.fs"
            "(uint64 bytes[length / 2] <<< 8)"
            "(uint64 bytes[0] <<< 8)"
            [ "Repeated"; "MsgPack" ]
        fault "Records.Core/Format/Repeated.fs" "when known = number -> value" "-> value" [ "Repeated"; "MsgPack" ]
        fault "Records.Core/Format/Repeated.fs" "(mixed ^^^ (mixed >>> 32) ^^^ last)" "(last - last)" [ "Repeated" ]
        fault "Records.Core/Format/Repeated.fs" "&& known.Last = key.Last then" "then" [ "Repeated" ]
        fault "Records.Core/Format/Repeated.fs" "if known.Size = key.Size && known" "if known" [ "Repeated" ]
        fault "Records.Core/Format/BincodeReader.fs" "| 252uy -> size + 5" "| 252uy -> size + 3" [ "shapes" ]
        fault "Records.Core/Format/BincodeReader.fs" "cursor.Spend(row.Length, \"entries\")" "()" [ "shapes" ]
        fault "Records.Core/Format/MsgPack.fs" "if left = 0 && size <=" "if size <=" [ "shapes"; "MsgPack" ]
        fault
            "Records.Core/Format/Repeated.fs"
            "if Object.ReferenceEquals(before, dims) then"
            "if not (isNull before) then"
            [ "shapes" ]
        fault "Records.Core/Format/Ready.fs" "if dims.Length <= cursor.Limits.Rank &&" "if" [ "shapes"; "Attacks" ]
        fault
            "Records.Core/Format/Raise.fs"
            "| (Schema.Struct _ | Schema.Map _), (Value.Tensor _ | Value.Param _) -> Value.spelled value\n        | _ -> value"
            "| _ -> value"
            [ "reading" ]
        fault
            "Records.Core/Format/Layout.fs"
            "| Value.Param _ -> 1"
            "| Value.Param _ -> 0"
            [ "layouts"; "MsgPack"; "Unplaced" ]
        fault
            "Records.Core/Format/Cursor.fs"
            "Array.Resize(&names, 2 * depth)"
            "names <- Array.create (2 * depth) null"
            [ "MsgPack" ]
        fault
            "Records.Core/Format/Dtypes.fs"
            "| \"I16\" -> ValueSome Dtype.I16"
            "| \"I16\" -> ValueSome Dtype.U16"
            [ "reading"; "MsgPack"; "codec laws" ]
        fault "Records.CSharp/RecordHistory.cs" "!known.Item1.Equals(burn)" "false" [ "C# layers" ]
        fault "Records.Core/Io/Disk.fs" "when isTaken cause && waiting" "when waiting" [ "Replace, interrupted" ]
        fault "Records.Core/Io/Disk.fs" "|| cause.HResult = 35" "" [ "Replace, interrupted" ]
        fault
            "Records.Core/Format/MsgPack.fs"
            "when negative < 0L && code >= MessagePackCode.Int8 ->"
            "when negative < 0L ->"
            [ "MsgPack"; "codec laws" ]
        fault
            "Records.Core/Format/MsgPack.fs"
            "if bytes.Length <= size then"
            "if bytes.Length < size then"
            [ "MsgPack"; "codec laws" ]
        fault "Records.Core/Nn/Parameter.fs" "| ValueNone -> true" "| ValueNone -> false" [ "C# tensors" ]

        // ---- bincode
        fault
            "Records.Core/Format/BincodeReader.fs"
            "BinaryPrimitives.ReadUInt16LittleEndian"
            "BinaryPrimitives.ReadUInt16BigEndian"
            [ "Bincode"; "codec laws" ]
        fault "Records.Core/Format/BincodeReader.fs" "if value > max then" "if false then" [ "Bincode" ]
        fault
            "Records.Core/Format/BincodeReader.fs"
            "int64 (value >>> 1) ^^^ -(int64 (value &&& 1UL))"
            "int64 (value >>> 1)"
            [ "Bincode"; "codec laws" ]
        fault
            "Records.Core/Format/BincodeReader.fs"
            "| other -> cursor.FailAt(cursor.Position - 1L, \"0 or 1\", string other)"
            "| _ -> Scalar.Bool true"
            [ "Bincode"; "codec laws" ]

        // ---- gzip
        fault "Records.Core/Format/Stretches.fs" "|| not stretch.IsStarved" "|| false" [ "Gzip" ]
        fault "Records.Core/Format/Gzip.fs" "failed <- ValueSome fault" "()" [ "Gzip" ]
        fault
            "Records.Core/Format/Gzip.fs"
            "if expected <> actual then\n                        RecordError.Malformed"
            "if false then\n                        RecordError.Malformed"
            [ "Gzip"; "codec laws" ]
        fault "Records.Core/Format/Gzip.fs" "if size <> uint32 inflated then" "if false then" [ "Gzip" ]
        fault "Records.Core/Format/Gzip.fs" "if flags &&& 0xE0uy <> 0uy then" "if false then" [ "Gzip" ]
        fault "Records.Core/Format/Gzip.fs" "if bytes > limits.InflatedBytes then" "if false then" [ "Gzip"; "Attacks" ]

        // ---- seals
        fault "Records.Core/Format/Seal.fs" "let private tolerance = 16" "let private tolerance = 0" [ "Seal" ]
        fault "Records.Core/Format/Seal.fs" "if text.Span[at] <> expected then" "if false then" [ "Seal" ]
        fault "Records.Core/Format/Seal.fs" "&& not (digits.ContainsAnyInRange('A'B, 'F'B))" "" [ "Seal" ]
        fault "Records.CSharp/RecordReader.cs" "typeof(T) != typeof(RecordReader) && " "" [ "Reader" ]
        fault "Records.CSharp/RecordReader.cs" "given = true;" "" [ "Reader" ]
        fault
            "Records.CSharp/RecordReader.cs"
            "annexed ?? name);\n        }"
            "place.annexed);\n        }"
            [ "growing in C#" ]
        fault
            "Records.Core/Format/Seal.fs"
            "if not (text.Span.Slice(at).SequenceEqual(ReadOnlySpan ending)) then"
            "if false then"
            [ "Seal" ]
        fault
            "Records.Core/Format/Seal.fs"
            "&& not ((pathText (path tensor)).Span.SequenceEqual tensor.Path.Span)"
            "&& false"
            [ "Seal" ]
        fault
            "Records.Core/Format/Carrier.fs"
            "hash.Append(ReadOnlySpan(closing carrier))"
            "()"
            [ "Seal"; "sealed files" ]
        fault "Records.Core/Format/Witness.fs" "[| bytes[0] + firstByte |]" "[| bytes[0] |]" [ "Seal" ]
        fault "Records.Core/Format/BlockHash.fs" "if used > 0 then" "if false then" [ "Seal"; "sealed files" ]
        fault
            "Records.Core/Format/HashedForward.fs"
            "if not (digest.Equals tensors[next].Hash) then"
            "if false then"
            [ "Seal" ]
        fault "Records.Core/Format/HashedForward.fs" "finish () |> Option.iter fail" "finish () |> ignore" [ "Seal" ]
        fault
            "Records.Core/Format/CheckedSource.fs"
            "if isInside index && not (isGood index) then"
            "if false then"
            [ "Seal"; "sealed files" ]
        fault
            "Records.Core/Format/CheckedSource.fs"
            "RecordError.raise (Seal.wrongTensor tensors[index] found)"
            "()"
            [ "Seal"; "sealed files" ]
        fault "Records.Core/Format/Plain.fs" "kept.Over(offset, target)" "()" [ "Seal, laws of the copy" ]
        fault
            "Records.Core/Format/Unsealed.fs"
            "struct (0L, ownThere (Kept 0L) found)"
            "struct (0L, found.Seal.Own)"
            [ "Seal, copy"; "Seal, laws of the copy" ]
        fault
            "Records.Core/Format/Unsealed.fs"
            "struct (found.CopyStart, ownCopied found)"
            "struct (found.CopyStart, found.Seal.Own)"
            [ "Seal, copy"; "Seal, laws of the copy" ]
        fault
            "Records.Core/Format/Unsealed.fs"
            "&& seal.Copy <> first - Array.sumBy"
            "&& seal.Copy < first - Array.sumBy"
            [ "Seal, copy" ]
        fault "Records.Core/Format/Carrier.fs" "Seq.length >= fewest" "Seq.length > fewest" [ "Seal, copy" ]
        fault "Records.Core/Format/Carrier.fs" "length > together" "length >= together" [ "Seal, copy" ]
        fault
            "Records.Core/Format/Carrier.fs"
            "rest * worthCopying <= Seq.sum tensors"
            "rest * worthCopying < Seq.sum tensors"
            [ "Seal, copy" ]
        fault
            "Records.Core/Format/MsgPack.fs"
            "if window.Length < tokenSize then"
            "if window.IsEmpty then"
            [ "MsgPack"; "codec laws" ]
        fault
            "Records.Core/Format/Unsealed.fs"
            "match wrongDecoded whole kept found with"
            "match List.truncate 0 (wrongDecoded whole kept found) with"
            [ "Seal"; "sealed files" ]
        fault "Records.Core/Format/Plain.fs" "room <- room.Slice(int length)" "()" [ "Seal" ]
        fault "Records.Core/Format/Plain.fs" "Slice(int (position - kept[stretch].Start))" "Slice 0" [ "Seal" ]
        fault
            "Records.Core/Format/Unsealed.fs"
            "if start < 0L || expected.Length > 0 && stretch file start stop <> expected then"
            "if start < 0L then"
            [ "Seal" ]
        fault
            "Records.Core/Format/GzipSeal.fs"
            "if not (stored.AsSpan().SequenceEqual(ReadOnlySpan(bytes seal))) then"
            "if false then"
            [ "Seal" ]
        fault "Records.Core/Format/Parts.fs" "stop - int64 held else stop" "stop else stop" [ "Parts" ]
        fault "Records.Core/Format/Blocks.fs" "before <- before + int64 used" "()" [ "Parts" ]
        fault
            "Records.Core/Format/BurnpackSeal.fs"
            "| ValueNone when isMarked metadata.Span"
            "| ValueNone when false"
            [ "Seal" ]
        fault
            "Records.Core/Format/BurnpackSeal.fs"
            "wrongRest file metadata seal |> Option.iter forgive"
            "()"
            [ "Seal"; "sealed files" ]
        fault "Records.Core/Format/Gzip.fs" "wrong 0L file.Length seal.Own digest" "None" [ "Seal" ]
        fault
            "Records.Core/Format/GzipIndex.fs"
            "if not (stored.AsSpan().SequenceEqual(ReadOnlySpan(bytes index))) then"
            "if false then"
            [ "Gzip" ]
        fault
            "Records.Core/Format/Stretches.fs"
            "Fill.from inflate (Span(target, place, size)) <> size"
            "false"
            [ "Gzip" ]
        fault
            "Records.Core/Format/Stretches.fs"
            "|| Fill.from inflate (Span(Array.zeroCreate<byte> 1)) > 0"
            ""
            [ "Gzip" ]
        fault
            "Records.Core/Format/Stretches.fs"
            "if degree = 1 || next = 0 then 0 else degree"
            "if degree = 1 then 0 else degree"
            [ "Guessing" ]
        fault
            "Records.Core/Format/Abreast.fs"
            "deflated.Advance() && not deflated.IsLast"
            "deflated.Advance()"
            [ "Abreast" ]
        fault
            "Records.Core/Format/Abreast.fs"
            "good && deflated.Filled = deflated.Place.Full"
            "good"
            [ "Abreast"; "Gzip" ]
        fault
            "Records.Core/Format/Deflated.fs"
            "distance > filled - place.Known"
            "distance > filled"
            [ "Abreast"; "Guessing" ]
        fault "Records.Core/Format/PrefixCode.fs" "        left = 0\n" "        left >= 0\n" [ "PrefixCode" ]
        fault
            "Records.Core/Format/Guessing.fs"
            "(guess.Log.Length = 0 || beforeCount = Copy.furthest)"
            "true"
            [ "Guessing" ]
        fault
            "Records.Core/Format/Guessing.fs"
            "when guess.Start = position &&"
            "when guess.Start >= position &&"
            [ "Guessing" ]
        fault "Records.Core/Format/Guessing.fs" "if position = 0L then 0 else degree + 2" "degree + 2" [ "Guessing" ]
        fault "Records.Core/Format/Piece.fs" "patience > 0" "true" [ "Guessing" ]
        fault "Records.Core/Format/Guessing.fs" "(piece.Stop + 7L) / 8L = length" "true" [ "Guessing" ]

        fault
            "Records.Core/Format/Lanes.fs"
            "busy < degree && waiting.Remove(piece)"
            "waiting.Remove(piece)"
            [ "Lanes" ]
        fault "Records.Core/Format/Lanes.fs" "waiting.AddFirst piece" "waiting.AddLast piece" [ "Lanes" ]
        fault "Records.Core/Format/Lanes.fs" "if lock waiting (fun () -> take piece) then" "if false then" [ "Gzip" ]
        fault "Records.Core/Format/Gzip.fs" "do demand declared" "do ()" [ "Gzip index" ]
        fault "Records.Core/Format/Deflate.fs" "min degree most" "degree" [ "Pieces in hand" ]
        fault "Records.Core/Format/Inflate.fs" "min degree Deflate.most" "degree" [ "Pieces in hand" ]
        fault
            "Records.Core/Loading.fs"
            "Parallelism = Cores.atMost recorder.Parallelism"
            "Parallelism = recorder.Parallelism"
            [ "Pieces in hand" ]
        fault
            "Records.Core/Recorder.fs"
            "{ recorder with Parallelism = Cores.atMost recorder.Parallelism }"
            "recorder"
            [ "Pieces in hand" ]
        fault "Records.Core/Format/GzipIndex.fs" "&& count <= most / 2" "&& false" [ "Gzip index" ]
        fault
            "Records.Core/Format/Guessing.fs"
            "lanes.Now(fun () -> idle.Use(fun pieces -> pieces.Known(chunk, position, joint, before)))"
            "idle.Use(fun pieces -> pieces.Known(chunk, position, joint, before))"
            [ "Guessing" ]
        fault "Records.Core/Format/Lanes.fs" "running <- running - 1" "()" [ "Lanes"; "Gzip" ]

        fault "Records.Core/Io/Fresh.fs" "((used + length + 63) &&& ~~~63)" "(used + length - 1)" [ "Fresh" ]
        fault "Records.Core/Io/Fresh.fs" "length <= chunk.Length - used" "length < chunk.Length" [ "Fresh" ]
        fault
            "Records.Core/Io/Pages.fs"
            "if advise (nativeint first, unativeint (last - first), collapse) <> 0 then"
            "if advise (nativeint first, unativeint (last - first), hugePage) <> 0 then"
            [ "pages" ]
        fault
            "Records.Core/Format/Forward.fs"
            "source.Fill(position + int64 held, target"
            "source.Fill(position, target"
            [ "Forward" ]
        fault
            "Records.Core/Format/HashedForward.fs"
            "feed (Span.op_Implicit (target.Slice(0, count)))"
            "()"
            [ "Forward"; "Gzip" ]

        // ---- burnpack
        fault
            "Records.Core/Format/BurnpackMetadata.fs"
            "String.CompareOrdinal(nameOf entries[entries.Count - 1], name) < 0"
            "String.CompareOrdinal(nameOf entries[entries.Count - 1], name) <= 0"
            [ "Burnpack" ]
        fault "Records.Core/Format/BurnpackMetadata.fs" "places.Value.Add(name, entries.Count)" "()" [ "Burnpack" ]
        fault
            "Records.Core/Format/BurnpackMetadata.fs"
            "known &&& bit > 0 || bit = 0 &&"
            "bit = 0 &&"
            [ "Burnpack"; "burnpack" ]
        fault "Records.Core/Format/CborWriter.fs" "0x10000 + int letter" "int letter" [ "Cbor writer" ]
        fault "Records.Core/Format/CborWriter.fs" "number < 24UL" "number <= 24UL" [ "Cbor writer" ]
        fault "Records.Core/Format/CborWriter.fs" "uint64 ~~~value" "uint64 -value" [ "Cbor writer" ]
        fault
            "Records.Core/Format/SharedDims.fs"
            "not dims.IsEmpty && dims[0] = first"
            "not dims.IsEmpty"
            [ "Burnpack"; "burnpack" ]
        fault "Records.Core/Format/BurnpackLayout.fs" "|| first + int64 count > stop.Value" "" [ "Burnpack" ]
        fault "Records.Core/Tree/FlatIndex.fs" "digits.Length > 1 && digits[0] <> '0'" "digits.Length > 1" [ "Flat" ]
        fault
            "Records.Core/Tree/FlatIndex.fs"
            "order.TryAdd(name, tensors.Length + scalars.Count) |> ignore"
            "()"
            [ "Flat" ]
        fault
            "Records.Core/Loading.fs"
            "Some(List.rev paths[index])"
            "Some paths[index]"
            [ "Recorder"; "Loading"; "reading" ]
        fault
            "Records.CSharp/ModuleDtypes.cs"
            "found[ListModule.Reverse(path)] = param.CoreDtype"
            "found[path] = param.CoreDtype"
            [ "Verbs"; "Loading" ]
        fault
            "Records.Core/Format/BurnpackWriter.fs"
            "let aligned = context.Burn >= BurnVersion.minor 20"
            "let aligned = context.Burn > BurnVersion.minor 20"
            [ "Burnpack"; "burnpack laws" ]
        fault
            "Records.Core/Format/Burnpack.fs"
            "| ValueSome rest when rest < int64 size -> short rest"
            "| ValueSome rest when rest < 0L -> short rest"
            [ "broken files"; "Burnpack"; "burnpack vectors" ]
        fault
            "Records.Core/Format/Burnpack.fs"
            "demand [] \"bytes of metadata\" (int64 size) limits.HeaderBytes"
            "demand [] \"bytes of metadata\" 0L limits.HeaderBytes"
            [ "Burnpack"; "Attacks" ]

        // ---- trees
        fault
            "Records.Core/Tree/Conform.fs"
            "| other -> Record.Enum(place, case, other)"
            "| other -> Record.Enum(min place 0, case, other)"
            [ "conform"; "Versions" ]
        fault
            "Records.Core/Tree/Conform.fs"
            "| same when place = index && obj.ReferenceEquals"
            "| same when obj.ReferenceEquals"
            [ "conform"; "Versions" ]
        fault
            "Records.Core/Tree/Record.fs"
            "changed.AddMany(List.take index items)"
            "changed.AddMany(List.truncate 1 items)"
            [ "conform"; "Versions"; "codec laws" ]
        fault
            "Records.Core/Format/Cursor.fs"
            "when length > 0UL && not (file.Has"
            "when false && not (file.Has"
            [ "Seal, laws of the copy" ]
        fault
            "Records.Core/Format/Seal.fs"
            "| Record.Option(Some item) -> walk depth used item"
            "| Record.Option(Some item) -> walk (depth + 1) used item"
            [ "Seal, text" ]
        fault
            "Records.Core/Format/BlockHash.fs"
            "        count <- 0\n        hash"
            "        hash"
            [ "Seal"; "burnpack" ]
        fault "Records.Core/Tree/Fit.fs" "if names = found then" "if List.sort names = List.sort found then" [ "Fit" ]

        // ---- disks
        fault "Records.Core/Io/Replace.fs" "part.Length > gathered - used" "used + part.Length > gathered" [ "large" ]
        fault "Records.Core/Io/Mapped.fs" "offset > length - int64 count" "false" [ "File" ]
        fault "Records.Core/Io/Replace.fs" "step \"flush\" (fun () -> disk.Flush handle)" "()" [ "Replace" ]
        fault "Records.Core/Io/Replace.fs" "if swapped || not renamed then" "if swapped then" [ "Replace" ]
        fault "Records.Core/Io/Replace.fs" "if arrived <> int64 bytes.Length then" "if arrived < 0L then" [ "Replace" ]
        fault
            "Records.Core/Io/Replace.fs"
            "offset <- offset + int64 used\n                    used <- 0"
            "used <- 0"
            [ "Replace"; "File" ]
        fault
            "Records.Core/Io/Replace.fs"
            "if existing.Exists && existing.IsReadOnly then"
            "if false then"
            [ "Replace"; "File" ]
        fault "Records.Core/Io/Replace.fs" "writtenAtOnce = 1 <<< 20" "writtenAtOnce = 1 <<< 30" [ "Replace" ]
        fault
            "Records.Core/Io/Replace.fs"
            "offset <- offset + int64 piece.Length"
            "offset <- offset + int64 part.Length"
            [ "Replace" ]
        fault "Records.Core/Io/File.fs" "if not together then" "if false then" [ "File" ]
        fault "Records.Core/Loading.fs" "looking.Together decoded)" "decoded ())" [ "File" ]
        fault "Records.Core/Io/Replace.fs" "Leftovers.sweep disk target" "()" [ "Leftovers"; "Replace" ]
        fault "Records.Core/Io/File.fs" "if File.GetLastWriteTimeUtc handle <> written then" "if false then" [ "File" ]
        fault
            "Records.Core/Io/Mapped.fs"
            "Interlocked.Exchange(&closed.contents, 1) = 0"
            "Volatile.Read(&closed.contents) = 0"
            [ "File"; "Memory" ]

        // ---- the face
        fault
            "Records.CSharp/RecordLimits.cs"
            "HeaderBytes, InflatedBytes, InflateRatio"
            "HeaderBytes, InflateRatio, InflatedBytes"
            [ "Recorder options" ]
        fault
            "Records.CSharp/LoadContext.Rules.cs"
            "if (!module.Shape.SequenceEqual(record.Shape))"
            "if (module.Shape.Count != record.Shape.Count)"
            [ "Verbs"; "Loading"; "bad input in C#" ]
        fault
            "Records.CSharp/LoadContext.Rules.cs"
            "if (!options.AllowMissing)"
            "if (options.AllowMissing)"
            [ "Verbs"; "Loading"; "bad input in C#" ]
        fault
            "Records.CSharp/LoadContext.cs"
            "Fill();\n        return"
            "return"
            [ "Verbs"; "Loading"; "MNIST"; "C# tensors" ]
    ]

let arguments = List.ofArray fsi.CommandLineArgs.[1..]

let chosen =
    let only =
        [
            for before, text in List.pairwise arguments do
                if before = "--only" then
                    text
        ]

    faults
    |> List.filter (fun fault -> only.IsEmpty || only |> List.exists (fault.File + fault.From).Contains)

let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))

/// Runs a program; its exit code, or 124 when it took too long and was ended.
let run (folder: string) (seconds: float) (program: string) (words: string list) =
    let start =
        ProcessStartInfo(
            program,
            words,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    use child = Process.Start start
    let output = child.StandardOutput.ReadToEndAsync()
    let errors = child.StandardError.ReadToEndAsync()

    if child.WaitForExit(TimeSpan.FromSeconds seconds) then
        child.ExitCode, output.Result + errors.Result
    else
        child.Kill true
        124, "took too long"

let demand (code, output: string) =
    if code <> 0 then
        eprintfn "%s" output
        exit 2

/// The text with the one place replaced.
let replaced (file: string) fault (text: string) =
    let places = text.Split fault.From

    if places.Length <> 2 then
        eprintfn "%s has '%s' %d times" file fault.From (places.Length - 1)
        exit 2

    String.Join(fault.To, places)

let source (folder: string) fault = Path.Combine(folder, "src", fault.File)

// every fault still has its place
for fault in chosen do
    File.ReadAllText(source root fault) |> replaced fault.File fault |> ignore

if List.contains "--list" arguments then
    for fault in chosen do
        printfn "%s: %s" fault.File fault.From

    exit 0

let folder = Directory.CreateTempSubdirectory("records-faults-").FullName
demand (run "." 60.0 "git" [ "clone"; "-q"; root; folder ])
demand (run folder 900.0 "dotnet" [ "build"; "tests/Records.Tests"; "-v"; "q"; "--nologo" ])
let tests = Path.Combine(folder, "artifacts", "bin", "Records.Tests", "debug")
let program = Path.Combine(tests, "Records.Tests")

let projectOf fault =
    if fault.File.EndsWith ".cs" then
        "Records.CSharp"
    else
        "Records.Core"

/// Where a project without faults is kept while one with a fault is in its place.
let whole project =
    Path.Combine(folder, "artifacts", project + ".whole.dll")

/// Builds the project that the file is in, and puts it beside the tests.
let build fault =
    let project = projectOf fault

    match
        run
            folder
            600.0
            "dotnet"
            [
                "build"
                $"src/{project}"
                "--no-restore"
                "--no-dependencies"
                // a value that a fault leaves unused is not what is asked about
                "-p:TreatWarningsAsErrors=false"
                "-v"
                "q"
                "--nologo"
            ]
    with
    | 0, _ ->
        let made =
            Path.Combine(folder, "artifacts", "bin", project, "debug", project + ".dll")

        let beside = Path.Combine(tests, project + ".dll")
        File.Copy(beside, whole project, true)
        File.Copy(made, beside, true)
        true
    | _, output ->
        eprintfn "%s" output
        false

/// Puts the project without faults beside the tests again. Its sources are newer than what was built of them, and built next.
let restore fault =
    let project = projectOf fault
    File.Move(whole project, Path.Combine(tests, project + ".dll"), true)

// a list that fails without a fault would catch every one, and a list of nothing none
for list in chosen |> List.collect _.Lists |> List.distinct do
    let code, output =
        run folder 300.0 program [ "--filter-test-list"; list; "--no-spinner" ]

    let isEmpty = Text.RegularExpressions.Regex.IsMatch(output, @"\b0\S* tests run")
    demand ((if isEmpty then 1 else code), $"{list}: {output}")

let caught fault =
    fault.Lists
    |> List.tryFind (fun list ->
        fst (run folder 300.0 program [ "--filter-test-list"; list; "--no-spinner" ])
        <> 0)

let results =
    [
        for fault in chosen do
            let path = source folder fault
            let before = File.ReadAllText path
            File.WriteAllText(path, replaced fault.File fault before)

            let found =
                if build fault then
                    let found = caught fault
                    restore fault
                    found
                else
                    None

            File.WriteAllText(path, before)

            match found with
            | Some list -> printfn "caught by %-24s %s: %s" list fault.File (fault.From.Split('\n')[0])
            | None -> printfn "NOT CAUGHT %22s %s: %s -> %s" "" fault.File (fault.From.Split('\n')[0]) fault.To

            Console.Out.Flush()
            found.IsSome
    ]

Directory.Delete(folder, true)
let good = results |> List.filter id |> List.length
printfn "%d of %d faults caught" good results.Length
exit (if 100 * good >= 95 * results.Length then 0 else 1)
