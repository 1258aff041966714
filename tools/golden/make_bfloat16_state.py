"""AdamW whose two means are kept in bfloat16 between steps: PyTorch's formulas in float32, and its casts to bfloat16."""

import numpy as np
import torch

from golden_json import tensor, write_cases

torch.set_num_threads(1)
random = np.random.RandomState(11)
SIZE, STEPS = 64, 10
# From gradients that are tiny to large ones: each weight has its own size.
sizes = 10.0 ** random.uniform(-5, 2, SIZE)
initial = random.normal(size=SIZE).astype(np.float32)
gradients = [(random.normal(size=SIZE) * sizes).astype(np.float32) for _ in range(STEPS)]
cases = []
for config in [
    {"learningRate": 0.01, "beta1": 0.9, "beta2": 0.95, "epsilon": 1e-12, "weightDecay": 0.1},
    {"learningRate": 0.002, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-12, "weightDecay": 0.0},
]:
    rate, beta1, beta2 = config["learningRate"], config["beta1"], config["beta2"]
    weight = torch.from_numpy(initial.copy())
    mean, square = torch.zeros(SIZE, dtype=torch.bfloat16), torch.zeros(SIZE, dtype=torch.bfloat16)
    steps = []
    for i, gradient in enumerate(map(torch.from_numpy, gradients), 1):
        weight.mul_(1 - rate * config["weightDecay"])
        m = mean.float().lerp_(gradient, 1 - beta1)
        v = square.float().mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        mean, square = m.bfloat16(), v.bfloat16()
        weight.addcdiv_(m, (v.sqrt() / (1 - beta2**i) ** 0.5).add_(config["epsilon"]), value=-rate / (1 - beta1**i))
        bits = [kept.view(torch.int16).numpy().astype(np.int32) & 0xFFFF for kept in (mean, square)]
        steps.append({"weight": tensor(weight.numpy().copy()), "momentum": tensor(bits[0]), "velocity": tensor(bits[1])})
    cases.append({"config": config, "steps": steps})
write_cases("bfloat16-state.json", cases, initial=tensor(initial), gradients=[tensor(g) for g in gradients])
