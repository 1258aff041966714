"""What Hugging Face's generate answers with small models: packages/transformers/golden/generation*.json."""

import json

import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel, T5Config, T5ForConditionalGeneration

from transformers_golden import FOLDER, fill, numbers, rounded


def ids(name: str, count: int, words: int) -> list:
    return [int((x + 1) / 2 * words) % words for x in numbers(name, count)]


def padded(prompts: list, side: str) -> dict:
    longest = max(map(len, prompts))
    rows, masks = [], []
    for p in prompts:
        pad = [0] * (longest - len(p))
        mask = [1] * len(p)
        rows.append(pad + p if side == "left" else p + pad)
        masks.append([0] * len(pad) + mask if side == "left" else mask + [0] * len(pad))
    return {"input_ids": torch.tensor(rows), "attention_mask": torch.tensor(masks)}


def case(model, prompts: list, stop: list, side: str = "left", **options) -> dict:
    given = padded(prompts, side)
    skipped = 1 if model.config.is_encoder_decoder else given["input_ids"].shape[1]
    count = options.get("num_return_sequences", 1)
    result = model.generate(
        **given, **options, do_sample=False, pad_token_id=0, eos_token_id=stop or None,
        return_dict_in_generate=True, output_scores=True,
    )
    answers = []
    for row in result.sequences[:, skipped:].tolist():
        end = next((i + 1 for i, x in enumerate(row) if x in stop), len(row))
        answers.append(row[:end])
    made = {
        "prompts": prompts, "stop": stop, "options": options,
        "answers": [answers[i:i + count] for i in range(0, len(answers), count)],
    }
    if options.get("num_beams", 1) > 1:
        made["scores"] = rounded(result.sequences_scores)
    else:
        scores = model.compute_transition_scores(result.sequences, result.scores, normalize_logits=True)
        made["logProbs"] = [rounded(row[: len(answers[i])]) for i, row in enumerate(scores)]
    return made


def dump(file: str, model, cases: list) -> None:
    config = {**model.config.to_dict(), "architectures": [type(model).__name__]}
    path = FOLDER / f"{file}.json"
    path.write_text(json.dumps({
        "transformers": transformers.__version__, "config": config, "output": "logits", "weights": weights, "cases": cases,
    }) + "\n")
    print(f"{file}: {path.stat().st_size / 1000:.0f} kB")


model = GPT2LMHeadModel(GPT2Config(
    vocab_size=61, n_positions=300, n_embd=24, n_layer=2, n_head=3, bos_token_id=1, eos_token_id=None,
    resid_pdrop=0, embd_pdrop=0, attn_pdrop=0, attn_implementation="eager",
)).eval()
weights = fill(model)
short = [ids("a", 7, 61), ids("b", 3, 61), ids("c", 12, 61)]
dump("generation", model, [
    case(model, short[:1], [], max_new_tokens=20),
    case(model, short, [], max_new_tokens=24),
    # Beyond the first room of the cache, and more than one chunk.
    case(model, [ids("d", 90, 61), ids("e", 41, 61)], [], max_new_tokens=60),
    *(
        case(model, short, stop, max_new_tokens=16, num_beams=4, num_return_sequences=n, length_penalty=penalty, early_stopping=early)
        for stop in ([17], [6, 30, 25])
        for n, penalty, early in [(1, 1.0, False), (4, 1.0, True), (2, 2.0, False), (3, -1.0, "never"), (3, 0.5, "never")]
    ),
    case(model, short[:2], [], max_new_tokens=12, num_beams=3, num_return_sequences=3),
])

model = T5ForConditionalGeneration(T5Config(
    vocab_size=53, d_model=24, d_kv=6, d_ff=20, num_layers=2, num_heads=3, relative_attention_num_buckets=8,
    relative_attention_max_distance=10, dropout_rate=0, decoder_start_token_id=0, eos_token_id=None, attn_implementation="eager",
)).eval()
weights = fill(model)
read = [ids("f", 13, 53), ids("g", 5, 53), ids("h", 20, 53)]
dump("generation-t5", model, [
    case(model, read[:1], [], "right", max_new_tokens=20),
    case(model, read, [], "right", max_new_tokens=20),
    case(model, read, [9], "right", max_new_tokens=12, num_beams=4, num_return_sequences=2),
])
