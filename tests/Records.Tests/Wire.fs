/// Slow, obvious writers of serde's values, to make bytes that Burn accepts and our own encoders never write.
module internal Records.Tests.Wire

open System
open System.Text
open Records.Core

/// How a writer chooses between encodings of the same value.
type Choices =
    {
        /// Which of so many ways to write a thing.
        Pick: int -> int
        /// Puts the fields of a struct in some order and may add others.
        Fields: Entry[] -> Entry[]
    }

let private bigEndian size (value: uint64) =
    [ for shift in (size - 1) * 8 .. -8 .. 0 -> byte (value >>> shift) ]

let private widths: (uint64 * int) list =
    [ 0xFFUL, 1; 0xFFFFUL, 2; 0xFFFFFFFFUL, 4; UInt64.MaxValue, 8 ]

/// MessagePack in any legal form.
let rec msgPack (choices: Choices) (value: Value) : byte list =
    // the shortest form first, then each longer one
    let pick (forms: byte list list) =
        List.item (choices.Pick(List.length forms) % List.length forms) forms

    let header short code length =
        [
            match short length with
            | Some header -> [ header ]
            | None -> ()
            for index, (most, size) in List.indexed widths do
                if size < 8 && length <= most then
                    match code index with
                    | Some code -> code :: bigEndian size length
                    | None -> ()
        ]

    let str (text: string) =
        let bytes = Encoding.UTF8.GetBytes text

        let short length =
            if length < 32UL then Some(0xA0uy ||| byte length) else None

        pick (header short (fun index -> Some(0xD9uy + byte index)) (uint64 bytes.Length))
        @ List.ofArray bytes

    // 16 and 32 bits of length only
    let long code index =
        if index = 0 then None else Some(code + byte (index - 1))

    let list length =
        pick (header (fun length -> if length < 16UL then Some(0x90uy ||| byte length) else None) (long 0xDCuy) length)

    let map length =
        pick (header (fun length -> if length < 16UL then Some(0x80uy ||| byte length) else None) (long 0xDEuy) length)

    let unsigned (value: uint64) =
        pick
            [
                if value < 128UL then
                    [ byte value ]
                for index, (most, size) in List.indexed widths do
                    if value <= most then
                        (0xCCuy + byte index) :: bigEndian size value
                // a signed form holds it too
                if value <= 0x7FUL then
                    0xD0uy :: bigEndian 1 value
                if value <= 0x7FFFUL then
                    0xD1uy :: bigEndian 2 value
                if value <= 0x7FFFFFFFUL then
                    0xD2uy :: bigEndian 4 value
                if value <= uint64 Int64.MaxValue then
                    0xD3uy :: bigEndian 8 value
            ]

    let signed (value: int64) =
        if value >= 0L then
            unsigned (uint64 value)
        else
            pick
                [
                    if value >= -32L then
                        [ byte value ]
                    for code, size, least in
                        [ 0xD0uy, 1, -128L; 0xD1uy, 2, -32768L; 0xD2uy, 4, -2147483648L; 0xD3uy, 8, Int64.MinValue ] do
                        if value >= least then
                            code :: bigEndian size (uint64 value)
                ]

    let scalar value =
        match value with
        | Scalar.Unit -> [ 0xC0uy ]
        | Scalar.Bool value -> [ (if value then 0xC3uy else 0xC2uy) ]
        | Scalar.Text value -> str value
        | Scalar.F64 value -> 0xCBuy :: bigEndian 8 (BitConverter.DoubleToUInt64Bits value)
        | Scalar.F32 value -> 0xCAuy :: bigEndian 4 (uint64 (BitConverter.SingleToUInt32Bits value))
        | Scalar.I64 value -> signed value
        | Scalar.I32 value -> signed (int64 value)
        | Scalar.I16 value -> signed (int64 value)
        | Scalar.I8 value -> signed (int64 value)
        | Scalar.U64 value -> unsigned value
        | Scalar.U32 value -> unsigned (uint64 value)
        | Scalar.U8 value -> unsigned (uint64 value)
        | Scalar.U16 value
        | Scalar.F16 value
        | Scalar.BF16 value -> unsigned (uint64 value)

    let bytes (bytes: byte[]) =
        pick
            [
                yield!
                    header (fun _ -> None) (fun index -> Some(0xC4uy + byte index)) (uint64 bytes.Length)
                    |> List.map (fun header -> header @ List.ofArray bytes)
                // serde takes a list of numbers for bytes
                list (uint64 bytes.Length)
                @ (bytes |> List.ofArray |> List.collect (uint64 >> unsigned))
            ]

    let items inner =
        list (uint64 (Array.length inner))
        @ (inner |> List.ofArray |> List.collect (msgPack choices))

    let entries inner =
        map (uint64 (Array.length inner))
        @ (inner
           |> List.ofArray
           |> List.collect (fun struct (name, value) -> str name @ msgPack choices value))

    match value with
    | Value.Marker -> list 0UL
    | Value.Absent -> [ 0xC0uy ]
    | Value.Chosen(_, value)
    | Value.Present value -> msgPack choices value
    | Value.Scalar value -> scalar value
    | Value.Bytes slice -> bytes (Support.wholeOf slice)
    | Value.Packed(kind, slice) -> items (Packed.scalars kind slice |> Array.map Value.Scalar)
    | Value.Seq inner
    | Value.Tuple inner -> items inner
    | Value.Struct fields ->
        match choices.Pick 8 with
        // serde takes a struct as the list of its fields
        // the envelope stays a map: a list says nothing of what it is
        | 7 when
            fields.Length > 0
            && not (Array.exists (fun struct (name, _) -> name = "item" || name = "version") fields)
            ->
            items (Array.map Value.valueOf fields)
        | _ -> entries (choices.Fields fields)
    | Value.Map fields -> entries fields
    | Value.Variant(index, name, ValueNone) ->
        pick [ str name; map 1UL @ str name @ [ 0xC0uy ]; unsigned (uint64 index) ]
    | Value.Variant(_, name, ValueSome payload) -> map 1UL @ str name @ msgPack choices payload
    | Value.Tensor _
    | Value.Param _
    | Value.Stored _ -> msgPack choices (Value.spelled value)

/// The shortest forms, in order: what rmp-serde writes.
let plain = { Pick = (fun _ -> 0); Fields = id }

/// Every choice at random; fields in any order, some of them unknown.
let wild (random: Random) =
    {
        Pick = random.Next
        Fields =
            fun fields ->
                let extra =
                    [| for index in 1 .. random.Next 2 -> struct ($"__unknown{index}", Value.Seq [| Value.Absent |]) |]

                let mixed = Array.append fields extra
                random.Shuffle mixed
                mixed
    }

/// A map entry by entry, an item after the other: for bytes made by hand.
let mpk value = msgPack plain value |> Array.ofList

let private metadata =
    Value.Struct
        [|
            for name in Burn.metadataFields -> struct (name, Value.text (if name = "version" then "0.21.0" else "x"))
        |]

/// A whole file in MessagePack around this item.
let file item =
    mpk (Value.Struct [| struct ("metadata", metadata); struct ("item", item); struct ("_b", Value.Marker) |])
