"""Golden values of fine-tuning: packages/transformers/golden/finetune.json.

Small models without dropout make two steps of AdamW as transformers' Trainer makes them: a learning rate that falls along a
line, gradients cut to a length of 1, decay of matrices alone. Kept are the mean of the two batches' losses, what each weight
has moved by (its length and three projections), and scores.
"""

import numpy as np
import torch
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, mean_squared_error, r2_score
from torch.utils.data import DataLoader
from transformers import (
    BertConfig, BertForSequenceClassification, DataCollatorWithPadding, GPT2Config, GPT2ForSequenceClassification,
    get_linear_schedule_with_warmup,
)

from transformers_golden import named, projections
from transformers_pipelines import described, files, word_tokenizer, write

RATE, DECAY, BATCH, EPSILON = 1e-2, 0.1, 2, 1e-4


def config(tokenizer, **more) -> BertConfig:
    return BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=48, type_vocab_size=2, attn_implementation="eager", hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0, **more,
    )


def writer_config(tokenizer, **more) -> GPT2Config:
    return GPT2Config(
        vocab_size=len(tokenizer), n_embd=16, n_layer=1, n_head=2, n_positions=48, resid_pdrop=0.0, embd_pdrop=0.0,
        attn_pdrop=0.0, pad_token_id=tokenizer.pad_token_id, bos_token_id=2, eos_token_id=3, attn_implementation="eager", **more,
    )


def labelled(names: list) -> dict:
    return {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}


def trained(model, batches: list, warmup: int = 0) -> dict:
    """One pass over the batches. Returns the mean of their losses and how weights moved."""
    before = {name: weight.detach().clone() for name, weight in named(model)}
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}], lr=RATE)
    schedule = get_linear_schedule_with_warmup(optimizer, warmup, len(batches))
    model.train()
    losses = []
    for step, batch in enumerate(batches, 1):
        loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            # Keras's epsilon, which is Kingma and Ba's "epsilon hat": PyTorch's times a number that goes to 1. It is large, so
            # that gradients which are zero but for rounding move nothing.
            group["eps"] = EPSILON / (1 - group["betas"][1] ** step) ** 0.5
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    model.eval()
    moved = {name: projections(name, weight.detach() - before[name]) for name, weight in named(model)}
    return {"loss": float(np.mean(losses)), "moved": moved}


def batches_of(examples: list, collate) -> list:
    return list(DataLoader(examples, batch_size=BATCH, shuffle=False, collate_fn=collate))


@torch.no_grad()
def logits_of(model, batches: list) -> np.ndarray:
    return np.concatenate([model(**{k: v for k, v in b.items() if k != "labels"}).logits.numpy() for b in batches])


def main() -> None:
    tokenizer = word_tokenizer()
    out = {"tokenizer": files(tokenizer), "rate": RATE, "decay": DECAY, "batch": BATCH, "epsilon": EPSILON, "models": {}, "cases": {}}

    def case(name: str, model, rows: list, batches: list, scores, warmup: int = 0, **more) -> None:
        out["models"][name] = described(model)
        result = trained(model, batches, warmup)
        out["cases"][name] = {"rows": rows, "warmup": warmup, **result, "scores": scores(model, batches), **more}

    pad = DataCollatorWithPadding(tokenizer)

    def encoded(rows: list, labels: list, types: bool = True) -> list:
        pairs = [(row["text"], row.get("textPair")) for row in rows]
        # GPT-2 of Hugging Face adds the words of the types, were it given any.
        return [{**tokenizer(text, pair, return_token_type_ids=types), "labels": label} for (text, pair), label in zip(pairs, labels)]

    texts = [
        {"text": "the film is great !"}, {"text": "anna lives in a small house near the old bridge ."},
        {"text": "bob was not good", "textPair": "what a very bad example"}, {"text": "the city is large and new"},
    ]

    moods = ["bad", "neutral", "good"]
    truth = [2, 1, 0, 2]
    rows = [{**row, "label": moods[label] if i % 2 else label} for i, (row, label) in enumerate(zip(texts, truth))]

    def single(model, batches):
        found = logits_of(model, batches).argmax(-1)
        return {"accuracy": accuracy_score(truth, found), "f1": f1_score(truth, found, average="macro", zero_division=0)}

    for name, model in {
        "single": BertForSequenceClassification(config(tokenizer, **labelled(moods))),
        "decoder": GPT2ForSequenceClassification(writer_config(tokenizer, **labelled(moods))),
    }.items():
        case(name, model, rows, batches_of(encoded(rows, truth, types=name == "single"), pad), single, warmup=1 if name == "decoder" else 0)

    topics = ["art", "work", "place"]
    held = [[0, 2], [2], [], [1, 2]]
    hot = np.array([[float(i in labels) for i in range(3)] for labels in held])
    rows = [{**row, "labels": [topics[label] for label in labels]} for row, labels in zip(texts, held)]

    def several(model, batches):
        found = (logits_of(model, batches) > 0).astype(float)
        return {
            "accuracy": accuracy_score(hot, found), "f1": f1_score(hot, found, average="micro", zero_division=0),
            "macroF1": f1_score(hot, found, average="macro", zero_division=0),
        }

    multi = BertForSequenceClassification(config(tokenizer, **labelled(topics), problem_type="multi_label_classification"))
    case("multi", multi, rows, batches_of(encoded(rows, hot.tolist()), pad), several)

    grades = [0.5, -1.0, 2.0, 0.25]
    rows = [{**row, "label": grade} for row, grade in zip(texts, grades)]

    def regression(model, batches):
        found = logits_of(model, batches)[:, 0]
        return {"mse": mean_squared_error(grades, found), "mae": mean_absolute_error(grades, found), "r2": r2_score(grades, found)}

    grade = BertForSequenceClassification(config(tokenizer, num_labels=1, problem_type="regression"))
    case("regression", grade, rows, batches_of(encoded(rows, grades), pad), regression)
    write("finetune", out)


main()
