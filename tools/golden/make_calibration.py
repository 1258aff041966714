"""
Ranges of activations as ONNX Runtime's quantization tool finds them (onnxruntime.quantization.calibrate), batch by batch,
and scales and zero points of ranges. Needs onnxruntime, onnx and numpy.

    python tools/golden/make_calibration.py
"""
import contextlib
import io
import json
import pathlib

import numpy as np
import onnxruntime
from onnxruntime.quantization.calibrate import HistogramCollector
from onnxruntime.quantization.quant_utils import compute_scale_zp

random = np.random.default_rng(5)


def batches(kind):
    if kind == "normal":
        parts = [random.normal(0.3, scale, 400) for scale in (0.7, 1.0, 1.6)]
    elif kind == "relu":
        parts = [np.maximum(random.standard_t(3, 400), 0) for _ in range(3)]
    else:
        parts = [random.laplace(-0.5, 1.0, 500), random.laplace(-0.5, 0.4, 100)]
    return [np.round(part, 3).astype(np.float32) for part in parts]


cases = []
for kind in ("normal", "relu", "laplace"):
    data = batches(kind)
    ranges = []
    for method, bins, percentile in (("percentile", 2048, 99.0), ("percentile", 256, 99.9), ("entropy", 512, 0.0)):
        collector = HistogramCollector(method, False, bins, 128, percentile, "same")
        with contextlib.redirect_stdout(io.StringIO()):
            for batch in data:
                collector.collect({"x": [batch]})
            low, high = collector.compute_collection_result()["x"][:2]
        ranges.append({"method": method, "bins": bins, "percentile": percentile, "low": float(low), "high": float(high)})
    cases.append({"kind": kind, "batches": [[round(float(x), 3) for x in batch] for batch in data], "ranges": ranges})

scales = []
for low, high in ((-1.5, 3.0), (0.2, 3.0), (-4.0, -1.0), (-2.0, 2.0), (0.0, 0.0)):
    for symmetric in (False, True):
        zero, scale = compute_scale_zp(
            np.array(low, np.float32), np.array(high, np.float32), np.array(0, np.uint8), np.array(255, np.uint8), symmetric
        )
        scales.append({"low": low, "high": high, "isSymmetric": symmetric, "scale": float(scale), "zero": int(zero)})

out = pathlib.Path(__file__).parents[2] / "packages/typegrad/golden/calibration.json"
out.write_text(json.dumps({"onnxruntime": onnxruntime.__version__, "cases": cases, "scales": scales}) + "\n")
