"""Golden values of GPT-NeoX from Hugging Face transformers: packages/transformers/golden/gpt-neox*.json."""

from transformers import (
    GPTNeoXConfig, GPTNeoXForCausalLM, GPTNeoXForSequenceClassification, GPTNeoXForTokenClassification, GPTNeoXModel,
)

from transformers_golden import dump


def config(**options):
    return GPTNeoXConfig(**{**dict(
        vocab_size=43, hidden_size=48, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40,
        max_position_embeddings=64, pad_token_id=0, attn_implementation="eager",
    ), **options})


words = [[3, 17, 40, 5, 9, 22, 31, 8, 12], [1, 2, 8, 33, 7, 20, 12, 39, 4], [25, 14, 6, 6, 30, 19]]
padded = {
    "input_ids": [[0] * 3 + words[2], words[2][::-1] + [0] * 3, words[1]],
    "attention_mask": [[0] * 3 + [1] * 6, [1] * 6 + [0] * 3, [1] * 9],
}
cases = [padded, {"input_ids": words[:2]}, {"input_ids": [[11, 4, 40]]}]

# A quarter of each head's 16 features is turned, as in Pythia.
dump("gpt-neox-lm", GPTNeoXForCausalLM(config()), cases, gradients=[0])
dump("gpt-neox-tied-lm", GPTNeoXForCausalLM(config(
    tie_word_embeddings=True, use_parallel_residual=False, rotary_pct=1.0, attention_bias=False, hidden_act="gelu_new",
)), cases[:2], gradients=[0])
dump("gpt-neox", GPTNeoXModel(config(num_hidden_layers=1)), cases[:1], output="last_hidden_state")
dump("gpt-neox-classes", GPTNeoXForSequenceClassification(config(num_labels=4)), cases[:2], gradients=[0])
dump("gpt-neox-tokens", GPTNeoXForTokenClassification(config(num_labels=5)), cases[:1])
