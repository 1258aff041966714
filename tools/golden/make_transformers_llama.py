"""Golden values of Llama and its relatives from Hugging Face transformers: packages/transformers/golden/llama*.json and so on.

Each model has heads that share keys, and one thing that is its own: a head's size apart from width / heads, biases, windows
that are shorter than the texts, blocks without positions, soft caps, a scaling of the positions, tied embeddings or none.
"""

import random

import transformers
from transformers import AutoConfig

from transformers_golden import dump, recorded, write

sizes = dict(
    vocab_size=41, hidden_size=24, intermediate_size=28, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=64, pad_token_id=0, bos_token_id=1, eos_token_id=2, attn_implementation="eager",
)
words = [[3, 17, 40, 5, 9, 22, 31, 8, 12], [1, 2, 8, 33, 7, 20, 12, 39, 4], [25, 14, 6, 6, 30, 19]]
padded = {
    "input_ids": [[0] * 3 + words[2], words[2][::-1] + [0] * 3, words[1]],
    "attention_mask": [[0] * 3 + [1] * 6, [1] * 6 + [0] * 3, [1] * 9],
}
cases = [padded, {"input_ids": words[:2]}, {"input_ids": [[11, 4, 40]]}]


def make(file, name, head, cases=cases[:2], output="logits", **options):
    config = AutoConfig.for_model(name.lower(), **{**sizes, **options})
    dump(file, getattr(transformers, f"{name}{head}")(config), cases, output=output, gradients=[0])


llama3 = {"rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 16, "rope_theta": 1000.0}
yarn = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16, "rope_theta": 10000.0}

make("llama-lm", "Llama", "ForCausalLM", cases, rope_parameters=llama3)
make("llama-tied-lm", "Llama", "ForCausalLM", cases[:1], head_dim=8, attention_bias=True, mlp_bias=True,
     tie_word_embeddings=True, num_key_value_heads=1)
make("llama", "Llama", "Model", cases[:1], output="last_hidden_state", num_key_value_heads=4)
make("llama-classes", "Llama", "ForSequenceClassification", num_labels=3)
make("llama-tokens", "Llama", "ForTokenClassification", cases[:1], num_labels=5)
make("mistral-lm", "Mistral", "ForCausalLM", sliding_window=4)
make("qwen2-lm", "Qwen2", "ForCausalLM", use_sliding_window=True, sliding_window=3, max_window_layers=1,
     tie_word_embeddings=True, rope_parameters=yarn)
make("qwen3-lm", "Qwen3", "ForCausalLM", head_dim=10, attention_bias=True,
     layer_types=["sliding_attention", "full_attention"], use_sliding_window=True, sliding_window=4)
make("qwen3-classes", "Qwen3", "ForSequenceClassification", head_dim=8, num_labels=4)
make("smollm3-lm", "SmolLM3", "ForCausalLM", no_rope_layer_interval=2)
make("smollm3-windows-lm", "SmolLM3", "ForCausalLM", cases[:1], no_rope_layers=[0, 1], use_sliding_window=True,
     sliding_window=3, tie_word_embeddings=False)
make("gemma2-lm", "Gemma2", "ForCausalLM", head_dim=8, sliding_window=4, query_pre_attn_scalar=12,
     attn_logit_softcapping=2.0, final_logit_softcapping=3.0)
make("gemma2", "Gemma2", "Model", cases[:1], output="last_hidden_state", head_dim=6, query_pre_attn_scalar=6,
     attn_logit_softcapping=None)


def anyhow(i: int, choose: random.Random):
    """A member of the family, each in turn, with sizes and options of any kind."""
    name = ["Llama", "Mistral", "Qwen2", "Qwen3", "SmolLM3", "Gemma2"][i % 6]
    heads = choose.choice([1, 2, 3, 4, 6])
    blocks = choose.randint(1, 3)
    context = choose.choice([5, 16])
    scaling = [
        {"rope_type": "default"},
        {"rope_type": "linear", "factor": 2.0},
        {"rope_type": "dynamic", "factor": 2.0},
        {**llama3, "original_max_position_embeddings": 4},
        {**yarn, "original_max_position_embeddings": 4},
    ][i % 5]
    window = choose.randint(1, 6)
    config = AutoConfig.for_model(
        name.lower(), vocab_size=11, pad_token_id=0, bos_token_id=1, eos_token_id=2, attn_implementation="eager",
        hidden_size=heads * choose.choice([4, 6]), num_hidden_layers=blocks, intermediate_size=choose.randint(5, 20),
        num_attention_heads=heads, num_key_value_heads=choose.choice([k for k in (1, 2, 3, 6) if heads % k == 0]),
        head_dim=choose.choice([4, 6, 8, 10]), max_position_embeddings=context,
        rope_parameters={"rope_theta": choose.choice([100.0, 10000.0]), **scaling},
        rms_norm_eps=choose.choice([1e-6, 1e-2]), tie_word_embeddings=choose.random() < 0.5,
        attention_bias=choose.random() < 0.5, mlp_bias=choose.random() < 0.5,
        sliding_window=window, use_sliding_window=choose.random() < 0.7, max_window_layers=choose.randint(0, blocks),
        **{"hidden_activation" if name == "Gemma2" else "hidden_act": choose.choice(["silu", "gelu", "gelu_pytorch_tanh"])},
    )
    length, padding = choose.randint(4, 9), choose.randint(0, 2)
    ids = [[choose.randint(1, 10) for _ in range(length)] for _ in range(2)]
    mask = [[0] * padding + [1] * (length - padding), [1] * length]
    case = {"input_ids": [[i * m for i, m in zip(*row)] for row in zip(ids, mask)], "attention_mask": mask}
    return recorded(getattr(transformers, f"{name}ForCausalLM")(config), [case], gradients=False)


choose = random.Random(18)
write("llama-anyhow", [anyhow(i, choose) for i in range(12)])
