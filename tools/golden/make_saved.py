"""Models that Keras has saved, with what they predict: packages/typegrad/golden/saved/."""

import json
import os
import pathlib
import zipfile

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np

FOLDER = pathlib.Path(__file__).parents[2] / "packages/typegrad/golden/saved"
layers = keras.layers


def dense():
    model = keras.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(5, activation="relu", kernel_regularizer="l2"),
            layers.Dropout(0.5),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def convnet():
    return keras.Sequential(
        [
            layers.Input((6, 6, 2)),
            layers.Conv2D(3, 3, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.SeparableConv2D(4, 2),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2),
        ]
    )


def recurrent():
    return keras.Sequential(
        [
            layers.Input((5,), dtype="int32"),
            layers.Embedding(7, 3, mask_zero=True),
            layers.Bidirectional(layers.LSTM(3, return_sequences=True)),
            layers.GRU(4, return_sequences=True),
            layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)], return_sequences=True),
            layers.TimeDistributed(layers.Dense(3)),
            layers.SimpleRNN(2),
        ]
    )


def functional():
    a, b = layers.Input((4, 6), name="a"), layers.Input((4, 6), name="b")
    shared = layers.Dense(6, activation="gelu")
    x, y = shared(a), shared(b)
    attended = layers.MultiHeadAttention(2, 3)(x, y, key=y, use_causal_mask=True)
    x = layers.LayerNormalization()(layers.Add()([x, attended]))
    inner_input = layers.Input((4, 6))
    inner = keras.Model(inner_input, layers.Dense(3)(layers.Dense(2)(inner_input)), name="inner")
    first = layers.Concatenate(name="first")([inner(x), inner(y)])
    second = keras.Sequential([layers.Flatten(), layers.Dense(2)], name="second")(x)
    model = keras.Model([a, b], [first, second])
    model.compile(
        keras.optimizers.SGD(
            keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9), momentum=0.9
        ),
        loss=["mse", keras.losses.Huber(delta=2.0)],
        loss_weights=[1.0, 0.5],
    )
    return model


def randomize(model, random):
    for weight in model.weights:
        value = random.uniform(-0.6, 0.6, weight.shape)
        weight.assign(np.abs(value) + 0.5 if "variance" in weight.path else value)


def pack(path):
    """Keras stores its files as they are; packed they are a third, and the reader inflates them in tests."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def as_json(array):
    array = np.asarray(array)
    data = [float(f"{v:.9g}") for v in array.reshape(-1).tolist()]
    return {"shape": list(array.shape), "dtype": str(array.dtype), "data": data}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(3)
    cases = {}
    for make in (dense, convnet, recurrent, functional):
        keras.utils.clear_session()
        keras.utils.set_random_seed(3)
        model = make()
        randomize(model, random)
        inputs = [
            random.randint(0, 7, (3,) + i.shape[1:]).astype("int32")
            if i.dtype == "int32"
            else random.uniform(-1, 1, (3,) + i.shape[1:]).astype("float32")
            for i in model.inputs
        ]
        arguments = inputs if len(inputs) > 1 else inputs[0]
        case = {"inputs": [as_json(i) for i in inputs]}
        labels = None
        if model.compiled:
            predicted = model.predict(arguments, verbose=0)
            labels = (
                np.array([0, 2, 1]) if make is dense else [0.5 * p + 0.1 for p in predicted]
            )
            # Dropout is random: what goes on is compared without it.
            for layer in model.layers:
                if isinstance(layer, layers.Dropout):
                    layer.rate = 0.0
            for _ in range(3):
                model.train_on_batch(arguments, labels)
            case["labels"] = [as_json(l) for l in (labels if isinstance(labels, list) else [labels])]
        name = make.__name__
        model.save(FOLDER / f"{name}.keras")
        pack(FOLDER / f"{name}.keras")
        model.save(FOLDER / f"{name}.h5")
        outputs = model.predict(arguments, verbose=0)
        case["outputs"] = [as_json(o) for o in (outputs if isinstance(outputs, list) else [outputs])]
        if labels is not None:
            model.train_on_batch(arguments, labels)
            outputs = model.predict(arguments, verbose=0)
            case["after"] = [as_json(o) for o in (outputs if isinstance(outputs, list) else [outputs])]
        cases[name] = case
    rows = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in cases.items())
    (FOLDER / "cases.json").write_text(
        f'{{"madeBy": {{"keras": "{keras.__version__}"}}, "cases": {{\n{rows}\n}}}}\n'
    )


if __name__ == "__main__":
    main()
