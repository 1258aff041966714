"""Golden values of rotary positions from Hugging Face transformers: packages/transformers/golden/rope.json.

Cosines and sines of each scaling, from the rotary embedding of Hugging Face's own models, at positions within the original
context and beyond it. Those of "dynamic" depend on the longest text so far: each case is a new model.
"""

import json
from copy import deepcopy

import torch
from transformers import GPTNeoXConfig, LlamaConfig
from transformers.models.gpt_neox.modeling_gpt_neox import GPTNeoXRotaryEmbedding
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

from transformers_golden import FOLDER, rounded

sizes = dict(hidden_size=32, num_attention_heads=2, num_hidden_layers=1, vocab_size=8, intermediate_size=8)


# Configurations write into the dictionaries that they are given: each gets its own.
def llama(positions, **options):
    config = LlamaConfig(**sizes, **deepcopy(options))
    return config, LlamaRotaryEmbedding(config), positions, options


def neox(positions, **options):
    config = GPTNeoXConfig(**sizes, **deepcopy(options))
    return config, GPTNeoXRotaryEmbedding(config), positions, options


near, far = [0, 1, 2, 17, 31], [0, 1, 40, 333, 2047]
yarn = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}
llama3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 256}
longrope = {"rope_type": "longrope", "short_factor": [1 + 0.1 * i for i in range(8)], "long_factor": [1 + i * i for i in range(8)],
            "original_max_position_embeddings": 64}
cases = [
    llama(far, max_position_embeddings=4096),
    llama(far, max_position_embeddings=4096, rope_theta=500000.0, head_dim=12),
    llama(far, max_position_embeddings=64, rope_scaling={"rope_type": "linear", "factor": 2.5}),
    llama(near, max_position_embeddings=32, rope_scaling={"type": "dynamic", "factor": 2.0}),
    llama([0, 5, 31, 32], max_position_embeddings=32, rope_scaling={"type": "dynamic", "factor": 2.0}),
    llama([0, 1, 40, 200], max_position_embeddings=32, rope_scaling={"type": "dynamic", "factor": 3.0}),
    llama(far, max_position_embeddings=2048, rope_theta=500000.0, rope_scaling=llama3),
    # So many features that some lie on each side of both bounds, close to them.
    llama([1, 700], max_position_embeddings=2048, head_dim=64, rope_theta=10000.0, rope_scaling=llama3),
    llama([1, 700], max_position_embeddings=256, head_dim=64, rope_scaling=yarn),
    llama(far, max_position_embeddings=256, rope_scaling=yarn),
    llama(far, max_position_embeddings=256, rope_scaling={**yarn, "beta_fast": 16, "beta_slow": 2, "truncate": False}),
    llama(far, max_position_embeddings=256, rope_scaling={**yarn, "attention_factor": 1.25}),
    llama(far, max_position_embeddings=256, rope_scaling={**yarn, "mscale": 0.7, "mscale_all_dim": 1.3}),
    llama([0, 1, 40, 63], max_position_embeddings=256, rope_scaling=longrope),
    llama([0, 1, 40, 64], max_position_embeddings=256, rope_scaling=longrope),
    llama(far, max_position_embeddings=256, rope_scaling={**longrope, "attention_factor": 1.0}),
    neox(far, max_position_embeddings=2048, rotary_pct=0.25, rotary_emb_base=10000),
    neox(far, max_position_embeddings=2048, rotary_pct=0.5, rope_scaling={"type": "linear", "factor": 2.0}),
]
results = []
for config, rope, positions, options in cases:
    cos, sin = rope(torch.zeros(1), torch.tensor([positions]))
    results.append({
        "dim": getattr(config, "head_dim", config.hidden_size // config.num_attention_heads),
        # As files of today have it, and as older ones do.
        "configs": [
            {"max_position_embeddings": config.max_position_embeddings, "rope_parameters": config.rope_parameters},
            options,
        ],
        "positions": positions,
        # After the call: "dynamic" ones grow with it.
        "frequencies": rope.inv_freq.tolist(),
        "cos": rounded(cos.numpy()), "sin": rounded(sin.numpy()),
    })
path = FOLDER / "rope.json"
path.write_text(json.dumps(results) + "\n")
print(f"rope: {path.stat().st_size / 1000:.0f} kB")
