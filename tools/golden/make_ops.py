"""ops.json: each operation's value and its gradients, from torch (windows and convolutions from Keras).

Values and gradients are computed in float32. Every torch case is computed in float64 too, and the script
stops where the two differ by more than float32's rounding explains: a case is never ill-conditioned.
"""

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np
import torch
import torch.nn.functional as F

from golden_json import write_cases

torch.set_num_threads(1)
random = np.random.RandomState(7)
cases = []


def normal(*shape, scale=1.0):
    return np.asarray(np.round(random.standard_normal(shape) * scale, 3), np.float32)


def uniform(low, high, *shape):
    return np.asarray(np.round(random.uniform(low, high, shape), 3), np.float32)


def distinct(*shape):
    """A shuffled ladder of numbers: no two are equal, so a maximum has one place."""
    count = int(np.prod(shape))
    return (random.permutation(count).astype(np.float32) * 0.25 - count / 8).astype(np.float32).reshape(shape)


def integers(high, *shape):
    return random.randint(0, high, shape).astype(np.int32)


def booleans(*shape):
    return random.randint(0, 2, shape).astype(np.bool_)


def is_float(array):
    return np.issubdtype(array.dtype, np.floating)


def add(case, note):
    if note:
        case["note"] = note
    cases.append(case)


def torch_run(function, inputs, cotangents, dtype):
    tensors = []
    for array in inputs:
        value = torch.from_numpy(np.array(array))
        if is_float(array):
            value = value.to(dtype).requires_grad_(True)
        elif array.dtype == np.int32:
            value = value.to(torch.int64)
        tensors.append(value)
    result = function(*tensors)
    outputs = list(result) if isinstance(result, (list, tuple)) else [result]
    if cotangents is None:
        return outputs, None
    total = sum(
        (output * torch.from_numpy(c).to(dtype)).sum() for output, c in zip(outputs, cotangents) if c is not None
    )
    floats = [t for t in tensors if t.requires_grad]
    if total.requires_grad:
        slopes = torch.autograd.grad(total, floats, allow_unused=True)
    else:
        slopes = [None] * len(floats)
    found = iter(s if s is not None else torch.zeros_like(t) for s, t in zip(slopes, floats))
    return outputs, [next(found) if t.requires_grad else None for t in tensors]


def check(name, single, double):
    single, double = single.detach().double().numpy(), double.detach().double().numpy()
    finite = np.isfinite(double) & np.isfinite(single)
    scale = np.max(np.abs(double[finite]), initial=1.0)
    worst = np.max(np.abs(single[finite] - double[finite]), initial=0.0) / scale
    assert worst < 3e-6, f"{name}: float32 and float64 differ by {worst}"


def op(name, function, *inputs, note=None, gradient=True, **args):
    """A case made by torch. gradient=False: only the value (a comparison, an edge value)."""
    inputs = [np.asarray(i) for i in inputs]
    outputs, _ = torch_run(function, inputs, None, torch.float32)
    many = isinstance(function(*[as_plain(i) for i in inputs]), (list, tuple))
    cotangents = None
    if gradient:
        cotangents = [uniform(-1, 1, *o.shape) if o.is_floating_point() else None for o in outputs]
    outputs, gradients = torch_run(function, inputs, cotangents, torch.float32)
    precise, precise_gradients = torch_run(function, inputs, cotangents, torch.float64)
    for single, double in zip(outputs, precise):
        check(name, single, double)
    for single, double in zip(gradients or [], precise_gradients or []):
        if single is not None:
            check(name + " gradient", single, double)
    values = [o.detach().numpy() for o in outputs]
    case = {"op": name, "from": "torch", "inputs": inputs, "args": args, "output": values if many else values[0]}
    case["cotangent"] = None if cotangents is None else (cotangents if many else cotangents[0])
    case["gradients"] = None
    if gradients is not None:
        case["gradients"] = [None if g is None else g.detach().numpy() for g in gradients]
    add(case, note)


def as_plain(array):
    value = torch.from_numpy(np.array(array))
    return value.to(torch.int64) if array.dtype == np.int32 else value


