"""Small Llama-like models as GGUF files, laid out as llama.cpp's converter does it, with the logits of Hugging Face's models of the
same (rounded) weights: packages/transformers/golden/gguf-<name>.gguf and .json.
"""

import json
import re
from pathlib import Path

import gguf
import numpy as np
import torch
import transformers
from gguf import GGMLQuantizationType as T
from gguf import quants

from transformers_golden import fill, tensor

FOLDER = Path(__file__).parents[2] / "packages/transformers/golden"
words = [[3, 17, 40, 5, 9, 22, 31, 8, 12], [1, 2, 8, 33, 7, 20, 12, 39, 4]]
parts = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}
gemma = {**parts, "post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm",
         "post_feedforward_layernorm": "post_ffw_norm"}


def named(name: str, arch: str) -> str:
    table = gemma if arch == "gemma2" else parts
    stem, kind = name.rsplit(".", 1)
    found = re.match(r"model\.layers\.(\d+)\.(.*)", stem)
    return f"blk.{found[1]}.{table[found[2]]}.{kind}" if found else f"{table[stem]}.{kind}"


def permuted(weights: np.ndarray, heads: int) -> np.ndarray:
    """Rotary pairs as neighbours rather than halves: what the converter does to queries and keys of Llama."""
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


def make(file: str, name: str, arch: str, kind: T, **options) -> None:
    sizes = dict(vocab_size=41, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
                 num_key_value_heads=2, max_position_embeddings=64, pad_token_id=0, bos_token_id=1, eos_token_id=2,
                 attn_implementation="eager")
    config = transformers.AutoConfig.for_model(arch, **{**sizes, **options})
    model = getattr(transformers, f"{name}ForCausalLM")(config).eval()
    fill(model)
    path = FOLDER / f"gguf-{file}.gguf"
    writer = gguf.GGUFWriter(path, arch)
    writer.add_block_count(2)
    writer.add_context_length(64)
    writer.add_embedding_length(64)
    writer.add_feed_forward_length(96)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"] if "rope_theta" in config.rope_parameters else 10000.0)
    if getattr(config, "head_dim", None):
        writer.add_key_length(config.head_dim)
        writer.add_value_length(config.head_dim)
    if arch == "gemma2":
        writer.add_attn_logit_softcapping(config.attn_logit_softcapping)
        writer.add_final_logit_softcapping(config.final_logit_softcapping)
        writer.add_sliding_window(config.sliding_window)
    if config.rope_parameters.get("rope_type") == "llama3":
        # As the converter has it: what each pair's period is multiplied with.
        plain = 1 / config.rope_parameters["rope_theta"] ** (torch.arange(0, 16, 2) / 16)
        writer.add_tensor("rope_freqs.weight", (plain / model.model.rotary_emb.inv_freq).float().numpy())
    with torch.no_grad():
        for weight, values in model.named_parameters():
            raw, heads = values.numpy(), {"q_proj": 4, "k_proj": 2}.get(weight.split(".")[-2])
            if raw.ndim == 2:
                kept = quants.quantize(permuted(raw, heads) if arch == "llama" and heads else raw, kind)
                writer.add_tensor(named(weight, arch), kept, raw_dtype=kind)
                # Rows move, blocks do not: the same numbers in Hugging Face's order.
                values.copy_(torch.from_numpy(quants.dequantize(quants.quantize(raw, kind), kind)))
            else:
                moved = permuted(raw, heads) if arch == "llama" and heads else raw
                writer.add_tensor(named(weight, arch), moved + 1 if arch == "gemma2" else moved)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    logits = model(torch.tensor(words)).logits
    (FOLDER / f"gguf-{file}.json").write_text(json.dumps({"ids": words, "logits": tensor(logits)}) + "\n")
    print(file, path.stat().st_size)


make("llama", "Llama", "llama", T.Q8_0)
make("llama3", "Llama", "llama", T.Q8_0, rope_parameters={
    "rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
})
make("qwen2", "Qwen2", "qwen2", T.Q4_0, tie_word_embeddings=True)
make("qwen3", "Qwen3", "qwen3", T.Q4_0, head_dim=32)
make("gemma2", "Gemma2", "gemma2", T.Q8_0, head_dim=32, query_pre_attn_scalar=32, sliding_window=64)
