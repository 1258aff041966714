"""A model of a class of its own, with a weight beside those of its layers, as Keras writes it: keras-files/own_class*.

Keras writes such an .h5 file and cannot load it as a model: what it says then is kept here, too. With a second weight it cannot write one
either: it looks for weights in a list by comparing their values.
"""

import json
import os

os.environ["KERAS_BACKEND"] = "numpy"

import keras
import numpy as np
from golden_json import FOLDER

files = FOLDER / "keras-files"


@keras.saving.register_keras_serializable()
class Scaled(keras.Model):
    def __init__(self, **options):
        super().__init__(**options)
        self.out = keras.layers.Dense(2, name="out")
        self.hidden = keras.layers.Dense(3, name="hidden")

    def build(self, shape):
        self.scale = self.add_weight(shape=(2,), name="scale", initializer="ones")
        self.hidden.build(shape)
        self.out.build((None, 3))

    def call(self, x):
        return self.out(self.hidden(x)) * self.scale


keras.utils.set_random_seed(7)
random = np.random.RandomState(5)
x = random.rand(4, 3).astype("float32")
model = Scaled(name="scaled")
model(x)
for weight in model.weights:
    weight.assign(random.rand(*weight.shape).astype("float32"))
model.save(files / "own_class.h5")

try:
    keras.saving.load_model(files / "own_class.h5", custom_objects={"Scaled": Scaled})
    refused = None
except ValueError as error:
    refused = str(error)
again = Scaled()
again(x)
again.load_weights(files / "own_class.h5")
assert np.array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
told = {"x": x.tolist(), "y": model.predict(x, verbose=0).tolist(), "loadModel": refused}
(files / "own_class.json").write_text(json.dumps(told) + "\n")
