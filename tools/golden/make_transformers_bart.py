"""Golden values of BART, mBART and Marian from Hugging Face transformers: packages/transformers/golden/{bart,mbart,marian}*.json."""

from transformers import (
    BartConfig, BartForConditionalGeneration, BartForSequenceClassification, BartModel, MarianConfig, MarianMTModel,
    MBartConfig, MBartForConditionalGeneration,
)

from transformers_golden import dump

# The encoder and the decoder of other sizes.
sizes = dict(
    vocab_size=47, d_model=24, encoder_layers=2, decoder_layers=1, encoder_attention_heads=3, decoder_attention_heads=2,
    encoder_ffn_dim=20, decoder_ffn_dim=28, max_position_embeddings=20, dropout=0, attention_dropout=0,
    pad_token_id=1, eos_token_id=2, bos_token_id=0, decoder_start_token_id=2, forced_eos_token_id=2,
    attn_implementation="eager",
)
# No padding token among those that count: PyTorch leaves its row out of the gradients.
words = [[0, 17, 40, 5, 9, 22, 41, 2], [0, 12, 8, 33, 7, 6, 19, 2]]
answer = [[2, 23, 4, 17, 9], [2, 8, 31, 3, 30]]
padded_right = [[1] * 6 + [0] * 2, [1] * 8]
padded_left = [[0] * 3 + [1] * 5, [1] * 8]
cases = [
    {"input_ids": words, "decoder_input_ids": answer},
    {"input_ids": words, "attention_mask": padded_right, "decoder_input_ids": answer},
    {"input_ids": words, "attention_mask": padded_left, "decoder_input_ids": answer},
    {
        "input_ids": [[11, 4, 2]], "decoder_input_ids": [list(range(2, 16))],
        "decoder_attention_mask": [[1] * 10 + [0] * 4],
    },
]
dump("bart", BartForConditionalGeneration(BartConfig(**sizes)), cases, gradients=[1, 3])
untied = BartForConditionalGeneration(BartConfig(**sizes, tie_word_embeddings=False, scale_embedding=True))
dump("bart-untied", untied, cases[:2], gradients=[1])
dump("bart-model", BartModel(BartConfig(**sizes)), cases[:1], output="last_hidden_state", gradients=False)
dump("bart-classification", BartForSequenceClassification(BartConfig(**sizes, num_labels=4)), [
    {"input_ids": words},
    # Two ends of text each, at other places.
    {
        "input_ids": [[0, 2, 17, 40, 5, 22, 41, 2], [0, 12, 2, 8, 33, 2, 1, 1]],
        "attention_mask": [[1] * 8, [1] * 6 + [0] * 2],
    },
], gradients=[1])
dump("mbart", MBartForConditionalGeneration(MBartConfig(**sizes)), cases[:3], gradients=[2])

marian = {**sizes, "decoder_start_token_id": 3, "scale_embedding": True, "activation_function": "swish"}
table = ("embed_positions",)
dump("marian", MarianMTModel(MarianConfig(**marian)), cases, gradients=[1], keep=table)
apart = MarianConfig(**marian, share_encoder_decoder_embeddings=False, decoder_vocab_size=39)
dump("marian-apart", MarianMTModel(apart), cases[1:2], keep=table)
