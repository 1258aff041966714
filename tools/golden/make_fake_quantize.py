"""Fake quantisation of PyTorch, forward and backward, per tensor and per channel. Needs torch."""
import json
import pathlib

import torch

torch.manual_seed(3)
x = (torch.randn(5, 4) * 2).round(decimals=3)
cotangent = torch.randn(5, 4).round(decimals=3)
cases = []
for low, high, scale, zero, axis in (
    (0, 255, [0.02], [90], None),
    (-8, 7, [0.3], [0], None),
    (-127, 127, [0.01, 0.02, 0.03, 0.05], [0, 0, 0, 0], 1),
):
    given = x.clone().requires_grad_()
    if axis is None:
        y = torch.fake_quantize_per_tensor_affine(given, scale[0], zero[0], low, high)
    else:
        y = torch.fake_quantize_per_channel_affine(
            given, torch.tensor(scale), torch.tensor(zero, dtype=torch.int32), axis, low, high
        )
    y.backward(cotangent)
    cases.append(
        {"low": low, "high": high, "scale": scale, "zero": zero, "y": y.tolist(), "gradient": given.grad.tolist()}
    )
out = pathlib.Path(__file__).parents[2] / "packages/typegrad/golden/fake-quantize.json"
out.write_text(json.dumps({"torch": torch.__version__, "x": x.tolist(), "cotangent": cotangent.tolist(), "cases": cases}) + "\n")
