"""Opens what typegrad has written, in Keras with safe_mode, and compares its predictions.

Usage: open_in_keras.py FOLDER, which write_for_keras.ts has filled: files and cases.json.
"""

import json
import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np


def array(saved):
    return np.array(saved["data"], saved["dtype"]).reshape(saved["shape"])


def main(folder):
    failed = 0
    for case in json.loads((folder / "cases.json").read_text()):
        try:
            model = keras.models.load_model(folder / case["file"], safe_mode=True)
            inputs = [array(i) for i in case["inputs"]]
            arguments = inputs if len(inputs) > 1 else inputs[0]

            def compare(wanted):
                outputs = model.predict(arguments, verbose=0)
                outputs = outputs if isinstance(outputs, list) else [outputs]
                return max(np.abs(o - array(w)).max() for o, w in zip(outputs, wanted, strict=True))

            errors = [compare(case["outputs"])]
            if "after" in case:
                labels = [array(l) for l in case["labels"]]
                model.train_on_batch(arguments, labels if len(labels) > 1 else labels[0])
                errors.append(compare(case["after"]))
            good = max(errors) < 1e-5
            print("ok  " if good else "FAIL", case["file"], *(f"{e:.1e}" for e in errors))
            failed += not good
        except Exception as error:
            failed += 1
            print("FAIL", case["file"], type(error).__name__, str(error)[-500:])
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
