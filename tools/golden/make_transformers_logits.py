"""Golden values of Hugging Face's logits processors: packages/transformers/golden/logits.json.

Each case: scores and history, what processor with what arguments, and the scores after it (null for minus infinity).
"""

import json
import math

import numpy as np
import torch
import transformers
from transformers.generation import logits_process as lp

from transformers_golden import FOLDER, numbers, rounded

WORDS = 40


def scores(name: str, scale: float = 6.0, words: int = WORDS) -> list:
    return rounded((scale * numbers(name, words).astype(np.float64)).astype(np.float32), 6)


INF = -math.inf
CASES = []


def case(kind: str, args: dict, processor, given: list, history: list) -> None:
    x = torch.tensor([given], dtype=torch.float32)
    out = processor(torch.tensor([history], dtype=torch.long).reshape(1, len(history)), x)[0].tolist()
    CASES.append({
        "kind": kind, "args": args, "history": history,
        "scores": next(name for name, one in INPUTS.items() if one is given),
        "expected": [None if v == INF else v for v in rounded(out)],
    })


history = [3, 17, 3, 5, 9, 22, 3, 17, 39, 5, 9]
plain = scores("plain")
sharp = scores("sharp", 20)
flat = [0.5] * 10
ties = [1.0, 3.0, 3.0, -1.0, 3.0, 2.0, 2.0, -4.0]
holes = [INF if i % 3 == 0 else v for i, v in enumerate(plain)]
INPUTS = {"plain": plain, "sharp": sharp, "flat": flat, "ties": ties, "holes": holes}
for value in [0.1, 0.7, 1.5, 10.0]:
    case("temperature", {"value": value}, lp.TemperatureLogitsWarper(value), plain, history)
    case("temperature", {"value": value}, lp.TemperatureLogitsWarper(value), holes, history)
for given in [plain, sharp, flat, ties, holes]:
    for k in [1, 2, 3, 5, 39, 100]:
        for keep in [1, 4]:
            case("topK", {"k": k, "keep": keep}, lp.TopKLogitsWarper(k, min_tokens_to_keep=keep), given, history)
    for p in [0.0, 0.1, 0.5, 0.9, 0.99, 1.0]:
        for keep in [1, 4]:
            case("topP", {"p": p, "keep": keep}, lp.TopPLogitsWarper(p, min_tokens_to_keep=keep), given, history)
    for p in [0.0, 0.01, 0.3, 1.0]:
        for keep in [1, 4]:
            # Which of equally likely tokens torch.topk keeps is not said.
            if keep == 4 and given in (flat, ties):
                continue
            case("minP", {"share": p, "keep": keep}, lp.MinPLogitsWarper(p, min_tokens_to_keep=keep), given, history)
for given in [plain, sharp, holes]:
    for mass in [0.01, 0.2, 0.5, 0.9, 0.999]:
        case("typical", {"mass": mass, "keep": 1}, lp.TypicalLogitsWarper(mass), given, history)
for given in [plain, holes]:
    for penalty in [0.5, 1.0, 1.3, 4.0]:
        for ignored in [0, 4]:
            case("repetition", {"penalty": penalty, "ignored": ignored},
                 lp.RepetitionPenaltyLogitsProcessor(penalty, prompt_ignore_length=ignored), given, history)
    for n in [1, 2, 3, 4, 12]:
        case("ngrams", {"n": n}, lp.NoRepeatNGramLogitsProcessor(n), given, history)
    words = [[5, 9, 30], [7], [2, 9, 31], [9, 32], [1], [3, 17]]
    case("badWords", {"words": words, "ends": []}, lp.NoBadWordsLogitsProcessor(words), given, history)
    case("badWords", {"words": words, "ends": [1]}, lp.NoBadWordsLogitsProcessor(words, eos_token_id=1), given, history)
    case("suppressed", {"ids": [0, 8, 38]}, lp.SuppressTokensLogitsProcessor([0, 8, 38]), given, history)
    for at in [10, 11, 12]:
        case("suppressed", {"ids": [0, 8], "at": at}, lp.SuppressTokensAtBeginLogitsProcessor([0, 8], at), given, history)
        case("minimum", {"length": at, "ends": [1, 4]}, lp.MinLengthLogitsProcessor(at, [1, 4]), given, history)
        case("forced", {"ids": [4], "at": at - 1}, lp.ForcedEOSTokenLogitsProcessor(at, 4), given, history)
    case("forced", {"ids": [6], "at": 1}, lp.ForcedBOSTokenLogitsProcessor(6), given, history)
    case("forced", {"ids": [6], "at": 1}, lp.ForcedBOSTokenLogitsProcessor(6), given, [2])

# The order of generate() itself.
chain = []
from transformers import GenerationConfig, GPT2Config, GPT2LMHeadModel

model = GPT2LMHeadModel(GPT2Config(vocab_size=WORDS, n_embd=8, n_layer=1, n_head=1, n_positions=64))
for options, prompt in [
    ({"temperature": 0.6, "top_k": 12, "top_p": 0.8, "repetition_penalty": 1.4}, 5),
    ({"temperature": 1.7, "typical_p": 0.7, "no_repeat_ngram_size": 2, "min_new_tokens": 20}, 5),
    ({"min_p": 0.05, "temperature": 2.0, "bad_words_ids": [[9, 32], [7]], "min_length": 12, "top_k": 30}, 5),
    ({"suppress_tokens": [1, 2, 30], "begin_suppress_tokens": [11, 12], "top_p": 0.95}, 11),
    ({"forced_eos_token_id": 3, "max_length": 12, "top_k": 3, "repetition_penalty": 2.0}, 5),
    ({"repetition_penalty": 3.0, "suppress_tokens": [4], "top_k": 2, "top_p": 0.5, "min_p": 0.9}, 5),
]:
    config = GenerationConfig(do_sample=True, eos_token_id=1, pad_token_id=0, **{"top_k": 0, **options})
    model._prepare_special_tokens(config, device="cpu")
    ids = torch.tensor([history])
    made = model._get_logits_processor(config, input_ids_seq_length=prompt, encoder_input_ids=None, device="cpu")
    out = made(ids, torch.tensor([plain]))[0].tolist()
    chain.append({
        "options": options, "promptLength": prompt, "history": history, "scores": "plain",
        "processors": [type(p).__name__ for p in made],
        "expected": [None if v == INF else v for v in rounded(out)],
    })

inputs = {name: [None if v == INF else v for v in one] for name, one in INPUTS.items()}
path = FOLDER / "logits.json"
path.write_text(json.dumps({"transformers": transformers.__version__, "inputs": inputs, "cases": CASES, "chain": chain}) + "\n")
print(f"logits: {len(CASES)} cases, {path.stat().st_size / 1000:.0f} kB")
