"""A GGUF file with one tensor of each format, by llama.cpp's own Python package, and what that reads of it."""

import json
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as T
from gguf import quants

FOLDER = Path(__file__).parents[2] / "packages/transformers/golden"
random = np.random.default_rng(7)
path = FOLDER / "formats.gguf"
writer = gguf.GGUFWriter(path, "llama")
writer.add_uint32("llama.block_count", 1)
writer.add_string("general.name", "formats")

expected = {}
for name in ("F32", "F16", "BF16", "Q4_0", "Q8_0"):
    values = random.standard_normal((3, 64)).astype(np.float32)
    raw = quants.quantize(values, T[name]) if name != "F32" else values
    writer.add_tensor(name, raw, raw_dtype=T[name])
    expected[name] = quants.dequantize(raw, T[name]) if name != "F32" else values
# Of these the package reads alone: any bytes are numbers, if the halves among them are.
for name, halves in (("Q4_K", (0, 2)), ("Q6_K", (208,))):
    blocks, size = 4, {"Q4_K": 144, "Q6_K": 210}[name]
    raw = random.integers(0, 256, (2, blocks // 2, size), dtype=np.uint8)
    for at in halves:
        raw[..., at : at + 2] = random.standard_normal((2, blocks // 2)).astype(np.float16).view(np.uint8).reshape(2, blocks // 2, 2)
    raw = raw.reshape(2, -1)
    writer.add_tensor(name, raw, raw_dtype=T[name])
    expected[name] = quants.dequantize(raw, T[name])
# One that is not read.
raw = quants.quantize(random.standard_normal((1, 32)).astype(np.float32), T.Q5_1)
writer.add_tensor("Q5_1", raw, raw_dtype=T.Q5_1)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
(FOLDER / "gguf-formats.json").write_text(
    json.dumps({k: {"shape": v.shape, "values": [float(f"{x:.8g}") for x in v.reshape(-1)]} for k, v in expected.items()}) + "\n"
)
