"""
Golden values of models that were made smaller: packages/transformers/golden/shrink.json.

gptq: what the sequential algorithm of Frantar et al. 2022 makes of whole models in float64 (`gptq` of make_gptq.py): one block
after the other, in it one group of layers of the same input after the other. heads: logits with heads at zero, which
transformers 5 no longer removes.
"""

import torch
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig, Qwen3Config

from make_gptq import floats, gptq, grid, to_grid
from transformers_golden import fill, rounded, tensor, write

torch.set_default_dtype(torch.float32)
sizes = dict(vocab_size=41, pad_token_id=0, bos_token_id=1, eos_token_id=2, attn_implementation="eager")
llama = dict(
    **sizes, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=64, tie_word_embeddings=True,
)
gpt2 = dict(**sizes, n_embd=32, n_layer=2, n_head=4, n_positions=64)
generator = torch.Generator().manual_seed(4)
batches = [{"input_ids": torch.randint(3, 41, (6, 16), generator=generator)} for _ in range(3)]
for batch in batches:
    batch["attention_mask"] = torch.ones_like(batch["input_ids"])
# At the end: with nothing to see, rows of padding are NaN in float64.
batches[1]["attention_mask"][:3, 11:] = 0
asked = {"input_ids": torch.randint(3, 41, (2, 12), generator=generator), "attention_mask": torch.ones(2, 12, dtype=torch.int64)}


def made(config):
    model = AutoModelForCausalLM.from_config(config)
    weights = fill(model)
    config = model.config.to_dict()
    config["architectures"] = [type(model).__name__]
    return model.eval(), {"config": config, "weights": weights}


@torch.no_grad()
def logits(model):
    return model(**asked).logits


@torch.no_grad()
def quantized(model, groups, nearest=False, **options):
    """Rounds the layers of each group in place. Conv1D has (inputs, outputs)."""
    found = dict(model.named_modules())
    torch.set_default_dtype(torch.float64)
    model.double()
    told = {}
    for group in groups:
        first = found[group[0]]
        width = first.weight.shape[0] if "Conv1D" in type(first).__name__ else first.weight.shape[1]
        h = torch.zeros(width, width, dtype=torch.float64)
        for batch in batches:
            given = []
            handle = first.register_forward_pre_hook(lambda _, args: given.append(args[0]))
            model(**batch)
            handle.remove()
            x = given[0].double()[batch["attention_mask"] == 1]
            assert x.isfinite().all(), group
            h += x.T @ x
        for name in group:
            turned = "Conv1D" in type(found[name]).__name__
            w = found[name].weight.data.T if turned else found[name].weight.data
            if nearest:
                size = options["group"]
                fitted = [grid(w[:, g : g + size], options["bits"], options["symmetric"]) for g in range(0, w.shape[1], size)]
                scales, zeros = (torch.stack(t, 1) for t in zip(*fitted))
                wide = [t.repeat_interleave(size, 1)[:, : w.shape[1]] for t in (scales, zeros)]
                q = to_grid(w, *wide, options["bits"])
            else:
                q, scales, zeros = gptq(w, h, **options)
                told[name] = "".join(f"{int(n):x}" for n in q.flatten())
            value = floats(q, scales, zeros, options["group"])
            found[name].weight.data = (value.T if turned else value).contiguous()
    model.float()
    torch.set_default_dtype(torch.float32)
    return told


groups = {
    "llama": [
        [f"model.layers.{b}.{name}" for name in names]
        for b in range(2)
        for names in (
            ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"), ("self_attn.o_proj",),
            ("mlp.gate_proj", "mlp.up_proj"), ("mlp.down_proj",),
        )
    ],
    "gpt2": [
        [f"transformer.h.{b}.{name}"] for b in range(2) for name in ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj")
    ],
}
cases = []
for kind, config, options in (
    ("llama", LlamaConfig(**llama), dict(bits=4, group=32, symmetric=True, act_order=False, damping=0.01)),
    ("gpt2", GPT2Config(**gpt2), dict(bits=4, group=16, symmetric=False, act_order=True, damping=0.01)),
):
    model, described = made(config)
    exact = logits(model)
    told = quantized(model, groups[kind], **options)
    after = logits(model)
    other, _ = made(config)
    quantized(other, groups[kind], nearest=True, **options)
    error, plain = ((x - exact).norm() / exact.norm() for x in (after, logits(other)))
    print(kind, float(error), float(plain))
    assert error < plain
    cases.append({**described, "options": options, "numbers": told, "logits": tensor(after), "error": float(error), "nearest": float(plain)})

heads = []
for kind, config, lost in (
    ("gpt2", GPT2Config(**{**gpt2, "attn_pdrop": 0.0}), {0: [1], 1: [3]}),
    ("llama", LlamaConfig(**llama), {0: [1], 1: [0]}),
    ("qwen3", Qwen3Config(**{**llama, "num_key_value_heads": 4, "num_attention_heads": 8}, head_dim=6), {0: [0, 2], 1: [3, 1]}),
):
    model, described = made(config)
    with torch.no_grad():
        for block, removed in lost.items():
            if kind == "gpt2":
                dim = config.n_embd // config.n_head
                for head in removed:
                    model.transformer.h[block].attn.c_proj.weight[head * dim : (head + 1) * dim] = 0
            else:
                attention = model.model.layers[block].self_attn
                # Of each head of keys all heads that read it.
                size = attention.head_dim * config.num_attention_heads // config.num_key_value_heads
                for head in removed:
                    attention.o_proj.weight[:, head * size : (head + 1) * size] = 0
    heads.append({**described, "removed": lost, "logits": tensor(logits(model))})

write("shrink", {
    "batches": [{k: tensor(v) for k, v in batch.items()} for batch in batches],
    "asked": {k: tensor(v) for k, v in asked.items()}, "gptq": cases, "heads": heads,
})
