"""Greedy generation in llama.cpp: weights of 32, 8 or 4 bits (F32, Q8_0, Q4_0), by its C API.

The model comes as Hugging Face's folder and becomes a GGUF file here, before anything is measured.
"""

import json
import os
import re

import numpy as np

from wire import Absent, read_tensors, serve, threads

try:
    import gguf
    import llama_cpp as llama
except ImportError as missing:
    gguf, reason = None, f"not installed ({missing})"

_common = {"embedding_length": "hidden_size", "block_count": "num_hidden_layers"}
_gpt2 = {
    "wte": "token_embd", "wpe": "position_embd", "ln_f": "output_norm", "ln_1": "attn_norm", "ln_2": "ffn_norm",
    "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down",
}
_llama = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}


def named(name, table):
    stem, kind = name.removeprefix("transformer.").rsplit(".", 1)
    block = re.match(r"(?:model\.layers|h)\.(\d+)\.(.*)", stem)
    return f"blk.{block[1]}.{table[block[2]]}.{kind}" if block else f"{table[stem]}.{kind}"


def write_gguf(folder, bits):
    """The folder's model as a GGUF file, all of its matrices in so many bits. Queries and keys keep Hugging Face's order,
    which changes what is said and not how long it takes."""
    with open(os.path.join(folder, "config.json")) as file:
        config = json.load(file)
    family = config["model_type"]
    path = os.path.join(folder, f"{bits}.gguf")
    if os.path.exists(path):
        return path
    writer = gguf.GGUFWriter(path, family)
    gpt2 = family == "gpt2"
    of = lambda ours, theirs: config.get(ours if not gpt2 else theirs)
    width, blocks, heads = of("hidden_size", "n_embd"), of("num_hidden_layers", "n_layer"), of("num_attention_heads", "n_head")
    writer.add_context_length(of("max_position_embeddings", "n_positions"))
    writer.add_embedding_length(width)
    writer.add_block_count(blocks)
    writer.add_feed_forward_length(4 * width if gpt2 else config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_vocab_size(config["vocab_size"])
    writer.add_tokenizer_model("none")
    if gpt2:
        writer.add_layer_norm_eps(1e-5)
    else:
        writer.add_head_count_kv(config["num_key_value_heads"])
        writer.add_layer_norm_rms_eps(config.get("rms_norm_eps", 1e-6))
        writer.add_rope_freq_base(config.get("rope_theta", 10000.0))
        writer.add_rope_dimension_count(width // heads)
    kind = {32: "F32", 8: "Q8_0", 4: "Q4_0"}[bits]
    for name, values in read_tensors(os.path.join(folder, "model.safetensors")).items():
        if name.startswith("lm_head"):
            continue
        if gpt2 and re.search(r"c_(attn|proj|fc)\.weight$", name):
            values = np.ascontiguousarray(values.T)
        is_matrix = values.ndim == 2 and "wpe" not in name
        if not is_matrix or kind == "F32":
            writer.add_tensor(named(name, _gpt2 if gpt2 else _llama), values)
        else:
            format = gguf.GGMLQuantizationType[kind]
            writer.add_tensor(
                named(name, _gpt2 if gpt2 else _llama), gguf.quants.quantize(values, format), raw_dtype=format
            )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


class Generation:
    def __init__(self, workload, folder, data):
        params = workload["params"]
        path = write_gguf(os.path.join(folder, "model"), params.get("bits", 32))
        llama.llama_backend_init()
        options = llama.llama_model_default_params()
        options.n_gpu_layers = 0
        self.model = llama.llama_model_load_from_file(path.encode(), options)
        if not self.model:
            raise RuntimeError("llama.cpp does not read the file")
        how = llama.llama_context_default_params()
        how.n_ctx = params["prompt"] + params["tokens"]
        how.n_batch = how.n_ubatch = how.n_ctx
        how.n_threads = how.n_threads_batch = threads
        self.context = llama.llama_init_from_model(self.model, how)
        self.words = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(self.model))
        self.x, self.next, self.tokens = data["x"], 0, params["tokens"]

    def read(self, ids):
        tokens = (llama.llama_token * len(ids))(*ids)
        if llama.llama_decode(self.context, llama.llama_batch_get_one(tokens, len(ids))) != 0:
            raise RuntimeError("llama.cpp does not decode")
        scores = llama.llama_get_logits_ith(self.context, -1)
        return int(np.ctypeslib.as_array(scores, (self.words,)).argmax())

    def run(self):
        llama.llama_memory_clear(llama.llama_get_memory(self.context), True)
        ids = self.x[self.next % len(self.x)].reshape(-1).tolist()
        self.next += 1
        answer = [self.read(ids)]
        while len(answer) < self.tokens:
            answer.append(self.read(answer[-1:]))
        return answer

    def losses(self):
        self.run()
        return []


def setup(workload, weights, data, folder):
    if workload["kind"] != "generate":
        raise Absent("it runs language models")
    if gguf is None:
        raise Absent(reason)
    return Generation(workload, folder, data)


serve(llama.__version__ if gguf is not None else "none", setup)
