"""Golden values of GPT-2 from Hugging Face transformers: packages/transformers/golden/gpt2*.json."""

from transformers import GPT2Config, GPT2LMHeadModel, GPT2Model

from transformers_golden import dump

config = GPT2Config(
    vocab_size=61, n_positions=32, n_embd=24, n_layer=2, n_head=3,
    resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, attn_implementation="eager",
)
words = [[3, 17, 60, 5, 9, 22, 41], [1, 2, 8, 33, 7, 0, 12]]
cases = [
    {"input_ids": words},
    {"input_ids": words, "attention_mask": [[1, 1, 1, 1, 1, 0, 0], [1] * 7]},
    {"input_ids": words, "attention_mask": [[0, 0, 1, 1, 1, 1, 1], [1] * 7]},
    {"input_ids": [[11, 4, 60]]},
]
dump("gpt2-lm", GPT2LMHeadModel(config), cases)
dump("gpt2", GPT2Model(config), cases[:2], output="last_hidden_state")
