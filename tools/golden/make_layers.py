"""layers.json: each layer's output, gradients and updated state, from Keras on jax in float32."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np

from golden_json import camel, snake, write_cases

random = np.random.RandomState(11)
cases = []

KERAS_CLASS = {
    "dense": keras.layers.Dense,
    "conv2d": keras.layers.Conv2D,
    "maxPooling2d": keras.layers.MaxPooling2D,
    "averagePooling2d": keras.layers.AveragePooling2D,
    "globalAveragePooling2d": keras.layers.GlobalAveragePooling2D,
    "globalMaxPooling2d": keras.layers.GlobalMaxPooling2D,
    "flatten": keras.layers.Flatten,
    "reshape": keras.layers.Reshape,
    "activation": keras.layers.Activation,
    "batchNormalization": keras.layers.BatchNormalization,
    "layerNormalization": keras.layers.LayerNormalization,
    "embedding": keras.layers.Embedding,
    "dropout": keras.layers.Dropout,
}
# Names that hold digits or end in a digit do not survive a mechanical snake case.
KERAS_VALUE = {"channelsFirst": "channels_first", "channelsLast": "channels_last"}


def normal(*shape, scale=1.0):
    return np.asarray(np.round(random.standard_normal(shape) * scale, 3), np.float32)


def distinct(*shape):
    """A shuffled ladder of numbers: no two are equal, so a maximum has one place."""
    count = int(np.prod(shape))
    return (random.permutation(count) * 0.25 - count / 8).astype(np.float32).reshape(shape)


def keras_value(key, value):
    if key == "activation" and value is not None:
        return snake(value)
    if isinstance(value, list):
        return tuple(value)
    return KERAS_VALUE.get(value, value) if isinstance(value, str) else value


def layer(name, inputs, training=False, note=None, **config):
    keras_config = {snake(key): keras_value(key, value) for key, value in config.items()}
    if name == "reshape":
        target = keras.layers.Reshape(tuple(config["targetShape"]))
    elif name == "layerNormalization" and isinstance(config.get("axis"), list):
        target = keras.layers.LayerNormalization(**{**keras_config, "axis": config["axis"]})
    else:
        target = KERAS_CLASS[name](**keras_config)
    target.build(inputs.shape)
    for variable in target.weights:
        if "seed" in variable.path:
            continue
        if variable.name in ("gamma", "moving_variance"):
            value = np.round(random.uniform(0.5, 1.5, variable.shape), 3)
        else:
            value = normal(*variable.shape, scale=0.5)
        variable.assign(np.asarray(value, np.float32))
    trainable = [np.asarray(v.value) for v in target.trainable_variables]
    state = [v.value for v in target.non_trainable_variables]
    floating = np.issubdtype(inputs.dtype, np.floating)

    def run(trainable, inputs):
        options = {"training": training} if name in ("dropout", "batchNormalization") else {}
        return target.stateless_call(trainable, state, inputs, **options)

    if floating:
        output, pull, updated = jax.vjp(run, trainable, inputs, has_aux=True)
    else:
        output, pull, updated = jax.vjp(lambda t: run(t, inputs), trainable, has_aux=True)
    cotangent = np.asarray(np.round(random.uniform(-1, 1, output.shape), 3), np.float32)
    gradients = pull(cotangent)
    case = {
        "layer": name,
        "from": "keras",
        "config": config,
        "inputs": [inputs],
        "weights": {camel(v.name): np.asarray(v.value) for v in target.weights if "seed" not in v.path},
        "training": training,
        "output": np.asarray(output),
        "cotangent": cotangent,
        "inputGradients": [np.asarray(gradients[1]) if floating else None],
        "weightGradients": [np.asarray(g) for g in gradients[0]],
    }
    if training and name == "batchNormalization":
        case["updatedNonTrainable"] = {
            camel(v.name): np.asarray(new)
            for v, new in zip(target.non_trainable_variables, updated)
            if "seed" not in v.path
        }
    if note:
        case["note"] = note
    cases.append(case)


def dense():
    layer("dense", normal(4, 3), units=2)
    layer("dense", normal(4, 3), units=2, useBias=False)
    layer("dense", normal(2, 3, 4), units=3, note="the last axis of a rank-3 input")
    for activation in ["relu", "tanh", "sigmoid", "softmax", "gelu", "linear"]:
        layer("dense", normal(4, 3), units=3, activation=activation)


def conv2d():
    image = normal(2, 5, 6, 2)
    layer("conv2d", image, filters=3, kernelSize=3)
    layer("conv2d", image, filters=3, kernelSize=[3, 3], padding="same", activation="relu")
    layer("conv2d", image, filters=2, kernelSize=[2, 3], strides=[2, 2], padding="same")
    layer("conv2d", image, filters=2, kernelSize=3, strides=2, padding="same", useBias=False)
    layer("conv2d", normal(1, 7, 7, 1), filters=2, kernelSize=3, dilationRate=2)
    layer("conv2d", normal(1, 7, 7, 1), filters=2, kernelSize=3, dilationRate=[2, 1], padding="same", activation="tanh")
    layer("conv2d", normal(1, 5, 5, 4), filters=4, kernelSize=3, groups=2, padding="same")
    layer("conv2d", normal(1, 2, 5, 6), filters=3, kernelSize=3, dataFormat="channelsFirst")
    layer("conv2d", normal(1, 2, 5, 6), filters=3, kernelSize=3, strides=2, padding="same", dataFormat="channelsFirst")
    layer("conv2d", image, filters=3, kernelSize=1)


def pooling():
    for name in ("maxPooling2d", "averagePooling2d"):
        layer(name, distinct(2, 4, 4, 2), poolSize=[2, 2])
        layer(name, distinct(1, 5, 5, 2), poolSize=2)
        layer(name, distinct(1, 5, 5, 2), poolSize=[2, 2], padding="same")
        layer(name, distinct(1, 5, 6, 1), poolSize=3, strides=2, padding="same")
        layer(name, distinct(1, 5, 6, 1), poolSize=[3, 2], strides=1)
        layer(name, distinct(1, 2, 4, 4), poolSize=2, dataFormat="channelsFirst")
    for name in ("globalAveragePooling2d", "globalMaxPooling2d"):
        layer(name, distinct(2, 3, 4, 2))
        layer(name, distinct(2, 3, 4, 2), keepdims=True)
        layer(name, distinct(2, 2, 3, 4), dataFormat="channelsFirst")


def shape_layers():
    layer("flatten", normal(2, 3, 2, 2))
    layer("flatten", normal(3), note="a batch of scalars gains an axis")
    layer("flatten", normal(2, 2, 2, 3), dataFormat="channelsFirst", note="channels go last before flattening")
    layer("reshape", normal(2, 6), targetShape=[3, 2])
    layer("reshape", normal(2, 3, 4), targetShape=[-1, 2])
    layer("dropout", normal(3, 4), rate=0.5)


def activation_layers():
    names = ["relu", "leakyRelu", "relu6", "softmax", "celu", "elu", "selu", "softplus", "softsign", "squareplus",
             "softShrink", "sparsePlus", "silu", "gelu", "glu", "tanh", "tanhShrink", "threshold", "sigmoid",
             "sparseSigmoid", "exponential", "hardSigmoid", "hardSilu", "hardTanh", "hardShrink", "linear", "mish",
             "logSoftmax", "logSigmoid", "sparsemax"]
    for name in names:
        # Keras's threshold has no default of its own when it is named by a string.
        if name == "threshold":
            continue
        layer("activation", normal(3, 6, scale=2), activation=name)
    layer("activation", normal(2, 3, 4, scale=2), activation="softmax")


def normalization():
    for training in (True, False):
        layer("batchNormalization", normal(5, 3, scale=2), training)
        layer("batchNormalization", normal(2, 3, 2, 3, scale=2), training, momentum=0.9, epsilon=1e-5)
        layer("batchNormalization", normal(2, 3, 2, 2), training, axis=1)
        layer("batchNormalization", normal(4, 3), training, center=False)
        layer("batchNormalization", normal(4, 3), training, scale=False, momentum=0.5)
        layer("batchNormalization", normal(4, 3), training, center=False, scale=False)
    layer("layerNormalization", normal(4, 5, scale=2))
    layer("layerNormalization", normal(2, 3, 4), epsilon=1e-5)
    layer("layerNormalization", normal(2, 3, 4), axis=[1, 2])
    layer("layerNormalization", normal(2, 3, 4), axis=1)
    layer("layerNormalization", normal(4, 5), center=False)
    layer("layerNormalization", normal(4, 5), scale=False)
    layer("layerNormalization", normal(4, 5), center=False, scale=False)


def embedding():
    layer("embedding", random.randint(0, 5, (2, 4)).astype(np.int32), inputDim=5, outputDim=3)
    layer("embedding", random.randint(0, 5, (6,)).astype(np.int32), inputDim=5, outputDim=2)


if __name__ == "__main__":
    for section in (dense, conv2d, pooling, shape_layers, activation_layers, normalization, embedding):
        section()
    write_cases("layers.json", cases)
