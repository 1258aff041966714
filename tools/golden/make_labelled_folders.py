"""What Keras makes of folders of files: order, labels, classes and parts, and the texts in them.

Writes packages/data/golden/labelled-folders.json. Run by itself, with Keras on TensorFlow.
"""

import json
import os
import pathlib
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
from keras.src.utils import dataset_utils

# Names whose order is not that of a naive sort: upper case, a dash beside a folder's slash, a folder within, dots.
FILES = [
    "cats/10.txt",
    "cats/2.txt",
    "cats/B.txt",
    "cats/a.TXT",
    "cats/deep-er/x.txt",
    "cats/deep/x.txt",
    "cats/deep/y.txt",
    "cats/notes.md",
    "cats/ÿ.txt",
    "cats/\U0001f408.txt",
    "cats/\uff5e.txt",
    "Dogs/1.txt",
    "Dogs/.hidden.txt",
    "Dogs/2.txt",
    "Dogs/3.txt",
    ".secret/1.txt",
    "empty/.keep",
    "birds/ä.txt",
    "birds/z.txt",
    "loose.txt",
]

CASES = [
    {"shuffle": False},
    {"shuffle": True, "seed": 7},
    {"shuffle": True, "seed": 4294967295},
    {"shuffle": False, "class_names": ["cats", "birds"]},
    {"shuffle": False, "labels": None},
    {"shuffle": True, "seed": 3, "labels": None},
    {"shuffle": True, "seed": 5, "labels": [(7 * i) % 4 for i in range(18)]},
    {"shuffle": True, "seed": 1, "validation_split": 0.29, "subset": "training"},
    {"shuffle": True, "seed": 1, "validation_split": 0.29, "subset": "validation"},
    {"shuffle": False, "validation_split": 0.5, "subset": "validation"},
]


def main():
    root = pathlib.Path(__file__).parents[2] / "packages/data/golden/labelled-folders.json"
    with tempfile.TemporaryDirectory() as folder:
        for i, name in enumerate(FILES):
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"text {i} of naïve cafés", encoding="utf-8")
        cases = []
        for case in CASES:
            options = dict(case)
            split, subset = options.pop("validation_split", None), options.pop("subset", None)
            paths, labels, names = dataset_utils.index_directory(
                folder, **{"labels": "inferred", **options}, formats=(".txt",), verbose=False
            )
            paths, labels = dataset_utils.get_training_or_validation_split(paths, labels, split, subset)
            cases.append(
                {
                    "options": case,
                    "paths": [os.path.relpath(path, folder) for path in paths],
                    "labels": None if labels is None else [int(label) for label in labels],
                    "classNames": names,
                }
            )
        texts = []
        for mode in ("int", "categorical", "binary", None):
            for length in (None, 6):
                batches = keras.utils.text_dataset_from_directory(
                    folder,
                    label_mode=mode,
                    class_names=["cats", "birds"] if mode == "binary" else None,
                    batch_size=5,
                    max_length=length,
                    shuffle=False,
                    verbose=False,
                )
                elements = []
                for batch in batches:
                    x, y = (batch, None) if mode is None else batch
                    elements.append(
                        {
                            "texts": [text.decode("utf-8") for text in x.numpy()],
                            "labels": None if y is None else y.numpy().tolist(),
                            "dtype": None if y is None else y.dtype.name,
                        }
                    )
                texts.append({"labelMode": mode, "maxLength": length, "batches": elements})
    head = {"madeBy": {"keras": keras.__version__}, "files": FILES}
    root.write_text(json.dumps({**head, "cases": cases, "texts": texts}, ensure_ascii=False, indent=0) + "\n")


main()
