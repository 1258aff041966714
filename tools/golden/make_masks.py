"""masks.json: what each layer does with masks: outputs, their masks, gradients, statistics. From Keras on jax in float32."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import warnings

import jax
import keras
import numpy as np
from keras.src.backend import get_keras_mask, set_keras_mask

from golden_json import camel, snake, write_cases

warnings.filterwarnings("ignore")  # Keras says of each layer that ends a mask that it does.
random = np.random.RandomState(23)
cases = []

L = keras.layers
KERAS_CLASS = {
    "elu": L.ELU, "gru": L.GRU, "lstm": L.LSTM, "pReLU": L.PReLU, "reLU": L.ReLU, "leakyReLU": L.LeakyReLU,
    "rmsNormalization": L.RMSNormalization, "simpleRNN": L.SimpleRNN, "simpleRNNCell": L.SimpleRNNCell,
    "gruCell": L.GRUCell, "lstmCell": L.LSTMCell, "rnn": L.RNN,
}
KERAS_VALUE = {"channelsFirst": "channels_first", "channelsLast": "channels_last"}
CALL_OPTIONS = {"useCausalMask": "use_causal_mask"}
# These take their inputs as arguments of their own, not as a list.
HEADED = ("multiHeadAttention", "groupQueryAttention")
MASK = np.array([[1, 1, 0, 1], [0, 1, 1, 0]], bool)
OTHER = np.array([[1, 0, 0, 1], [1, 1, 1, 1]], bool)
THIRD = np.array([[0, 1, 0, 0], [1, 0, 1, 0]], bool)
BLIND = np.array([[0, 0, 0, 0], [1, 0, 1, 1]], bool)


def normal(*shape, scale=1.0):
    return np.asarray(np.round(random.standard_normal(shape) * scale, 3), np.float32)


def keras_class(name):
    known = KERAS_CLASS.get(name)
    if known is None:
        public = name[:1].upper() + name[1:]
        public = public[:-1] + "D" if public[-2:] in ("1d", "2d", "3d") else public.replace("dTranspose", "DTranspose")
        known = getattr(L, public)
    return known


def keras_value(value):
    if isinstance(value, dict) and "layer" in value:
        return build(value["layer"], value["config"])
    if isinstance(value, list):
        made = [keras_value(item) for item in value]
        return made if made and isinstance(made[0], L.Layer) else tuple(made)
    return KERAS_VALUE.get(value, value) if isinstance(value, str) else value


def build(name, config):
    """A Keras layer of a name and options in camelCase; layers within are {"layer", "config"}."""
    options = {snake(key): keras_value(value) for key, value in config.items() if key not in CALL_OPTIONS}
    if name in ("timeDistributed", "spectralNormalization"):
        return keras_class(name)(options.pop("layer"), **options)
    return keras_class(name)(**options)


def initial(variable):
    if variable.name in ("gamma", "scale", "moving_variance"):
        return np.asarray(np.round(random.uniform(0.5, 1.5, variable.shape), 3), np.float32)
    return normal(*variable.shape, scale=0.5)


def short(variable):
    return camel(variable.path.split("/", 1)[1])


def layer(name, *arguments, **options):
    """A case; one that Keras itself refuses is told and left out."""
    try:
        make(name, *arguments, **options)
    except (ValueError, IndexError, TypeError) as error:
        print(f"Keras refuses {name} {options}: {str(error).strip().splitlines()[0]}")


def left_out(*arguments, **options):
    """
    A case that is run and not kept. On jax a layer that changes nothing gives its input back, and with it the mask that
    it ends everywhere else; and a mask of a ConvLSTM is spread over the wrong axes there (keras/src/backend/jax/rnn.py:
    `is_masked` of shape (batch, 1) meets states (batch, ..., filters) from the end), or fails.
    """
    before = len(cases)
    layer(*arguments, **options)
    del cases[before:]


def make(name, inputs, masks, training=False, states=0, note=None, **config):
    """`states`: how many of the inputs are initial states."""
    inputs = [np.asarray(x) for x in inputs]
    target = build(name, config)
    call_options = {CALL_OPTIONS[key]: value for key, value in config.items() if key in CALL_OPTIONS}

    def call(tensors):
        tensors = [tensor + 0 for tensor in tensors]
        for tensor, mask in zip(tensors, masks):
            if mask is not None:
                set_keras_mask(tensor, mask)
        options = {**call_options, "training": training}
        if name not in HEADED and "training" not in target._call_signature.parameters:
            options.pop("training")
        if states:
            return target(tensors[0], initial_state=tensors[1:], **options)
        if name in HEADED:
            return target(*tensors, **options)
        return target(tensors[0] if len(tensors) == 1 else tensors, **options)

    call([jax.numpy.asarray(x) for x in inputs])
    variables = [v for v in target.weights if "seed" not in v.path]
    for variable in variables:
        variable.assign(initial(variable))
    before = [np.asarray(v.value) for v in variables]
    trainable = [np.asarray(v.value) for v in target.trainable_variables]
    floating = [np.issubdtype(x.dtype, np.floating) for x in inputs]

    def run(trainable, moving):
        given = iter(moving)
        tensors = [next(given) if is_float else jax.numpy.asarray(x) for x, is_float in zip(inputs, floating)]
        mapping = list(zip(target.trainable_variables, trainable))
        with keras.StatelessScope(state_mapping=mapping, collect_losses=True) as scope:
            outputs = jax.tree_util.tree_leaves(call(tensors))
            found = [get_keras_mask(output) for output in outputs]
            updated = [scope.get_current_value(v) for v in variables]
            costs = [cost for cost in scope.losses]
        cost = sum(costs, jax.numpy.asarray(0.0))
        return (outputs, cost), (found, updated)

    moving = [x for x, is_float in zip(inputs, floating) if is_float]
    (outputs, cost), pull, (found, updated) = jax.vjp(run, trainable, moving, has_aux=True)
    cotangents = [np.asarray(np.round(random.uniform(-1, 1, o.shape), 3), np.float32) for o in outputs]
    weight_gradients, input_gradients = pull((cotangents, jax.numpy.asarray(0.5)))
    gradients = iter(input_gradients)
    changed = {
        short(v): np.asarray(after)
        for v, old, after in zip(variables, before, updated)
        if after is not None and not np.array_equal(old, np.asarray(after))
    }
    case = {
        "layer": name,
        "config": config,
        "inputs": inputs,
        "masks": [None if mask is None else np.asarray(mask, bool) for mask in masks],
        "training": training,
        "weights": [{"name": short(v), "value": value} for v, value in zip(variables, before)],
        "outputs": [np.asarray(o) for o in outputs],
        "outputMasks": [None if mask is None else np.asarray(mask, bool) for mask in found],
        "penalty": np.asarray(cost),
        "cotangents": cotangents,
        "inputGradients": [np.asarray(next(gradients)) if is_float else None for is_float in floating],
        "weightGradients": [np.asarray(g) for g in weight_gradients],
        "updated": changed,
    }
    if note:
        case["note"] = note
    cases.append(case)


def within(name, **config):
    return {"layer": name, "config": config}


def elementwise():
    x = normal(2, 4, 3)
    for name, config in (
        ("activation", {"activation": "tanh"}), ("activation", {"activation": "softmax"}), ("reLU", {}),
        ("reLU", {"negativeSlope": 0.1, "maxValue": 1.0}), ("leakyReLU", {"negativeSlope": 0.2}), ("elu", {"alpha": 0.5}),
        ("pReLU", {}), ("pReLU", {"sharedAxes": [1]}), ("identity", {}), ("rescaling", {"scale": 0.5, "offset": 1.0}),
        ("dense", {"units": 2, "activation": "relu"}), ("dense", {"units": 2, "useBias": False}),
        ("dense", {"units": 2, "activityRegularizer": "l2"}),
        ("einsumDense", {"equation": "abc,cd->abd", "outputShape": [None, 2], "biasAxes": "d"}),
        ("activityRegularization", {"l1": 0.1, "l2": 0.2}), ("dropout", {"rate": 0.5}), ("spatialDropout1d", {"rate": 0.5}),
        ("alphaDropout", {"rate": 0.5}), ("gaussianDropout", {"rate": 0.5}), ("gaussianNoise", {"stddev": 0.5}),
    ):
        layer(name, [x], [MASK], **config)
    layer("dropout", [x], [MASK], training=True, rate=0.0)
    image, volume = normal(2, 2, 2, 3), normal(2, 2, 1, 2, 2)
    for name, values in (("spatialDropout2d", image), ("spatialDropout3d", volume)):
        layer(name, [values], [MASK[:, :2]], rate=0.5)
    scores = normal(2, 4)
    for axis in (-1, 0, [0, 1]):
        layer("softmax", [scores], [BLIND], axis=axis)
    wide = normal(2, 3, 4)
    layer("softmax", [wide], [np.broadcast_to(OTHER[:, None], (2, 3, 4))], axis=[1, 2])
    layer("softmax", [wide], [random.randint(0, 2, (2, 3, 4)).astype(bool)], axis=1)


def core():
    x = normal(2, 4, 3)
    gaps = x.copy()
    gaps[0, 2] = gaps[1, 0] = gaps[1, 3] = 0
    gaps[0, 1, 1] = 0
    layer("masking", [gaps], [None])
    layer("masking", [gaps], [MASK], note="masked before")
    sevens = np.where(gaps == 0, np.float32(7), gaps).astype(np.float32)
    layer("masking", [sevens], [None], maskValue=7.0)
    layer("masking", [np.stack([gaps, sevens], 1)], [None], note="steps within steps")
    indices = np.array([[1, 0, 2, 0], [3, 3, 0, 4]], np.int32)
    sizes = {"inputDim": 5, "outputDim": 3}
    for name in ("embedding", "reversibleEmbedding"):
        layer(name, [indices], [None], **sizes)
        layer(name, [indices], [None], maskZero=True, **sizes)
        layer(name, [indices], [MASK], **sizes, note="masked before")
    layer("embedding", [indices.reshape(2, 2, 2)], [None], maskZero=True, **sizes)
    layer("spectralNormalization", [x], [MASK], training=True, layer=within("dense", units=2))
    layer("spectralNormalization", [x], [MASK], training=False, layer=within("conv1d", filters=2, kernelSize=2))


def normalization():
    x = normal(2, 4, 3, scale=2)
    for training in (True, False):
        layer("batchNormalization", [x], [MASK], training=training, momentum=0.8)
    layer("batchNormalization", [x], [MASK], training=True, axis=1, momentum=0.5)
    layer("batchNormalization", [x], [THIRD], training=True, axis=1, momentum=0.5, epsilon=0.1, note="a channel without steps")
    layer("batchNormalization", [x], [THIRD], training=True, center=False, scale=False)
    layer("batchNormalization", [x], [np.zeros((2, 4), bool)], training=True, note="nothing counts")
    layer("batchNormalization", [x], [MASK], training=True, trainable=False)
    layer("batchNormalization", [normal(4, 3)], [np.array([1, 0, 1, 1], bool)], training=True)
    layer("batchNormalization", [normal(2, 4, 1)], [MASK], training=True)
    layer("batchNormalization", [normal(2, 2, 2, 3)], [random.randint(0, 2, (2, 2, 2)).astype(bool)], training=True)
    layer("layerNormalization", [x], [MASK])
    layer("layerNormalization", [x], [MASK], axis=[1, 2], center=False)
    layer("groupNormalization", [x], [MASK], groups=3)
    layer("groupNormalization", [x], [MASK], groups=-1, axis=1)
    layer("rmsNormalization", [x], [MASK])
    layer("unitNormalization", [x], [MASK])
    layer("unitNormalization", [x], [MASK], axis=[1, 2])


def windows():
    steps, image, volume = normal(2, 4, 3), normal(2, 4, 3, 2), normal(1, 3, 3, 3, 2)
    x = {"1d": (steps, MASK), "2d": (image, MASK), "3d": (volume, np.array([[1, 0, 1]], bool))}
    for rank, (values, mask) in x.items():
        for kind in ("average", "max"):
            layer(f"{kind}Pooling{rank}", [values], [mask], poolSize=2, strides=1)
            layer(f"adaptive{kind.title()}Pooling{rank}", [values], [mask], outputSize=2)
            if (kind, rank) != ("average", "1d"):
                layer(f"global{kind.title()}Pooling{rank}", [values], [mask])
        layer(f"conv{rank}", [values], [mask], filters=2, kernelSize=2, padding="same")
        layer(f"conv{rank}Transpose", [values], [mask], filters=2, kernelSize=2)
        if rank != "3d":
            layer(f"depthwiseConv{rank}", [values], [mask], kernelSize=2)
            layer(f"separableConv{rank}", [values], [mask], filters=2, kernelSize=2)
        layer(f"cropping{rank}", [values], [mask], cropping=1)
        left_out(f"cropping{rank}", [values], [mask], cropping=0)
        layer(f"zeroPadding{rank}", [values], [mask], padding=1)
        layer(f"zeroPadding{rank}", [values], [mask], padding=0)
        layer(f"upSampling{rank}", [values], [mask], size=2)
        layer(f"upSampling{rank}", [values], [mask], size=1)
    for keepdims in (False, True):
        layer("globalAveragePooling1d", [steps], [MASK], keepdims=keepdims)
        layer("globalAveragePooling1d", [normal(2, 3, 4)], [MASK], keepdims=keepdims, dataFormat="channelsFirst")
    layer("globalAveragePooling1d", [steps], [BLIND], note="a sequence without steps")


def reshaping():
    x = normal(2, 4, 3)
    layer("flatten", [x], [MASK])
    left_out("flatten", [normal(2, 3)], [np.array([1, 0], bool)])
    layer("reshape", [x], [MASK], targetShape=[6, 2])
    left_out("reshape", [x], [MASK], targetShape=[4, 3])
    layer("permute", [x], [MASK], dims=[2, 1])
    left_out("permute", [x], [MASK], dims=[1, 2])
    layer("repeatVector", [normal(2, 3)], [np.array([1, 0], bool)], n=2)
    layer("repeatVector", [normal(2, 3)], [np.array([1, 0], bool)], n=1)


def merging():
    a, b, c = normal(2, 4, 3), normal(2, 4, 3), normal(2, 4, 3)
    for name in ("add", "multiply", "average", "maximum", "minimum"):
        layer(name, [a, b], [MASK, OTHER])
        layer(name, [a, b], [MASK, None])
        layer(name, [a, b], [None, OTHER])
        layer(name, [a, b], [None, None])
        layer(name, [a, b, c], [MASK, OTHER, THIRD])
        layer(name, [a, b, c], [MASK, None, THIRD])
        layer(name, [a, b, c], [None, OTHER, THIRD])
        layer(name, [a, b, c], [MASK, OTHER, None])
        layer(name, [a, normal(2, 3)], [MASK, None], note="ranks that differ")
        layer(name, [normal(2, 3), a], [None, MASK], note="ranks that differ")
        layer(name, [normal(2, 2, 4, 3), a], [None, None], note="ranks that differ")
        layer(name, [a, normal(2, 1, 3)], [MASK, np.array([[1], [0]], bool)], note="one step for all")
    layer("subtract", [a, b], [MASK, OTHER])
    layer("subtract", [a, b], [MASK, None])
    layer("subtract", [a, normal(2, 3)], [MASK, None], note="ranks that differ")
    layer("subtract", [normal(2, 3), a], [None, None], note="ranks that differ")
    for axis in (-1, 1, 2, -2):
        layer("concatenate", [a, b], [MASK, OTHER], axis=axis)
        layer("concatenate", [a, b], [None, OTHER], axis=axis)
    layer("concatenate", [a, normal(2, 2, 3), c], [MASK, None, THIRD], axis=1)
    layer("concatenate", [a, normal(2, 4, 1), c], [MASK, OTHER, THIRD])
    layer("concatenate", [a, b], [MASK, OTHER], axis=0)
    layer("concatenate", [a, b], [None, None])
    layer("dot", [a, b], [MASK, OTHER], axes=2)
    layer("dot", [a, b], [MASK, None], axes=1, normalize=True)


def attention():
    query, value, key = normal(2, 3, 4), normal(2, 4, 4), normal(2, 4, 4)
    queries = np.array([[1, 1, 0], [0, 1, 1]], bool)
    sets = (
        ([query, value], [queries, OTHER], {}), ([query, value], [queries, None], {}), ([query, value], [None, OTHER], {}),
        ([query, value, key], [queries, OTHER, THIRD], {}), ([query, value, key], [None, None, THIRD], {}),
        ([query, value], [None, BLIND], {}), ([query, value], [queries, OTHER], {"useCausalMask": True}),
        ([query, value, key], [queries, None, None], {"useCausalMask": True}),
    )
    for inputs, masks, options in sets:
        layer("attention", inputs, masks, useScale=True, **options)
        layer("attention", inputs, masks, scoreMode="concat", dropout=0.3, **options)
        layer("additiveAttention", inputs, masks, **options)
        layer("multiHeadAttention", inputs, masks, numHeads=2, keyDim=3, **options)
        layer("multiHeadAttention", inputs, masks, numHeads=2, keyDim=3, dropout=0.3, **options)
        layer("groupQueryAttention", inputs, masks, headDim=2, numQueryHeads=4, numKeyValueHeads=2, **options)
        layer("groupQueryAttention", inputs, masks, headDim=2, numQueryHeads=2, numKeyValueHeads=1, dropout=0.3, useGate=True,
              **options)
    layer("multiHeadAttention", sets[0][0], sets[0][1], numHeads=2, keyDim=3, slidingWindow=2, useGate=True, outputShape=5)
    layer("groupQueryAttention", sets[0][0], sets[0][1], headDim=2, numQueryHeads=2, numKeyValueHeads=2, slidingWindow=2)


def recurrent():
    x = normal(2, 4, 3)
    h, c = normal(2, 2), normal(2, 2)
    for name, states in (("simpleRNN", [h]), ("gru", [h]), ("lstm", [h, c])):
        layer(name, [x], [MASK], units=2)
        layer(name, [x], [MASK], units=2, returnSequences=True)
        layer(name, [x], [BLIND], units=2, returnSequences=True, returnState=True, zeroOutputForMask=True)
        layer(name, [x], [MASK], units=2, returnSequences=True, goBackwards=True)
        layer(name, [x], [MASK], units=2, returnState=True, goBackwards=True, zeroOutputForMask=True)
        layer(name, [x, *states], [MASK] + [None] * len(states), states=1, units=2, returnSequences=True,
              note="initial states")
    layer("gru", [x], [MASK], units=2, resetAfter=False, returnSequences=True)
    cells = [within("lstmCell", units=2), within("gruCell", units=3)]
    layer("rnn", [x], [MASK], cell=cells, returnSequences=True)
    layer("rnn", [x], [MASK], cell=cells, returnState=True)
    layer("rnn", [x], [MASK], cell=within("simpleRNNCell", units=2), zeroOutputForMask=True, returnSequences=True)
    for mode in ("concat", "sum", "ave", "mul", None):
        for sequences in (False, True):
            layer("bidirectional", [x], [MASK], layer=within("gru", units=2, returnSequences=sequences), mergeMode=mode)
    layer("bidirectional", [x], [MASK], layer=within("lstm", units=2, returnState=True))
    layer("bidirectional", [x, h, c], [MASK, None, None], states=1,
          layer=within("simpleRNN", units=2, returnSequences=True), note="initial states")
    for rank, sizes in (("1d", (3,)), ("2d", (3, 2)), ("3d", (2, 2, 2))):
        left_out(f"convLSTM{rank}", [normal(2, 4, *sizes, 1)], [MASK], filters=2, kernelSize=2, padding="same",
              returnSequences=True)
    left_out("convLSTM1d", [normal(2, 4, 3, 1)], [MASK], filters=1, kernelSize=2)


def time_distributed():
    x, deep = normal(2, 4, 3), normal(2, 4, 3, 2)
    words = random.randint(0, 2, (2, 4, 3)).astype(bool)
    words[:, :, 0] |= MASK
    layer("timeDistributed", [x], [MASK], layer=within("dense", units=2))
    layer("timeDistributed", [x], [MASK], layer=within("dense", units=2, activityRegularizer="l2"))
    layer("timeDistributed", [x], [None], training=True, layer=within("batchNormalization", momentum=0.8))
    layer("timeDistributed", [x], [MASK], training=True, layer=within("batchNormalization", momentum=0.8))
    layer("timeDistributed", [x], [MASK], training=True, layer=within("batchNormalization", trainable=False))
    layer("timeDistributed", [x], [MASK], training=False, layer=within("batchNormalization"))
    layer("timeDistributed", [deep], [words], training=True, layer=within("batchNormalization", momentum=0.5, axis=1))
    layer("timeDistributed", [deep], [None], training=True, layer=within("batchNormalization", momentum=0.5))
    layer("timeDistributed", [deep], [words], layer=within("globalAveragePooling1d"))
    layer("timeDistributed", [deep], [words], layer=within("lstm", units=2))
    layer("timeDistributed", [deep], [words], layer=within("gru", units=2, returnSequences=True))
    layer("timeDistributed", [deep], [words], layer=within("dense", units=2))
    layer("timeDistributed", [deep], [MASK], layer=within("dense", units=2))
    layer("timeDistributed", [deep], [MASK], layer=within("conv1d", filters=2, kernelSize=2))
    layer("timeDistributed", [deep], [words], layer=within("conv1d", filters=2, kernelSize=2, padding="same"))
    layer("timeDistributed", [x], [MASK], layer=within("repeatVector", n=2))
    layer("timeDistributed", [deep], [words], layer=within("flatten"))
    layer("timeDistributed", [x], [MASK], training=True, layer=within("spectralNormalization", layer=within("dense", units=2)))


if __name__ == "__main__":
    for section in (elementwise, core, normalization, windows, reshaping, merging, attention, recurrent, time_distributed):
        section()
    write_cases("masks.json", cases)
