"""silero.json: what Silero's voice detector gives with the weights of its safetensors, by PyTorch.

    python make_silero.py FOLDER    # of the unpacked wheel silero-vad 6.2.3

The package has these weights for tinygrad, and they are of another training than those of its files of ONNX.
"""

import json
import pathlib
import sys

import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

w = load_file(pathlib.Path(sys.argv[1]) / "silero_vad/data/silero_vad_16k.safetensors")
# The test makes the same: sounds of two pitches, and a state.
t = np.arange(576)
sound = np.stack([0.3 * np.sin(0.013 * (b + 1) * t) for b in range(2)]).astype(np.float32)
j = np.arange(128)
state = np.stack([[0.1 * np.cos(j + 3 * k + 7 * b) for b in range(2)] for k in range(2)]).astype(np.float32)

x = F.pad(torch.tensor(sound)[:, None], (0, 64), "reflect")
x = F.conv1d(x, w["stft_conv.weight"], stride=128)
x = (x[:, :129] ** 2 + x[:, 129:] ** 2).sqrt()
for i, stride in enumerate([1, 2, 2, 1], start=1):
    x = F.conv1d(x, w[f"conv{i}.weight"], w[f"conv{i}.bias"], stride=stride, padding=1).relu()
cell = torch.nn.LSTMCell(128, 128)
cell.load_state_dict({name: w[f"lstm_cell.{name}"] for name in cell.state_dict()})
with torch.no_grad():
    h, c = cell(x[:, :, 0], (torch.tensor(state[0]), torch.tensor(state[1])))
    y = F.conv1d(h.relu()[:, :, None], w["final_conv.weight"], w["final_conv.bias"]).sigmoid()

values = {
    "output": [float(f"{v:.7g}") for v in y.flatten().tolist()],
    # Of each of hidden and cell state of each sound, the first three.
    "stateN": [[float(f"{v:.7g}") for v in part[:3]] for s in (h, c) for part in s.tolist()],
}
out = pathlib.Path(__file__).parents[2] / "packages/typegrad/golden/silero.json"
out.write_text(json.dumps(values, indent=1) + "\n")
