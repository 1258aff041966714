"""recurrent.json: recurrent layers' outputs and gradients, from Keras on jax in float32."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np

from golden_json import camel, snake, write_cases

random = np.random.RandomState(17)
cases = []

KERAS_CLASS = {
    "simpleRNN": keras.layers.SimpleRNN,
    "lstm": keras.layers.LSTM,
    "gru": keras.layers.GRU,
    "simpleRNNCell": keras.layers.SimpleRNNCell,
    "lstmCell": keras.layers.LSTMCell,
    "gruCell": keras.layers.GRUCell,
    "dense": keras.layers.Dense,
    "convLSTM1d": keras.layers.ConvLSTM1D,
    "convLSTM2d": keras.layers.ConvLSTM2D,
    "convLSTM3d": keras.layers.ConvLSTM3D,
}


def normal(*shape, scale=1.0):
    return np.asarray(np.round(random.standard_normal(shape) * scale, 3), np.float32)


def build(name, config):
    """A Keras layer from a name and options in camelCase; nested layers are {"layer", "config"}."""
    if name == "rnn":
        cells = [build(cell["layer"], cell["config"]) for cell in config["cell"]]
        rest = {snake(key): value for key, value in config.items() if key != "cell"}
        return keras.layers.RNN(cells if len(cells) > 1 else cells[0], **rest)
    if name in ("bidirectional", "timeDistributed"):
        rest = {snake(key): value for key, value in config.items() if key != "layer"}
        inner = build(config["layer"]["layer"], config["layer"]["config"])
        wrapper = keras.layers.Bidirectional if name == "bidirectional" else keras.layers.TimeDistributed
        return wrapper(inner, **rest)
    return KERAS_CLASS[name](**{snake(key): snake(v) if isinstance(v, str) else v for key, v in config.items()})


def layer(name, shape, mask=None, states=(), note=None, **config):
    inputs = [normal(*shape), *(normal(shape[0], *np.atleast_1d(size), scale=0.5) for size in states)]
    target = build(name, config)
    target.build(shape)
    for variable in target.weights:
        variable.assign(normal(*variable.shape, scale=0.5))
    trainable = [np.asarray(v.value) for v in target.trainable_variables]
    state = [v.value for v in target.non_trainable_variables]
    mask = None if mask is None else np.asarray(mask, bool)

    def run(trainable, inputs):
        options = {} if mask is None else {"mask": mask}
        if len(inputs) > 1:
            options["initial_state"] = list(inputs[1:])
        outputs = target.stateless_call(trainable, state, inputs[0], **options)[0]
        return jax.tree_util.tree_leaves(outputs)

    outputs, pull = jax.vjp(run, trainable, inputs)
    cotangents = [np.asarray(np.round(random.uniform(-1, 1, o.shape), 3), np.float32) for o in outputs]
    weight_gradients, input_gradients = pull(cotangents)
    case = {
        "layer": name,
        "from": "keras",
        "config": config,
        "inputs": inputs,
        "mask": mask,
        "weights": [{"name": camel(v.name), "value": np.asarray(v.value)} for v in target.weights],
        "outputs": [np.asarray(o) for o in outputs],
        "cotangents": cotangents,
        "inputGradients": [np.asarray(g) for g in input_gradients],
        "weightGradients": [np.asarray(g) for g in weight_gradients],
    }
    if note:
        case["note"] = note
    cases.append(case)


MASK = [[1, 1, 0, 1, 0], [0, 1, 1, 1, 1]]
x = (2, 5, 3)


def single():
    for name, states in (("simpleRNN", [4]), ("lstm", [4, 4]), ("gru", [4])):
        layer(name, x, units=4)
        layer(name, x, units=4, returnSequences=True)
        layer(name, x, units=4, goBackwards=True)
        layer(name, x, units=4, returnSequences=True, goBackwards=True)
        layer(name, x, units=4, returnSequences=True, returnState=True)
        layer(name, x, states=states, units=4, returnState=True, note="initial states")
        layer(name, x, units=4, useBias=False)
        layer(name, (1, 1, 2), units=3, note="a single step")
        layer(name, x, mask=MASK, units=4)
        layer(name, x, mask=MASK, units=4, returnSequences=True, returnState=True)
        layer(name, x, mask=MASK, units=4, returnSequences=True, goBackwards=True)
        layer(name, x, mask=MASK, units=4, returnSequences=True, zeroOutputForMask=True)
        layer(name, x, mask=MASK, states=states, units=4, returnSequences=True, note="initial states")
    layer("simpleRNN", x, units=4, activation="relu", returnSequences=True)
    layer("lstm", x, units=4, activation="softsign", recurrentActivation="hardSigmoid", returnSequences=True)
    layer("gru", x, units=4, activation="elu", recurrentActivation="hardSigmoid", returnSequences=True)
    layer("gru", x, units=4, resetAfter=False)
    layer("gru", x, units=4, resetAfter=False, returnSequences=True, goBackwards=True)
    layer("gru", x, units=4, resetAfter=False, useBias=False, returnSequences=True)


def cells():
    cell = lambda name, units, **config: {"layer": name, "config": {"units": units, **config}}
    layer("rnn", x, cell=[cell("simpleRNNCell", 4)], returnSequences=True)
    layer("rnn", x, cell=[cell("lstmCell", 4)], returnSequences=True, returnState=True)
    layer("rnn", x, cell=[cell("lstmCell", 4), cell("gruCell", 3)], returnSequences=True)
    layer("rnn", x, cell=[cell("lstmCell", 4), cell("gruCell", 3), cell("simpleRNNCell", 2)], returnState=True)
    layer("rnn", x, mask=MASK, cell=[cell("gruCell", 4), cell("lstmCell", 3)], returnSequences=True)


def wrappers():
    inner = lambda name, **config: {"layer": name, "config": config}
    for name in ("simpleRNN", "lstm", "gru"):
        layer("bidirectional", x, layer=inner(name, units=3))
        layer("bidirectional", x, layer=inner(name, units=3, returnSequences=True))
        layer("bidirectional", x, mask=MASK, layer=inner(name, units=3, returnSequences=True))
        layer("bidirectional", x, mask=MASK, layer=inner(name, units=3))
    for mode in ("sum", "ave", "mul", None):
        layer("bidirectional", x, layer=inner("gru", units=3, returnSequences=True), mergeMode=mode)
    layer("bidirectional", x, layer=inner("lstm", units=3, returnState=True))
    layer("bidirectional", x, states=[3, 3, 3, 3], layer=inner("lstm", units=3), note="initial states")
    layer("timeDistributed", x, layer=inner("dense", units=2, activation="tanh"))
    layer("timeDistributed", (2, 3, 2, 4), layer=inner("dense", units=3))


def convolutional():
    row, image, volume = (2, 5, 6, 2), (2, 5, 4, 3, 2), (1, 2, 3, 2, 3, 1)
    layer("convLSTM1d", row, filters=3, kernelSize=2)
    layer("convLSTM1d", row, filters=3, kernelSize=3, padding="same", returnSequences=True, goBackwards=True)
    layer("convLSTM1d", row, filters=2, kernelSize=2, strides=2, returnSequences=True, returnState=True)
    layer("convLSTM1d", row, filters=2, kernelSize=2, dilationRate=2, useBias=False)
    layer("convLSTM2d", image, filters=2, kernelSize=2, returnState=True)
    layer("convLSTM2d", image, filters=2, kernelSize=[3, 2], padding="same", strides=[2, 1], returnSequences=True)
    layer("convLSTM2d", (2, 3, 2, 4, 3), filters=2, kernelSize=2, dataFormat="channelsFirst", returnSequences=True)
    layer("convLSTM2d", image, states=[(4, 3, 2)] * 2, filters=2, kernelSize=3, padding="same", note="initial states")
    # Without masks: Keras's loop on jax broadcasts them to vectors alone.
    layer("convLSTM2d", image, filters=2, kernelSize=2, activation="softsign", recurrentActivation="hardSigmoid")
    layer("convLSTM3d", volume, filters=2, kernelSize=2, returnSequences=True)
    layer("convLSTM3d", volume, filters=1, kernelSize=[2, 1, 3], padding="same")


if __name__ == "__main__":
    for section in (single, cells, wrappers, convolutional):
        section()
    write_cases("recurrent.json", cases)
