"""Golden values of ViT from Hugging Face transformers: packages/transformers/golden/vit*.json."""

import re

from transformers import ViTConfig, ViTForImageClassification, ViTModel

from transformers_golden import Hashed, dump

SEGMENTS = {
    "attention.q_proj": "attention.attention.query", "attention.k_proj": "attention.attention.key",
    "attention.v_proj": "attention.attention.value", "attention.o_proj": "attention.output.dense",
    "mlp.fc1": "intermediate.dense", "mlp.fc2": "output.dense",
}


def checkpoint_name(name: str) -> str:
    """Checkpoints have the names that the class had before version 5."""
    name = re.sub(r"(^|\.)layers\.", r"\1encoder.layer.", name)
    for of_class, of_file in SEGMENTS.items():
        name = name.replace(of_class, of_file)
    return name


sizes = dict(
    hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, image_size=16, patch_size=4,
    attn_implementation="eager",
)
cases = [{"pixel_values": Hashed("two pictures", 2, 3, 16, 16)}, {"pixel_values": Hashed("a picture", 1, 3, 16, 16)}]
dump("vit", ViTModel(ViTConfig(**sizes)), cases, output="last_hidden_state", names=checkpoint_name)
wide = ViTConfig(**{**sizes, "image_size": [16, 12], "qkv_bias": False, "num_labels": 5})
dump(
    "vit-classification", ViTForImageClassification(wide),
    [{"pixel_values": Hashed("two pictures", 2, 3, 16, 12)}], names=checkpoint_name,
)
