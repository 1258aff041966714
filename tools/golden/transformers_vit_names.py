"""What checkpoints of ViT call its parameters."""

import re

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
