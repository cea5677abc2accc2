#!/usr/bin/env python3
"""Writes layers.json: inputs, weights and outputs of torch's layers, in several configurations each.

    /usr/bin/python3 tests/golden/torch/make.py [folder]

Made with Debian 12's python3-torch 1.13.0 and python3-numpy 1.24. Every number is a float32, written with the digits that
read back as the same. Weights are named as Burn's layers name them and lie as those do: a linear weight is [in, out], which
is torch's transposed, and an LSTM's gates are apart.
"""

import json
import os
import sys

import numpy
import torch
import torch.nn.functional as functional

torch.set_grad_enabled(False)
torch.set_num_threads(1)
cases = []


# Numbers of our own, so that they do not depend on torch's version: a linear congruence, shifted to [-1, 1).
state = 1


def numbers(*shape, low=-1.0, high=1.0):
    global state
    values = []
    for _ in range(int(numpy.prod(shape))):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        values.append((state >> 40) / 2**24 * (high - low) + low)
    # Three digits keep the file small.
    return torch.tensor(numpy.round(numpy.array(values), 3).astype(numpy.float32)).reshape(shape)


def written(tensor):
    array = tensor.detach().numpy()
    if array.dtype == numpy.float32:
        return {"shape": list(array.shape), "values": [float(str(value)) for value in array.flatten()]}
    return {"shape": list(array.shape), "values": [int(value) for value in array.flatten()]}


def case(layer, options, tensors, outputs):
    cases.append(
        {
            "layer": layer,
            "options": options,
            "tensors": {name: written(tensor) for name, tensor in tensors.items()},
            "outputs": [written(output) for output in outputs],
        }
    )


