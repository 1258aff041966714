"""Special values by NumPy and PyTorch: writes golden/numerics.json.

Infinities, NaN and signed zeros in all pairs, integers at the ends of their range, rows with NaN at many places. A
gradient is that of the sum of the output; it is null where none is compared.
"""

import itertools
import math

import numpy as np
import torch

from golden_json import write_cases

INF, NAN = math.inf, math.nan
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 3.0, INF, -INF, NAN]


def f32(values):
    return np.asarray(values, np.float32)


def case(op, inputs, output, gradients=None, **args):
    return {"op": op, "inputs": inputs, "args": args, "output": output, "gradients": gradients}


def elementwise():
    a, b = (f32(values) for values in zip(*itertools.product(SPECIAL, SPECIAL)))
    with np.errstate(all="ignore"):
        for op, run in [
            ("mod", np.mod),
            ("floorDiv", np.floor_divide),
            ("maximum", np.maximum),
            ("minimum", np.minimum),
            ("pow", np.power),
        ]:
            yield case(op, [a, b], run(a, b))
        yield case("clip", [f32(SPECIAL)], np.clip(f32(SPECIAL), -1, 2), min=-1, max=2)
    yield case("relu", [f32(SPECIAL)], torch.relu(torch.tensor(f32(SPECIAL))).numpy())
    low = -(2**31)
    ints = [0, 1, -1, 2, -2, 7, -7, 2**31 - 1, low, low + 1]
    x, y = (np.asarray(values, np.int32) for values in zip(*itertools.product(ints, ints)))
    with np.errstate(all="ignore"):
        yield case("mod", [x, y], np.mod(x, y))
        yield case("floorDiv", [x, y], np.floor_divide(x, y))
        small = np.asarray(ints, np.int32)
        for exponent in (0, 1, 2, 3, 5, 31):
            yield case("pow", [small], np.power(small, np.int32(exponent)), exponent=exponent)


def rows():
    """Rows with NaN, infinities and equal elements at many places."""
    random = np.random.RandomState(3)
    for length in (1, 2, 3, 5, 8, 9, 17):
        for _ in range(6):
            x = random.randint(-4, 5, size=(4, length)).astype(np.float32)
            for row in range(4):
                for value in random.choice([NAN, INF, -INF, 0.0], size=random.randint(0, 3)):
                    x[row, random.randint(length)] = value
            yield x


def reductions():
    for i, x in enumerate(rows()):
        axis = i % 2
        with np.errstate(all="ignore"):
            for op, run in [
                ("max", np.max),
                ("min", np.min),
                ("argMax", np.argmax),
                ("argMin", np.argmin),
                ("sum", np.sum),
                ("mean", np.mean),
                ("prod", np.prod),
            ]:
                yield case(op, [x], np.asarray(run(x, axis=axis)), axis=axis)
            yield case("sort", [x], np.sort(x, axis=axis), axis=axis, descending=False)
            yield case("argsort", [x], np.argsort(x, axis=axis, kind="stable"), axis=axis, descending=False)
            given = torch.tensor(x)
            down = torch.sort(given, dim=axis, descending=True, stable=True)
            yield case("sort", [x], down.values.numpy(), axis=axis, descending=True)
            yield case("argsort", [x], down.indices.numpy(), axis=axis, descending=True)
            yield case("topK", [x], torch.topk(given, (x.shape[1] + 1) // 2, dim=1).values.numpy(), k=(x.shape[1] + 1) // 2)


def log_sum_exp():
    for row in itertools.product([-INF, 0.5, 2.0, INF], repeat=3):
        x = torch.tensor(f32(row), requires_grad=True)
        y = torch.logsumexp(x, 0)
        y.backward()
        yield case("logSumExp", [f32(row)], np.asarray(y.item(), np.float32), x.grad.numpy())


def pooling():
    random = np.random.RandomState(4)
    for size, stride, padding in itertools.product((2, 3), (1, 2, 3), (0, 1)):
        if 2 * padding > size:
            continue
        for _ in range(2):
            x = random.randint(-4, 5, size=(1, 2, 7, 6)).astype(np.float32)
            for value in (NAN, INF, -INF, -INF):
                x[0, random.randint(2), random.randint(7), random.randint(6)] = value
            x[0, 0, :4, :4] = -INF
            y = torch.nn.functional.max_pool2d(torch.tensor(x), size, stride, padding)
            yield case("maxPool", [x], y.numpy(), size=size, stride=stride, padding=padding)


if __name__ == "__main__":
    write_cases("numerics.json", [*elementwise(), *reductions(), *log_sum_exp(), *pooling()])
