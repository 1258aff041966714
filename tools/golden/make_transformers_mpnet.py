"""Golden values of MPNet from Hugging Face transformers: packages/transformers/golden/mpnet*.json and the buckets of distances."""

import json

import torch
from transformers import (
    MPNetConfig, MPNetForMaskedLM, MPNetForQuestionAnswering, MPNetForSequenceClassification, MPNetForTokenClassification,
    MPNetModel,
)
from transformers.models.deberta_v2.modeling_deberta_v2 import make_log_bucket_position
from transformers.models.mpnet.modeling_mpnet import MPNetEncoder

from transformers_encoders import dump_encoder
from transformers_golden import FOLDER

dump_encoder("mpnet", dict(
    config=MPNetConfig(
        vocab_size=47, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40,
        max_position_embeddings=18, num_labels=3, hidden_dropout_prob=0, attention_probs_dropout_prob=0,
    ),
    base=MPNetModel, masked_lm=MPNetForMaskedLM, sequence=MPNetForSequenceClassification,
    token=MPNetForTokenClassification, answers=MPNetForQuestionAnswering,
), padding=1)

distances = torch.arange(-600, 601)
(FOLDER / "encoder-relative-buckets.json").write_text(json.dumps({
    "from": -600,
    "bidirectional": [
        {"buckets": b, "maxDistance": m, "values": MPNetEncoder.relative_position_bucket(distances, b, m).tolist()}
        for b, m in [(32, 128), (16, 40), (8, 20)]
    ],
    "signedLog": [
        {"buckets": b, "maxDistance": m, "values": make_log_bucket_position(distances.clamp(-m, m), b, m).to(torch.long).tolist()}
        for b, m in [(256, 512), (32, 128), (8, 20)]
    ],
}, separators=(",", ":")) + "\n")
