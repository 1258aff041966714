"""
Golden values of training as Hugging Face's classes do it with `labels`: packages/transformers/golden/training.json.

Small models without dropout make two steps of AdamW on one batch whose labels are -100 in places. Kept are both losses, and
what each weight has moved by: its length and three projections.
"""

import torch
from transformers import (
    BartConfig, BartForConditionalGeneration, BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel,
    MBartConfig, MBartForConditionalGeneration, T5Config, T5ForConditionalGeneration,
)

from transformers_golden import named, projections
from transformers_pipelines import described, write

RATE, DECAY, EPSILON = 1e-2, 0.1, 1e-4
WORDS = 41
SOURCE = [[5, 17, 30, 9, 2], [8, 4, 33, 2, 1]]
MASK = [[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]]
LABELS = [[12, 7, 25, 2], [31, 2, -100, -100]]


def trained(model, batch: dict) -> dict:
    before = {name: weight.detach().clone() for name, weight in named(model)}
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    model.train()
    losses = []
    for step in (1, 2):
        loss = model(**batch).loss
        loss.backward()
        for group in optimizer.param_groups:
            # Keras's epsilon, which is Kingma and Ba's "epsilon hat": PyTorch's times a number that goes to 1. It is large, so
            # that gradients which are zero but for rounding move nothing.
            group["eps"] = EPSILON / (1 - group["betas"][1] ** step) ** 0.5
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return {"losses": losses, "moved": {name: projections(name, weight.detach() - before[name]) for name, weight in named(model)}}


def main() -> None:
    text = dict(
        vocab_size=WORDS, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2,
        encoder_ffn_dim=20, decoder_ffn_dim=20, max_position_embeddings=16, dropout=0, attention_dropout=0,
        activation_dropout=0, pad_token_id=1, eos_token_id=2, bos_token_id=0, attn_implementation="eager",
    )
    models = {
        "t5": T5ForConditionalGeneration(T5Config(
            vocab_size=WORDS, d_model=16, d_kv=8, d_ff=20, num_layers=1, num_decoder_layers=1, num_heads=2, dropout_rate=0,
            decoder_start_token_id=0,
            attn_implementation="eager",
        )),
        "bart": BartForConditionalGeneration(BartConfig(**text, decoder_start_token_id=2)),
        "mbart": MBartForConditionalGeneration(MBartConfig(**text)),
        "gpt2": GPT2LMHeadModel(GPT2Config(
            vocab_size=WORDS, n_positions=16, n_embd=16, n_layer=1, n_head=2, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0,
            bos_token_id=0, eos_token_id=2, attn_implementation="eager",
        )),
        "bert": BertForMaskedLM(BertConfig(
            vocab_size=WORDS, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=20,
            max_position_embeddings=16, hidden_dropout_prob=0, attention_probs_dropout_prob=0, attn_implementation="eager",
        )),
    }
    alone = {"gpt2": [[5, 17, 30, 9, 2], [8, -100, 33, 2, -100]], "bert": [[-100, 17, -100, 9, -100], [-100, -100, 33, -100, -100]]}
    cases = {}
    out = {"rate": RATE, "decay": DECAY, "epsilon": EPSILON, "input_ids": SOURCE, "attention_mask": MASK, "models": {}, "cases": cases}
    for name, model in models.items():
        labels = alone.get(name, LABELS)
        out["models"][name] = described(model)
        batch = {"input_ids": SOURCE, "attention_mask": MASK, "labels": labels}
        cases[name] = {"labels": labels, **trained(model, {k: torch.tensor(v) for k, v in batch.items()})}
    write("training", out)
    print({name: case["losses"] for name, case in cases.items()})


main()
