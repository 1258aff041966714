"""Where each element of a slice comes from, by NumPy: writes golden/slicing.json.

The input of every case is 1, 2, 3, … under its shape (two inputs of concat go on counting), so that an output says by
itself which elements stand where; constants of a padding are −1. Where NumPy raises, the output is null.
"""

import numpy as np

from golden_json import write_cases

RANDOM = np.random.RandomState(16)


def counting(shape, first=1):
    return np.arange(first, first + int(np.prod(shape)), dtype=np.int64).reshape(shape)


def some_shape(most_rank=3, most=6, least=0):
    rank = RANDOM.randint(1, most_rank + 1)
    return [int(RANDOM.choice([least, 1, 2, 3, most - 1, most])) if RANDOM.rand() < 0.85 else most for _ in range(rank)]


def bound(length):
    """One within the axis, at its ends, beyond them, or none."""
    kind = RANDOM.randint(6)
    if kind == 0:
        return None
    if kind == 1:
        return int(RANDOM.choice([-length - 1, -length, -1, 0, length - 1, length, length + 1]))
    if kind == 2:
        return int(RANDOM.choice([-1000, 1000]))
    return int(RANDOM.randint(-length - 2, length + 3))


def along(axis, index):
    return (slice(None),) * axis + (index,)


def strided_slice():
    shape = some_shape()
    axis = RANDOM.randint(len(shape))
    start, stop = bound(shape[axis]), bound(shape[axis])
    step = int(RANDOM.choice([1, 1, 2, 3, 7, -1, -1, -2, -3, -7, 1000, -1000, 0]))
    run = lambda x: x[along(axis, slice(start, stop, step))]
    named = int(axis - len(shape)) if RANDOM.rand() < 0.3 else int(axis)
    return shape, [named, start, stop, step], run


def at():
    shape = some_shape()
    axis = RANDOM.randint(len(shape))
    position = int(RANDOM.randint(-shape[axis] - 1, shape[axis] + 2))
    return shape, [position, int(axis)], lambda x: x[along(axis, position)]


def flip():
    shape = some_shape()
    axes = sorted({int(RANDOM.randint(len(shape))) for _ in range(2)})
    return shape, [axes], lambda x: np.flip(x, axes)


def roll():
    shape = some_shape()
    axis, shift = int(RANDOM.randint(len(shape))), int(RANDOM.randint(-9, 10))
    return shape, [shift, axis], lambda x: np.roll(x, shift, axis)


def repeat():
    shape = some_shape()
    axis, repeats = int(RANDOM.randint(len(shape))), int(RANDOM.randint(-1, 4))
    return shape, [repeats, axis], lambda x: np.repeat(x, repeats, axis)


def tile():
    shape = some_shape()
    repeats = [int(RANDOM.randint(0, 4)) for _ in range(RANDOM.randint(1, 4))]
    return shape, [repeats], lambda x: np.tile(x, repeats)


def pad():
    shape = some_shape(most=4)
    padding = [[int(RANDOM.choice([0, 0, 1, 2, 5])), int(RANDOM.choice([0, 0, 1, 3, -1 if RANDOM.rand() < 0.1 else 0]))] for _ in shape]
    mode = str(RANDOM.choice(["constant", "reflect", "symmetric", "edge"]))
    options = {"constant_values": -1} if mode == "constant" else {}
    return shape, [padding, mode], lambda x: np.pad(x, padding, mode, **options)


def split():
    shape = some_shape()
    axis = int(RANDOM.randint(len(shape)))
    if RANDOM.rand() < 0.5:
        parts = int(RANDOM.randint(1, 5))
        return shape, [parts, axis], lambda x: np.split(x, parts, axis)
    cuts = sorted(RANDOM.randint(0, shape[axis] + 1, size=RANDOM.randint(1, 4)).tolist())
    sizes = np.diff([0, *cuts, shape[axis]]).tolist()
    return shape, [sizes, axis], lambda x: np.split(x, cuts, axis)


def concat():
    shape = some_shape()
    axis = int(RANDOM.randint(len(shape)))
    other = list(shape)
    other[axis] = int(RANDOM.randint(0, 4))
    if RANDOM.rand() < 0.1:
        other[RANDOM.randint(len(shape))] += 1
    named = axis - len(shape) if RANDOM.rand() < 0.5 else axis
    second = counting(other, 1 + int(np.prod(shape)))
    return shape, [other, named], lambda x: np.concatenate([x, second], axis)


def gather():
    shape = some_shape()
    axis = int(RANDOM.randint(len(shape)))
    length = shape[axis]
    beyond = 1 if RANDOM.rand() < 0.15 else 0
    low, high = -length - beyond, length + beyond
    count = [int(d) for d in RANDOM.randint(0, 4, size=RANDOM.randint(1, 3))]
    indices = RANDOM.randint(low, max(high, low + 1), size=count) if high > low else np.zeros(count, np.int64)
    return shape, [{"shape": count, "data": indices.ravel().tolist()}, axis], lambda x: np.take(x, indices, axis)


def take_along_axis():
    shape = some_shape()
    axis = int(RANDOM.randint(len(shape)))
    length = shape[axis]
    picked = list(shape)
    picked[axis] = int(RANDOM.randint(0, 4)) if length > 0 else 0
    indices = RANDOM.randint(-length, max(length, 1 - length), size=picked)
    return (
        shape,
        [{"shape": picked, "data": indices.ravel().tolist()}, axis],
        lambda x: np.take_along_axis(x, indices, axis),
    )


def output(value):
    if isinstance(value, list):
        return [output(part) for part in value]
    return {"shape": list(value.shape), "data": value.ravel().tolist()}


CASES = [
    ("stridedSlice", strided_slice, 260),
    ("at", at, 30),
    ("flip", flip, 25),
    ("roll", roll, 25),
    ("repeat", repeat, 25),
    ("tile", tile, 25),
    ("pad", pad, 60),
    ("split", split, 30),
    ("concat", concat, 30),
    ("gather", gather, 50),
    ("takeAlongAxis", take_along_axis, 30),
]


def cases():
    for op, make, count in CASES:
        for _ in range(count):
            shape, args, run = make()
            try:
                result = output(run(counting(shape)))
            except (ValueError, IndexError):
                result = None
            yield {"op": op, "shape": shape, "args": args, "output": result}


if __name__ == "__main__":
    write_cases("slicing.json", list(cases()))
