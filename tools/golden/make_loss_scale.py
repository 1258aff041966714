"""Models compiled with a LossScaleOptimizer, as Keras has saved them: keras-files/loss_scale*."""

import json
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
from golden_json import FOLDER

files = FOLDER / "keras-files"


def made():
    keras.utils.set_random_seed(7)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="d")])
    inner = keras.optimizers.Adam(0.01)
    optimizer = keras.optimizers.LossScaleOptimizer(inner, initial_scale=8.0, dynamic_growth_steps=2)
    model.compile(optimizer=optimizer, loss="mean_squared_error")
    return model


random = np.random.RandomState(5)
x, y = random.rand(4, 3).astype("float32"), random.rand(4, 2).astype("float32")
fresh = made()
fresh.save(files / "loss_scale_fresh.keras")
fresh.save(files / "loss_scale_fresh.h5")

model = made()
model.fit(x, y, epochs=5, batch_size=4, verbose=0)
model.save(files / "loss_scale.keras")
model.save(files / "loss_scale.h5")
state = [np.ravel(v.numpy()).tolist() for v in model.optimizer.variables]
weights = [np.ravel(w).tolist() for w in model.get_weights()]
model.fit(x, y, epochs=3, batch_size=4, verbose=0)
told = {
    "x": x.tolist(),
    "y": y.tolist(),
    "weights": weights,
    "state": state,
    "afterWeights": [np.ravel(w).tolist() for w in model.get_weights()],
    "afterState": [np.ravel(v.numpy()).tolist() for v in model.optimizer.variables],
}
(files / "loss_scale.json").write_text(json.dumps(told) + "\n")
