"""Saves a model of every layer with every option, with Keras, and what it predicts.

Usage: make_layer_files.py FOLDER; then `npx tsx tools/golden/check_layer_files.ts FOLDER`, which loads them,
writes them again and writes its own, and `open_in_keras.py FOLDER/ours`.
"""

import base64
import json
import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "torch")  # which compiles nothing

import keras
import numpy as np

from layer_cases import cases, made

BATCH = 2


def tensor(array):
    array = np.asarray(array)
    return {"shape": list(array.shape), "dtype": str(array.dtype), "b64": base64.b64encode(array.tobytes()).decode()}


def given(random, shape):
    if isinstance(shape, int):
        return random.randint(0, shape, (BATCH, 5)).astype("int32")
    return random.uniform(-1, 1, (BATCH, *shape)).astype("float32")


def randomized(model, random):
    """No weight is as its initializer left it, and variances are positive."""
    for weight in model.weights:
        if "seed_generator" in weight.path or not np.issubdtype(np.dtype(keras.backend.standardize_dtype(weight.dtype)), np.floating):
            continue
        values = random.uniform(-0.5, 0.5, weight.shape)
        weight.assign(np.abs(values) + 0.5 if "variance" in weight.path else values)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    written, refused = [], 0
    for number, (name, shapes, options) in enumerate(cases()):
        random = np.random.RandomState(number)
        keras.utils.clear_session()
        entry = {"file": f"{number:04d}-{name}", "class": name, "options": options, "shapes": shapes}
        try:
            inputs = [keras.Input([5] if isinstance(s, int) else s, dtype="int32" if isinstance(s, int) else None) for s in shapes]
            layer = getattr(keras.layers, name)(**{key: made(value) for key, value in options.items()})
            merges = isinstance(layer, (keras.layers.Add().__class__.__mro__[1], keras.layers.Attention))
            outputs = layer(inputs if merges and len(inputs) > 1 else inputs[0]) if merges or len(inputs) == 1 else layer(*inputs)
            model = keras.Model(inputs, outputs)
            randomized(model, random)
            values = [given(random, s) for s in shapes]
            entry["config"] = json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))
            predicted = model(values if len(values) > 1 else values[0], training=False)
            entry["inputs"] = [tensor(v) for v in values]
            entry["outputs"] = [tensor(keras.ops.convert_to_numpy(p)) for p in (predicted if isinstance(predicted, (list, tuple)) else [predicted])]
            for ending in ("keras", "h5"):
                model.save(folder / f"{entry['file']}.{ending}")
        except Exception as error:
            refused += 1
            print("Keras refuses", name, options, type(error).__name__, str(error)[:200].replace("\n", " "))
            continue
        written.append(entry)
    (folder / "cases.json").write_text(json.dumps(written))
    print(f"{len(written)} models, {refused} refused")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
