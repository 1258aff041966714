"""What the golden values of transformers have in common.

A small model of Hugging Face is filled with numbers that typegrad's tests make too (of the weight's name and index), so that
no weights are kept: the file has the configuration, names and shapes of all weights, and for each case inputs, outputs,
hidden states, and of the gradient of sum(output · cotangent) with respect to each weight its length and three projections.
"""

import json
from pathlib import Path

import numpy as np
import torch
import transformers

FOLDER = Path(__file__).parents[2] / "packages/transformers/golden"


def fnv1a(text: str) -> int:
    value = 2166136261
    for byte in text.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


def numbers(name: str, count: int) -> np.ndarray:
    """Numbers from -1 to 1 that depend on a name and on their index alone: a hash of 32 bits (Wellons's lowbias32)."""
    x = (np.arange(count, dtype=np.uint64) + fnv1a(name)).astype(np.uint32)
    x ^= x >> np.uint32(16)
    x = (x.astype(np.uint64) * 0x7FEB352D).astype(np.uint32)
    x ^= x >> np.uint32(15)
    x = (x.astype(np.uint64) * 0x846CA68B).astype(np.uint32)
    x ^= x >> np.uint32(16)
    return (x.astype(np.float64) / 2**31 - 1).astype(np.float32)


def shaped(name: str, shape, base: float, scale: float) -> torch.Tensor:
    count = int(np.prod(shape))
    return torch.from_numpy((base + scale * numbers(name, count).astype(np.float64)).astype(np.float32)).reshape(tuple(shape))


class Hashed:
    """An input of numbers from -1 to 1 that typegrad's tests make too."""

    def __init__(self, name: str, *shape: int):
        self.name, self.shape = name, shape

    def tensor(self) -> torch.Tensor:
        return shaped(self.name, self.shape, 0.0, 1.0)


def same_names(name: str) -> str:
    return name


def in_checkpoint(parameters, names=same_names) -> dict:
    """
    Tensors by the names of checkpoints, each a list: several parameters of one name are one tensor of the file, one below
    the other.
    """
    tensors = {}
    for name, tensor in parameters:
        tensors.setdefault(names(name), []).append(tensor)
    return tensors


def named(model: torch.nn.Module) -> list:
    """Parameters by the names that saved checkpoints have for them: of tied ones the first."""
    tied = getattr(model, "_tied_weights_keys", None) or {}
    # Before transformers 5 it was a list of the second names alone, which named_parameters leaves out.
    tied = tied if isinstance(tied, dict) else {}
    return [(tied.get(name, name), weight) for name, weight in model.named_parameters()]


def fill(model: torch.nn.Module, keep: tuple = (), names=same_names) -> list:
    """
    Gives all weights numbers. Returns their names, shapes, and how they were made.

    keep: parts of names of weights that stay as they are, and that files do not have, such as tables of sinusoids.
    names: what checkpoints call a parameter.
    """
    made = []
    with torch.no_grad():
        for name, parts in in_checkpoint(named(model) + persistent_buffers(model), names).items():
            shape = list(parts[0].shape)
            if len(parts) > 1:
                shape[0] = sum(part.shape[0] for part in parts)
            if not parts[0].dtype.is_floating_point or any(part in name for part in keep):
                continue
            is_vector = len(shape) <= 1
            base = 1.0 if is_vector and name.endswith("weight") else 0.0
            scale = 0.2 if is_vector else 1.5 / np.sqrt(shape[-1])
            scale = float(np.float32(scale))
            whole = shaped(name, shape, base, scale)
            values = whole.split([part.shape[0] for part in parts]) if len(parts) > 1 else [whole]
            for part, value in zip(parts, values):
                part.copy_(value)
            made.append({"name": name, "shape": shape, "base": base, "scale": scale})
    return made


def persistent_buffers(model):
    saved = model.state_dict()
    parameters = {name for name, _ in model.named_parameters()}
    return [(n, b) for n, b in model.named_buffers() if n in saved and n not in parameters]


def rounded(values, digits: int = 7) -> list:
    return [float(f"{float(v):.{digits}g}") for v in np.asarray(values, dtype=np.float64).reshape(-1)]


def given(x) -> torch.Tensor:
    return x.tensor() if isinstance(x, Hashed) else x if torch.is_tensor(x) else torch.tensor(x)


