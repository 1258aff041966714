"""Recurrent layers that keep their states from batch to batch: packages/typegrad/golden/stateful/.

On the tensorflow backend: on jax the states stay 0, and on torch they are kept in predictions, but not in training
(tools/differential/keras-differs.md).
"""

import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np

FOLDER = pathlib.Path(__file__).parents[2] / "packages/typegrad/golden/stateful"
L = keras.layers


def main():
    FOLDER.mkdir(exist_ok=True)
    keras.utils.set_random_seed(7)
    x = np.round(np.sin(np.arange(6 * 4 * 3)).reshape(6, 4, 3), 3).astype("float32")
    y = np.round(np.cos(np.arange(6)).reshape(6, 1), 3).astype("float32")
    model = keras.Sequential(
        [
            keras.Input(batch_shape=(2, 4, 3)),
            L.GRU(3, stateful=True, return_sequences=True),
            L.LSTM(2, stateful=True),
            L.Dense(1),
        ]
    )
    model.compile(keras.optimizers.SGD(0.1), "mean_squared_error")
    for form in ("keras", "h5"):
        model.save(FOLDER / f"model.{form}")
    rows = lambda values: np.asarray(values, "float64").round(7).tolist()
    predicted = rows(model.predict(x, batch_size=2, verbose=0))
    for layer in model.layers[:2]:
        layer.reset_state()
    history = model.fit(x, y, batch_size=2, epochs=2, shuffle=False, verbose=0).history
    for layer in model.layers[:2]:
        layer.reset_state()
    after = rows(model.predict(x, batch_size=2, verbose=0))
    data = {"x": x.tolist(), "y": y.tolist(), "predicted": predicted, "loss": history["loss"], "after": after}
    (FOLDER / "cases.json").write_text(json.dumps(data) + "\n")


if __name__ == "__main__":
    main()
