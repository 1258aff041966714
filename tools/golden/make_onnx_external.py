"""onnx-external/: y = x·w + b as onnx writes it with its tensors in other files, both in one and each in its own.

w (4, 3) counts from 0, b is 100, 200, 300.
"""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import set_external_data

folder = pathlib.Path(__file__).parents[2] / "packages/typegrad/golden/onnx-external"
folder.mkdir(parents=True, exist_ok=True)


def model():
    w = numpy_helper.from_array(np.arange(12, dtype=np.float32).reshape(4, 3), "w")
    b = numpy_helper.from_array(np.array([100, 200, 300], np.float32), "b")
    nodes = [helper.make_node("MatMul", ["x", "w"], ["p"]), helper.make_node("Add", ["p", "b"], ["y"])]
    value = lambda name, width: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width])
    graph = helper.make_graph(nodes, "external", [value("x", 4)], [value("y", 3)], [w, b])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


for name, files in [("one", {"w": "both.bin", "b": "both.bin"}), ("several", {"w": "products.bin", "b": "offsets.bin"})]:
    made = model()
    for file in set(files.values()):
        (folder / file).unlink(missing_ok=True)
    for tensor in made.graph.initializer:
        set_external_data(tensor, location=files[tensor.name])
    onnx.save(made, folder / f"{name}.onnx")
