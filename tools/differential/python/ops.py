"""Graphs of ops with first and second derivatives, by PyTorch. A row of OPS takes tensors, then the JSON arguments."""
import numpy as np
import torch
import torch.nn.functional as F

from arrays import from_json, to_json

torch.set_num_threads(1)
DTYPES = {
    "float32": torch.float32, "float64": torch.float64, "int32": torch.int32, "int64": torch.int64,
    "uint8": torch.uint8, "bool": torch.bool,
}


def floating(x):
    return x if x.is_floating_point() else x.to(torch.float32)


def numeric(x):
    return x.to(torch.int32) if x.dtype == torch.bool else x


def axes(x, axis):
    if axis is None:
        return tuple(range(x.dim()))
    return tuple(axis) if isinstance(axis, list) else (axis,)


def pair(f):
    def both(a, b):
        a = numeric(a)
        b = numeric(b) if torch.is_tensor(b) else b
        if not torch.is_tensor(b):
            whole = float(b).is_integer()
            if not a.is_floating_point():
                if not whole:
                    a = a.to(torch.float32)
                elif a.dtype == torch.uint8 and b < 0:
                    a = a.to(torch.int32)
            b = torch.tensor(b if not (whole and not a.is_floating_point()) else int(b), dtype=a.dtype)
        dtype = torch.promote_types(a.dtype, b.dtype)
        return f(a.to(dtype), b.to(dtype))
    return both


def reduced(f):
    def reduce(x, axis=None, options={}):
        over = axes(x, axis)
        keep = options.get("keepDims", False)
        if x.dim() == 0:
            return f(x.reshape(1), (0,), False)
        return f(x, over, keep)
    return reduce


def product(x, over, keep):
    for axis in sorted((a % x.dim() for a in over), reverse=True):
        x = torch.prod(x, axis, keepdim=keep)
    return x


def arg(f):
    def reduce(x, axis=None, options={}):
        keep = options.get("keepDims", False)
        x = numeric(x)
        if axis is None:
            result = f(x.reshape(-1), 0, False)
            return result.reshape([1] * x.dim()) if keep else result
        return f(x, axis, keep)
    return reduce


def first_of_extremes(largest):
    """torch.argmax says which of equal elements it takes on no backend: the first, as NumPy."""
    def find(x, axis, keep):
        f = np.argmax if largest else np.argmin
        return torch.from_numpy(np.asarray(f(x.detach().numpy(), axis=axis, keepdims=keep)))
    return find


def cumsum(x, axis=0, options={}):
    x = x.to(torch.int32) if x.dtype in (torch.bool, torch.uint8) else x
    if options.get("reverse"):
        x = x.flip(axis)
    total = torch.cumsum(x, axis, dtype=x.dtype)
    if options.get("exclusive"):
        zero = torch.zeros_like(x.narrow(axis, 0, min(1, x.shape[axis])))
        total = torch.cat([zero, total.narrow(axis, 0, max(0, x.shape[axis] - 1))], axis)
    return total.flip(axis) if options.get("reverse") else total


def bool_of(x):
    return x != 0


def softplus(x):
    return torch.logaddexp(x, torch.zeros_like(x))


def each(value, rank):
    return [value] * rank if isinstance(value, int) else list(value)


