"""What Python's save_pretrained writes for each model of packages/transformers/golden: names, shapes and dtypes of the
tensors, and the entries of config.json: saved.json.

Run it when a golden model is added.
"""

import json
import tempfile
from pathlib import Path

import transformers
from safetensors import safe_open

from transformers_golden import FOLDER

saved = {}
for path in sorted(FOLDER.glob("*.json")):
    golden = json.loads(path.read_text())
    config = golden.get("config") if isinstance(golden, dict) else None
    if not isinstance(config, dict) or not config.get("architectures") or "weights" not in golden:
        continue
    model_class = getattr(transformers, config["architectures"][0], None)
    if model_class is None:
        continue  # Of a paper, and not of Hugging Face's.
    model = model_class(model_class.config_class.from_dict(config))
    names = {name for name, _ in model.named_parameters()}
    if not {weight["name"] for weight in golden["weights"]} <= names | {name for name, _ in model.named_buffers()}:
        print(f"{path.stem}: left out, made of its configuration it has other weights")
        continue
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        with safe_open(Path(folder) / "model.safetensors", "pt") as file:
            tensors = {name: file.get_slice(name).get_shape() for name in sorted(file.keys())}
            dtypes = sorted({file.get_slice(name).get_dtype() for name in file.keys()})
            metadata = file.metadata()
        entries = json.loads((Path(folder) / "config.json").read_text())
    saved[path.stem] = {
        "tensors": tensors,
        "dtypes": dtypes,
        "metadata": metadata,
        "config": {name: entries[name] for name in ("architectures", "model_type", "dtype", "transformers_version")},
    }
(FOLDER / "saved.json").write_text(json.dumps(saved, indent=0).replace(",\n", ", ").replace("[\n", "[").replace("\n]", "]") + "\n")
print(f"saved: {len(saved)} models, {(FOLDER / 'saved.json').stat().st_size / 1000:.0f} kB")
