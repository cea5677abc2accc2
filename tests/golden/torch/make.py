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

folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(folder, "layers.json"), "w") as file:
    lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in cases)
    file.write(f'{{"torch":"{torch.__version__}","cases":[\n{lines}\n]}}\n')
