"""Recurrent layers that are given an initial state behind a mask: packages/typegrad/golden/masked-states/.

Keras 3 hands a mask to calls of one tensor alone (`Layer.__call__`, "Populate mask argument(s)"): a recurrent layer with
an initial state is not told of it, while what follows is.
"""

import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np

FOLDER = pathlib.Path(__file__).parents[2] / "packages/typegrad/golden/masked-states"
L = keras.layers


def main():
    FOLDER.mkdir(exist_ok=True)
    keras.utils.set_random_seed(7)
    ids = np.array([[1, 2, 0, 0, 0], [0, 0, 3, 4, 5], [0, 0, 0, 0, 6], [1, 0, 2, 0, 3]], dtype="int32")
    state = (np.arange(12).reshape(4, 3) / 10).astype("float32")
    cases = {}
    for name, layer, states in (
        ("simple_rnn", L.SimpleRNN(3), 1),
        ("gru", L.GRU(3, return_sequences=True), 1),
        ("lstm", L.LSTM(3), 2),
        ("bidirectional", L.Bidirectional(L.GRU(3, return_sequences=True)), 2),
    ):
        inputs = [keras.Input((5,), dtype="int32"), keras.Input((3,))]
        x = L.Embedding(7, 4, mask_zero=True)(inputs[0])
        y = layer(x, initial_state=inputs[1] if states == 1 else [inputs[1]] * states)
        # The mean of sequences counts the steps of the mask, which comes through.
        model = keras.Model(inputs, L.GlobalAveragePooling1D()(y) if y.ndim == 3 else y)
        model.save(FOLDER / f"{name}.keras")
        cases[name] = np.asarray(model.predict([ids, state], verbose=0), "float64").round(7).tolist()
    data = {"ids": ids.tolist(), "state": state.round(1).tolist(), "predictions": cases}
    (FOLDER / "cases.json").write_text(json.dumps(data) + "\n")


if __name__ == "__main__":
    main()
