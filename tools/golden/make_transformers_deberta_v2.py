"""Golden values of DeBERTa-v2 and v3 from Hugging Face transformers: packages/transformers/golden/deberta-v2*.json."""

import copy

from transformers import (
    DebertaV2Config, DebertaV2ForMaskedLM, DebertaV2ForQuestionAnswering, DebertaV2ForSequenceClassification,
    DebertaV2ForTokenClassification, DebertaV2Model,
)

from transformers_encoders import WORDS, batch, dump_encoder
from transformers_golden import dump, recorded, write

sizes = dict(
    vocab_size=47, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40,
    max_position_embeddings=16, num_labels=3, hidden_dropout_prob=0, attention_probs_dropout_prob=0,
    relative_attention=True,
)
# As microsoft/deberta-v3-base, with fewer buckets: distances of more than two share them.
v3 = DebertaV2Config(
    **sizes, position_buckets=4, norm_rel_ebd="layer_norm", share_att_key=True, pos_att_type="p2c|c2p",
    position_biased_input=False, type_vocab_size=0, pooler_dropout=0, pooler_hidden_act="gelu",
)
dump_encoder("deberta-v2", dict(
    config=v3, base=DebertaV2Model, masked_lm=DebertaV2ForMaskedLM, sequence=DebertaV2ForSequenceClassification,
    token=DebertaV2ForTokenClassification, answers=DebertaV2ForQuestionAnswering,
), padding=0, left=False)
# Projections of distances of their own, a row for each distance (the farthest share one), positions and kinds of tokens.
apart = DebertaV2Config(
    **sizes, max_relative_positions=3, share_att_key=False, pos_att_type=["c2p", "p2c"], position_biased_input=True,
    type_vocab_size=2,
)
cases = [{"input_ids": WORDS}, {**batch(0, "right"), "token_type_ids": [[0, 0, 0, 1, 1, 1, 0], [0, 1, 1, 1, 1, 1, 1]]}]
dump("deberta-v2-apart", DebertaV2Model(apart), cases, output="last_hidden_state")
# As Microsoft's checkpoints: the names of the head are others, and the configuration does not say so.
other = copy.deepcopy(v3)
other.legacy = False
content = recorded(DebertaV2ForMaskedLM(other), [batch(0, "right")], gradients=False)
content["config"].pop("legacy")
write("deberta-v2-microsoft", content)
