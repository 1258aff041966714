"""Golden values of ModernBERT from Hugging Face transformers: packages/transformers/golden/modernbert*.json."""

from transformers import (
    ModernBertConfig, ModernBertForMaskedLM, ModernBertForQuestionAnswering, ModernBertForSequenceClassification,
    ModernBertForTokenClassification, ModernBertModel,
)

from transformers_encoders import batch, dump_encoder
from transformers_golden import dump

sizes = dict(
    vocab_size=47, hidden_size=24, num_hidden_layers=3, num_attention_heads=3, intermediate_size=20,
    max_position_embeddings=16, num_labels=3, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2,
    attn_implementation="eager",
)
# The first block sees the whole text, the two others a window of two positions to each side.
dump_encoder("modernbert", dict(
    config=ModernBertConfig(**sizes, local_attention=4), base=ModernBertModel, masked_lm=ModernBertForMaskedLM,
    sequence=ModernBertForSequenceClassification, token=ModernBertForTokenClassification,
    answers=ModernBertForQuestionAnswering,
), padding=0)
# Biases, means over the text, blocks by name.
mean = ModernBertConfig(
    **sizes, local_attention=2, classifier_pooling="mean", norm_bias=True, attention_bias=True, mlp_bias=True,
    classifier_bias=True, layer_types=["sliding_attention", "full_attention", "sliding_attention"],
)
dump("modernbert-mean", ModernBertForSequenceClassification(mean), [batch(0, "right"), batch(0, "left")])
