"""
Golden values of perplexity: packages/transformers/golden/perplexity.json, by the loop of Hugging Face's guide,
https://huggingface.co/docs/transformers/perplexity.
"""

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from transformers_pipelines import described, files, word_tokenizer, write

TEXTS = [
    "the film was very good and the city is large .", "anna lives in a small house near the old bridge .",
    "bob works for the acme company in paris , which is not new !",
]


@torch.no_grad()
def perplexity(model, ids: torch.Tensor, max_length: int, stride: int) -> float:
    nll_sum, n_tokens, prev_end = 0.0, 0, 0
    for begin in range(0, ids.size(1), stride):
        end = min(begin + max_length, ids.size(1))
        target_length = end - prev_end
        window = ids[:, begin:end]
        targets = window.clone()
        targets[:, :-target_length] = -100
        counted = (targets != -100).sum().item() - targets.size(0)
        nll_sum += model(window, labels=targets).loss.item() * counted
        n_tokens += counted
        prev_end = end
        if end == ids.size(1):
            break
    return float(torch.exp(torch.tensor(nll_sum / n_tokens)))


def main() -> None:
    tokenizer = word_tokenizer()
    model = GPT2LMHeadModel(GPT2Config(vocab_size=len(tokenizer), n_positions=16, n_embd=16, n_layer=1, n_head=2, bos_token_id=2, eos_token_id=3))
    out = {"tokenizer": files(tokenizer), "models": {"writer": described(model)}, "texts": TEXTS}
    ids = tokenizer("\n\n".join(TEXTS), return_tensors="pt").input_ids
    out["cases"] = [
        {"maxLength": longest, "stride": stride, "value": perplexity(model, ids, longest, stride)}
        for longest, stride in [(16, 8), (16, 16), (12, 5), (9, 1)]
    ]
    write("perplexity", out)
    print(ids.shape, out["cases"])


main()