def keras_op(name, function, *inputs, note=None, **args):
    """A case made by Keras on jax."""
    value, pull = jax.vjp(function, *[np.asarray(i) for i in inputs])
    cotangent = uniform(-1, 1, *value.shape)
    gradients = [np.asarray(g) for g in pull(cotangent)]
    case = {"op": name, "from": "keras", "inputs": list(inputs), "args": args, "output": np.asarray(value)}
    case |= {"cotangent": cotangent, "gradients": gradients}
    add(case, note)


def unary():
    anywhere = normal(2, 5, scale=1.5)
    positive = uniform(0.1, 4, 2, 5)
    inside = uniform(-0.95, 0.95, 2, 5)
    functions = {
        "neg": (torch.neg, anywhere),
        "abs": (torch.abs, anywhere),
        "sign": (torch.sign, anywhere),
        "exp": (torch.exp, anywhere),
        "log": (torch.log, positive),
        "log1p": (torch.log1p, uniform(-0.9, 3, 2, 5)),
        "expm1": (torch.expm1, anywhere),
        "sqrt": (torch.sqrt, positive),
        "rsqrt": (torch.rsqrt, positive),
        "square": (torch.square, anywhere),
        "reciprocal": (torch.reciprocal, np.array([[-3, -0.4, 0.3, 0.8, 5]], np.float32)),
        "sin": (torch.sin, normal(2, 5, scale=3)),
        "cos": (torch.cos, normal(2, 5, scale=3)),
        "tan": (torch.tan, uniform(-1.3, 1.3, 2, 5)),
        "asin": (torch.asin, inside),
        "acos": (torch.acos, inside),
        "atan": (torch.atan, normal(2, 5, scale=3)),
        "sinh": (torch.sinh, anywhere),
        "cosh": (torch.cosh, anywhere),
        "tanh": (torch.tanh, anywhere),
        "sigmoid": (torch.sigmoid, normal(2, 5, scale=3)),
        "erf": (torch.erf, anywhere),
        "floor": (torch.floor, anywhere),
        "ceil": (torch.ceil, anywhere),
        "round": (torch.round, anywhere),
    }
    for name, (function, x) in functions.items():
        op(name, function, x)
    halves = np.array([-2.5, -1.5, -0.5, -0.0, 0.5, 1.5, 2.5, 3.5], np.float32)
    op("round", torch.round, halves, gradient=False, note="halves go to the even neighbour")
    special = np.array([-np.inf, -1, -0.0, 0, 1, np.inf, np.nan], np.float32)
    for name in ["neg", "abs", "exp", "log", "log1p", "expm1", "sqrt", "rsqrt", "square", "reciprocal", "tanh",
                 "sigmoid", "erf", "floor", "ceil", "atan"]:
        op(name, functions[name][0], special, gradient=False, note="special values")
    op("sign", torch.sign, special[:-1], gradient=False, note="special values")
    large = np.array([-200, -100, -30, 30, 100, 200], np.float32)
    for name in ["sigmoid", "tanh", "erf", "atan"]:
        op(name, functions[name][0], large, note="large arguments: no overflow in value or gradient")
    small = np.array([-1e-5, -1e-7, 1e-10, 1e-7, 1e-4], np.float32)
    for name in ["log1p", "expm1", "sinh", "tanh", "erf"]:
        op(name, functions[name][0], small, note="small arguments: compare relatively")
    op("isNaN", torch.isnan, special, gradient=False)
    op("logicalNot", torch.logical_not, booleans(2, 4), gradient=False)
    op("exp", torch.exp, np.float32(0.5), note="rank 0")


