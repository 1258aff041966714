"""Golden values that all encoders have: the network alone with the gradients of all weights, and each head with its own."""

import copy

from transformers_golden import dump

WORDS = [[5, 17, 41, 9, 22, 30, 3], [11, 2, 8, 33, 7, 28, 12]]


def padded(row: list, count: int, padding: int, side: str) -> tuple:
    """The last tokens of a row given up for padding: ids and mask."""
    kept, filler = row[: len(row) - count], [padding] * count
    ones, zeros = [1] * len(kept), [0] * count
    return (kept + filler, ones + zeros) if side == "right" else (filler + kept, zeros + ones)


def batch(padding: int, side: str) -> dict:
    ids, mask = zip(padded(WORDS[0], 2, padding, side), padded(WORDS[1], 0, padding, side))
    return {"input_ids": list(ids), "attention_mask": list(mask)}


def dump_encoder(name: str, classes: dict, padding: int, token_types: bool = False, left: bool = True) -> None:
    """
    padding: the id of padding. It stands nowhere else: torch gives its row no gradient.
    left: whether heads that score a whole text are compared with padding on the left, where the first token is padding.
    """
    base = [{"input_ids": WORDS}, batch(padding, "right"), batch(padding, "left"), {"input_ids": [[11, 4, 40]]}]
    if token_types:
        base[1]["token_type_ids"] = [[0, 0, 1, 1, 1, 0, 0], [0, 0, 0, 0, 1, 1, 1]]
    dump(name, classes["base"](copy.deepcopy(classes["config"])), base, output="last_hidden_state")
    heads = {"masked_lm": "logits", "sequence": "logits", "token": "logits", "answers": "start_logits"}
    for head, output in heads.items():
        if head not in classes:
            continue
        config = copy.deepcopy(classes["config"])
        if head == "answers":
            config.num_labels = 2
        model = classes[head](config)
        cases = [base[1], base[2]] if left or head != "sequence" else [base[1], base[0]]
        body = f"{model.base_model_prefix}."

        def own(weight: str) -> bool:
            """Of the head, or of the table of words that a masked language model scores by."""
            return not weight.startswith(body) or "pooler" in weight or (head == "masked_lm" and "word" in weight)

        file = f"{name}-{head.replace('_', '-')}"
        dump(file, model, cases, output=output, gradients=own)
