"""Golden values of RoBERTa and XLM-R from Hugging Face transformers: packages/transformers/golden/{roberta,xlm-roberta}*.json."""

from transformers import (
    RobertaConfig, RobertaForMaskedLM, RobertaForQuestionAnswering, RobertaForSequenceClassification,
    RobertaForTokenClassification, RobertaModel, XLMRobertaConfig, XLMRobertaForMaskedLM,
)

from transformers_encoders import WORDS, batch, dump_encoder
from transformers_golden import dump

sizes = dict(
    vocab_size=47, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40,
    max_position_embeddings=18, type_vocab_size=1, pad_token_id=1, num_labels=3, hidden_act="gelu",
    hidden_dropout_prob=0, attention_probs_dropout_prob=0, attn_implementation="eager",
)
dump_encoder("roberta", dict(
    config=RobertaConfig(**sizes), base=RobertaModel, masked_lm=RobertaForMaskedLM,
    sequence=RobertaForSequenceClassification, token=RobertaForTokenClassification, answers=RobertaForQuestionAnswering,
), padding=1)
# The same network under another name.
dump("xlm-roberta", XLMRobertaForMaskedLM(XLMRobertaConfig(**sizes)), [{"input_ids": WORDS}, batch(1, "right")], gradients=False)
