"""keras-files/feature_space_alone.keras: a FeatureSpace that Keras has saved by itself, and feature-space-file.json: what it encodes.

With a path of a file that typegrad has written of the same features it checks that Keras reads it and encodes the same:

    python make_feature_space_file.py ours.keras

Needs tensorflow-cpu 2.21.0, which requirements.txt does not name.
"""

import json
import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

from golden_json import FOLDER

Features = keras.utils.FeatureSpace
FILE = FOLDER / "keras-files" / "feature_space_alone.keras"
TABLE = {
    "body_height": [1.8, 1.65, 1.72, 1.9, 1.55, 1.77],
    "age": [31, 52, 40, 22, 64, 47],
    "bin": [0.1, 0.5, 0.9, 0.3, 0.7, 0.2],
    "city": ["Ulm", "Bern", "Ulm", "Oslo", "Zürich", "Bern"],
    "town": ["a", "b", "a", "c", "a", "b"],
    "kind": [3, 1, 3, 2, 1, 3],
    "hashed": ["x", "y", "z", "x", "w", "y"],
    "raw": [1, 2, 3, 4, 5, 6],
    "half": [2, 4, 6, 8, 10, 12],
}
GIVEN = {
    "body_height": [1.7, 1.6],
    "age": [35, 90],
    "bin": [0.15, 0.8],
    "city": ["Bern", "Rom"],
    "town": ["a", "z"],
    "kind": [3, 7],
    "hashed": ["y", "v"],
    "raw": [-1, 0.5],
    "half": [3, 5],
}


def arrays(table):
    floats = {"body_height", "age", "bin", "raw", "half"}
    return {name: np.float32(column) if name in floats else np.array(column) for name, column in table.items()}


def encoded(space):
    return {name: np.asarray(value).tolist() for name, value in space(arrays(GIVEN)).items()}


if len(sys.argv) > 1:
    theirs = json.loads((FOLDER / "feature-space-file.json").read_text())["encoded"]
    ours = encoded(keras.models.load_model(sys.argv[1]))
    assert ours.keys() == theirs.keys(), (sorted(ours), sorted(theirs))
    for name, value in theirs.items():
        np.testing.assert_allclose(ours[name], value, rtol=2e-6, atol=2e-6, err_msg=name)
    print("Keras encodes the same by", sys.argv[1])
    sys.exit()

space = Features(
    features={
        "body_height": "float_normalized",
        "age": Features.float_normalized(),
        "bin": Features.float_discretized(num_bins=4),
        "city": Features.string_categorical(max_tokens=4),
        "town": "string_categorical",
        "kind": Features.integer_categorical(output_mode="int"),
        "hashed": Features.string_hashed(num_bins=7),
        "raw": "float",
        "half": Features.float_rescaled(scale=0.5, offset=1.0),
    },
    crosses=[("city", "kind"), Features.cross(("city", "hashed"), crossing_dim=9)],
    output_mode="dict",
)
space.adapt(arrays(TABLE))
space.save(FILE)
again = encoded(keras.models.load_model(FILE))
assert again == encoded(space)
with open(FOLDER / "feature-space-file.json", "w") as file:
    file.write(json.dumps({"given": GIVEN, "encoded": again}, ensure_ascii=False) + "\n")
