"""Attention by PyTorch's scaled_dot_product_attention: writes golden/attention.json.

Tensors are (batch, steps, heads, dim), as Keras and typegrad have them. What positions hide (causal, a sliding window, queries
that begin somewhere among the keys) is told to torch as a mask. Of a query that sees nothing torch gives zeros, and so does
typegrad. `gradients` are those of the sum of output · cotangent in query, key and value; `second` those of the sum of
gradients times what they are the gradients of. All in float64; soft-capping, which torch's function lacks, in its operations.
"""

import numpy as np
import torch
from golden_json import write_cases
from torch.nn.attention import SDPBackend, sdpa_kernel

RANDOM = np.random.RandomState(31)


def seen_by_position(queries, keys, causal, window, offset):
    away = offset + np.arange(queries)[:, None] - np.arange(keys)
    seen = np.ones((queries, keys), bool)
    if causal:
        seen &= away >= 0
    if window is not None:
        seen &= np.abs(away) < window
    return seen


def padding(kind, batch, queries, keys):
    """Which keys are there, after or before padding of another length in each sample; or anything."""
    if kind is None:
        return None
    if kind == "any":
        return RANDOM.rand(batch, 1, queries, keys) < 0.6
    lengths = RANDOM.randint(0 if kind == "empty" else 1, keys + 1, batch)
    there = np.arange(keys) < lengths[:, None]
    return (there[:, ::-1] if kind == "left" else there)[:, None, None]


def attention(q, k, v, seen, scale, soft_cap):
    q, k, v = (t.transpose(1, 2) for t in (q, k, v))
    if soft_cap is None:
        output = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=seen, scale=scale, enable_gqa=True)
    else:
        k, v = (t.repeat_interleave(q.shape[1] // t.shape[1], 1) for t in (k, v))
        scores = q @ k.transpose(-1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale)
        scores = soft_cap * torch.tanh(scores / soft_cap)
        weights = scores.masked_fill(~seen, -torch.inf).softmax(-1)
        output = weights.masked_fill(~seen, 0) @ v
    return output.transpose(1, 2)


def case(queries, keys, heads=2, key_heads=None, causal=False, window=None, offset=0, mask=None, scale=None, soft_cap=None):
    batch, dim, value_dim = 2, 3, 2
    key_heads = heads if key_heads is None else key_heads
    shapes = [(batch, queries, heads, dim), (batch, keys, key_heads, dim), (batch, keys, key_heads, value_dim)]
    inputs = [RANDOM.randn(*shape).astype("float32") for shape in shapes]
    cotangent = RANDOM.randn(batch, queries, heads, value_dim).astype("float32")
    given = padding(mask, batch, queries, keys)
    seen = seen_by_position(queries, keys, causal, window, offset)
    both = seen if given is None else seen & given
    q, k, v = (torch.tensor(x.astype("float64"), requires_grad=True) for x in inputs)
    with sdpa_kernel(SDPBackend.MATH):
        output = attention(q, k, v, torch.tensor(both), scale, soft_cap)
        first = torch.autograd.grad((output * torch.tensor(cotangent)).sum(), (q, k, v), create_graph=True)
        second = torch.autograd.grad(sum((g * x.detach()).sum() for g, x in zip(first, (q, k, v))), (q, k, v))
    results = {"output": output, "gradients": first, "second": second}
    assert all(torch.isfinite(t).all() for t in (output, *first, *second))
    options = {"causal": causal, "slidingWindow": window, "queryOffset": offset, "scale": scale, "softCap": soft_cap}
    single = lambda t: t.detach().numpy().astype("float32")
    return {
        "options": {name: value for name, value in options.items() if value is not None},
        "mask": given,
        "inputs": inputs,
        "cotangent": cotangent,
        "output": single(results["output"]),
        "gradients": [single(t) for t in first],
        "second": [single(t) for t in second],
    }


cases = [
    case(3, 5),
    case(1, 1, causal=True),
    case(4, 4, causal=True),
    case(5, 3, causal=True),
    case(3, 5, causal=True),
    case(5, 5, causal=True, window=2),
    case(5, 5, window=2),
    case(6, 3, causal=True, window=2),  # the last queries see nothing
    case(1, 6, causal=True, offset=3),
    case(2, 6, causal=True, offset=4),
    case(2, 6, causal=True, window=3, offset=3),
    case(4, 4, causal=True, offset=1),
    case(4, 4, causal=True, offset=-2),  # the first queries see nothing
    case(4, 4, causal=True, offset=-1, window=1),
    case(3, 4, mask="right"),
    case(3, 4, mask="left"),
    case(4, 4, mask="right", causal=True),
    case(4, 4, mask="left", causal=True),
    case(2, 5, mask="left", causal=True, offset=3),
    case(3, 4, mask="empty"),
    case(4, 4, mask="any"),
    case(4, 4, mask="any", causal=True, window=3),
    case(3, 4, heads=4, key_heads=2),
    case(4, 4, heads=4, key_heads=1, causal=True),
    case(4, 4, heads=6, key_heads=3, causal=True, mask="left", window=3),
    case(1, 5, heads=4, key_heads=2, causal=True, offset=2),
    case(3, 4, scale=1.0),
    case(4, 4, causal=True, soft_cap=0.7),
    case(3, 5, soft_cap=0.5, scale=1.5, mask="right", heads=4, key_heads=2),
]
write_cases("attention.json", cases)