def activations():
    x = normal(3, 5, scale=3)
    far = np.array([-200, -90, -25, -5, 5, 25, 90, 200], np.float32)
    for name, function, args in [
        ("relu", F.relu, {}),
        ("relu6", F.relu6, {}),
        ("leakyRelu", lambda t: F.leaky_relu(t, 0.2), {"negativeSlope": 0.2}),
        ("elu", F.elu, {"alpha": 1.0}),
        ("elu", lambda t: F.elu(t, 0.5), {"alpha": 0.5}),
        ("selu", F.selu, {}),
        ("gelu", F.gelu, {"approximate": False}),
        ("gelu", lambda t: F.gelu(t, approximate="tanh"), {"approximate": True}),
        ("softplus", F.softplus, {}),
        ("softsign", F.softsign, {}),
        ("silu", F.silu, {}),
        ("hardSigmoid", F.hardsigmoid, {}),
        ("hardSilu", F.hardswish, {}),
        ("mish", F.mish, {}),
        ("tanhShrink", F.tanhshrink, {}),
    ]:
        op(name, function, x, **args)
        op(name, function, far, note="large arguments: no overflow in value or gradient", **args)
    for shape, axis in [((2, 5), -1), ((2, 3, 4), 1), ((2, 3, 4), -1), ((6,), 0)]:
        y = normal(*shape, scale=2)
        op("softmax", lambda t: torch.softmax(t, axis), y, axis=axis)
        op("logSoftmax", lambda t: torch.log_softmax(t, axis), y, axis=axis)
    huge = np.array([[1000, 1001, 998], [-1000, -1001, -1002.5]], np.float32)
    op("softmax", lambda t: torch.softmax(t, -1), huge, axis=-1, note="large logits")
    op("logSoftmax", lambda t: torch.log_softmax(t, -1), huge, axis=-1, note="large logits")
    for axis, keep in [(-1, False), (1, True), ([0, 2], False), (None, False)]:
        y = normal(2, 3, 4, scale=2)
        dims = axis if axis is not None else [0, 1, 2]
        args = {"keepDims": keep} if axis is None else {"axis": axis, "keepDims": keep}
        op("logSumExp", lambda t: torch.logsumexp(t, dims, keep), y, **args)
    op("logSumExp", lambda t: torch.logsumexp(t, -1), huge, axis=-1, keepDims=False, gradient=False,
       note="large arguments")


def binary():
    shapes = [((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1, 3), (4, 1)), ((3,), ())]
    functions = {
        "add": torch.add,
        "sub": torch.sub,
        "mul": torch.mul,
        "div": torch.div,
        "pow": torch.pow,
        "mod": torch.remainder,
        "floorDiv": lambda a, b: torch.div(a, b, rounding_mode="floor"),
        "maximum": torch.maximum,
        "minimum": torch.minimum,
    }
    for name, function in functions.items():
        for left, right in shapes:
            a, b = normal(*left, scale=2), normal(*right, scale=2)
            if name == "pow":
                a = uniform(0.2, 3, *left)
            if name in ("div", "mod", "floorDiv"):
                b = (np.sign(b) * (np.abs(b) + 0.3)).round(3).astype(np.float32)
                b = np.where(b == 0, np.float32(0.7), b).astype(np.float32)
            op(name, function, a, b)
    four = np.array([7, -7, 7, -7, 6, -6], np.float32)
    signs = np.array([3, 3, -3, -3, 3, -3], np.float32)
    for name, numpy_function in [("mod", np.mod), ("floorDiv", np.floor_divide)]:
        op(name, functions[name], four, signs, gradient=False, note="signs as numpy's")
        assert np.array_equal(cases[-1]["output"], numpy_function(four, signs))
        op(name, functions[name], four.astype(np.int32), signs.astype(np.int32), gradient=False, note="integers")
    op("pow", torch.pow, np.array([-2, -1, 0, 3], np.float32), np.array([3, 2, 2, -1], np.float32), gradient=False,
       note="negative bases with whole exponents")
    op("pow", lambda t: t**2, np.array([-2, 0, 3], np.float32), exponent=2,
       note="the exponent is the constant in args: pow(x, 2); the gradient at 0 and below is finite")
    op("pow", lambda t: t**3, np.array([-2, 0, 3], np.float32), exponent=3, note="the exponent is in args")
    op("div", torch.div, np.array([1, -1, 0], np.float32), np.zeros(3, np.float32), gradient=False,
       note="division by zero")

    a, b = integers(3, 2, 4).astype(np.float32), integers(3, 4).astype(np.float32)
    unordered = np.array([np.nan, 1, np.nan, np.inf], np.float32), np.array([np.nan, np.nan, 1, np.inf], np.float32)
    for name, function in [("equal", torch.eq), ("notEqual", torch.ne), ("greater", torch.gt),
                           ("greaterEqual", torch.ge), ("less", torch.lt), ("lessEqual", torch.le)]:
        op(name, function, a, b, gradient=False)
        op(name, function, *unordered, gradient=False, note="NaN is unordered")
        op(name, function, a.astype(np.int32), b.astype(np.int32), gradient=False, note="integers")
    for name, function in [("logicalAnd", torch.logical_and), ("logicalOr", torch.logical_or),
                           ("logicalXor", torch.logical_xor)]:
        op(name, function, booleans(2, 4), booleans(4), gradient=False)

    op("where", torch.where, booleans(2, 3), normal(2, 3), normal(2, 3))
    op("where", torch.where, booleans(2, 1), normal(3), normal(2, 3), note="broadcast")
    op("where", torch.where, booleans(3), normal(2, 3), np.float32(0.5), note="broadcast")
    op("clip", lambda t: torch.clip(t, -0.5, 1), normal(2, 5), min=-0.5, max=1.0)


