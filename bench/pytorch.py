"""The bench's steps in PyTorch, tuned as its users would: fused Adam, channels last for convolutions, the
best of one and all threads. Prints medians in milliseconds as JSON."""

import json
import os
import time

import torch
from torch import nn


def median(run, rounds):
    for _ in range(5):
        run()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times)[rounds // 2]


def step(model, x, rounds):
    y = torch.randint(0, 10, (128,))
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    loss_of = nn.CrossEntropyLoss()

    def run():
        optimizer.zero_grad(set_to_none=True)
        loss_of(model(x), y).backward()
        optimizer.step()

    return median(run, rounds)


def mlp():
    model = nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )
    return step(model, torch.rand(128, 784), 100)


def convnet():
    model = nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1600, 128), nn.ReLU(), nn.Linear(128, 10),
    ).to(memory_format=torch.channels_last)
    x = torch.rand(128, 1, 28, 28).to(memory_format=torch.channels_last)
    return step(model, x, 20)


def one_weight():
    x = torch.rand(32, 1)
    y = 2 * x + 1
    w = torch.zeros(1, 1, requires_grad=True)

    def run():
        ((x @ w - y) ** 2).mean().backward()
        with torch.no_grad():
            w.sub_(w.grad, alpha=0.1)
            w.grad = None

    return median(run, 2000)


def best(workload):
    times = []
    for threads in {1, os.cpu_count()}:
        torch.set_num_threads(threads)
        times.append(workload())
    return min(times)


print(json.dumps({
    "step of a 1-weight model": best(one_weight),
    "MLP 784-256-128-10 step, batch 128": best(mlp),
    "convnet 32-64 (3×3, pooled), dense 128-10 step, batch 128": best(convnet),
}))
