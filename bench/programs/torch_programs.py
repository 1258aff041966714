"""The small programs in PyTorch, as whole processes: torch_programs.py linear-regression | mlp | first-prediction"""

import sys

import torch
from torch import nn

program = sys.argv[1]
torch.manual_seed(42)


def mlp(*sizes):
    layers = []
    for inputs, outputs in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def fit(model, optimizer, x, y):
    for _ in range(100):
        for rows in torch.randperm(len(x)).split(32):
            optimizer.zero_grad(set_to_none=True)
            loss = nn.functional.mse_loss(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
    print(f"loss {loss.item():.3f}")
    with torch.inference_mode():
        print(model(torch.tensor([[0.0], [0.5], [1.0]])).tolist())


if program == "first-prediction":
    with torch.inference_mode():
        print(mlp(8, 64, 1)(torch.arange(8.0)[None]).tolist())
else:
    x = torch.rand(100, 1)
    y = 2 * x + 1 + torch.randn(100, 1)
    if program == "linear-regression":
        model = nn.Linear(1, 1)
        fit(model, torch.optim.SGD(model.parameters(), lr=0.1), x, y)
    else:
        for sizes in ((1, 64, 64, 1), (1, 64, 1)):
            model = mlp(*sizes)
            fit(model, torch.optim.Adam(model.parameters(), fused=True), x, y)
