/// Broken files made of whole ones without AFL: the same ones for the same number.
module Records.Fuzz.Mutation

open System
open System.Buffers.Binary

// the ends of every width, and what they become one further
let private extremes =
    [|
        0UL
        1UL
        0x7FUL
        0x80UL
        0xFFUL
        0x7FFFUL
        0x8000UL
        0xFFFFUL
        0x7FFFFFFFUL
        0x80000000UL
        0xFFFFFFFFUL
        0x7FFFFFFFFFFFFFFFUL
        0x8000000000000000UL
        UInt64.MaxValue
    |]

let private tokens =
    [|
        "metadata"
        "item"
        "_b"
        "bytes"
        "shape"
        "dtype"
        "value"
        "id"
        "param"
        "F32"
        "QFloat"
        "tensors"
        "data_offsets"
        "null"
        "[["
        "{\"a\":"
        "1e400"
        "-0"
        "\\ud800"
        "99999999999999999999"
    |]
    |> Array.map Text.Encoding.ASCII.GetBytes

let private insert at (piece: byte[]) (bytes: byte[]) =
    Array.concat [ Array.truncate at bytes; piece; Array.skip at bytes ]

/// One change, of a kind that files suffer or that an attacker tries.
let private change (random: Random) (others: byte[][]) (bytes: byte[]) =
    if bytes.Length = 0 then
        [| byte (random.Next 256) |]
    else
        let at = random.Next bytes.Length
        let copy = Array.copy bytes

        match random.Next 10 with
        | 0 ->
            copy[at] <- copy[at] ^^^ (1uy <<< random.Next 8)
            copy
        | 1 ->
            copy[at] <- byte (random.Next 256)
            copy
        | 2 ->
            copy[at] <- [| 0uy; 0x7Fuy; 0x80uy; 0xFFuy |][random.Next 4]
            copy
        | 3
        | 4 ->
            let value = Array.zeroCreate<byte> 8
            let width = 1 <<< random.Next 4
            let number = extremes[random.Next extremes.Length]

            if random.Next 2 = 0 then
                BinaryPrimitives.WriteUInt64LittleEndian(Span value, number)
                Array.blit value 0 copy at (min width (copy.Length - at))
            else
                BinaryPrimitives.WriteUInt64BigEndian(Span value, number)
                Array.blit value (8 - width) copy at (min width (copy.Length - at))

            copy
        | 5 -> Array.truncate at bytes
        | 6 -> Array.append (Array.truncate at bytes) (Array.skip (min bytes.Length (at + 1 + random.Next 16)) bytes)
        | 7 ->
            let length = min (1 + random.Next 64) (bytes.Length - at)
            insert (random.Next(bytes.Length + 1)) (Array.sub bytes at length) bytes
        | 8 -> insert at tokens[random.Next tokens.Length] bytes
        | _ ->
            // the head of this file and the tail of another
            let other = others[random.Next others.Length]
            Array.append (Array.truncate at bytes) (Array.skip (random.Next(other.Length + 1)) other)

/// The broken file of this number.
let file (seeds: byte[][]) (number: int) =
    let random = Random number
    let mutable bytes = seeds[random.Next seeds.Length]

    for _ in 0 .. random.Next 6 do
        bytes <- change random seeds bytes

    bytes
