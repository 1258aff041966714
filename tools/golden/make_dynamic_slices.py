"""Blocks at starts that are computed, by JAX: writes golden/dynamic-slices.json.

The input of every case is 1, 2, 3, … under its shape and an update goes on counting, so that an output says by itself
which elements stand where. Starts lie within their axes, at the ends, beyond them and before them. `gradients` are those of
the sum of w·y³ (w = 1, 2, …, 5, 1, …) in the input and the update, `second` those of the sum of gradients times what they
are the gradients of.
"""

import jax
import jax.numpy as jnp
import numpy as np

from golden_json import write_cases

RANDOM = np.random.RandomState(27)


def counting(shape, first=1):
    return np.arange(first, first + int(np.prod(shape)), dtype=np.float32).reshape(shape)


def some_shape():
    return [int(RANDOM.choice([0, 1, 2, 3, 4, 5], p=[0.03, 0.17, 0.2, 0.25, 0.2, 0.15])) for _ in range(RANDOM.choice(4, p=[0.04, 0.26, 0.35, 0.35]))]


def some_sizes(shape):
    return [d if RANDOM.rand() < 0.35 else int(RANDOM.randint(0 if RANDOM.rand() < 0.2 else min(1, d), d + 1)) for d in shape]


def some_starts(shape):
    return [int(RANDOM.randint(-d - 2, d + 3) if RANDOM.rand() < 0.9 else RANDOM.choice([-1000, 1000])) for d in shape]


def derivatives(run, operands):
    """To first and second order, in every operand."""
    indices = tuple(range(len(operands)))

    def loss(*given):
        y = run(*given)
        weights = jnp.arange(y.size, dtype=jnp.float32).reshape(y.shape) % 5 + 1
        return (weights * y**3).sum()

    first = jax.grad(loss, indices)

    def weighed(*given):
        return sum((g * jax.lax.stop_gradient(x)).sum() for g, x in zip(first(*given), given))

    return first(*operands), jax.grad(weighed, indices)(*operands)


def case(op):
    shape = some_shape()
    sizes, starts = some_sizes(shape), some_starts(shape)
    at = [jnp.int32(start) for start in starts]
    x = counting(shape)
    if op == "dynamicSlice":
        run, operands = lambda x: jax.lax.dynamic_slice(x, at, sizes), [x]
    else:
        run = lambda x, update: jax.lax.dynamic_update_slice(x, update, at)
        operands = [x, counting(sizes, 1 + x.size)]
    first, second = derivatives(run, [jnp.asarray(o) for o in operands])
    flat = lambda value: np.asarray(value).ravel().astype(np.int64).tolist()
    return {
        "op": op, "shape": shape, "sizes": sizes, "starts": starts,
        "output": flat(run(*operands)), "gradients": [flat(g) for g in first], "second": [flat(g) for g in second],
    }  # fmt: skip


if __name__ == "__main__":
    cases = [case(op) for op in ("dynamicSlice", "dynamicUpdateSlice") for _ in range(80)]
    write_cases("dynamic-slices.json", cases, jax=jax.__version__)
