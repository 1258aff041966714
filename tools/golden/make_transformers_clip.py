"""Golden values of CLIP from Hugging Face transformers: packages/transformers/golden/clip*.json."""

from transformers import CLIPConfig, CLIPModel, CLIPTextConfig, CLIPTextModel, CLIPVisionConfig, CLIPVisionModel

from transformers_golden import Hashed, dump

END = 40
text = dict(
    hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40, vocab_size=43,
    max_position_embeddings=12, bos_token_id=1, eos_token_id=END, pad_token_id=0, projection_dim=16,
    attn_implementation="eager",
)
vision = dict(
    hidden_size=18, num_hidden_layers=2, num_attention_heads=2, intermediate_size=30, image_size=16, patch_size=4,
    projection_dim=16, attn_implementation="eager",
)
# Words above the end's number: the end is found by its number, not as the largest.
words = [[1, 42, 11, 6, END, 0, 0], [1, 3, 9, 41, 33, 7, END], [1, 8, END, 0, 0, 0, 0]]
mask = [[1, 1, 1, 1, 1, 0, 0], [1] * 7, [1, 1, 1, 0, 0, 0, 0]]
pictures = Hashed("two pictures", 2, 3, 16, 16)
both = CLIPConfig(text_config=text, vision_config=vision, projection_dim=16)
both._attn_implementation = "eager"
dump(
    "clip", CLIPModel(both),
    [{"input_ids": words, "pixel_values": pictures}, {"input_ids": words, "attention_mask": mask, "pixel_values": pictures}],
    output="logits_per_image",
)
dump(
    "clip-text", CLIPTextModel(CLIPTextConfig(**{**text, "eos_token_id": 2})),
    [{"input_ids": words}, {"input_ids": words, "attention_mask": mask}],
    output="pooler_output", names=lambda name: f"text_model.{name}",
)
dump(
    "clip-vision", CLIPVisionModel(CLIPVisionConfig(**{**vision, "hidden_act": "gelu"})), [{"pixel_values": pictures}],
    output="pooler_output", names=lambda name: f"vision_model.{name}",
)
