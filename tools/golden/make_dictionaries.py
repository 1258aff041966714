"""Models whose inputs and outputs go by names, as Keras has saved them: keras-files/dictionaries*, keras-files/nested_dictionary*."""

import json
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from golden_json import FOLDER

files = FOLDER / "keras-files"
keras.utils.set_random_seed(11)
layers = keras.layers


def made():
    image, text = keras.Input((4,), name="image"), keras.Input((3,), name="a_text")
    both = layers.Concatenate(name="both")([layers.Dense(5, name="of_image")(image), layers.Dense(2, name="of_text")(text)])
    cls = layers.Dense(3, activation="softmax", name="classes")(both)
    box = layers.Dense(2, name="corners")(both)
    return keras.Model({"image": image, "a_text": text}, {"the_class": cls, "box": box}, name="reader")


random = np.random.RandomState(3)
x = {"image": random.rand(6, 4).astype("float32"), "a_text": random.rand(6, 3).astype("float32")}
y = {"the_class": random.randint(0, 3, (6,)), "box": random.rand(6, 2).astype("float32")}
weights = {"the_class": random.rand(6).astype("float32"), "box": random.rand(6).astype("float32")}


def lists(record):
    return {name: np.asarray(value).tolist() for name, value in record.items()}


model = made()
model.compile(
    keras.optimizers.SGD(0.1),
    loss={"the_class": "sparse_categorical_crossentropy", "box": "mean_squared_error"},
    loss_weights={"the_class": 1.0, "box": 0.5},
    metrics={"the_class": ["accuracy"], "box": ["mae"]},
)
model.save(files / "dictionaries.keras")
model.save(files / "dictionaries.h5")
told = {"x": lists(x), "y": lists(y), "weights": lists(weights), "prediction": lists(model.predict(x, verbose=0))}
told["evaluated"] = model.evaluate(x, y, verbose=0, return_dict=True)
told["weighted"] = model.evaluate(x, y, sample_weight=weights, verbose=0, return_dict=True)
told["history"] = model.fit(x, y, batch_size=3, epochs=2, shuffle=False, verbose=0).history
told["after"] = lists(model.predict(x, verbose=0))

inner = made()
image, text = keras.Input((4,), name="image"), keras.Input((3,), name="a_text")
found = inner({"image": image, "a_text": text})
outer = keras.Model([text, image], [found["the_class"], layers.Dense(2, name="last")(found["box"])])
outer.save(files / "nested_dictionary.keras")
told["nested"] = [p.tolist() for p in outer.predict([x["a_text"], x["image"]], verbose=0)]
(files / "dictionaries.json").write_text(json.dumps(told) + "\n")
