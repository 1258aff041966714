"""Golden values of T5 and mT5 from Hugging Face transformers: packages/transformers/golden/t5*.json, mt5.json."""

import json

import torch
from transformers import MT5Config, MT5ForConditionalGeneration, T5Config, T5EncoderModel, T5ForConditionalGeneration
from transformers.models.t5.modeling_t5 import T5Attention

from transformers_golden import FOLDER, dump

sizes = dict(
    vocab_size=53, d_model=24, d_kv=6, d_ff=20, num_layers=2, num_heads=3, relative_attention_num_buckets=8,
    relative_attention_max_distance=10, dropout_rate=0, decoder_start_token_id=0, attn_implementation="eager",
)
# Longer than the distance from which on all keys share a bucket.
words = [[3, 17, 50, 5, 9, 22, 41, 2, 11, 30, 7, 44, 1], [6, 2, 8, 33, 7, 12, 19, 4, 52, 21, 9, 3, 1]]
answer = [[0, 23, 4, 17, 9], [0, 8, 51, 3, 30]]
whole = [1] * 13
cases = [
    {"input_ids": words, "decoder_input_ids": answer},
    {"input_ids": words, "attention_mask": [[1] * 9 + [0] * 4, whole], "decoder_input_ids": answer},
    {"input_ids": words, "attention_mask": [[0] * 6 + [1] * 7, whole], "decoder_input_ids": answer},
    {
        "input_ids": [[11, 4, 50]], "decoder_input_ids": [list(range(2, 16))],
        "decoder_attention_mask": [[1] * 10 + [0] * 4],
    },
]


def untied(model):
    """The checkpoints from version 1.1 on have a head of their own, whatever transformers 5 ties by itself."""
    model.lm_head.weight = torch.nn.Parameter(torch.empty_like(model.lm_head.weight))
    return model


dump("t5", T5ForConditionalGeneration(T5Config(**sizes, num_decoder_layers=1)), cases, gradients=[1, 3])
gated = T5Config(**sizes, feed_forward_proj="gated-gelu", tie_word_embeddings=False)
dump("t5-gated", untied(T5ForConditionalGeneration(gated)), cases[:2], gradients=[1])
dump("t5-encoder", T5EncoderModel(T5Config(**sizes)), [
    {k: v for k, v in case.items() if not k.startswith("decoder")} for case in cases[:3]
], output="last_hidden_state", gradients=[2])
dump("mt5", MT5ForConditionalGeneration(MT5Config(**sizes)), cases[1:2])

buckets = [
    {
        "buckets": n, "maxDistance": far, "bidirectional": both,
        "values": T5Attention._relative_position_bucket(
            torch.arange(-far, far + 1), bidirectional=both, num_buckets=n, max_distance=far
        ).tolist(),
    }
    for n, far, both in [(32, 128, True), (32, 128, False), (8, 20, True), (12, 40, False)]
]
(FOLDER / "relative-buckets.json").write_text(json.dumps(buckets) + "\n")
