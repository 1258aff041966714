"""safetensors.json: files written by the Python package safetensors (0.8.0), in base64, and what they hold."""

import base64
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from safetensors.numpy import save

FOLDER = Path(__file__).resolve().parents[2] / "packages" / "typegrad" / "golden"
CODE = {"float16": lambda a: a.view(np.uint16)}

files = {
    "dense": (
        {
            "dense/kernel": np.array([[1.5, -2.0, 0.25], [3.0, 1e-3, -4.0]], np.float32),
            "dense/bias": np.array([0.5, 0.0, -0.5], np.float32),
        },
        {"format": "np", "note": "größer"},
    ),
    "dtypes": (
        {
            "float64": np.array([np.pi, -0.0], np.float64),
            "float32": np.array([[1.0], [2.0]], np.float32),
            "float16": np.array([1.0, 0.5, -2.0], np.float16),
            "int64": np.array([2**53 + 1, -1], np.int64),
            "int32": np.array([-(2**31), 7], np.int32),
            "uint32": np.array([2**32 - 1], np.uint32),
            "uint8": np.array([0, 255, 3], np.uint8),
            "bool": np.array([[True, False, True]], np.bool_),
        },
        None,
    ),
    "shapes": (
        {"scalar": np.array(4.0, np.float32), "empty": np.zeros((0, 3), np.float32), "odd/é": np.ones((1, 1, 1), np.uint8)},
        None,
    ),
    "none": ({}, None),
}


def described(array):
    dtype = str(array.dtype)
    values = CODE.get(dtype, lambda a: a)(array).reshape(-1).tolist()
    return {"dtype": dtype, "shape": list(array.shape), "values": [str(v) for v in values] if dtype == "int64" else values}


cases = {
    name: {
        "base64": base64.b64encode(save(tensors, metadata)).decode(),
        "metadata": metadata or {},
        "tensors": {key: described(array) for key, array in tensors.items()},
    }
    for name, (tensors, metadata) in files.items()
}

# Types that NumPy lacks, as PyTorch casts and stores them. typegrad reads them as float32 and int32.
numbers = torch.tensor([[1 / 3, -2.0, 449.0], [1e-3, 70000.0, -0.0]])
narrow = {
    "bfloat16": numbers.bfloat16(),
    "float8e4m3": numbers.to(torch.float8_e4m3fn),
    "float8e5m2": numbers.to(torch.float8_e5m2),
    "int8": torch.tensor([-128, 127], dtype=torch.int8),
    "int16": torch.tensor([-(2**15), 7], dtype=torch.int16),
    "uint16": torch.tensor([2**16 - 1], dtype=torch.uint16),
}
cases["narrow"] = {
    "base64": base64.b64encode(safetensors.torch.save(narrow)).decode(),
    "metadata": {},
    "tensors": {
        name: {
            "dtype": "float32" if "float" in name else "int32",
            "stored": name,
            "shape": list(value.shape),
            "values": [str(v) for v in (value.float() if "float" in name else value.int()).reshape(-1).tolist()],
        }
        for name, value in narrow.items()
    },
}
text = json.dumps({"source": f"safetensors {version('safetensors')} (Python)", "files": cases}, ensure_ascii=False, indent=1)
(FOLDER / "safetensors.json").write_text(text + "\n", encoding="utf-8")
