"""keras-files/text-*: models that take strings, as Keras saves them, and what they predict.

Needs TensorFlow beside Keras, as make_preprocessing_tables.py does.
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf

import golden_json
from golden_json import FOLDER, line

keras.utils.set_random_seed(5)
folder = FOLDER / "keras-files"
L = keras.layers
rows = []


def save(name, model, inputs):
    model.save(folder / f"{name}.keras")
    given = [tf.constant(x) for x in inputs]
    y = model.predict(given[0] if len(given) == 1 else given, verbose=0)
    rows.append({"file": f"{name}.keras", "x": inputs, "predictions": np.asarray(y, np.float32)})


texts = [
    ["The fox jumped over the dog."],
    ["A dog! A lazy, lazy dog"],
    ["nothing known"],
    ["fox"],
]
words = L.TextVectorization(output_sequence_length=5)
words.adapt([row[0] for row in texts[:2]])
x = keras.Input((1,), dtype="string", name="text")
y = L.GlobalAveragePooling1D()(L.Embedding(words.vocabulary_size(), 4, mask_zero=True)(words(x)))
save("text-embedding", keras.Model(x, L.Dense(2, activation="softmax")(y)), [texts])

counts = L.TextVectorization(output_mode="tf_idf", ngrams=2)
counts.adapt([row[0] for row in texts[:2]])
save("text-sequential", keras.Sequential([keras.Input((1,), dtype="string"), counts, L.Dense(3)]), [texts])

colours = [["red"], ["blue"], ["green"], ["red"]]
numbers = [[0.5, -1.0], [0.25, 2.0], [-3.0, 1.0], [0.0, 0.125]]
lookup = L.StringLookup(output_mode="one_hot")
lookup.adapt(["red", "blue", "red"])
a = keras.Input((1,), dtype="string", name="colour")
b = keras.Input((2,), name="numbers")
bins = L.Hashing(4, output_mode="one_hot")
y = L.Concatenate()([lookup(a), b, bins(a)])
save("text-and-numbers", keras.Model([a, b], L.Dense(2)(y)), [colours, numbers])

text = "{\n\"madeBy\":" + line({"keras": keras.__version__, "date": golden_json.DATE}) + ",\n\"cases\":[\n"
text += ",\n".join(line(row) for row in rows) + "\n]\n}\n"
(folder / "text-models.json").write_text(text)
