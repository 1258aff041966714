"""The order of Keras's `weights`, which of them are trained, and what regularized ones cost: weight-orders.json."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from golden_json import write_cases

L = keras.layers


def leaf(variable):
    return variable.path.split("/")[-1]


def order(weights):
    return [{"name": leaf(v), "shape": list(v.shape), "trained": bool(v.trainable)} for v in weights]


def case(name, model):
    return {
        "name": name,
        "weights": order(model.weights),
        "trainable": [leaf(v) for v in model.trainable_weights],
        "nonTrainable": [leaf(v) for v in model.non_trainable_weights],
        "penalty": float(sum(float(loss) for loss in model.losses)),
    }


def sequence(*layers, shape, **options):
    return keras.Sequential([L.Input(shape), *layers], **options)


def cases():
    yield case("batchNormalization first", sequence(L.BatchNormalization(), L.Dense(2), shape=(4,)))
    model = sequence(L.BatchNormalization(), L.Dense(2), shape=(4,))
    model.layers[0].trainable = False
    yield case("frozen batchNormalization", model)
    rnn = L.RNN([L.LSTMCell(2), L.GRUCell(3)])
    yield case("stacked cells", sequence(rnn, shape=(3, 2)))
    yield case("bidirectional", sequence(L.Bidirectional(L.GRU(2)), shape=(3, 2)))
    yield case("spectralNormalization", sequence(L.SpectralNormalization(L.Conv2D(2, 2)), L.Dense(1), shape=(5, 5, 1)))
    yield case("timeDistributed", sequence(L.TimeDistributed(L.BatchNormalization()), L.Dense(3), shape=(3, 2)))
    x = L.Input((3, 4))
    yield case("attention", keras.Model(x, L.Dense(2)(L.MultiHeadAttention(2, 3)(x, x))))
    x = L.Input((3, 4))
    yield case("scaled attention", keras.Model(x, L.Attention(use_scale=True, score_mode="concat")([x, x])))

    def nested():
        inner = sequence(L.BatchNormalization(), L.Dense(3), L.BatchNormalization(), shape=(4,))
        return inner, sequence(inner, L.Dense(2), shape=(4,))

    inner, model = nested()
    yield case("nested", model)
    inner, model = nested()
    inner.trainable = False
    yield case("nested, frozen", model)
    inner, model = nested()
    inner.trainable = False
    inner.layers[1].trainable = True
    yield case("nested, frozen, one of its layers not", model)
    inner, model = nested()
    inner.layers[1].trainable = False
    yield case("nested, one of its layers frozen", model)
    inner, model = nested()
    model.trainable = False
    yield case("frozen whole", model)

    def ones(units, **options):
        return L.Dense(units, kernel_initializer="ones", kernel_regularizer=keras.regularizers.L2(0.5), **options)

    yield case("regularized", sequence(ones(2), ones(3), shape=(4,)))
    model = sequence(ones(2), ones(3), shape=(4,))
    model.layers[0].trainable = False
    yield case("regularized, first layer frozen", model)
    inner = sequence(ones(2), shape=(4,))
    model = sequence(inner, ones(3), shape=(4,))
    inner.trainable = False
    yield case("regularized, nested model frozen", model)
    shared = ones(4)
    x = L.Input((4,))
    inner = keras.Model(x, shared(x))
    x = L.Input((4,))
    yield case("regularized, in two models", keras.Model(x, shared(inner(x))))


class Own(L.Layer):
    """Layers and variables in fields of every kind, some of them made in build."""

    def __init__(self):
        super().__init__()
        self.by_name = {"y": L.Dense(2), "a": L.Dense(3)}
        self.several = (L.Dense(4), [L.Dense(5)])
        self.v = keras.Variable(np.zeros(6), name="v")
        self.counter = keras.Variable(np.zeros(7), trainable=False, name="counter")
        self.listed = [keras.Variable(np.zeros(8), name="listed")]
        self.in_set = {L.Dense(9)}

    def build(self, shape):
        self.late = self.add_weight(shape=(10,), name="late")
        self.late_layer = L.Dense(11)
        self.moving = self.add_weight(shape=(12,), trainable=False, name="moving")
        self.after = self.add_weight(shape=(13,), name="after")

    def call(self, x):
        for layer in [*self.by_name.values(), self.several[0], *self.several[1], *self.in_set, self.late_layer]:
            x = layer(x)
        return x


def own():
    yield case("fields of every kind", sequence(Own(), shape=(1,)))
    model = sequence(Own(), shape=(1,))
    model.layers[0].trainable = False
    model.layers[0].late_layer.trainable = True
    yield case("fields of every kind, frozen but for one", model)


write_cases("weight-orders.json", [*cases(), *own()])
