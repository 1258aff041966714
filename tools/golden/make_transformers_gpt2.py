"""Golden values of GPT-2 from Hugging Face transformers: packages/transformers/golden/gpt2*.json."""

from transformers import (
    GPT2Config, GPT2ForSequenceClassification, GPT2ForTokenClassification, GPT2LMHeadModel, GPT2Model,
)

from transformers_golden import dump

sizes = dict(
    vocab_size=61, n_positions=32, n_embd=24, n_layer=2, n_head=3,
    resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, attn_implementation="eager",
)
config = GPT2Config(**sizes)
words = [[3, 17, 60, 5, 9, 22, 41], [1, 2, 8, 33, 7, 0, 12]]
cases = [
    {"input_ids": words},
    {"input_ids": words, "attention_mask": [[1, 1, 1, 1, 1, 0, 0], [1] * 7]},
    {"input_ids": words, "attention_mask": [[0, 0, 1, 1, 1, 1, 1], [1] * 7]},
    {"input_ids": [[11, 4, 60]]},
]
dump("gpt2-lm", GPT2LMHeadModel(config), cases)
dump("gpt2", GPT2Model(config), cases[:2], output="last_hidden_state")

# Classes are told by the last token that is no padding, on whichever side that stands.
padded = {
    "input_ids": [[0, 0] + words[0][:5], words[0][:5] + [0, 0], words[0]],
    "attention_mask": [[0, 0, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0, 0], [1] * 7],
}
dump("gpt2-classes", GPT2ForSequenceClassification(GPT2Config(**sizes, num_labels=3, pad_token_id=0)), [padded, {"input_ids": words[:1]}], gradients=[0])
# Without a padding token the last one counts.
dump("gpt2-classes-whole", GPT2ForSequenceClassification(GPT2Config(**sizes, num_labels=2)), [{"input_ids": words[:1]}])
dump("gpt2-tokens", GPT2ForTokenClassification(GPT2Config(**sizes, num_labels=5)), [padded])

# A head of its own, and products divided by the block's number.
untied = {**sizes, "tie_word_embeddings": False, "scale_attn_by_inverse_layer_idx": True}
dump("gpt2-untied-lm", GPT2LMHeadModel(GPT2Config(**untied)), [padded])