def reductions():
    def over(function):
        """Applies a one-axis torch reduction to several axes, the last first."""
        def reduce(t, dims, keep):
            for dim in sorted((d % t.ndim for d in dims), reverse=True):
                t = function(t, dim, keep)
            return t
        return reduce

    functions = {
        "sum": lambda t, dims, keep: torch.sum(t, dims, keep),
        "mean": lambda t, dims, keep: torch.mean(t, dims, keep),
        "prod": over(lambda t, dim, keep: torch.prod(t, dim, keep)),
        "max": lambda t, dims, keep: torch.amax(t, dims, keep),
        "min": lambda t, dims, keep: torch.amin(t, dims, keep),
        "variance": lambda t, dims, keep: torch.var(t, dims, correction=0, keepdim=keep),
        "std": lambda t, dims, keep: torch.std(t, dims, correction=0, keepdim=keep),
        "any": over(lambda t, dim, keep: torch.any(t, dim, keep)),
        "all": over(lambda t, dim, keep: torch.all(t, dim, keep)),
    }
    settings = [(None, False), (None, True), (1, False), (-1, True), ([0, 2], False), ([0, 1], True)]
    for name, function in functions.items():
        logical = name in ("any", "all")
        for axis, keep in settings:
            if logical:
                x = random.uniform(size=(2, 3, 4)) < (0.3 if name == "any" else 0.7)
            elif name in ("max", "min"):
                x = distinct(2, 3, 4)
            else:
                x = normal(2, 3, 4)
            dims = [0, 1, 2] if axis is None else [axis] if isinstance(axis, int) else axis
            args = {"keepDims": keep} if axis is None else {"axis": axis, "keepDims": keep}
            op(name, lambda t: function(t, dims, keep), x, gradient=not logical, **args)
    with_zero = np.array([[2, 0, 3], [0, 0, 5], [1.5, -2, 4]], np.float32)
    op("prod", lambda t: torch.prod(t, 1), with_zero, axis=1, keepDims=False, note="the gradient where factors are zero")
    for name, function in [("argMax", torch.argmax), ("argMin", torch.argmin)]:
        for axis, keep in [(None, False), (0, False), (-1, True), (1, False)]:
            args = {"keepDims": keep} if axis is None else {"axis": axis, "keepDims": keep}
            op(name, lambda t: function(t, axis, keep), distinct(2, 3, 4), gradient=False, **args)


def linear_algebra():
    for left, right in [((4,), (4,)), ((2, 4), (4,)), ((4,), (4, 3)), ((2, 4), (4, 3)), ((2, 3, 4), (2, 4, 2)),
                        ((2, 3, 4), (4, 2)), ((2, 1, 3, 4), (3, 4, 2)), ((3, 4), (2, 4, 2)), ((2, 3, 4), (4,))]:
        op("matmul", torch.matmul, normal(*left), normal(*right))
    for equation, *shapes in [("ij,jk->ik", (2, 3), (3, 4)), ("bij,bjk->bik", (2, 2, 3), (2, 3, 2)),
                              ("bhqd,bhkd->bhqk", (2, 2, 2, 3), (2, 2, 3, 3)), ("ij->ji", (2, 3)), ("ii->i", (3, 3)),
                              ("ij,ij->", (2, 3), (2, 3)), ("i,j->ij", (2,), (3,)), ("bij->b", (2, 2, 3)),
                              ("bqhd,bkhd->bhqk", (2, 2, 2, 3), (2, 3, 2, 3)), ("ij,j->i", (2, 3), (3,)),
                              ("ijk,kl->ijl", (2, 2, 3), (3, 2)), ("ij,jk,kl->il", (2, 3), (3, 2), (2, 4))]:
        op("einsum", lambda *t: torch.einsum(equation, *t), *[normal(*s) for s in shapes], equation=equation)
    op("outer", torch.outer, normal(3), normal(4))


