"""Golden values of DINOv2 from Hugging Face transformers: packages/transformers/golden/dinov2*.json."""

from transformers import Dinov2Config, Dinov2ForImageClassification, Dinov2Model

from transformers_golden import Hashed, dump

SEGMENTS = {
    "attention.q_proj": "attention.attention.query", "attention.k_proj": "attention.attention.key",
    "attention.v_proj": "attention.attention.value", "attention.o_proj": "attention.output.dense",
    # Two matrices of the class are one of the checkpoint.
    "mlp.gate_proj": "mlp.weights_in", "mlp.up_proj": "mlp.weights_in", "mlp.down_proj": "mlp.weights_out",
}


def checkpoint_name(name: str) -> str:
    for of_class, of_file in SEGMENTS.items():
        name = name.replace(of_class, of_file)
    return name


def pictures(count: int, height: int, width: int) -> dict:
    return {"pixel_values": Hashed(f"{count} pictures", count, 3, height, width)}


sizes = dict(
    hidden_size=24, num_hidden_layers=2, num_attention_heads=3, mlp_ratio=2, image_size=16, patch_size=4,
    layerscale_value=0.5, attn_implementation="eager",
)
dump(
    "dinov2", Dinov2Model(Dinov2Config(**sizes, use_swiglu_ffn=True)),
    [pictures(2, 16, 16), pictures(1, 12, 24), pictures(1, 31, 29)],
    output="last_hidden_state", names=checkpoint_name,
)
dump(
    "dinov2-classification", Dinov2ForImageClassification(Dinov2Config(**sizes, num_labels=5, use_mask_token=False)),
    [pictures(2, 16, 16), pictures(2, 20, 12)], names=checkpoint_name,
)