def conv(shape, out, kernel, stride, padding, dilation, groups, bias):
    """Padding: before and after of each axis, the outer first; "same" for as torch has it."""
    dims = len(kernel)
    tensors = {"input": numbers(*shape), "weight": numbers(out, shape[1] // groups, *kernel)}
    if bias:
        tensors["bias"] = numbers(out)
    options = {"stride": stride, "dilation": dilation, "groups": groups, "padding": padding}
    run = functional.conv1d if dims == 1 else functional.conv2d
    if padding == "same":
        result = run(tensors["input"], tensors["weight"], tensors.get("bias"), stride, "same", dilation, groups)
    else:
        around = [side for pair in reversed(padding) for side in pair]
        padded = functional.pad(tensors["input"], around)
        result = run(padded, tensors["weight"], tensors.get("bias"), stride, 0, dilation, groups)
    case(f"Conv{dims}d", options, tensors, [result])


conv([2, 3, 9], 4, [3], [1], [[0, 0]], [1], 1, True)
conv([1, 4, 12], 6, [3], [2], [[1, 1]], [2], 2, True)
conv([1, 2, 7], 2, [4], [3], [[2, 0]], [1], 1, False)
conv([1, 2, 7], 3, [4], [1], "same", [1], 1, True)
conv([1, 3, 8], 3, [3], [1], "same", [1], 3, False)
conv([2, 2, 6, 7], 3, [3, 3], [1, 1], [[0, 0], [0, 0]], [1, 1], 1, True)
conv([1, 3, 7, 6], 4, [3, 2], [2, 1], [[1, 1], [0, 0]], [1, 1], 1, True)
conv([1, 2, 9, 9], 2, [2, 3], [1, 2], [[1, 1], [2, 2]], [2, 3], 1, False)
conv([1, 4, 6, 6], 6, [3, 3], [2, 2], [[1, 1], [1, 1]], [1, 1], 2, True)
conv([2, 3, 5, 5], 3, [3, 3], [1, 1], "same", [1, 1], 3, True)
conv([1, 2, 6, 5], 2, [2, 4], [1, 1], "same", [1, 1], 1, True)
conv([1, 2, 5, 6], 3, [3, 3], [1, 2], [[2, 0], [0, 1]], [1, 1], 1, True)
conv([1, 5, 4, 3], 4, [1, 1], [1, 1], [[0, 0], [0, 0]], [1, 1], 1, True)
conv([1, 70, 3, 3], 66, [1, 1], [1, 1], [[0, 0], [0, 0]], [1, 1], 1, True)


def max_pool(shape, kernel, stride, padding, dilation, ceil):
    input = numbers(*shape)
    options = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation, "ceil_mode": ceil}
    case("MaxPool2d", options, {"input": input}, [functional.max_pool2d(input, kernel, stride, padding, dilation, ceil)])


max_pool([2, 2, 6, 6], [2, 2], [2, 2], [0, 0], [1, 1], False)
max_pool([1, 2, 7, 8], [3, 2], [2, 1], [1, 0], [1, 1], False)
max_pool([1, 2, 7, 8], [3, 3], [2, 2], [1, 1], [1, 1], True)
max_pool([1, 1, 9, 10], [3, 2], [2, 3], [1, 1], [2, 3], False)
max_pool([1, 1, 10, 9], [2, 3], [3, 2], [0, 1], [2, 1], True)
max_pool([1, 1, 5, 5], [2, 2], [3, 3], [1, 1], [1, 1], True)


def avg_pool(shape, kernel, stride, padding, ceil, count):
    input = numbers(*shape)
    options = {"kernel": kernel, "stride": stride, "padding": padding, "ceil_mode": ceil, "count_include_pad": count}
    case("AvgPool2d", options, {"input": input}, [functional.avg_pool2d(input, kernel, stride, padding, ceil, count)])


for count in [True, False]:
    avg_pool([2, 2, 6, 6], [2, 2], [2, 2], [0, 0], False, count)
    avg_pool([1, 2, 7, 8], [3, 2], [2, 1], [1, 1], False, count)
    avg_pool([1, 2, 7, 8], [3, 3], [2, 2], [1, 1], True, count)
    avg_pool([1, 1, 8, 7], [3, 2], [3, 3], [0, 1], True, count)
    avg_pool([1, 1, 5, 5], [2, 2], [3, 3], [1, 1], True, count)

for shape, size in [([1, 2, 6, 6], [3, 2]), ([2, 1, 7, 5], [3, 3]), ([1, 1, 3, 4], [5, 6]), ([1, 2, 4, 4], [1, 1])]:
    input = numbers(*shape)
    case("AdaptiveAvgPool2d", {"output_size": size}, {"input": input}, [functional.adaptive_avg_pool2d(input, size)])

for shape, epsilon in [([3, 4], 1e-5), ([2, 3, 5], 1e-3), ([2, 3, 4, 2], 1e-5), ([1, 2, 2, 2], 0.5)]:
    channels = shape[1]
    tensors = {
        "input": numbers(*shape, low=-3.0, high=3.0),
        "gamma": numbers(channels),
        "beta": numbers(channels),
        "running_mean": numbers(channels),
        "running_var": numbers(channels, low=0.01, high=2.0),
    }
    result = functional.batch_norm(
        tensors["input"], tensors["running_mean"], tensors["running_var"], tensors["gamma"], tensors["beta"], False, 0.1, epsilon
    )
    case("BatchNorm", {"epsilon": epsilon}, tensors, [result])

for shape, epsilon, bias in [([5], 1e-5, True), ([3, 7], 1e-3, False), ([2, 3, 4], 1e-5, True), ([2, 40], 0.1, True)]:
    tensors = {"input": numbers(*shape, low=-3.0, high=5.0), "gamma": numbers(shape[-1])}
    if bias:
        tensors["beta"] = numbers(shape[-1])
    result = functional.layer_norm(tensors["input"], shape[-1:], tensors["gamma"], tensors.get("beta"), epsilon)
    case("LayerNorm", {"epsilon": epsilon}, tensors, [result])

for shape in [[4], [2, 3], [1, 2, 2]]:
    count = int(numpy.prod(shape))
    indices = torch.tensor([(index * 5 + 3) % 7 for index in range(count)]).reshape(shape)
    weight = numbers(7, 4)
    case("Embedding", {}, {"input": indices, "weight": weight}, [functional.embedding(indices, weight)])

for shape, out, bias in [([3, 4], 5, True), ([2, 2, 3], 2, False), ([6], 3, True)]:
    tensors = {"input": numbers(*shape), "weight": numbers(shape[-1], out)}
    if bias:
        tensors["bias"] = numbers(out)
    case("Linear", {}, tensors, [functional.linear(tensors["input"], tensors["weight"].T, tensors.get("bias"))])


def lstm(batch, steps, inputs, hidden, bias, batch_first, state, reverse):
    # torch has the four gates above each other, in the order input, forget, cell, output.
    order = ["input_gate", "forget_gate", "cell_gate", "output_gate"]
    first = numbers(batch, steps, inputs) if batch_first else numbers(steps, batch, inputs)
    tensors = {"input": first}
    layer = torch.nn.LSTM(inputs, hidden, bias=bias, batch_first=batch_first)
    parts = {"weight_ih_l0": [], "weight_hh_l0": [], "bias_ih_l0": [], "bias_hh_l0": []}
    for gate in order:
        for transform, width, side in [("input_transform", inputs, "ih"), ("hidden_transform", hidden, "hh")]:
            weight = numbers(width, hidden)
            tensors[f"{gate}.{transform}.weight"] = weight
            parts[f"weight_{side}_l0"].append(weight.T)
            if bias:
                shift = numbers(hidden)
                tensors[f"{gate}.{transform}.bias"] = shift
                parts[f"bias_{side}_l0"].append(shift)
    layer.load_state_dict({name: torch.cat(rows) for name, rows in parts.items() if rows})
    start = None
    if state:
        tensors["hidden"], tensors["cell"] = numbers(batch, hidden), numbers(batch, hidden)
        start = (tensors["hidden"][None], tensors["cell"][None])
    # Backwards is forwards on the steps turned round.
    axis = 1 if batch_first else 0
    output, (last, cell) = layer(first.flip(axis) if reverse else first, start)
    options = {"hidden": hidden, "batch_first": batch_first, "reverse": reverse}
    case("Lstm", options, tensors, [output.flip(axis) if reverse else output, cell[0], last[0]])


lstm(2, 5, 3, 4, True, True, False, False)
lstm(3, 4, 2, 5, False, True, True, False)
lstm(2, 6, 4, 3, True, False, True, False)
lstm(1, 5, 2, 2, True, True, False, True)

points = torch.tensor(numpy.linspace(-6.0, 6.0, 49).astype(numpy.float32))
# Where a function steps, the two sides may differ: no point stands there.
between = points + 0.01
functions = {
    "Relu": (points, {}, functional.relu(points)),
    "Gelu": (points, {"approximate": False}, functional.gelu(points)),
    "GeluTanh": (points, {"approximate": True}, functional.gelu(points, approximate="tanh")),
    "Sigmoid": (points, {}, torch.sigmoid(points)),
    "Tanh": (points, {}, torch.tanh(points)),
    "Softmax": (points.reshape(7, 7), {}, functional.softmax(points.reshape(7, 7), -1)),
    "LeakyRelu": (points, {"negative_slope": 0.1}, functional.leaky_relu(points, 0.1)),
    "Selu": (points, {}, functional.selu(points)),
    # torch's slope is 1/6, the other number 0.5.
    "HardSigmoid": (points, {"alpha": 1 / 6, "beta": 0.5}, functional.hardsigmoid(points)),
    "HardSwish": (points, {}, functional.hardswish(points)),
    "Softplus": (points, {"beta": 2.0}, functional.softplus(points, 2.0)),
    "Softsign": (points, {}, functional.softsign(points)),
    "Elu": (points, {"alpha": 0.7}, functional.elu(points, 0.7)),
    "Celu": (points, {"alpha": 0.7}, functional.celu(points, 0.7)),
    "ThresholdedRelu": (between, {"alpha": 1.5}, functional.threshold(between, 1.5, 0.0)),
    "HardShrink": (between, {"lambda": 0.75}, functional.hardshrink(between, 0.75)),
    "SoftShrink": (between, {"lambda": 0.75}, functional.softshrink(between, 0.75)),
}
for name, (input, options, result) in functions.items():
    case(name, options, {"input": input}, [result])

for shape, count in [([2, 3], 1), ([2, 3, 4], 3)]:
    input, alpha = numbers(*shape), numbers(count)
    case("PRelu", {}, {"input": input, "alpha": alpha}, [functional.prelu(input, alpha)])

input, inner, outer = numbers(2, 3), numbers(3, 4), numbers(3, 4)
tensors = {"input": input, "linear_inner.weight": inner, "linear_outer.weight": outer}
case("SwiGlu", {}, tensors, [functional.silu(input @ inner) * (input @ outer)])


for shape, groups, epsilon, affine in [([2, 4, 3], 2, 1e-5, True), ([1, 6, 2, 3], 3, 1e-3, True), ([2, 3, 4], 1, 1e-5, False), ([1, 4, 5], 4, 0.1, True)]:
    tensors = {"input": numbers(*shape, low=-3.0, high=5.0)}
    if affine:
        tensors["gamma"], tensors["beta"] = numbers(shape[1]), numbers(shape[1])
    result = functional.group_norm(tensors["input"], groups, tensors.get("gamma"), tensors.get("beta"), epsilon)
    case("GroupNorm", {"groups": groups, "epsilon": epsilon}, tensors, [result])

for shape, epsilon, affine in [([2, 3, 5], 1e-5, True), ([1, 2, 3, 4], 1e-3, False), ([2, 2, 2, 2], 0.1, True)]:
    tensors = {"input": numbers(*shape, low=-3.0, high=5.0)}
    if affine:
        tensors["gamma"], tensors["beta"] = numbers(shape[1]), numbers(shape[1])
    result = functional.instance_norm(tensors["input"], weight=tensors.get("gamma"), bias=tensors.get("beta"), eps=epsilon)
    case("InstanceNorm", {"epsilon": epsilon}, tensors, [result])

for shape, epsilon in [([5], 1e-5), ([2, 3, 4], 1e-2)]:
    input, gamma = numbers(*shape, low=-3.0, high=5.0), numbers(shape[-1])
    result = input / torch.sqrt(input.square().mean(-1, keepdim=True) + epsilon) * gamma
    case("RmsNorm", {"epsilon": epsilon}, {"input": input, "gamma": gamma}, [result])

# Of an even size Burn sees one more after, torch one more before.
for shape, size, alpha, beta, k in [([2, 5, 3], 3, 0.5, 0.75, 1.0), ([1, 4, 2, 2], 5, 2.0, 0.5, 2.0), ([1, 2, 3], 1, 1.0, 1.0, 1.0)]:
    input = numbers(*shape, low=-3.0, high=5.0)
    options = {"size": size, "alpha": alpha, "beta": beta, "k": k}
    case("LocalResponseNorm", options, {"input": input}, [functional.local_response_norm(input, size, alpha, beta, k)])


def conv3d(shape, out, kernel, stride, padding, dilation, groups, bias):
    tensors = {"input": numbers(*shape), "weight": numbers(out, shape[1] // groups, *kernel)}
    if bias:
        tensors["bias"] = numbers(out)
    options = {"stride": stride, "dilation": dilation, "groups": groups, "padding": padding}
    result = functional.conv3d(tensors["input"], tensors["weight"], tensors.get("bias"), stride, padding, dilation, groups)
    case("Conv3d", options, tensors, [result])


conv3d([1, 2, 4, 5, 6], 3, [2, 3, 2], [1, 1, 1], [0, 0, 0], [1, 1, 1], 1, True)
conv3d([2, 4, 5, 4, 5], 2, [3, 2, 3], [2, 1, 2], [1, 0, 2], [1, 2, 1], 2, False)
conv3d([1, 3, 2, 3, 2], 4, [1, 1, 1], [1, 1, 1], [0, 0, 0], [1, 1, 1], 1, True)


def transposed(shape, out, kernel, stride, padding, padding_out, dilation, groups, bias):
    dims = len(kernel)
    tensors = {"input": numbers(*shape), "weight": numbers(shape[1], out // groups, *kernel)}
    if bias:
        tensors["bias"] = numbers(out)
    options = {"stride": stride, "dilation": dilation, "groups": groups, "padding": padding, "padding_out": padding_out}
    run = {1: functional.conv_transpose1d, 2: functional.conv_transpose2d, 3: functional.conv_transpose3d}[dims]
    result = run(tensors["input"], tensors["weight"], tensors.get("bias"), stride, padding, padding_out, groups, dilation)
    case(f"ConvTranspose{dims}d", options, tensors, [result])


transposed([2, 3, 5], 4, [3], [1], [0], [0], [1], 1, True)
transposed([1, 4, 6], 6, [4], [3], [2], [1], [2], 2, False)
transposed([2, 3, 4, 5], 2, [3, 2], [1, 1], [0, 0], [0, 0], [1, 1], 1, True)
transposed([1, 4, 3, 4], 6, [2, 3], [2, 3], [1, 0], [1, 2], [1, 2], 2, True)
transposed([1, 3, 4, 4], 3, [3, 3], [2, 2], [1, 1], [1, 1], [1, 1], 3, False)
transposed([1, 2, 2, 3, 2], 3, [2, 2, 3], [2, 1, 2], [0, 1, 1], [1, 0, 0], [1, 1, 1], 1, True)

for shape, kernel, stride, padding, ceil in [([2, 2, 7], 3, 2, 1, False), ([1, 2, 8], 2, 3, 0, True)]:
    input = numbers(*shape)
    options = {"kernel": kernel, "stride": stride, "padding": padding, "ceil_mode": ceil}
    case("MaxPool1d", options, {"input": input}, [functional.max_pool1d(input, kernel, stride, padding, 1, ceil)])
    case("AvgPool1d", options, {"input": input}, [functional.avg_pool1d(input, kernel, stride, padding, ceil)])
    case("AdaptiveAvgPool1d", {"output_size": kernel}, {"input": input}, [functional.adaptive_avg_pool1d(input, kernel)])

for shape, dim in [([2, 6], 1), ([4, 3, 2], 0), ([1, 4, 3], 1)]:
    input = numbers(*shape)
    case("Glu", {"dim": dim}, {"input": input}, [functional.glu(input, dim)])


def recurrent(name, gates, make, batch, steps, inputs, hidden, bias, state):
    """One direction or two: gates as torch lays them above each other, weights as Burn has them."""
    directions = ["forward.", "reverse."] if name.startswith("Bi") else [""]
    tensors = {"input": numbers(batch, steps, inputs)}
    layer = make(inputs, hidden, bias=bias, batch_first=True, bidirectional=len(directions) > 1)
    weights = {}
    for direction, suffix in zip(directions, ["", "_reverse"]):
        for gate in gates:
            for transform, width, side in [("input_transform", inputs, "ih"), ("hidden_transform", hidden, "hh")]:
                weight = numbers(width, hidden)
                tensors[f"{direction}{gate}.{transform}.weight"] = weight
                weights.setdefault(f"weight_{side}_l0{suffix}", []).append(weight.T)
                if bias:
                    shift = numbers(hidden)
                    tensors[f"{direction}{gate}.{transform}.bias"] = shift
                    weights.setdefault(f"bias_{side}_l0{suffix}", []).append(shift)
    layer.load_state_dict({key: torch.cat(rows) for key, rows in weights.items()})
    start = None
    if state:
        tensors["hidden"] = numbers(len(directions), batch, hidden)
        start = tensors["hidden"]
        if name.endswith("Lstm"):
            tensors["cell"] = numbers(len(directions), batch, hidden)
            start = (tensors["hidden"], tensors["cell"])
    output, last = layer(tensors["input"], start)
    last = list(last) if isinstance(last, tuple) else [last]
    if len(directions) == 1:
        last = [one[0] for one in last]
        if state:
            tensors["hidden"] = tensors["hidden"][0]
    case(name, {"hidden": hidden, "reset_after": True}, tensors, [output] + last)


for state in [False, True]:
    recurrent("Gru", ["reset_gate", "update_gate", "new_gate"], torch.nn.GRU, 2, 4, 3, 5, True, state)
    recurrent("BiGru", ["reset_gate", "update_gate", "new_gate"], torch.nn.GRU, 2, 4, 3, 2, not state, state)
    recurrent("Rnn", ["gate"], torch.nn.RNN, 2, 4, 3, 5, not state, state)
    recurrent("BiRnn", ["gate"], torch.nn.RNN, 2, 3, 4, 2, True, state)
    recurrent("BiLstm", ["input_gate", "forget_gate", "cell_gate", "output_gate"], torch.nn.LSTM, 2, 4, 3, 2, True, state)

# torch always resets the product of the state; here the state itself is reset.
tensors = {"input": numbers(2, 4, 3)}
for gate in ["update_gate", "reset_gate", "new_gate"]:
    for transform, width in [("input_transform", 3), ("hidden_transform", 2)]:
        tensors[f"{gate}.{transform}.weight"], tensors[f"{gate}.{transform}.bias"] = numbers(width, 2), numbers(2)


def product(gate, input, hidden):
    def part(transform, value):
        return value @ tensors[f"{gate}.{transform}.weight"] + tensors[f"{gate}.{transform}.bias"]

    return part("input_transform", input) + part("hidden_transform", hidden)


hidden, outputs = torch.zeros(2, 2), []
for step in range(4):
    input = tensors["input"][:, step]
    update = torch.sigmoid(product("update_gate", input, hidden))
    reset = torch.sigmoid(product("reset_gate", input, hidden))
    candidate = torch.tanh(product("new_gate", input, reset * hidden))
    hidden = (1 - update) * candidate + update * hidden
    outputs.append(hidden)
case("Gru", {"hidden": 2, "reset_after": False}, tensors, [torch.stack(outputs, 1), hidden])


def linears(prefixes, width, out):
    named = {}
    for prefix in prefixes:
        named[prefix + "weight"], named[prefix + "bias"] = numbers(width, out), numbers(out)
    return named


projections = ["query", "key", "value"]


def attention_weights(prefix, width):
    return linears([f"{prefix}{name}." for name in projections + ["output"]], width, width)


def packed(tensors, prefix):
    """torch has the three products of an attention above each other."""
    return {
        "in_proj_weight": torch.cat([tensors[f"{prefix}{name}.weight"].T for name in projections]),
        "in_proj_bias": torch.cat([tensors[f"{prefix}{name}.bias"] for name in projections]),
        "out_proj.weight": tensors[f"{prefix}output.weight"].T,
        "out_proj.bias": tensors[f"{prefix}output.bias"],
    }


# What the tests mask: the last places of all but the first sequence, and what lies ahead.
def padding_mask(batch, length):
    return torch.tensor([[row > 0 and place >= length - row for place in range(length)] for row in range(batch)])


def ahead(batch, rows, columns):
    mask = torch.tensor([[column > row for column in range(columns)] for row in range(rows)])
    return mask[None].repeat(batch, 1, 1)


def whole(mask):
    return mask.to(torch.int64)


for batch, queries, keys, width, heads, masked in [(2, 3, 3, 4, 2, False), (3, 4, 5, 6, 3, True), (1, 2, 6, 2, 1, True)]:
    tensors = attention_weights("", width)
    tensors["input"] = numbers(batch, queries, width)
    tensors["other"] = numbers(batch, keys, width)
    tensors["another"] = numbers(batch, keys, width)
    layer = torch.nn.MultiheadAttention(width, heads, batch_first=True)
    layer.load_state_dict(packed(tensors, ""))
    pad, pairs = padding_mask(batch, keys), ahead(batch, queries, keys)
    context, weights = layer(
        tensors["input"],
        tensors["other"],
        tensors["another"],
        key_padding_mask=pad if masked else None,
        attn_mask=pairs.repeat_interleave(heads, 0) if masked else None,
        average_attn_weights=False,
    )
    if masked:
        tensors["mask_pad"], tensors["mask_attn"] = whole(pad), whole(pairs)
    case("MultiHeadAttention", {"heads": heads, "quiet": False}, tensors, [context, weights])


def heads_of(tensor, heads):
    batch, length, width = tensor.shape
    return tensor.reshape(batch, length, heads, width // heads).transpose(1, 2)


def attend(query, key, value, scale, quiet):
    scores = query @ key.transpose(2, 3) * scale
    if not quiet:
        return functional.softmax(scores, 3) @ value
    highest = scores.amax(3, keepdim=True)
    powers = torch.exp(scores - highest)
    return powers / (powers.sum(3, keepdim=True) + torch.exp(-highest)) @ value


for heads, shared, size, quiet in [(4, 2, 3, False), (2, 1, 2, True), (3, 3, 2, False)]:
    tensors = {"input": numbers(2, 3, 5), "context": numbers(2, 4, 6)}
    tensors.update(linears(["query."], 5, heads * size))
    tensors.update(linears(["key.", "value."], 6, shared * size))
    tensors.update(linears(["output."], heads * size, 5))

    def through(name, value):
        return value @ tensors[f"{name}.weight"] + tensors[f"{name}.bias"]

    query = heads_of(through("query", tensors["input"]), heads)
    key = heads_of(through("key", tensors["context"]), shared).repeat_interleave(heads // shared, 1)
    value = heads_of(through("value", tensors["context"]), shared).repeat_interleave(heads // shared, 1)
    seen = attend(query, key, value, size**-0.5, quiet).transpose(1, 2).reshape(2, 3, heads * size)
    options = {"heads": heads, "key_heads": shared, "head": size, "quiet": quiet}
    case("CrossAttention", options, tensors, [through("output", seen)])

tensors = {"input": numbers(2, 3, 4), **linears(["linear_inner."], 4, 6), **linears(["linear_outer."], 6, 4)}
inner = functional.gelu(tensors["input"] @ tensors["linear_inner.weight"] + tensors["linear_inner.bias"])
result = inner @ tensors["linear_outer.weight"] + tensors["linear_outer.bias"]
case("PositionWiseFeedForward", {}, tensors, [result])


def transformer_weights(prefix, attentions, norms, width, inner):
    tensors = {}
    for attention in attentions:
        tensors.update(attention_weights(f"{prefix}{attention}.", width))
    tensors.update(linears([f"{prefix}pwff.linear_inner."], width, inner))
    tensors.update(linears([f"{prefix}pwff.linear_outer."], inner, width))
    for number in range(1, norms + 1):
        tensors[f"{prefix}norm_{number}.gamma"], tensors[f"{prefix}norm_{number}.beta"] = numbers(width), numbers(width)
    return tensors


def renamed(tensors, prefix, attentions, norms):
    """A layer's weights by torch's names. Norms are given in torch's order."""
    state = {}
    for ours, theirs in attentions.items():
        state.update({f"{theirs}.{name}": value for name, value in packed(tensors, f"{prefix}{ours}.").items()})
    for ours, theirs in [("linear_inner", "linear1"), ("linear_outer", "linear2")]:
        state[f"{theirs}.weight"] = tensors[f"{prefix}pwff.{ours}.weight"].T
        state[f"{theirs}.bias"] = tensors[f"{prefix}pwff.{ours}.bias"]
    for place, number in enumerate(norms, 1):
        state[f"norm{place}.weight"] = tensors[f"{prefix}norm_{number}.gamma"]
        state[f"norm{place}.bias"] = tensors[f"{prefix}norm_{number}.beta"]
    return state


for first, masked in [(False, False), (True, True), (False, True)]:
    width, inner, heads, batch, length = 4, 6, 2, 2, 3
    tensors, layers = {"input": numbers(batch, length, width)}, []
    for number in range(2):
        prefix = f"layers.{number}."
        tensors.update(transformer_weights(prefix, ["mha"], 2, width, inner))
        layer = torch.nn.TransformerEncoderLayer(width, heads, inner, 0.0, "gelu", 1e-5, True, first)
        # Burn's second norm comes before the attention when norms come first.
        layer.load_state_dict(renamed(tensors, prefix, {"mha": "self_attn"}, [2, 1] if first else [1, 2]))
        # In training mode torch takes no short cuts, and nothing is dropped.
        layers.append(layer)
    pad, pairs = padding_mask(batch, length), ahead(batch, length, length)
    result = tensors["input"]
    for layer in layers:
        result = layer(result, pairs[0] if masked else None, pad if masked else None)
    if masked:
        tensors["mask_pad"], tensors["mask_attn"] = whole(pad), whole(pairs)
    case("TransformerEncoder", {"heads": heads, "norm_first": first}, tensors, [result])

for first, masked in [(False, True), (True, False), (True, True)]:
    width, inner, heads, batch, length, seen = 4, 6, 2, 2, 3, 4
    tensors, layers = {"input": numbers(batch, length, width), "memory": numbers(batch, seen, width)}, []
    for number in range(2):
        prefix = f"layers.{number}."
        tensors.update(transformer_weights(prefix, ["cross_attn", "self_attn"], 3, width, inner))
        layer = torch.nn.TransformerDecoderLayer(width, heads, inner, 0.0, "gelu", 1e-5, True, first)
        names = {"self_attn": "self_attn", "cross_attn": "multihead_attn"}
        layer.load_state_dict(renamed(tensors, prefix, names, [3, 1, 2] if first else [1, 2, 3]))
        layers.append(layer)
    pairs, pad = ahead(batch, length, length), padding_mask(batch, seen)
    result = tensors["input"]
    for layer in layers:
        if masked:
            result = layer(result, tensors["memory"], tgt_mask=pairs[0], memory_key_padding_mask=pad)
        else:
            result = layer(result, tensors["memory"])
    if masked:
        tensors["target_mask_attn"], tensors["memory_mask_pad"] = whole(pairs), whole(pad)
    case("TransformerDecoder", {"heads": heads, "norm_first": first}, tensors, [result])

for length, width, places, timescale in [(4, 6, 5, 10000), (3, 4, 20, 50)]:
    input = numbers(2, length, width)
    turns = torch.exp(torch.arange(0, width, 2).double() * -(numpy.log(timescale) / width))
    angles = torch.arange(length).double()[:, None] * turns
    added = torch.stack([torch.sin(angles), torch.cos(angles)], 2).reshape(length, width)
    result = (input.double() + added).float()
    case("PositionalEncoding", {"places": places, "timescale": timescale}, {"input": input}, [result])

for shape, theta, start in [([2, 4, 6], 10000.0, 0), ([2, 3, 2, 4], 100.0, 3), ([3, 2], 10000.0, 1)]:
    input = numbers(*shape)
    length, width = shape[-2:]
    turns = theta ** (-torch.arange(0, width, 2).double() / width)
    angles = torch.arange(start, start + length).double()[:, None] * turns
    pairs = torch.view_as_complex(input.double().reshape(*shape[:-1], width // 2, 2))
    result = torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).reshape(shape).float()
    case("RotaryEncoding", {"theta": theta, "start": start}, {"input": input}, [result])

folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(folder, "layers.json"), "w") as file:
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in cases)
    file.write(f'{{"torch":"{torch.__version__}","cases":[\n{lines}\n]}}\n')
