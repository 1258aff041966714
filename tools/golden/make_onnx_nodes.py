"""onnx-nodes.json: nodes with the values that ONNX's own test suite says they give, a few small ones of every operator that
typegrad reads back.

Left out is what typegrad does otherwise on purpose: elements of 16 bits and less become float32, dropout is the trainer's
choice, and rounding to floats of 8 bits is not imitated.
"""

import base64
import collections
import json
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.case.node import collect_testcases

warnings.filterwarnings("ignore")
FOLDER = Path(__file__).resolve().parents[2] / "packages" / "typegrad" / "golden"
PER_OPERATOR = 2
LARGEST = 1500
# Operators with more to go wrong, or whose cases are all larger.
MORE = {"Attention": 4, "BitShift": 6, "DFT": 6, "Einsum": 4, "GridSample": 6, "MaxPool": 4, "NegativeLogLikelihoodLoss": 4,
        "Resize": 8, "ScatterElements": 6, "ScatterND": 5, "SoftmaxCrossEntropyLoss": 4}
LARGER = {"RoiAlign": 6000, "STFT": 12000, "MelWeightMatrix": 3000, "AffineGrid": 3000, "GridSample": 3000, "CumProd": 3000}

OTHERWISE = {
    "test_resize_downsample_scales_linear_align_corners",  # the size is rounded first, as ONNX Runtime does
    "test_resize_downsample_scales_cubic_align_corners",
    "test_scan_sum",  # version 8
}
PARTS = ("bfloat16", "bf16", "fp16", "float16", "FLOAT16", "FLOAT8", "FLOAT4", "E8M0", "e4m3", "e5m2", "float4",
         "training_dropout", "STRING")
OPERATORS = set(
    """Abs Acos Acosh Add AffineGrid And ArgMax ArgMin ArrayFeatureExtractor Asin Asinh Atan Atanh Attention AveragePool
    BatchNormalization Binarizer BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow Cast CastLike Ceil
    Celu CenterCropPad Clip Col2Im Compress Concat Constant ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh
    CumProd CumSum DFT DeformConv DepthToSpace DequantizeLinear Det Div Dropout DynamicQuantizeLinear Einsum Elu Equal Erf
    Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalMaxPool Greater
    GreaterOrEqual GridSample GroupNormalization HammingWindow HannWindow HardSigmoid HardSwish Hardmax Identity If
    InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax Loop
    LpNormalization LpPool MatMul MatMulInteger Max MaxPool MaxUnpool Mean MeanVarianceNormalization MelWeightMatrix Min
    Mish Mod Mul Neg NegativeLogLikelihoodLoss NonZero Not OneHot Or PRelu Pad Pow QLinearConv QLinearMatMul
    QuantizeLinear RMSNormalization RNN Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax
    ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Resize ReverseSequence RoiAlign RotaryEmbedding
    Round STFT Scan ScatterElements ScatterND Selu Shape Shrink Sigmoid Sign Sin Sinh Size Slice Softmax
    SoftmaxCrossEntropyLoss Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum SwiGLU Swish Tan Tanh TensorScatter
    ThresholdedRelu Tile TopK Transpose Trilu Unsqueeze Upsample Where Xor""".split()
)


def stored(value):
    """Name of the type, shape and bytes of a tensor; None for what is no tensor."""
    if isinstance(value, onnx.TensorProto):
        value = numpy_helper.to_array(value)
    if value is None or isinstance(value, (list, dict)):
        return None
    value = np.asarray(value)
    if value.dtype.name in ("int4", "uint4", "int2", "uint2"):
        value = value.astype(np.int32)
    if value.dtype.kind not in "fiub" or value.dtype.name == "float16":
        return None
    data = base64.b64encode(value.tobytes()).decode()
    return {"type": value.dtype.name, "shape": list(value.shape), "data": data}


def main():
    found = collections.defaultdict(list)
    for case in collect_testcases(None):
        nodes = case.model.graph.node
        if len(nodes) != 1 or nodes[0].op_type not in OPERATORS or nodes[0].domain not in ("", "ai.onnx.ml"):
            continue
        if case.name in OTHERWISE or any(part in case.name for part in PARTS):
            continue
        inputs, outputs = case.data_sets[0]
        values = [stored(value) for value in inputs], [stored(value) for value in outputs]
        model = case.model.SerializeToString()
        size = len(model) + sum(len(one["data"]) for one in values[0] + values[1] if one is not None)
        if size > LARGER.get(nodes[0].op_type, LARGEST) or any(one is None for one in values[0] + values[1]):
            continue
        found[nodes[0].op_type].append(
            {"name": case.name.removeprefix("test_"), "model": base64.b64encode(model).decode(), "inputs": values[0],
             "outputs": values[1]}
        )
    chosen = []
    for op in sorted(found):
        cases = sorted(found[op], key=lambda case: case["name"])
        count = MORE.get(op, PER_OPERATOR)
        step = max(1, len(cases) // count)
        chosen += cases[::step][:count]
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in chosen)
    (FOLDER / "onnx-nodes.json").write_text(f"[\n{lines}\n]\n")
    print(len(chosen), "cases of", len(found), "operators; none small enough of", sorted(OPERATORS - set(found)))


main()
