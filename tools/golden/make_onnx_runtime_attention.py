"""onnx-runtime-attention.json: ONNX Runtime's own attention (com.microsoft): MultiHeadAttention and Attention, whose queries see
the keys up to their own place where `unidirectional` is 1. Files of one node each in base64, inputs and what ONNX Runtime gives.

Each output is compared with the formula in float64 here, before it is written.
"""

import base64

import numpy as np
import onnxruntime
from golden_json import write_cases
from onnx import TensorProto, helper, numpy_helper

random = np.random.RandomState(7)
WIDTH, HEADS, BATCH = 8, 2, 2
#: Inputs that files have as initializers.
WEIGHTS = ("w", "b", "scores")


def run(op, inputs, length, attributes):
    shapes = [(name, value) for name, value in inputs.items() if value is not None and name not in WEIGHTS]
    weights = [numpy_helper.from_array(value, name) for name, value in inputs.items() if value is not None and name in WEIGHTS]
    kinds = {np.dtype("float32"): TensorProto.FLOAT, np.dtype("int32"): TensorProto.INT32}
    node = helper.make_node(op, [name if value is not None else "" for name, value in inputs.items()], ["y"],
                            domain="com.microsoft", num_heads=HEADS, **attributes)
    graph = helper.make_graph([node], op, [helper.make_tensor_value_info(name, kinds[value.dtype], value.shape) for name, value in shapes],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, (BATCH, length, WIDTH))], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)])
    model.ir_version = 8
    data = model.SerializeToString()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return data, session.run(None, dict(shapes))[0]


def attended(q, k, v, scale, added, causal):
    heads = lambda x: x.astype(np.float64).reshape(BATCH, -1, HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3)
    scores = heads(q) @ heads(k).transpose(0, 1, 3, 2) * (scale or (WIDTH // HEADS) ** -0.5) + added
    if causal:
        scores = np.where(np.tril(np.ones(scores.shape[-2:])) > 0, scores, -np.inf)
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    return (shares / shares.sum(-1, keepdims=True) @ heads(v)).transpose(0, 2, 1, 3).reshape(BATCH, -1, WIDTH)


normal = lambda *shape: random.randn(*shape).astype(np.float32)
cases = []


def case(op, name, inputs, length, attributes, expected):
    data, y = run(op, inputs, length, attributes)
    assert np.abs(y - expected).max() < 2e-6, name
    cases.append({"name": f"{op}: {name}", "model": base64.b64encode(data).decode(), "y": y,
                  "inputs": {key: value for key, value in inputs.items() if value is not None and key not in WEIGHTS}})


for name, queries, keys, causal, bias, added, scale in (
    ("plain", 4, 6, 0, False, False, None), ("unidirectional", 5, 5, 1, False, False, None),
    ("unidirectional with biases, a bias of scores and a scale", 5, 5, 1, True, True, 0.3),
    ("unidirectional, more queries than keys", 6, 4, 1, True, False, None),
):
    q, k, v = normal(BATCH, queries, WIDTH), normal(BATCH, keys, WIDTH), normal(BATCH, keys, WIDTH)
    b = normal(3 * WIDTH) if bias else None
    scores = normal(1, HEADS, queries, keys) if added else None
    inputs = {"q": q, "k": k, "v": v, **({"b": b, "padding": None, "scores": scores} if bias else {})}
    if scores is None and bias:
        del inputs["padding"], inputs["scores"]
    parts = np.split(b, 3) if bias else (0, 0, 0)
    case("MultiHeadAttention", name, inputs, queries, {"unidirectional": causal, **({"scale": scale} if scale else {})},
         attended(q + parts[0], k + parts[1], v + parts[2], scale, 0 if scores is None else scores, causal))

for name, causal, lengths in (("plain", 0, None), ("unidirectional", 1, None), ("unidirectional, and lengths of samples", 1, [5, 3])):
    x, w, b = normal(BATCH, 5, WIDTH), normal(WIDTH, 3 * WIDTH), normal(3 * WIDTH)
    q, k, v = np.split(x @ w + b, 3, -1)
    seen = 0 if lengths is None else np.where(np.arange(5) < np.reshape(lengths, (2, 1, 1, 1)), 0, -1e9)
    case("Attention", name, {"x": x, "w": w, "b": b, **({} if lengths is None else {"lengths": np.array(lengths, np.int32)})}, 5,
         {"unidirectional": causal}, attended(q, k, v, None, seen, causal))

# With fewer queries than keys the last query sees all keys: no definition says so.
few, y = run("MultiHeadAttention", {"q": normal(BATCH, 3, WIDTH), "k": normal(BATCH, 5, WIDTH), "v": np.tile(np.eye(5, WIDTH, dtype=np.float32), (BATCH, 1, 1))}, 3, {"unidirectional": 1})
assert (y[0, 2, 1:4] != 0).any() and (y[0, 1, 2:4] == 0).all()
write_cases("onnx-runtime-attention.json", cases, onnxruntime=onnxruntime.__version__, fewQueries=base64.b64encode(few).decode())
