"""Golden values of BERT from Hugging Face transformers: packages/transformers/golden/bert*.json."""

from transformers import (
    BertConfig, BertForMaskedLM, BertForQuestionAnswering, BertForSequenceClassification, BertForTokenClassification,
    BertModel,
)

from transformers_encoders import dump_encoder

dump_encoder("bert", dict(
    config=BertConfig(
        vocab_size=47, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40,
        max_position_embeddings=16, type_vocab_size=2, num_labels=3,
        hidden_dropout_prob=0, attention_probs_dropout_prob=0, attn_implementation="eager",
    ),
    base=BertModel, masked_lm=BertForMaskedLM, sequence=BertForSequenceClassification,
    token=BertForTokenClassification, answers=BertForQuestionAnswering,
), padding=0, token_types=True)