def shape_ops():
    x = normal(2, 3, 4)
    op("reshape", lambda t: t.reshape(4, 6), x, shape=[4, 6])
    op("reshape", lambda t: t.reshape(2, -1), x, shape=[2, -1])
    op("reshape", lambda t: t.reshape([]), normal(1, 1), shape=[])
    op("transpose", lambda t: t.permute(2, 0, 1), x, perm=[2, 0, 1])
    op("transpose", lambda t: t.T, normal(2, 3), note="no perm: axes reversed")
    for axis in (0, 1, -1):
        parts = [normal(*[n if d == axis % 2 else 2 for d in range(2)]) for n in (1, 2, 3)]
        op("concat", lambda *t: torch.cat(t, axis), *parts, axis=axis)
        op("stack", lambda *t: torch.stack(t, axis), normal(2, 3), normal(2, 3), axis=axis)
    op("split", lambda t: torch.split(t, 2, 1), normal(2, 6), n=3, axis=1)
    op("split", lambda t: torch.split(t, [1, 3], -1), x, sizes=[1, 3], axis=-1)
    op("tile", lambda t: t.repeat(2, 3), normal(2, 3), repeats=[2, 3])
    op("tile", lambda t: t.repeat(3), normal(3), repeats=[3])
    flat = normal(3, 4)
    op("pad", lambda t: F.pad(t, (0, 1, 1, 2), value=0.5), flat, paddings=[[1, 2], [0, 1]], mode="constant", value=0.5)
    op("pad", lambda t: F.pad(t, (0, 1, 1, 2)), flat, paddings=[[1, 2], [0, 1]], mode="constant", value=0.0)
    for mode, name in [("reflect", "reflect"), ("replicate", "edge")]:
        op("pad", lambda t: F.pad(t[None], (2, 1, 1, 2), mode=mode)[0], flat, paddings=[[1, 2], [2, 1]], mode=name)
        assert np.array_equal(cases[-1]["output"], np.pad(flat, [[1, 2], [2, 1]], mode=name))
    op("slice", lambda t: t[1:2, 0:2, 1:4], x, starts=[1, 0, 1], sizes=[1, 2, 3])
    op("flip", lambda t: t.flip(1), x, axis=1)
    op("flip", lambda t: t.flip(0, 2), x, axis=[0, 2])
    op("broadcastTo", lambda t: t.broadcast_to(2, 3, 4), normal(3, 1), shape=[2, 3, 4])
    op("expandDims", lambda t: t[:, None], normal(2, 3), axis=1)
    op("expandDims", lambda t: t[..., None], normal(2, 3), axis=-1)
    op("squeeze", lambda t: t.squeeze(1), normal(2, 1, 3), axis=1)
    op("squeeze", lambda t: t.squeeze(), normal(1, 2, 1), note="no axis: every axis of length 1")
    op("roll", lambda t: t.roll(1, 1), x, shift=1, axis=1)
    op("roll", lambda t: t.roll(-3, -1), x, shift=-3, axis=-1)
    for k in (0, 1, -1):
        op("tril", lambda t: torch.tril(t, k), normal(3, 4), k=k)
        op("triu", lambda t: torch.triu(t, k), normal(2, 3, 3), k=k)
    op("repeat", lambda t: t.repeat_interleave(2, 1), normal(2, 3), repeats=2, axis=1)
    op("repeat", lambda t: t.repeat_interleave(3, 0), normal(2), repeats=3, axis=0)


