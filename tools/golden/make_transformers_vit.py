"""Golden values of ViT from Hugging Face transformers: packages/transformers/golden/vit*.json."""

from transformers import ViTConfig, ViTForImageClassification, ViTModel

from transformers_golden import Hashed, dump
from transformers_vit_names import checkpoint_name

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
