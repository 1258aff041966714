"""Golden values of DistilBERT from Hugging Face transformers: packages/transformers/golden/distilbert*.json."""

from transformers import (
    DistilBertConfig, DistilBertForMaskedLM, DistilBertForQuestionAnswering, DistilBertForSequenceClassification,
    DistilBertForTokenClassification, DistilBertModel,
)

from transformers_encoders import dump_encoder

dump_encoder("distilbert", dict(
    config=DistilBertConfig(
        vocab_size=47, dim=24, n_layers=2, n_heads=3, hidden_dim=40, max_position_embeddings=16, num_labels=3,
        dropout=0, attention_dropout=0, qa_dropout=0, seq_classif_dropout=0, attn_implementation="eager",
    ),
    base=DistilBertModel, masked_lm=DistilBertForMaskedLM, sequence=DistilBertForSequenceClassification,
    token=DistilBertForTokenClassification, answers=DistilBertForQuestionAnswering,
), padding=0)
