"""
Golden values of GPTQ: packages/typegrad/golden/gptq.json. The algorithm of Frantar et al. 2022, section 3, column by column in
float64; where the scales are those of the weights as they were it is held against llm-compressor's `quantize_weight`.

Needs torch, llmcompressor 0.14.0.1 and compressed-tensors 0.20.1 (pip install --no-deps llmcompressor compressed-tensors loguru).
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)


def numbers(seed: int, count: int) -> list[float]:
    """Park and Miller's generator, from −1 to 1: the test makes the same."""
    out = []
    for _ in range(count):
        seed = seed * 16807 % 2147483647
        out.append(2 * seed / 2147483647 - 1)
    return out


def inputs_of(seed: int, samples: int, width: int) -> torch.Tensor:
    """Inputs that go together: each is like the one before it, and some are larger."""
    noise = torch.tensor(numbers(seed, samples * width)).reshape(samples, width)
    x = torch.zeros_like(noise)
    for i in range(width):
        x[:, i] = 0.8 * (x[:, i - 1] if i else 0) + noise[:, i]
    return x * torch.tensor([1.0 + (i % 7) for i in range(width)])


def grid(w: torch.Tensor, bits: int, symmetric: bool):
    """Scales and zero points of groups (rows, group): the extreme at the end of the range, or the range from least to most."""
    low, high = w.amin(-1).clamp(max=0), w.amax(-1).clamp(min=0)
    if symmetric:
        largest = torch.where(high >= -low, high, low)
        scale = (largest / -(2 ** (bits - 1))).float().double()
        return scale, torch.full_like(scale, 2 ** (bits - 1))
    scale = (high - low) / (2**bits - 1)
    zero = (-low / scale).round().clamp(0, 2**bits - 1)
    return scale.float().double(), zero


def to_grid(w, scale, zero, bits):
    return ((w / scale).round() + zero).clamp(0, 2**bits - 1)


def gptq(w, h, bits, group, symmetric, act_order, damping):
    """w: (rows, columns). Numbers (rows, columns), scales and zero points (rows, groups)."""
    rows, columns = w.shape
    w, h = w.clone(), h.clone()
    groups = (columns + group - 1) // group
    scales, zeros = torch.zeros(rows, groups), torch.zeros(rows, groups)
    static = act_order
    if static:
        for g in range(groups):
            scales[:, g], zeros[:, g] = grid(w[:, g * group : (g + 1) * group], bits, symmetric)
    perm = torch.argsort(torch.diag(h), descending=True, stable=True) if act_order else torch.arange(columns)
    w, h = w[:, perm], h[perm][:, perm]
    h += damping * torch.diag(h).mean() * torch.eye(columns)
    u = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(h)), upper=True)
    q = torch.zeros(rows, columns)
    for i in range(columns):
        g = int(perm[i]) // group
        if not static and i % group == 0:
            scales[:, g], zeros[:, g] = grid(w[:, i : i + group], bits, symmetric)
        q[:, i] = to_grid(w[:, i], scales[:, g], zeros[:, g], bits)
        rounded = (q[:, i] - zeros[:, g]) * scales[:, g]
        error = (w[:, i] - rounded) / u[i, i]
        w[:, i:] -= error[:, None] * u[i, i:][None]
    return q[:, torch.argsort(perm)], scales, zeros


def floats(q, scales, zeros, group):
    wide = [t.repeat_interleave(group, 1)[:, : q.shape[1]] for t in (scales, zeros)]
    return (q - wide[1]) * wide[0]


def cost(w, rounded, h):
    """Σ ‖x · δ‖², as a share of Σ ‖x · w‖²."""
    d = w - rounded
    return float(torch.einsum("ri,ij,rj->", d, h, d) / torch.einsum("ri,ij,rj->", w, h, w))


def main() -> None:
    from compressed_tensors.quantization import QuantizationArgs
    from llmcompressor.modifiers.gptq.gptq_quantize import quantize_weight

    cases = []
    for seed, columns, rows, bits, group, symmetric, act_order, damping in (
        (1, 96, 6, 4, 32, True, False, 0.01),
        (2, 80, 5, 4, 32, False, False, 0.01),
        (3, 256, 4, 4, 128, False, False, 0.05),
        (4, 160, 4, 4, 32, True, True, 0.01),
        (5, 256, 4, 4, 128, False, True, 0.01),
        (6, 64, 4, 8, 16, False, True, 0.01),
    ):
        w = torch.tensor(numbers(seed + 100, columns * rows)).reshape(columns, rows).float().double().T
        x = inputs_of(seed, 2 * columns, columns)
        h = x.T @ x
        q, scales, zeros = gptq(w, h, bits, group, symmetric, act_order, damping)
        nearest = [grid(w[:, g : g + group], bits, symmetric) for g in range(0, columns, group)]
        plain = [torch.stack(t, 1) for t in zip(*nearest)]
        wide = [t.repeat_interleave(group, 1)[:, :columns] for t in plain]
        rtn = floats(to_grid(w, *wide, bits), *plain, group)
        ours = cost(w, floats(q, scales, zeros, group), h)
        if act_order:
            args = QuantizationArgs(
                num_bits=bits, group_size=group, strategy="group", symmetric=False, actorder="weight", type="int"
            )
            # Theirs begin at −half.
            theirs, _, _ = quantize_weight(
                w[None].float().clone(), h[None].float().clone(), plain[0][None].float(), (plain[1] - 2 ** (bits - 1))[None].float(),
                None, args, percdamp=damping,
            )
            same = ((theirs[0].double() - floats(q, scales, zeros, group)).abs() < 1e-5).double().mean()
            print("llm-compressor:", float(same), cost(w, theirs[0].double(), h), ours)
            assert same > 0.99
        cases.append({
            "seed": seed, "columns": columns, "rows": rows, "bits": bits, "blockSize": group, "isSymmetric": symmetric,
            "actOrder": act_order, "damping": damping, "numbers": q.int().flatten().tolist(),
            "scales": [float(f"{s:.9g}") for s in scales.flatten()], "zeros": zeros.int().flatten().tolist(),
            "cost": ours, "nearest": cost(w, rtn, h),
        })
        print(cases[-1]["cost"], cases[-1]["nearest"])
    out = pathlib.Path(__file__).parents[2] / "packages/typegrad/golden/gptq.json"
    out.write_text(json.dumps({"torch": torch.__version__, "llmcompressor": "0.14.0.1", "cases": cases}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
