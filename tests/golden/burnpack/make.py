"""Makes the burnpack files beside it, from the standard library alone: a second, slow writer of the format in each layout it had.

    python3 tests/golden/burnpack/make.py

Layouts as in burn-store 0.19 to 0.21 and burn-pack 0.22: data at once after the metadata in 0.19, on multiples of 256 since;
Bool and QFloat spelt anew in 0.20, 0.21 and 0.22.
"""
import pathlib
import struct

HERE = pathlib.Path(__file__).parent


def head(major, value):
    for code, size, form in ((24, 1, ">B"), (25, 2, ">H"), (26, 4, ">I"), (27, 8, ">Q")):
        if value < 24:
            return bytes([major << 5 | value])
        if value < 1 << 8 * size:
            return bytes([major << 5 | code]) + struct.pack(form, value)


def cbor(value):
    if value is None:
        return b"\xf6"
    if value is True or value is False:
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        for code, form in ((0xF9, ">e"), (0xFA, ">f"), (0xFB, ">d")):
            try:
                packed = struct.pack(form, value)
            except OverflowError:
                continue
            if struct.pack(">d", struct.unpack(form, packed)[0]) == struct.pack(">d", value):
                return bytes([code]) + packed
    if isinstance(value, str):
        text = value.encode()
        return head(3, len(text)) + text
    if isinstance(value, (list, tuple)):
        return head(4, len(value)) + b"".join(map(cbor, value))
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(cbor(key) + cbor(item) for key, item in value.items())
    raise TypeError(value)


def by_bytes(entries):
    return dict(sorted(entries.items(), key=lambda entry: entry[0].encode()))


def pack(tensors, metadata={}, scalars={}, aligned=True):
    """tensors: (name, dtype, shape, bytes, id) in the order of the data."""
    end, described, data = 0, {}, b""
    for name, dtype, shape, content, number in tensors:
        start = -(-end // 256) * 256 if aligned else end
        data += bytes(start - end) + content
        end = start + len(content)
        described[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
        if number is not None:
            described[name]["param_id"] = number
    top = {"tensors": by_bytes(described)}
    if metadata:
        top["metadata"] = by_bytes(metadata)
    if scalars:
        top["scalars"] = by_bytes(scalars)
    encoded = cbor(top)
    start = b"NRUB" + struct.pack("<HI", 1, len(encoded)) + encoded
    if aligned:
        start += bytes(-len(start) % 256)
    return start + data


def f32(*values):
    return struct.pack(f"<{len(values)}f", *values)


def block(storage, length):
    return {"storage": storage, "len": length}


def old(value, param, store, level):
    return {"QFloat": {"value": value, "param": param, "store": store, "level": level, "mode": "Symmetric"}}


def new(value, store, mode, tensor, blocks):
    return {"QFloat": {"value": value, "store": store, "mode": mode, "tensor": tensor, "block": blocks}}


WEIGHT = ("layers.0.weight", "F32", [2, 3], f32(1, -2.5, 0, 3, 0.1, 7), 1)
BIAS = ("layers.0.bias", "F16", [3], bytes.fromhex("003c00c00080"), 0x0123456789ABCDEF)
COUNT = ("layers.1.count", "I64", [], struct.pack("<q", -5), 18446744073709551615)

write = lambda name, content: (HERE / name).write_bytes(content)

write("0.19.bpk", pack(
    [
        WEIGHT, BIAS, COUNT, ("mask", "Bool", [5], b"\1\0\1\1\0", 7),
        ("q", old("Q8S", "F32", "U32", "Tensor"), [4], b"\1\2\3\4" + f32(0.5), 8),
        ("r", old("Q8S", "F16", "Native", {"Block": block([2, 1, 1, 1, 1], 1)}), [4], b"\1\2\3\4\0\x3c\0\x38", 9),
    ],
    {"format": "burnpack", "producer": "burn", "version": "0.19.0"}, aligned=False))

write("0.20.bpk", pack(
    [
        WEIGHT, BIAS, COUNT, ("mask", "Bool", [5], b"\1\0\1\1\0", 7),
        ("q", old("Q8S", "F32", {"PackedU32": 0}, "Tensor"), [4], b"\1\2\3\4" + f32(0.5), 8),
    ],
    {"format": "burnpack", "producer": "burn", "version": "0.20.0"}))

write("0.21.bpk", pack(
    [
        WEIGHT, BIAS, COUNT, ("mask", {"Bool": "Native"}, [5], b"\1\0\1\1\0", 7),
        ("words", {"Bool": "U32"}, [2], struct.pack("<2I", 1, 0), None),
        ("q", old("Q4F", "BF16", {"PackedNative": 1}, {"Block": block([32, 1, 1, 1, 1], 1)}), [2, 4], bytes(12), 8),
    ]))

write("0.22.bpk", pack(
    [
        # the data is in the order of the record, the metadata in that of the bytes of the names
        ("z", "F64", [1], struct.pack("<d", 1e300), None),
        ("größe", "U8", [3], b"\1\2\3", 2),
        ("empty", "F32", [0, 4], b"", 3),
        ("\U0001F525", "BF16", [1], b"\x80\x3f", 4),
        ("\uFF5E", "I16", [1], b"\xff\x7f", 5),
        ("", "F32", [], f32(-1), 6),
        ("q0", new("Q8F", {"PackedU32": 0}, "Symmetric", None, None), [4], b"\1\2\3\4" + f32(0.5), None),
        ("q1", new("Q8S", "Native", "Symmetric", "F16", None), [4], b"\1\2\3\4\0\x3c", None),
        ("q2", new("E2M1", {"PackedNative": 0}, "Symmetric", None, {"size": block([16, 1, 1, 1, 1], 1), "dtype": "UE4M3"}),
         [2, 16], bytes(18), None),
        ("q3", new("Q4S", "Native", "Lookup", "F32", {"size": block([16, 1, 1, 1, 1], 1), "dtype": "UE8M0"}), [2, 16], bytes(38), None),
    ],
    {"note": "层", "a": ""},
    {
        "half": {"Float": 0.5}, "single": {"Float": 0.10000000149011612}, "double": {"Float": 0.1}, "zero": {"Float": -0.0},
        "infinite": {"Float": float("inf")}, "big": {"UInt": 2**64 - 1}, "small": {"Int": -(2**63)}, "yes": {"Bool": True},
    }))

ADAM = [
    (f"{number}.momentum.{name}", "F32", [2], f32(number, index), number)
    for number in (42, 7)
    for index, name in enumerate(("moment_1", "moment_2"))
]
write("adam.bpk", pack(
    ADAM, {"42": "fc1.bias", "7": "fc2.bias"},
    {
        "42.__rank": {"UInt": 1}, "42.momentum.time": {"UInt": 3},
        "7.__rank": {"UInt": 1}, "7.momentum.time": {"UInt": 2},
    }))

write("cosine.bpk", pack([], scalars={"0.current_iter": {"UInt": 11}}))
