"""Golden values of T5's span corruption: packages/transformers/golden/span-corruption.json.

Run by Hugging Face's own collator of examples/flax/language-modeling/run_t5_mlm_flax.py, whose path is the argument:
transformers no longer has the file, its history on GitHub does. The collator's class alone is read; JAX is not needed.
"""

import ast
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

tree = ast.parse(Path(sys.argv[1]).read_text())
collator = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "FlaxDataCollatorForT5MLM")
methods = ["create_sentinel_ids", "filter_input_ids", "random_spans_noise_mask"]
collator.body = [node for node in collator.body if isinstance(node, ast.FunctionDef) and node.name in methods]
collator.decorator_list = []
segment_sum = lambda values, ids: np.bincount(ids, weights=values).astype(int)
names = {"np": np, "jax": SimpleNamespace(ops=SimpleNamespace(segment_sum=segment_sum))}
exec(compile(ast.Module([collator], []), "collator", "exec"), names)

VOCABULARY, END = 200, 1
cases = []
for length, density, mean in [(64, 0.15, 3.0), (64, 0.5, 3.0), (30, 0.15, 3.0), (17, 0.3, 2.0), (128, 0.15, 5.0), (10, 0.25, 1.0), (50, 0.05, 3.0)]:
    one = names["FlaxDataCollatorForT5MLM"]()
    one.noise_density, one.mean_noise_span_length = density, mean
    one.tokenizer = SimpleNamespace(vocab_size=VOCABULARY, eos_token_id=END)
    np.random.seed(length)
    for _ in range(3):
        mask = one.random_spans_noise_mask(length)[None]
        ids = np.random.randint(2, VOCABULARY, (1, length))
        inputs = one.filter_input_ids(ids, one.create_sentinel_ids(mask.astype(np.int8)))
        labels = one.filter_input_ids(ids, one.create_sentinel_ids((~mask).astype(np.int8)))
        cases.append({
            "noiseDensity": density, "meanSpanLength": mean, "mask": "".join("1" if m else "0" for m in mask[0]),
            "ids": ids[0].tolist(), "inputs": inputs[0].tolist(), "labels": labels[0].tolist(),
        })
out = Path(__file__).parents[2] / "packages/transformers/golden/span-corruption.json"
out.write_text(json.dumps({"end": END, "firstSentinel": VOCABULARY, "cases": cases}) + "\n")
