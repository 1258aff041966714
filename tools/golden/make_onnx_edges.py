"""onnx-edges.json: nodes at the edges of their definitions, and what ONNX Runtime gives there.

ONNX's own suite has none of these: no elements, windows with gaps between them, slices that begin before the first
element, places that are rounded in single precision.
"""

import base64
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import helper

FILE = Path(__file__).resolve().parents[2] / "packages" / "typegrad" / "golden" / "onnx-edges.json"
random = np.random.default_rng(0)
TYPES = {"float32": onnx.TensorProto.FLOAT, "int64": onnx.TensorProto.INT64, "bool": onnx.TensorProto.BOOL}
SMALLEST = -(2**62)


def stored(value):
    return {"type": value.dtype.name, "shape": list(value.shape), "data": base64.b64encode(value.tobytes()).decode()}


def case(name, op, inputs, opset=22, outputs=1, **attributes):
    inputs = [None if x is None else np.asarray(x) for x in inputs]
    names = ["" if x is None else f"x{i}" for i, x in enumerate(inputs)]
    given = [(n, x) for n, x in zip(names, inputs) if x is not None]
    node = helper.make_node(op, names, [f"y{i}" for i in range(outputs)], **attributes)
    # What says how something is done has to be known while the graph is made, also here: all are inputs all the same.
    graph = helper.make_graph(
        [node],
        name,
        [helper.make_tensor_value_info(n, TYPES[x.dtype.name], x.shape) for n, x in given],
        [helper.make_empty_tensor_value_info(n) for n in node.output],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    made = onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, dict(given))
    return {
        "name": name,
        "model": base64.b64encode(model.SerializeToString()).decode(),
        "inputs": [stored(x) for _, x in given],
        "outputs": [stored(y) for y in made],
    }


def floats(*shape):
    return random.uniform(-2, 2, shape).astype(np.float32)


def whole(*values):
    return np.array(values, np.int64)


cases = [
    case("slice backwards from before the first", "Slice", [floats(2, 3), whole(SMALLEST), whole(SMALLEST), whole(1), whole(-1)]),
    case("slice backwards of no elements", "Slice", [floats(2, 0), whole(3), whole(SMALLEST), whole(1), whole(-1)]),
    case("hardmax of no elements", "Hardmax", [floats(4, 0)], axis=1),
    case("what is below the threshold is 0, also without end", "ThresholdedRelu", [np.array([-np.inf, -1, 2, np.inf], np.float32)], alpha=1.0),
    case("what shrinks to nothing", "Shrink", [np.array([-np.inf, -1, 0.25, 2, np.inf], np.float32)], lambd=0.5, bias=0.5),
    case("local response of no channels", "LRN", [floats(2, 0, 3)], size=3),
    case("compress by more than there is", "Compress", [floats(2, 3), np.array([True, False, True, True, True])], axis=1),
    case("compress of no elements", "Compress", [floats(2, 0), np.array([True])], axis=1),
    case("mean and variance of elements alike", "MeanVarianceNormalization", [np.array([[[0.5], [0.504]]], np.float32)],
         axes=[1]),
]
for size, window, stride in [(3, 1, 3), (4, 1, 4), (6, 2, 5), (7, 1, 4), (5, 3, 2)]:
    for pad in ["SAME_UPPER", "SAME_LOWER"]:
        window_of = {"kernel_shape": [window], "strides": [stride], "auto_pad": pad}
        name = f"{size} elements, windows of {window} each {stride}, {pad}"
        cases.append(case(f"AveragePool: {name}", "AveragePool", [floats(1, 2, size)], **window_of))
        cases.append(case(f"LpPool: {name}", "LpPool", [floats(1, 2, size)], p=2, **window_of))
    both = {"kernel_shape": [window, 1], "strides": [stride, 3], "auto_pad": pad}
    cases.append(case(f"MaxPool with places: {name}", "MaxPool", [floats(2, 2, size, 4)], outputs=2, **both))

places = ["half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "align_corners", "asymmetric", "tf_half_pixel_for_nn"]
roundings = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]
for i, (size, scale) in enumerate([(7, 0.6), (10, 0.7), (5, 1.1), (6, 1 / 3), (9, 2.3), (10, 0.3), (13, 1.5), (4, 3.5)]):
    x = np.arange(size, dtype=np.float32).reshape(1, 1, size)
    for place in places:
        rounding = roundings[(i + places.index(place)) % 4]
        by = np.array([1, 1, scale], np.float32)
        cases.append(case(f"{size} by {scale:.3}, {place}, {rounding}", "Resize", [x, None, by], mode="nearest",
                          coordinate_transformation_mode=place, nearest_mode=rounding))
for size, to in [(7, 4), (13, 7), (10, 6), (11, 13), (7, 19)]:
    x = np.arange(size, dtype=np.float32).reshape(1, 1, size)
    for rounding in roundings[:2]:
        cases.append(case(f"{size} to {to}, {rounding}", "Resize", [x, None, None, whole(1, 1, to)], mode="nearest",
                          coordinate_transformation_mode="tf_half_pixel_for_nn", nearest_mode=rounding))
for scale in [0.5, 0.6, 1.5]:
    x = np.arange(7, dtype=np.float32).reshape(1, 1, 7)
    cases.append(case(f"version 10: 7 by {scale}", "Resize", [x, np.array([1, 1, scale], np.float32)], opset=10, mode="nearest"))
cases += [
    case("a size that stays", "Resize", [floats(1, 1, 5), None, np.array([1, 1, 1.1], np.float32)], mode="linear",
         coordinate_transformation_mode="asymmetric"),
    case("a size that stays, smoothed", "Resize", [floats(1, 1, 6, 4), None, np.array([1, 1, 1.1, 0.5], np.float32)],
         mode="linear", antialias=1),
    case("no elements to a share of them", "Resize", [floats(1, 0, 2), None, None, whole(1, 0, 1)], mode="linear",
         keep_aspect_ratio_policy="not_larger"),
]
lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases)
FILE.write_text(f"[\n{lines}\n]\n")
print(len(cases), FILE.stat().st_size)
