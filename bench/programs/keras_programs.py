"""The small programs in Keras, as whole processes: keras_programs.py linear-regression | mlp | first-prediction"""

import sys

import keras
import numpy as np
from keras import layers

program = sys.argv[1]
keras.utils.set_random_seed(42)


def mlp(inputs, *units):
    hidden = [layers.Dense(n, activation="relu") for n in units]
    return keras.Sequential([keras.Input((inputs,)), *hidden, layers.Dense(1)])


def fit(model, optimizer, x, y):
    model.compile(optimizer=optimizer, loss="mean_squared_error")
    history = model.fit(x, y, epochs=100, verbose=0)
    print(f"loss {history.history['loss'][-1]:.3f}")
    print(model.predict(np.array([[0.0], [0.5], [1.0]]), verbose=0).tolist())


if program == "first-prediction":
    print(mlp(8, 64).predict(np.arange(8.0)[None], verbose=0).tolist())
else:
    x = np.random.rand(100, 1)
    y = 2 * x + 1 + np.random.randn(100, 1)
    if program == "linear-regression":
        fit(mlp(1), keras.optimizers.SGD(0.1), x, y)
    else:
        fit(mlp(1, 64, 64), "adam", x, y)
        fit(mlp(1, 64), "adam", x, y)
