"""keras-files/preprocessing*: models of preprocessing layers as Keras saves them, and what they predict.

Needs TensorFlow beside Keras, as make_preprocessing_tables.py does.
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

import golden_json
from golden_json import FOLDER, line

keras.utils.set_random_seed(3)
folder = FOLDER / "keras-files"
rows = []


def save(name, model, x):
    model.save(folder / f"{name}.keras")
    rows.append({"file": f"{name}.keras", "x": x, "predictions": np.asarray(model.predict(x, verbose=0), np.float32)})


L = keras.layers
table = np.float32([[1, 10, -3], [2, 30, 0], [4, 20, 5], [9, 20, 1]])
normalization = L.Normalization()
normalization.adapt(table)
bins = L.Discretization(num_bins=3, output_mode="one_hot")
bins.adapt(table)
x = keras.Input((3,))
y = L.Concatenate()([normalization(x), L.Flatten()(bins(x)), L.Rescaling(0.1, 1.0)(x)])
save("preprocessing-table", keras.Model(x, L.Dense(2)(y)), table)

numbers = np.int64([[5, 3, 3], [9, 5, 3], [7, 7, 1]])
lookup = L.IntegerLookup(output_mode="tf_idf", max_tokens=5)
lookup.adapt(numbers)
places = L.IntegerLookup(mask_token=0, num_oov_indices=2)
places.adapt(numbers)
x = keras.Input((3,), dtype="int64")
y = L.Concatenate()([lookup(x), L.CategoryEncoding(8, output_mode="count")(places(x))])
save("preprocessing-lookup", keras.Model(x, L.Dense(2)(y)), numbers)

images = np.round(np.random.RandomState(1).uniform(0, 255, (2, 6, 7, 3)), 1).astype(np.float32)
model = keras.Sequential(
    [
        keras.Input((6, 7, 3)),
        L.Pipeline([L.Resizing(8, 8, interpolation="bicubic"), L.RandomFlip("horizontal")]),
        L.RandomRotation(0.1, fill_mode="constant"),
        L.RandomColorJitter(brightness_factor=0.2, contrast_factor=(0.1, 0.2)),
        L.RandAugment(factor=0.2),
        L.AutoContrast(),
        L.CenterCrop(5, 6),
        L.GlobalAveragePooling2D(),
        L.Dense(2),
    ]
)
save("preprocessing-images", model, images)
text = "{\n\"madeBy\":" + line({"keras": keras.__version__, "date": golden_json.DATE}) + ",\n\"cases\":[\n"
text += ",\n".join(line(row) for row in rows) + "\n]\n}\n"
(folder / "preprocessing.json").write_text(text)