def recorded_input(x) -> dict:
    """An input as the file has it."""
    if isinstance(x, Hashed):
        return {"shape": list(x.shape), "dtype": "float32", "hashed": x.name}
    values = given(x)
    return {**tensor(values), "dtype": "float32" if values.dtype.is_floating_point else "int32"}


OUTPUTS = (
    "last_hidden_state", "pooler_output", "start_logits", "end_logits", "logits", "encoder_last_hidden_state",
    "text_embeds", "image_embeds", "logits_per_text", "logits_per_image",
)


def tensor(x: torch.Tensor) -> dict:
    return {"shape": list(x.shape), "values": rounded(x.detach().numpy())}


def projections(name: str, gradient: torch.Tensor) -> dict:
    flat = gradient.detach().numpy().reshape(-1).astype(np.float64)
    return {
        "length": rounded([np.linalg.norm(flat)])[0],
        "along": rounded([flat @ numbers(f"{name}#{i}", flat.size).astype(np.float64) for i in range(3)]),
    }


def mask_of(given: dict):
    """The mask of the sequences that the main output is of: in an encoder-decoder the decoder's."""
    return given.get("decoder_attention_mask" if "decoder_input_ids" in given else "attention_mask")


def dump(file: str, model, cases: list, output: str = "logits", gradients=True, keep: tuple = (), names=same_names, **options) -> None:
    """
    Writes packages/transformers/golden/<file>.json: what `recorded` gives of a model.
    """
    write(file, recorded(model, cases, output, gradients, keep, names, **options))


def write(file: str, content) -> None:
    FOLDER.mkdir(exist_ok=True, parents=True)
    path = FOLDER / f"{file}.json"
    path.write_text(json.dumps(content) + "\n")
    print(f"{file}: {path.stat().st_size / 1000:.0f} kB")


def recorded(model, cases: list, output: str = "logits", gradients=True, keep: tuple = (), names=same_names, **options) -> dict:
    """
    A model's configuration and weights, and what it gives for each case.

    cases: a list of dictionaries of inputs, by Hugging Face's names; lists of whole numbers, tensors, or Hashed ones.
    output: the output that the gradients are of, and that is compared.
    gradients: whether there are any, the numbers of the cases that have some, or a function that says of which weights, by
        their names.
    keep, names: see fill.
    options: passed to the model's call.
    """
    weights = fill(model, keep, names)
    model.eval()
    config = model.config.to_dict()
    config["architectures"] = [type(model).__name__]
    results = []
    for i, inputs in enumerate(cases):
        tensors = {k: given(v) for k, v in inputs.items()}
        model.zero_grad()
        result = model(**tensors, output_hidden_states=True, **options)
        main = result[output]
        case = {
            "inputs": {k: recorded_input(v) for k, v in inputs.items()},
            "outputs": {k: tensor(v) for k, v in result.items() if torch.is_tensor(v) and v.dtype.is_floating_point and k in (output, *OUTPUTS)},
        }
        states = getattr(result, "hidden_states", None) or getattr(result, "decoder_hidden_states", None)
        if states is not None:
            # A few numbers of each: the last one is in the outputs, mostly.
            case["states"] = [projections(f"state {n}", s) for n, s in enumerate(states)]
        encoder_states = getattr(result, "encoder_hidden_states", None)
        if encoder_states is not None:
            case["encoderStates"] = [projections(f"encoder state {n}", s) for n, s in enumerate(encoder_states)]
        if gradients is True or callable(gradients) or (gradients and i in gradients):
            kept = gradients if callable(gradients) else lambda name: True
            cotangent = shaped("cotangent", main.shape, 0.0, 1.0)
            mask = mask_of(tensors)
            # What stands at padding is anything.
            if mask is not None and main.shape[:2] == mask.shape:
                cotangent = cotangent * mask.reshape(*mask.shape, *[1] * (main.ndim - 2))
            (main * cotangent).sum().backward()
            grads = [(n, p.grad) for n, p in named(model) if p.grad is not None and kept(n)]
            case["gradients"] = {
                n: projections(n, torch.cat(parts) if len(parts) > 1 else parts[0])
                for n, parts in in_checkpoint(grads, names).items()
            }
        results.append(case)
    return {
        "transformers": transformers.__version__,
        "config": config, "output": output, "weights": weights, "cases": results,
    }
