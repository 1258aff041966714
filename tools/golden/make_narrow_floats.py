"""narrow-floats.json: what PyTorch makes of all patterns of 8 and 16 bits, and of float32 when it casts them.

Checksums (CRC-32) of all values, and some of them for the reader. float32 that is cast: edge values with ties between
any two neighbours, and patterns of bits that a counter makes (Weyl sequence, so that the test makes the same).
NaN counts as one value, with its sign in formats of 8 bits: PyTorch's own paths make different ones.
"""

import json
import zlib
from pathlib import Path

import numpy as np
import torch

FOLDER = Path(__file__).resolve().parents[2] / "packages" / "typegrad" / "golden"
FORMATS = {
    "float16": (torch.float16, np.uint16),
    "bfloat16": (torch.bfloat16, np.uint16),
    "float8e5m2": (torch.float8_e5m2, np.uint8),
    "float8e4m3": (torch.float8_e4m3fn, np.uint8),
}
SIGNED = {np.uint16: torch.int16, np.uint8: torch.uint8}


def bits_of(tensor, kind):
    return tensor.view(SIGNED[kind]).numpy().view(kind)


def widened(name):
    """float32 bits of every pattern, in order; NaN as 0x7fc00000."""
    dtype, kind = FORMATS[name]
    patterns = np.arange(2 ** (8 * kind().itemsize), dtype=np.uint32).astype(kind)
    values = torch.from_numpy(patterns.view(np.int16 if kind is np.uint16 else np.uint8)).view(dtype).to(torch.float32).numpy()
    words = values.view(np.uint32).copy()
    words[np.isnan(values)] = 0x7FC00000
    return words


def inputs(name):
    """Bits of float32: around every narrow number and every middle between two, then a counter's."""
    words = widened(name)
    finite = np.unique(np.abs(words.view(np.float32)[np.isfinite(words.view(np.float32))].astype(np.float64)))
    middles = (finite[1:] + finite[:-1]) / 2
    beyond = finite[-1] + (finite[-1] - finite[-2]) * np.array([0.5, 1, 1.5])
    with np.errstate(over="ignore"):
        places = np.concatenate([finite, middles, beyond]).astype(np.float32).view(np.uint32)
    around = np.concatenate([places, places + 1, np.maximum(places, 1) - 1])
    around = np.concatenate([around, around | 0x80000000]).astype(np.uint32)
    counter = (np.arange(1, 200_001, dtype=np.uint64) * 2654435769 % 2**32).astype(np.uint32)
    return around, counter


def narrowed(name, words):
    dtype, kind = FORMATS[name]
    values = torch.from_numpy(words.view(np.float32).copy())
    result = bits_of(values.to(dtype), kind).copy()
    if kind is np.uint16:
        result[np.isnan(words.view(np.float32))] = 0x7FFF
    return result


def checksum(array):
    return f"{zlib.crc32(array.tobytes()):08x}"


edges = [0, 1.0, -1.0, 1 / 3, 2**-9, 2**-10, 1.5 * 2**-10, 2**-17, 2**-25, 449.0, 464.0, 465.0, 57344.0, 61440.0, 65504.0, 65520.0, 3.4e38, np.inf, -np.inf]
cases = {}
for name in FORMATS:
    around, counter = inputs(name)
    sample = np.array(edges, np.float32)
    cases[name] = {
        "widened": checksum(widened(name)),
        "around": {"count": len(around), "inputs": checksum(around), "narrowed": checksum(narrowed(name, around))},
        "counter": {"count": len(counter), "inputs": checksum(counter), "narrowed": checksum(narrowed(name, counter))},
        "sample": {"values": [str(float(v)) for v in sample], "narrowed": narrowed(name, sample.view(np.uint32)).tolist()},
    }
document = {"source": f"torch {torch.__version__.split('+')[0]}", "formats": cases}
(FOLDER / "narrow-floats.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