def indexing():
    x = normal(4, 3)
    take = lambda axis: lambda t, i: torch.index_select(t, axis, i.reshape(-1)).reshape(
        t.shape[:axis] + i.shape + t.shape[axis + 1 :]
    )
    for shape, axis, index_shape in [((4, 3), 0, (5,)), ((4, 3), 1, (2,)), ((4, 3), 0, (2, 3)), ((2, 4, 3), 1, (2, 2))]:
        t, indices = normal(*shape), integers(shape[axis], *index_shape)
        op("gather", take(axis), t, indices, axis=axis)
        assert np.array_equal(cases[-1]["output"], np.take(t, indices, axis))
    op("takeAlongAxis", lambda t, i: torch.take_along_dim(t, i, 1), x, integers(3, 4, 2), axis=1)
    op("takeAlongAxis", lambda t, i: torch.take_along_dim(t, i, 0), x, integers(4, 2, 3), axis=0)
    one_hot = lambda i: F.one_hot(i, 4).to(torch.float32)
    op("oneHot", one_hot, integers(4, 5), depth=4, gradient=False)
    op("oneHot", one_hot, integers(4, 2, 3), depth=4, gradient=False)
    for axis in (-1, 0):
        for descending in (False, True):
            t = distinct(3, 4)
            op("sort", lambda t: torch.sort(t, axis, descending)[0], t, axis=axis, descending=descending)
            op("argsort", lambda t: torch.argsort(t, axis, descending), t, axis=axis, descending=descending,
               gradient=False)
    op("topK", lambda t: tuple(torch.topk(t, 2)), distinct(3, 5), k=2)
    op("topK", lambda t: tuple(torch.topk(t, 3)), distinct(2, 2, 4), k=3)

    def cumsum(axis, exclusive, reverse):
        def run(t):
            u = t.flip(axis) if reverse else t
            total = torch.cumsum(u, axis)
            if exclusive:
                total = torch.cat([torch.zeros_like(total.narrow(axis, 0, 1)), total.narrow(axis, 0, t.shape[axis] - 1)],
                                  axis)
            return total.flip(axis) if reverse else total
        return run

    for axis, exclusive, reverse in [(0, False, False), (1, True, False), (1, False, True), (-1, True, True)]:
        op("cumsum", cumsum(axis, exclusive, reverse), normal(3, 4), axis=axis, exclusive=exclusive, reverse=reverse)
    repeated = np.array([2, 0, 2, 3], np.int32)
    op("scatterAdd", lambda t, i, u: t.index_add(0, i, u), x, repeated, normal(4, 3), axis=0, note="a repeated index adds twice")
    op("scatterAdd", lambda t, i, u: t.index_add(1, i, u), normal(2, 4), repeated, normal(2, 4), axis=1)


def convolutions():
    def conv(shape, kernel, data_format=None, **args):
        full = {"strides": 1, "padding": "valid", "dilation": 1, "groups": 1} | args
        as_tuple = lambda v: tuple(v) if isinstance(v, list) else v
        options = dict(strides=as_tuple(full["strides"]), padding=full["padding"],
                       dilation_rate=as_tuple(full["dilation"]),
                       data_format="channels_first" if data_format else "channels_last")
        if data_format:
            full["dataFormat"] = data_format
        keras_op("conv", lambda x, k: keras.ops.conv(x, k, **options), normal(*shape), normal(*kernel, scale=0.5), **full)

    conv((2, 7, 2), (3, 2, 3))
    conv((2, 7, 2), (3, 2, 3), padding="same", strides=2)
    conv((1, 8, 2), (3, 2, 2), padding="same", dilation=2)
    conv((2, 5, 5, 2), (3, 3, 2, 3))
    conv((1, 5, 6, 2), (3, 3, 2, 2), padding="same")
    conv((1, 6, 6, 1), (3, 3, 1, 2), padding="same", strides=2)
    conv((1, 5, 6, 2), (2, 4, 2, 2), padding="same")
    conv((1, 7, 6, 1), (2, 3, 1, 2), strides=[2, 3])
    conv((1, 7, 7, 1), (3, 3, 1, 2), padding="same", strides=3)
    conv((1, 7, 8, 1), (3, 2, 1, 2), dilation=[2, 3])
    conv((1, 7, 7, 2), (3, 3, 2, 1), padding="same", dilation=2)
    conv((1, 5, 5, 4), (3, 3, 2, 4), groups=2)
    conv((1, 4, 4, 3), (2, 2, 1, 6), groups=3, padding="same", strides=2)
    conv((1, 4, 4, 3), (1, 1, 3, 2))
    conv((2, 2, 5, 6), (3, 3, 2, 2), data_format="channelsFirst")
    conv((1, 4, 6, 5), (3, 3, 2, 2), data_format="channelsFirst", groups=2, padding="same", strides=2)
    conv((1, 4, 4, 4, 2), (2, 2, 2, 2, 2))
    conv((1, 4, 5, 4, 1), (3, 3, 3, 1, 2), padding="same", strides=2)

    def transpose(shape, kernel, strides, padding):
        as_tuple = tuple(strides) if isinstance(strides, list) else strides
        function = lambda x, k: keras.ops.conv_transpose(x, k, strides=as_tuple, padding=padding)
        x, k = normal(*shape), normal(*kernel, scale=0.5)
        keras_op("convTranspose", function, x, k, strides=strides, padding=padding)
        # By definition it is the gradient of the convolution that has the same kernel.
        steps = [strides] * (len(shape) - 2) if isinstance(strides, int) else strides
        output = cases[-1]["output"]
        _, pull = jax.vjp(lambda y: keras.ops.conv(y, k, strides=tuple(steps), padding=padding), np.zeros_like(output))
        if _.shape == x.shape:
            assert np.allclose(pull(x)[0], output, atol=1e-5), ("convTranspose", shape, kernel, strides, padding)
        else:
            print("  convTranspose is no exact adjoint:", shape, kernel, strides, padding, output.shape)

    transpose((2, 4, 2), (3, 3, 2), 2, "same")
    transpose((2, 4, 2), (3, 3, 2), 2, "valid")
    transpose((1, 3, 3, 2), (3, 3, 2, 2), 1, "valid")
    transpose((1, 3, 3, 2), (3, 3, 2, 2), 1, "same")
    transpose((1, 3, 3, 2), (3, 3, 2, 2), 2, "same")
    transpose((1, 3, 2, 1), (4, 4, 2, 1), 2, "same")
    transpose((1, 3, 2, 2), (2, 3, 1, 2), [2, 3], "valid")
    transpose((1, 2, 3, 1), (2, 2, 2, 1), [3, 3], "valid")
    transpose((1, 2, 2, 2, 1), (3, 3, 3, 2, 1), 2, "same")


