namespace Records.Core

open System.Collections.Generic

/// Dtypes as burnpack's metadata spells them. Bool and quantised tensors were spelt otherwise in each Burn from 0.19 to 0.22;
/// each spelling is told from the others by its keys, and one that is none of them is an error.
[<RequireQualifiedAccess>]
module internal BurnpackDtypes =

    let private plain =
        Dictionary(
            [
                Dtype.F64
                Dtype.F32
                Dtype.Flex32
                Dtype.F16
                Dtype.BF16
                Dtype.I64
                Dtype.I32
                Dtype.I16
                Dtype.I8
                Dtype.U64
                Dtype.U32
                Dtype.U16
                Dtype.U8
            ]
            |> Seq.map (fun dtype -> KeyValuePair(Dtype.name dtype, dtype))
        )

    let private quantValues =
        [
            QuantValue.Q8F
            QuantValue.E5M2
            QuantValue.E4M3
            QuantValue.Q4F
            QuantValue.E2M1
            QuantValue.Q2F
            QuantValue.Q8S
            QuantValue.Q4S
            QuantValue.Q2S
        ]

    let private quantParams =
        [ QuantParam.F32; QuantParam.F16; QuantParam.BF16; QuantParam.UE8M0; QuantParam.UE4M3 ]

    let private boolStores = [ BoolStore.Native; BoolStore.U8; BoolStore.U32 ]

    // ---- reading

    let private named (cursor: CborCursor) what (known: 'T list) : 'T =
        let offset = cursor.Offset
        let name = cursor.Text what

        match List.tryFind (fun one -> CaseName.of' one = name) known with
        | Some one -> one
        | None -> cursor.FailAt(offset, what, $"'{name}'")

    /// The one entry of a map, as serde writes a variant that holds something.
    let private variant (cursor: CborCursor) what (read: string -> 'T) : 'T =
        let offset = cursor.Offset
        let found = ref None

        cursor.Map(
            what,
            fun name ->
                if Option.isSome found.Value then
                    cursor.Fail(what, "a second one")

                found.Value <- Some(read name)
        )

        match found.Value with
        | Some found -> found
        | None -> cursor.FailAt(offset, what, "an empty map")

    let private small (cursor: CborCursor) what =
        let offset = cursor.Offset

        match cursor.Unsigned what with
        | value when value <= 255UL -> byte value
        | value -> cursor.FailAt(offset, what, string value)

    /// The fields of a struct, each read by its own function; one that is not there stays None, one that is unknown is an error:
    /// to overlook it is how a scheme gets misread.
    let private fields (cursor: CborCursor) what (readers: (string * (unit -> unit)) list) =
        let seen = HashSet<string>()

        cursor.Map(
            what,
            fun name ->
                if not (seen.Add name) then
                    cursor.Fail(what, $"'{name}' a second time")

                match List.tryFind (fst >> (=) name) readers with
                | Some(_, read) -> read ()
                | None -> cursor.Fail(what, $"'{name}', which no Burn wrote there")
        )

    let private demand (cursor: CborCursor) offset what (value: 'T option ref) : 'T =
        match value.Value with
        | Some value -> value
        | None -> cursor.FailAt(offset, what, "none")

    let private blockSize (cursor: CborCursor) =
        let offset = cursor.Offset
        let storage = ref None
        let length = ref None

        fields
            cursor
            "a block size"
            [
                "storage",
                (fun () ->
                    let sizes = ResizeArray()

                    cursor.Array(
                        "five sizes",
                        fun index ->
                            if index >= 5 then
                                cursor.Fail("five sizes", "more")

                            sizes.Add(small cursor "a size of one byte")
                    )

                    if sizes.Count <> 5 then
                        cursor.Fail("five sizes", string sizes.Count)

                    storage.Value <- Some(List.ofSeq sizes))
                "len", (fun () -> length.Value <- Some(small cursor "a number of dimensions"))
            ]

        demand cursor offset "a block's storage" storage, demand cursor offset "a block's len" length

    let private store (cursor: CborCursor) =
        if cursor.IsText then
            let offset = cursor.Offset

            match cursor.Text "a quantised store" with
            | "Native" -> QuantStore.Native
            // up to Burn 0.20's first releases, when there was one dimension to pack
            | "U32" -> QuantStore.PackedU32 0UL
            | name -> cursor.FailAt(offset, "a quantised store", $"'{name}'")
        else
            variant cursor "a quantised store" (fun name ->
                match name with
                | "PackedU32" -> QuantStore.PackedU32(cursor.Unsigned "a dimension")
                | "PackedNative" -> QuantStore.PackedNative(cursor.Unsigned "a dimension")
                | name -> cursor.Fail("a quantised store", $"'{name}'"))

    /// What 0.19 to 0.21 called a level.
    let private level (cursor: CborCursor) =
        if cursor.IsText then
            let offset = cursor.Offset

            match cursor.Text "a quantisation level" with
            | "Tensor" -> QuantLevel.Tensor
            | name -> cursor.FailAt(offset, "a quantisation level", $"'{name}'")
        else
            variant cursor "a quantisation level" (fun name ->
                match name with
                | "Block" -> QuantLevel.Block(blockSize cursor)
                | "BlockTensor" ->
                    let offset = cursor.Offset
                    let block = ref None
                    let whole = ref None

                    fields
                        cursor
                        "two levels"
                        [
                            "block", (fun () -> block.Value <- Some(blockSize cursor))
                            "global", (fun () -> whole.Value <- Some(named cursor "a scale type" quantParams))
                        ]

                    let storage, length = demand cursor offset "a block" block
                    QuantLevel.BlockTensor(storage, length, demand cursor offset "a global scale" whole)
                | name -> cursor.Fail("a quantisation level", $"'{name}'"))

    let private blockScale (cursor: CborCursor) =
        let offset = cursor.Offset
        let size = ref None
        let scale = ref None

        fields
            cursor
            "a block scale"
            [
                "size", (fun () -> size.Value <- Some(blockSize cursor))
                "dtype", (fun () -> scale.Value <- Some(named cursor "a scale type" quantParams))
            ]

        demand cursor offset "a block's size" size, demand cursor offset "a block's scale type" scale

    let private scheme (cursor: CborCursor) : QuantScheme =
        let offset = cursor.Offset

        let optional read =
            if cursor.Null() then None else Some(read ())

        let value = ref None
        let stored = ref None
        let mode = ref None
        // 0.19 to 0.21
        let param = ref None
        let leveled = ref None
        // 0.22: each of the two is there, if only as null
        let tensor = ref None
        let block = ref None

        fields
            cursor
            "a quantisation scheme"
            [
                "value", (fun () -> value.Value <- Some(named cursor "a quantised value" quantValues))
                "store", (fun () -> stored.Value <- Some(store cursor))
                "mode", (fun () -> mode.Value <- Some(named cursor "a mode" [ QuantMode.Symmetric; QuantMode.Lookup ]))
                "param", (fun () -> param.Value <- Some(named cursor "a scale type" quantParams))
                "level", (fun () -> leveled.Value <- Some(level cursor))
                "tensor", (fun () -> tensor.Value <- Some(optional (fun () -> named cursor "a scale type" quantParams)))
                "block", (fun () -> block.Value <- Some(optional (fun () -> blockScale cursor)))
            ]

        let param, level =
            match param.Value, leveled.Value, tensor.Value, block.Value with
            | Some param, Some level, None, None -> param, level
            | None, None, Some None, Some None -> QuantParam.F32, QuantLevel.Unsaid
            | None, None, Some(Some scale), Some None -> scale, QuantLevel.Tensor
            | None, None, Some None, Some(Some((storage, length), scale)) -> scale, QuantLevel.Block(storage, length)
            | None, None, Some(Some whole), Some(Some((storage, length), scale)) ->
                scale, QuantLevel.BlockTensor(storage, length, whole)
            | _ ->
                cursor.FailAt(
                    offset,
                    "a quantisation scheme with param and level (Burn 0.19 to 0.21) or tensor and block (0.22)",
                    "neither of these"
                )

        {
            Value = demand cursor offset "a scheme's value" value
            Store = demand cursor offset "a scheme's store" stored
            Mode = demand cursor offset "a scheme's mode" mode
            Param = param
            Level = level
        }

    /// The dtype that is next.
    let read (cursor: CborCursor) : Dtype =
        if cursor.IsText then
            let offset = cursor.Offset

            match cursor.Text "a dtype" with
            // up to 0.20, when there was one store
            | "Bool" -> Dtype.Bool BoolStore.Native
            | name ->
                match plain.TryGetValue name with
                | true, dtype -> dtype
                | _ -> cursor.FailAt(offset, "a dtype", $"'{name}'")
        else
            variant cursor "a dtype" (fun name ->
                match name with
                | "Bool" -> Dtype.Bool(named cursor "a store of truth values" boolStores)
                | "QFloat" -> Dtype.QFloat(scheme cursor)
                | name -> cursor.Fail("a dtype", $"'{name}'"))

    // ---- writing

    let private unsupported reason : 'T =
        RecordError.raise (RecordError.Unsupported([], reason))

    let private before minor (version: BurnVersion) = version < BurnVersion.minor minor

    let private writeBlock (writer: CborWriter) (storage: byte list) (length: byte) =
        Cbor.fields
            writer
            [
                "storage",
                (fun () ->
                    writer.Array storage.Length

                    for size in storage do
                        writer.Unsigned(uint64 size))
                "len", (fun () -> writer.Unsigned(uint64 length))
            ]

    let private writeStore (writer: CborWriter) burn store =
        let packed name (dimension: uint64) =
            Cbor.fields writer [ name, (fun () -> writer.Unsigned dimension) ]

        match store with
        | QuantStore.Native -> writer.Text "Native"
        | QuantStore.PackedU32 0UL when before 20 burn -> writer.Text "U32"
        | _ when before 20 burn ->
            unsupported $"Burn {BurnVersion.text burn} packs along the last dimension, in words of 32 bits"
        | QuantStore.PackedU32 dimension -> packed "PackedU32" dimension
        | QuantStore.PackedNative dimension -> packed "PackedNative" dimension

    let private writeScheme (writer: CborWriter) burn (scheme: QuantScheme) =
        let text value =
            (fun () -> writer.Text(CaseName.of' value))

        let value = "value", text scheme.Value
        let store = "store", (fun () -> writeStore writer burn scheme.Store)
        let mode = "mode", text scheme.Mode

        if before 22 burn then
            if scheme.Mode = QuantMode.Lookup then
                unsupported $"Burn {BurnVersion.text burn} has no quantisation by a lookup table"

            let level () =
                match scheme.Level with
                | QuantLevel.Unsaid
                | QuantLevel.Tensor -> writer.Text "Tensor"
                | QuantLevel.Block(storage, length) ->
                    Cbor.fields writer [ "Block", (fun () -> writeBlock writer storage length) ]
                | QuantLevel.BlockTensor _ ->
                    unsupported $"Burn {BurnVersion.text burn} has no quantisation scales of two levels"

            Cbor.fields writer [ value; "param", text scheme.Param; store; "level", level; mode ]
        else
            let block storage length () =
                Cbor.fields writer [ "size", (fun () -> writeBlock writer storage length); "dtype", text scheme.Param ]

            let tensor, block =
                match scheme.Level with
                | QuantLevel.Unsaid when scheme.Param = QuantParam.F32 -> writer.Null, writer.Null
                | QuantLevel.Unsaid
                | QuantLevel.Tensor -> text scheme.Param, writer.Null
                | QuantLevel.Block(storage, length) -> writer.Null, block storage length
                | QuantLevel.BlockTensor(storage, length, whole) -> text whole, block storage length

            Cbor.fields writer [ value; store; mode; "tensor", tensor; "block", block ]

    /// The dtype as this Burn spells it.
    let write (writer: CborWriter) (burn: BurnVersion) (dtype: Dtype) =
        match dtype with
        | Dtype.Bool BoolStore.Native when before 21 burn -> writer.Text "Bool"
        // such a tensor said that it is what it is stored as
        | Dtype.Bool store when before 21 burn -> writer.Text(CaseName.of' store)
        | Dtype.Bool store -> Cbor.fields writer [ "Bool", (fun () -> writer.Text(CaseName.of' store)) ]
        | Dtype.QFloat scheme -> Cbor.fields writer [ "QFloat", (fun () -> writeScheme writer burn scheme) ]
        | Dtype.OldQFloat _ -> unsupported "burnpack has no words for how Burn before 0.19 quantised"
        | _ -> writer.Text(Dtype.name dtype)