def same(length, window, stride, dilation=1):
    total = max(0, (-(-length // stride) - 1) * stride + (window - 1) * dilation + 1 - length)
    return total // 2, total - total // 2


def first(x, options):
    return x if options.get("dataFormat") == "channelsFirst" else x.movedim(-1, 1)


def back(x, options):
    return x if options.get("dataFormat") == "channelsFirst" else x.movedim(1, -1)


def window_padding(options, spatial, window, strides, dilation):
    mode = options.get("padding", "valid")
    if mode == "valid":
        return [(0, 0)] * len(spatial)
    if mode == "causal":
        return [((w - 1) * d, 0) for w, d in zip(window, dilation)]
    return [same(*each) for each in zip(spatial, window, strides, dilation)]


def padded(x, padding, value=0.0):
    flat = [n for before_after in reversed(padding) for n in before_after]
    return F.pad(x, flat, value=value)


def conv(x, kernel, options={}):
    x, kernel = first(floating(x), options), floating(kernel)
    rank = x.dim() - 2
    strides, dilation = each(options.get("strides", 1), rank), each(options.get("dilation", 1), rank)
    padding = window_padding(options, x.shape[2:], kernel.shape[:rank], strides, dilation)
    weights = kernel.permute(rank + 1, rank, *range(rank))
    f = [F.conv1d, F.conv2d, F.conv3d][rank - 1]
    return back(f(padded(x, padding), weights, stride=strides, dilation=dilation, groups=options.get("groups", 1)), options)


def conv_transpose(x, kernel, options={}):
    x = first(floating(x), options)
    rank = x.dim() - 2
    strides, dilation = each(options.get("strides", 1), rank), each(options.get("dilation", 1), rank)
    weights = kernel.permute(rank + 1, rank, *range(rank))
    f = [F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d][rank - 1]
    whole = f(x, weights, stride=strides, dilation=dilation)
    for i in range(rank):
        span = (kernel.shape[i] - 1) * dilation[i] + 1
        length, stride = x.shape[2 + i], strides[i]
        if options.get("padding", "valid") == "valid":
            before, wanted = 0, (length - 1) * stride + max(span, stride)
        else:
            before, wanted = max(span - stride, 0) // 2, length * stride
        missing = before + wanted - whole.shape[2 + i]
        if missing > 0:
            whole = padded(whole, [(0, missing) if j == i else (0, 0) for j in range(rank)])
        whole = whole.narrow(2 + i, before, wanted)
    return back(whole, options)


def pool(largest):
    def of(x, options={}):
        x = first(floating(x), options)
        rank = x.dim() - 2
        window = each(options.get("poolSize", 2), rank)
        strides = each(options.get("strides", window), rank)
        padding = window_padding(options, x.shape[2:], window, strides, [1] * rank)
        if largest:
            result = padded(x, padding, -torch.inf)
            for i in range(rank):
                result = result.unfold(2 + i, window[i], strides[i])
            return back(result.flatten(2 + rank).amax(-1), options)
        total, count = padded(x, padding), padded(torch.ones_like(x), padding)
        for i in range(rank):
            total, count = (t.unfold(2 + i, window[i], strides[i]) for t in (total, count))
        return back(total.flatten(2 + rank).sum(-1) / count.flatten(2 + rank).sum(-1), options)
    return of


def adaptive(functions):
    def of(x, options):
        x = first(floating(x), options)
        rank = x.dim() - 2
        return back(functions[rank - 1](x, each(options["outputSize"], rank)), options)
    return of


def pad(x, padding, options={}):
    mode = options.get("mode", "constant")
    if mode == "constant":
        return padded(x, padding, options.get("value", 0))
    for axis, (before, after) in enumerate(padding):
        where = np.pad(np.arange(x.shape[axis]), (before, after), mode=mode)
        x = x.index_select(axis, torch.from_numpy(where))
    return x


def strided(x, axis, start, stop, step):
    where = np.arange(x.shape[axis])[start:stop:step].copy()
    return x.index_select(axis, torch.from_numpy(where))


def gather(x, indices, axis=0):
    where = indices.long() % x.shape[axis]
    picked = x.index_select(axis, where.reshape(-1))
    at = axis % x.dim()
    return picked.reshape(*x.shape[:at], *indices.shape, *x.shape[at + 1:])


def clip(x, options):
    """By torch.maximum, whose derivative at the bound is a half, as here."""
    if "min" in options:
        x = torch.maximum(x, torch.tensor(options["min"], dtype=x.dtype))
    if "max" in options:
        x = torch.minimum(x, torch.tensor(options["max"], dtype=x.dtype))
    return x


def slice_(x, starts, sizes):
    for axis, (start, size) in enumerate(zip(starts, sizes)):
        start = start + x.shape[axis] if start < 0 else start
        x = x.narrow(axis, start, x.shape[axis] - start if size == -1 else size)
    return x


def tile(x, repeats):
    return x.tile(repeats) if len(repeats) >= x.dim() else x.tile([1] * (x.dim() - len(repeats)) + repeats)


def scatter_add(x, indices, updates, axis=0):
    return x.index_add(axis, indices.long(), updates.to(x.dtype))


def normalize(x, axis=-1, epsilon=1e-12):
    x = floating(x)
    return x / torch.sqrt(torch.clamp((x * x).sum(axis, keepdim=True), min=epsilon))


def sort(x, axis=-1, options={}):
    return torch.sort(x, dim=axis, descending=options.get("descending", False), stable=True)


def one_hot(indices, depth):
    return (indices[..., None] == torch.arange(depth)).to(torch.float32)


def variance(x, over, keep):
    x = floating(x)
    return (x - x.mean(over, keepdim=True)).square().mean(over, keepdim=keep)


def countable(x):
    return x.to(torch.int32) if x.dtype in (torch.bool, torch.uint8) else x


def same_dtype(tensors):
    dtype = tensors[0].dtype
    for t in tensors:
        dtype = torch.promote_types(dtype, t.dtype)
    return [t.to(dtype) for t in tensors]


def matmul(a, b):
    return torch.matmul(*same_dtype([countable(a), countable(b)]))


def product_of_all(a, b):
    a, b = same_dtype([countable(a), countable(b)])
    return (a * b).sum().to(a.dtype)


def sinh(x):
    return torch.sinh(floating(x))


OPS = {
    "neg": lambda x: -numeric(x), "abs": lambda x: numeric(x).abs(),
    "sign": lambda x: torch.where(torch.isnan(x), x, torch.sign(x)) if x.is_floating_point() else torch.sign(numeric(x)),
    "exp": lambda x: torch.exp(floating(x)), "expm1": lambda x: torch.expm1(floating(x)),
    "log": lambda x: torch.log(floating(x)), "log1p": lambda x: torch.log1p(floating(x)),
    "sqrt": lambda x: torch.sqrt(floating(x)), "rsqrt": lambda x: torch.rsqrt(floating(x)),
    "square": lambda x: numeric(x) * numeric(x), "reciprocal": lambda x: torch.reciprocal(floating(x)),
    "sin": lambda x: torch.sin(floating(x)), "cos": lambda x: torch.cos(floating(x)), "tan": lambda x: torch.tan(floating(x)),
    "asin": lambda x: torch.asin(floating(x)), "acos": lambda x: torch.acos(floating(x)), "atan": lambda x: torch.atan(floating(x)),
    "sinh": sinh, "cosh": lambda x: torch.cosh(floating(x)), "tanh": lambda x: torch.tanh(floating(x)),
    "sigmoid": lambda x: torch.sigmoid(floating(x)), "relu": lambda x: torch.relu(numeric(x)), "erf": lambda x: torch.erf(floating(x)),
    "floor": lambda x: torch.floor(x) if x.is_floating_point() else x, "ceil": lambda x: torch.ceil(x) if x.is_floating_point() else x,
    "round": lambda x: torch.round(x) if x.is_floating_point() else x, "isNaN": lambda x: torch.isnan(x),
    "logicalNot": lambda x: ~bool_of(x), "stopGradient": lambda x: x.detach(),
    "relu6": lambda x: clip(x, {"min": 0, "max": 6}), "leakyRelu": lambda x: torch.where(x > 0, x, 0.2 * x),
    "elu": lambda x: F.elu(x), "selu": lambda x: F.selu(x),
    "gelu": lambda x, o: F.gelu(x, approximate="tanh" if o["approximate"] else "none"),
    "softplus": softplus, "softsign": lambda x: F.softsign(x), "silu": lambda x: x * torch.sigmoid(x),
    "hardSigmoid": lambda x: clip(x + 3, {"min": 0, "max": 6}) / 6, "hardSilu": lambda x: x * clip(x + 3, {"min": 0, "max": 6}) / 6,
    "mish": lambda x: x * torch.tanh(softplus(x)), "tanhShrink": lambda x: x - torch.tanh(x),
    "add": pair(torch.add), "sub": pair(torch.sub), "mul": pair(torch.mul),
    "div": pair(lambda a, b: torch.div(floating(a), floating(b))), "mod": pair(torch.remainder),
    "floorDiv": pair(torch.floor_divide), "pow": pair(torch.pow),
    "maximum": pair(torch.maximum), "minimum": pair(torch.minimum),
    "equal": pair(torch.eq), "notEqual": pair(torch.ne), "less": pair(torch.lt), "lessEqual": pair(torch.le),
    "greater": pair(torch.gt), "greaterEqual": pair(torch.ge),
    "logicalAnd": lambda a, b: bool_of(a) & bool_of(b if torch.is_tensor(b) else torch.tensor(b)),
    "logicalOr": lambda a, b: bool_of(a) | bool_of(b if torch.is_tensor(b) else torch.tensor(b)),
    "logicalXor": lambda a, b: bool_of(a) ^ bool_of(b if torch.is_tensor(b) else torch.tensor(b)),
    "where": lambda c, a, b: torch.where(bool_of(c), *same_dtype([a, b])), "clip": clip,
    "cast": lambda x, dtype: bool_of(x) if dtype == "bool" else x.to(DTYPES[dtype]),
    "sum": reduced(lambda x, over, keep: torch.sum(countable(x), over, keep, dtype=countable(x).dtype)),
    "mean": reduced(lambda x, over, keep: floating(x).mean(over, keepdim=keep)),
    "prod": reduced(lambda x, over, keep: product(countable(x), over, keep)),
    "max": reduced(lambda x, over, keep: torch.amax(x, over, keep)), "min": reduced(lambda x, over, keep: torch.amin(x, over, keep)),
    "variance": reduced(variance), "std": reduced(lambda x, over, keep: torch.sqrt(variance(x, over, keep))),
    "any": reduced(lambda x, over, keep: torch.amax(bool_of(x).int(), over, keep) > 0 if x.numel() else torch.sum(x, over, keep) > 0),
    "all": reduced(lambda x, over, keep: torch.amin(bool_of(x).int(), over, keep) > 0 if x.numel() else torch.sum(x, over, keep) == 0),
    "logSumExp": reduced(lambda x, over, keep: torch.logsumexp(floating(x), over, keep)),
    "norm": reduced(lambda x, over, keep: torch.sqrt((x * x).sum(over, keepdim=keep))),
    "argMax": arg(first_of_extremes(True)), "argMin": arg(first_of_extremes(False)),
    "softmax": lambda x, axis=-1: F.softmax(floating(x), axis), "logSoftmax": lambda x, axis=-1: F.log_softmax(floating(x), axis),
    "normalize": normalize, "cumsum": cumsum,
    "sort": lambda x, axis=-1, o={}: sort(x, axis, o)[0], "argsort": lambda x, axis=-1, o={}: sort(x, axis, o)[1],
    "topK": lambda x, k: (lambda s: {"values": s[0][..., :k], "indices": s[1][..., :k]})(sort(x, -1, {"descending": True})),
    "reshape": lambda x, shape: x.reshape(shape), "flatten": lambda x: x.reshape(-1),
    "transpose": lambda x, order=None: x.permute(order if order is not None else list(reversed(range(x.dim())))),
    "expandDims": lambda x, axis: x.unsqueeze(axis), "squeeze": lambda x, axis=None: x.squeeze() if axis is None else x.squeeze(axis),
    "broadcastTo": lambda x, shape: x.broadcast_to(shape),
    "concat": lambda x, axis=0: torch.cat(same_dtype(x), axis), "stack": lambda x, axis=0: torch.stack(same_dtype(x), axis),
    "split": lambda x, parts, axis=0: torch.split(x, parts if isinstance(parts, list) else max(1, x.shape[axis] // parts), axis),
    "unstack": lambda x, axis=0: torch.unbind(x, axis), "slice": slice_,
    "at": lambda x, position, axis=0: x.select(axis, position), "stridedSlice": strided,
    "flip": lambda x, axis=None: x.flip(axes(x, axis)), "roll": lambda x, shift, axis=0: x.roll(shift, axis),
    "tile": tile, "repeat": lambda x, n, axis=0: x.repeat_interleave(n, axis), "pad": pad,
    "tril": lambda x, k=0: x.tril(k), "triu": lambda x, k=0: x.triu(k),
    "gather": gather,
    "takeAlongAxis": lambda x, i, axis=-1: torch.gather(x, axis, i.long() % x.shape[axis]),
    "scatterAdd": scatter_add, "oneHot": one_hot, "matmul": matmul,
    "outer": lambda a, b: torch.outer(*same_dtype([countable(a), countable(b)])), "dot": product_of_all,
    "conv": conv, "convTranspose": conv_transpose, "maxPool": pool(True), "averagePool": pool(False),
    "adaptiveAveragePool": adaptive([F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d]),
    "adaptiveMaxPool": adaptive([F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d]),
    "einsum": lambda equation, *x: torch.einsum(equation, *x),
}


def call(node, tensors):
    given = [tensors[ref] for ref in node["inputs"]]
    args = node["args"]
    if node["op"] in ("concat", "stack"):
        result = OPS[node["op"]](given, *args)
    elif node["op"] == "einsum":
        result = OPS["einsum"](args[0], *given)
    else:
        result = OPS[node["op"]](*given, *args)
    take = node.get("take")
    return result if take is None else result[take]


def wave(shape, dtype, f, by, shift):
    """f(by · i + shift) for the i-th element, whatever the shape."""
    n = int(np.prod(shape))
    return torch.from_numpy(f(np.arange(n, dtype=np.float64) * by + shift).reshape(list(shape))).to(dtype)


def total(tensors, f, by, shift):
    value = torch.zeros((), dtype=torch.float64)
    for t in tensors:
        if t.is_floating_point():
            value = value + (t * wave(t.shape, t.dtype, f, by, shift)).sum().to(torch.float64)
    return value


def gradients(value, leaves, again):
    if not value.requires_grad:
        return [torch.zeros_like(x) for x in leaves]
    found = torch.autograd.grad(value, leaves, create_graph=again, allow_unused=True)
    return [torch.zeros_like(x) if g is None else g for g, x in zip(found, leaves)]


def answer(spec, _other=None):
    inputs = [torch.from_numpy(from_json(x)) for x in spec["inputs"]]
    leaves = [x.requires_grad_() for x in inputs if x.is_floating_point()]
    tensors = {f"x{i}": x for i, x in enumerate(inputs)}
    for i, node in enumerate(spec["nodes"]):
        tensors[f"n{i}"] = call(node, tensors)
    taken = {ref for node in spec["nodes"] for ref in node["inputs"]}
    outputs = [tensors[ref] for i in range(len(spec["nodes"])) if (ref := f"n{i}") not in taken]
    result = {"outputs": [to_json(t.detach().numpy()) for t in outputs]}
    if spec["order"] >= 1 and leaves:
        first_order = gradients(total(outputs, np.cos, 0.7, 0.3), leaves, spec["order"] >= 2)
        result["first"] = [to_json(g.detach().numpy()) for g in first_order]
        if spec["order"] >= 2:
            second = gradients(total(first_order, np.sin, 0.9, 0.5), leaves, False)
            result["second"] = [to_json(g.detach().numpy()) for g in second]
    return result
