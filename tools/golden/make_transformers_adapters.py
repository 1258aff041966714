"""
Golden values of adapters from PEFT: packages/transformers/golden/adapters.json and adapters-prompts.json.

For each case a small model, the adapter as PEFT writes it (configuration, and tensors by name, whose numbers are made of their
names), what the model gives with it, the gradient of each of its tensors, and its tensors after two steps of SGD.
"""

import json
import tempfile
import warnings
from pathlib import Path

import torch
import transformers
from peft import IA3Config, LoraConfig, PrefixTuningConfig, PromptTuningConfig, get_peft_model
from safetensors.torch import load_file

from transformers_golden import Hashed, fill, given, projections, recorded_input, shaped, tensor, write
from transformers_vit_names import checkpoint_name

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()

PREFIX = "base_model.model."


def live_tensors(model) -> dict:
    """The adapter's parameters by the names of its file."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        config = json.loads((Path(folder) / "adapter_config.json").read_text())
        names = list(load_file(Path(folder) / "adapter_model.safetensors"))
    # Sets, whose order is another each time.
    for key in ("target_modules", "feedforward_modules", "modules_to_save"):
        if isinstance(config.get(key), list):
            config[key] = sorted(config[key])
    parameters = dict(model.named_parameters())

    def parameter(name: str):
        stem, _, last = name.rpartition(".")
        for candidate in (
            f"{stem}.default.{last}", f"{name}.default", f"{name}.default.weight",
            f"{stem}.modules_to_save.default.{last}", name,
        ):
            if candidate in parameters:
                return parameters[candidate]
        raise KeyError(name)

    return {name: parameter(name) for name in names}, config


def case(name: str, model, config, inputs: dict, output="logits", names=lambda name: name, keeps_values=False) -> dict:
    """
    keeps_values: the adapter's numbers are those that PEFT has begun it with (PiSSA); only outputs are recorded.
    """
    weights = fill(model, (), names)
    raw = model.config.to_dict()
    raw["architectures"] = [type(model).__name__]
    tuned = get_peft_model(model, config)
    tuned.eval()
    parameters, written = live_tensors(tuned)
    if not keeps_values:
        with torch.no_grad():
            for key, value in parameters.items():
                positive = "ia3" in key or "magnitude" in key
                value.copy_(shaped(key, value.shape, 1.0 if positive else 0.0, 0.3))
    tensors = {k: given(v) for k, v in inputs.items()}
    main = tuned(**tensors)[output]
    result = {
        "name": name, "config": raw, "weights": weights, "adapterConfig": written,
        "tensors": {k: {"shape": list(v.shape), "positive": "ia3" in k or "magnitude" in k} for k, v in parameters.items()},
        "inputs": {k: recorded_input(v) for k, v in inputs.items()}, "output": output, "expected": tensor(main),
    }
    if keeps_values:
        key = next(iter(parameters))
        result["product"] = {
            k[: -len(".lora_A.weight")]: projections("product", parameters[k.replace("lora_A", "lora_B")] @ parameters[k])
            for k in parameters if k.endswith("lora_A.weight")
        }
        return result
    optimizer = torch.optim.SGD([p for p in tuned.parameters() if p.requires_grad], lr=0.05)
    for step in range(2):
        optimizer.zero_grad()
        main = tuned(**tensors)[output]
        (main * shaped("cotangent", main.shape, 0.0, 1.0)).sum().backward()
        if step == 0:
            result["gradients"] = {k: projections(k, torch.zeros_like(v) if v.grad is None else v.grad) for k, v in parameters.items()}
        optimizer.step()
    result["trained"] = {k: projections(k, v) for k, v in parameters.items()}
    result["frozen"] = sum(p.numel() for p in tuned.parameters() if not p.requires_grad)
    return result


def prompt_case(name: str, model, config, inputs: dict) -> dict:
    """Logits of the words behind a prompt or a prefix, and the gradient of its vectors."""
    weights = fill(model)
    raw = model.config.to_dict()
    raw["architectures"] = [type(model).__name__]
    tuned = get_peft_model(model, config)
    tuned.eval()
    vectors = tuned.prompt_encoder["default"].embedding.weight
    with torch.no_grad():
        vectors.copy_(shaped("prompt_embeddings", vectors.shape, 0.0, 0.5))
    with tempfile.TemporaryDirectory() as folder:
        tuned.save_pretrained(folder)
        written = json.loads((Path(folder) / "adapter_config.json").read_text())
        assert list(load_file(Path(folder) / "adapter_model.safetensors")) == ["prompt_embeddings"]
    tensors = {k: given(v) for k, v in inputs.items()}
    length = tensors["input_ids"].shape[1]
    logits = tuned(**tensors).logits[:, -length:]
    cotangent = shaped("cotangent", logits.shape, 0.0, 1.0) * tensors["attention_mask"][:, :, None]
    (logits * cotangent).sum().backward()
    return {
        "name": name, "config": raw, "weights": weights, "adapterConfig": written, "output": "logits",
        "vectors": list(vectors.shape), "inputs": {k: recorded_input(v) for k, v in inputs.items()},
        "expected": tensor(logits), "gradient": projections("prompt_embeddings", vectors.grad),
        "answers": [answer(tuned, prompt) for prompt in PROMPTS],
    }


# Generated alone each: behind a prompt of vectors, padding on the left would stand between them and the words.
PROMPTS = [[3, 17], [22, 8, 1, 9, 14], [5, 6, 7]]


def answer(tuned, prompt: list[int]) -> dict:
    """Seven tokens, greedily: by reading all of the text for each, and by PEFT's `generate` with its cache.

    The two differ for prompts of vectors (PEFT 0.21.2 with transformers 5.24): from the second token on, positions count the
    vectors twice, which GPT-2 of 16 positions notices by an IndexError. For prefixes they
    differ too: on GPT-2 in one of these prompts, on Llama in all, in two from the first token on."""
    ids = torch.tensor([prompt])
    with torch.no_grad():
        text = ids
        for _ in range(7):
            logits = tuned(input_ids=text, attention_mask=torch.ones_like(text)).logits
            text = torch.cat([text, logits[:, -1].argmax(-1, keepdim=True)], 1)
        try:
            made = tuned.generate(input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=7, do_sample=False,
                                  eos_token_id=None, pad_token_id=0)
            generated = made[0].tolist()[-7:]
        except IndexError:
            generated = None
    return {"ids": text[0].tolist()[-7:], "generated": generated}


def gpt2(head="GPT2LMHeadModel", **more):
    config = transformers.GPT2Config(
        vocab_size=31, n_positions=16, n_embd=12, n_layer=2, n_head=2, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0,
        bos_token_id=0, eos_token_id=0, **more,
    )
    return getattr(transformers, head)(config)


def llama():
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(
        vocab_size=31, hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=16, tie_word_embeddings=True,
    ))


def bert(head="BertForSequenceClassification"):
    return getattr(transformers, head)(transformers.BertConfig(
        vocab_size=31, hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=16, num_labels=3, hidden_dropout_prob=0, attention_probs_dropout_prob=0,
    ))


def t5():
    return transformers.T5ForConditionalGeneration(transformers.T5Config(
        vocab_size=31, d_model=12, d_kv=6, num_heads=2, d_ff=20, num_layers=1, dropout_rate=0, decoder_start_token_id=0,
    ))


def vit():
    return transformers.ViTForImageClassification(transformers.ViTConfig(
        hidden_size=12, num_hidden_layers=1, num_attention_heads=2, intermediate_size=20, image_size=8, patch_size=4,
        num_labels=3, hidden_dropout_prob=0, attention_probs_dropout_prob=0,
    ))


def neox():
    return transformers.GPTNeoXForCausalLM(transformers.GPTNeoXConfig(
        vocab_size=31, hidden_size=16, intermediate_size=20, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=16, attention_dropout=0, hidden_dropout=0, tie_word_embeddings=True,
    ))


ids = {"input_ids": [[3, 17, 30, 5], [22, 8, 1, 9]]}
padded = {**ids, "attention_mask": [[1, 1, 1, 0], [1, 1, 1, 1]]}
both = {**ids, "decoder_input_ids": [[0, 4, 9], [0, 11, 2]]}
picture = {"pixel_values": Hashed("a picture", 1, 3, 8, 8)}

if __name__ == "__main__":
    write("adapters", [
        case("GPT-2, its targets", gpt2(), LoraConfig(r=2, lora_alpha=6, task_type="CAUSAL_LM"), ids),
        case("GPT-2, DoRA on all products", gpt2(), LoraConfig(
            r=2, lora_alpha=3, use_dora=True, target_modules="all-linear", task_type="CAUSAL_LM"), ids),
        case("Llama, rsLoRA, patterns, one block", llama(), LoraConfig(
            r=4, lora_alpha=8, use_rslora=True, target_modules=["q_proj", "down_proj", "up_proj"],
            rank_pattern={"down_proj": 3, r"mlp\.up_proj": 2}, alpha_pattern={"self_attn.q_proj": 5},
            layers_to_transform=[1], layers_pattern="layers", task_type="CAUSAL_LM"), ids),
        case("BERT, biases and a head", bert(), LoraConfig(
            r=2, bias="lora_only", target_modules=["query", "value"], task_type="SEQ_CLS"), ids),
        case("BERT, all biases, words, a pattern", bert("BertModel"), LoraConfig(
            r=2, lora_alpha=2, bias="all", target_modules=r".*(word_embeddings|layer\.1\.attention\.self\.key)"),
            ids, output="last_hidden_state"),
        case("T5", t5(), LoraConfig(r=2, task_type="SEQ_2_SEQ_LM"), both),
        case("ViT, attention and patches", vit(), LoraConfig(
            r=2, target_modules=["q_proj", "fc2", "projection"], use_dora=True, modules_to_save=["classifier"]),
            picture, names=checkpoint_name),
        case("GPT-NeoX", neox(), LoraConfig(r=2, task_type="CAUSAL_LM"), ids),
        case("GPT-2, (IA)3", gpt2(), IA3Config(task_type="CAUSAL_LM"), ids),
        case("BERT, (IA)3", bert(), IA3Config(task_type="SEQ_CLS"), ids),
        case("T5, (IA)3", t5(), IA3Config(task_type="SEQ_2_SEQ_LM"), both),
        case("GPT-2, PiSSA", gpt2(), LoraConfig(
            r=2, lora_alpha=6, init_lora_weights="pissa", target_modules=["c_attn", "c_proj"], task_type="CAUSAL_LM"),
            ids, keeps_values=True),
    ])
    write("adapters-prompts", [
        prompt_case("GPT-2, a prompt", gpt2(), PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=3), padded),
        prompt_case("Llama, a prompt", llama(), PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=2), padded),
        prompt_case("GPT-NeoX, a prompt", neox(), PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=2), padded),
        prompt_case("GPT-2, a prefix", gpt2(), PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=3), padded),
        prompt_case("Llama, a prefix", llama(), PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=2), padded),
    ])