def pooling():
    def pool(kind, shape, poolSize, strides, padding, data_format=None):
        function = {"maxPool": keras.ops.max_pool, "averagePool": keras.ops.average_pool}[kind]
        args = {"poolSize": poolSize, "strides": strides, "padding": padding}
        layout = "channels_first" if data_format else "channels_last"
        if data_format:
            args["dataFormat"] = data_format
        as_tuple = lambda v: tuple(v) if isinstance(v, list) else v
        keras_op(kind, lambda x: function(x, as_tuple(poolSize), strides=as_tuple(strides), padding=padding,
                                          data_format=layout),
                 distinct(*shape), **args)

    for kind in ("maxPool", "averagePool"):
        pool(kind, (2, 7, 2), 2, 2, "valid")
        pool(kind, (1, 7, 2), 3, 2, "same")
        pool(kind, (2, 4, 4, 2), 2, 2, "valid")
        pool(kind, (1, 5, 5, 2), [2, 2], [2, 2], "valid")
        pool(kind, (1, 5, 6, 2), [2, 2], [2, 2], "same")
        pool(kind, (1, 5, 6, 1), [3, 3], [2, 2], "same")
        pool(kind, (1, 5, 5, 1), [3, 2], [1, 1], "same")
        pool(kind, (1, 6, 5, 1), [3, 2], [1, 2], "valid")
        pool(kind, (1, 2, 4, 5), [2, 2], [2, 2], "same", "channelsFirst")
        pool(kind, (1, 4, 4, 4, 1), 2, 2, "valid")


def columns():
    """A last axis of 1 against a single number; large ones are computed as a row."""
    functions = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "maximum": torch.maximum,
                 "minimum": torch.minimum}
    for name, function in functions.items():
        for left, right in [((2, 3, 1), ()), ((), (2, 3, 1)), ((1, 1, 1), (5, 1)), ((4, 1), (1,))]:
            b = normal(*right, scale=2)
            op(name, function, normal(*left, scale=2), (np.sign(b) * (np.abs(b) + 0.3)).astype(np.float32))
    for name, function in [("equal", torch.eq), ("less", torch.lt), ("lessEqual", torch.le)]:
        op(name, function, integers(3, 2, 3, 1).astype(np.float32), np.float32(1), gradient=False)


if __name__ == "__main__":
    for section in (unary, activations, binary, reductions, linear_algebra, shape_ops, indexing, convolutions, pooling,
                    columns):
        section()
    write_cases("ops.json", cases)
