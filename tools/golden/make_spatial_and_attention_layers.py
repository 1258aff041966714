"""spatial-and-attention-layers.json: windows, resizing, attention and products, from Keras on jax in float32."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np

from golden_json import camel, snake, write_cases

random = np.random.RandomState(12)
cases = []

KERAS_VALUE = {"channelsFirst": "channels_first", "channelsLast": "channels_last"}
# Options of a call in Keras that are options of the layer here.
CALL_OPTIONS = {"useCausalMask": "use_causal_mask"}


def normal(*shape, scale=1.0):
    return np.asarray(np.round(random.standard_normal(shape) * scale, 3), np.float32)


def distinct(*shape):
    """A shuffled ladder of numbers: no two are equal, so a maximum has one place."""
    count = int(np.prod(shape))
    return (random.permutation(count) * 0.25 - count / 8).astype(np.float32).reshape(shape)


def keras_value(value):
    if isinstance(value, list):
        return tuple(keras_value(item) for item in value)
    return KERAS_VALUE.get(value, value) if isinstance(value, str) else value


def short(variable):
    """'multi_head_attention/query/kernel' → 'query/kernel'."""
    return camel(variable.path.split("/", 1)[1])


def layer(name, keras_class, inputs, training=None, note=None, call=None, **config):
    """`call(target, *inputs, **options)` where Keras takes its inputs in another way than as one or as a list."""
    options = {key: keras_value(value) for key, value in config.items()}
    call_options = {CALL_OPTIONS[key]: options.pop(key) for key in list(options) if key in CALL_OPTIONS}
    target = keras_class(**{snake(key): value for key, value in options.items()})
    if training is not None:
        call_options["training"] = training
    if call is None:
        def call(target, *tensors, **more):
            return target(tensors[0] if len(tensors) == 1 else list(tensors), **more)
    call(target, *inputs, **call_options)
    for variable in target.weights:
        if "seed" in variable.path:
            continue
        if variable.name in ("gamma", "scale"):
            value = np.round(random.uniform(0.5, 1.5, variable.shape), 3)
        else:
            value = normal(*variable.shape, scale=0.5)
        variable.assign(np.asarray(value, np.float32))
    trainable = [np.asarray(v.value) for v in target.trainable_variables]
    floating = [np.issubdtype(x.dtype, np.floating) for x in inputs]

    def run(trainable, moving):
        tensors = iter(moving)
        all_inputs = [next(tensors) if isFloat else x for x, isFloat in zip(inputs, floating)]
        mapping = list(zip(target.trainable_variables, trainable))
        with keras.StatelessScope(state_mapping=mapping):
            return call(target, *all_inputs, **call_options)

    moving = [x for x, isFloat in zip(inputs, floating) if isFloat]
    output, pull = jax.vjp(run, trainable, moving)
    cotangent = np.asarray(np.round(random.uniform(-1, 1, output.shape), 3), np.float32)
    weight_gradients, input_gradients = pull(cotangent)
    found = iter(input_gradients)
    case = {
        "layer": name,
        "from": "keras",
        "config": config,
        "inputs": list(inputs),
        "weights": {short(v): np.asarray(v.value) for v in target.weights if "seed" not in v.path},
        "training": bool(training),
        "output": np.asarray(output),
        "cotangent": cotangent,
        "inputGradients": [np.asarray(next(found)) if isFloat else None for isFloat in floating],
        "weightGradients": [np.asarray(g) for g in weight_gradients],
    }
    if note:
        case["note"] = note
    cases.append(case)


L = keras.layers


def convolution():
    steps, image, volume = normal(2, 6, 4), normal(1, 5, 6, 2), normal(1, 3, 4, 3, 2)
    layer("conv1d", L.Conv1D, [steps], filters=3, kernelSize=3, padding="causal")
    layer("conv1d", L.Conv1D, [steps], filters=4, kernelSize=2, padding="causal", dilationRate=2, groups=2)
    layer("conv1d", L.Conv1D, [steps], filters=2, kernelSize=3, padding="causal", strides=2, activation="relu")
    layer("conv1d", L.Conv1D, [normal(1, 4, 6)], filters=2, kernelSize=3, padding="same", dataFormat="channelsFirst")
    layer("conv1d", L.Conv1D, [normal(1, 4, 6)], filters=2, kernelSize=3, padding="causal", dataFormat="channelsFirst")
    layer("conv3d", L.Conv3D, [volume], filters=2, kernelSize=2, padding="same", strides=[1, 2, 1])
    layer("conv1dTranspose", L.Conv1DTranspose, [steps], filters=2, kernelSize=3)
    layer("conv1dTranspose", L.Conv1DTranspose, [steps], filters=2, kernelSize=3, strides=2, padding="same")
    layer("conv1dTranspose", L.Conv1DTranspose, [steps], filters=2, kernelSize=2, strides=3)
    layer("conv1dTranspose", L.Conv1DTranspose, [steps], filters=2, kernelSize=3, dilationRate=2, padding="same")
    layer("conv1dTranspose", L.Conv1DTranspose, [steps], filters=2, kernelSize=3, strides=2, outputPadding=1)
    layer("conv2dTranspose", L.Conv2DTranspose, [image], filters=3, kernelSize=3, strides=2, padding="same")
    layer("conv2dTranspose", L.Conv2DTranspose, [image], filters=2, kernelSize=[2, 3], strides=[2, 1], useBias=False)
    layer("conv2dTranspose", L.Conv2DTranspose, [image], filters=2, kernelSize=4, strides=2, padding="same",
          outputPadding=[0, 1], activation="tanh")
    layer("conv2dTranspose", L.Conv2DTranspose, [image], filters=2, kernelSize=3, strides=3, padding="same",
          outputPadding=2)
    layer("conv2dTranspose", L.Conv2DTranspose, [normal(1, 2, 4, 3)], filters=2, kernelSize=3, strides=2,
          padding="same", dataFormat="channelsFirst")
    layer("conv3dTranspose", L.Conv3DTranspose, [normal(1, 2, 3, 2, 2)], filters=2, kernelSize=2, strides=2)
    layer("depthwiseConv1d", L.DepthwiseConv1D, [steps], kernelSize=3)
    layer("depthwiseConv1d", L.DepthwiseConv1D, [steps], kernelSize=3, padding="same", depthMultiplier=2, strides=2)
    layer("depthwiseConv2d", L.DepthwiseConv2D, [image], kernelSize=3, padding="same")
    layer("depthwiseConv2d", L.DepthwiseConv2D, [image], kernelSize=[2, 3], depthMultiplier=3, dilationRate=2)
    layer("depthwiseConv2d", L.DepthwiseConv2D, [normal(1, 2, 5, 4)], kernelSize=3, depthMultiplier=2,
          dataFormat="channelsFirst", activation="relu")
    layer("separableConv1d", L.SeparableConv1D, [steps], filters=3, kernelSize=3, padding="same")
    layer("separableConv1d", L.SeparableConv1D, [steps], filters=3, kernelSize=3, padding="valid", depthMultiplier=2)
    layer("separableConv2d", L.SeparableConv2D, [image], filters=3, kernelSize=3, padding="same", strides=2)
    layer("separableConv2d", L.SeparableConv2D, [image], filters=2, kernelSize=2, depthMultiplier=2, useBias=False)
    layer("separableConv2d", L.SeparableConv2D, [normal(1, 2, 5, 4)], filters=2, kernelSize=2,
          dataFormat="channelsFirst")


def pooling():
    for kind in ("Average", "Max"):
        for rank, sizes in ((1, (7,)), (2, (5, 6)), (3, (3, 4, 5))):
            name, target = f"adaptive{kind}Pooling{rank}d", getattr(L, f"Adaptive{kind}Pooling{rank}D")
            layer(name, target, [distinct(1, *sizes, 2)], outputSize=3 if rank < 3 else 2)
        name, target = f"adaptive{kind}Pooling2d", getattr(L, f"Adaptive{kind}Pooling2D")
        layer(name, target, [distinct(1, 6, 4, 2)], outputSize=[3, 2])
        layer(name, target, [distinct(1, 2, 5, 4)], outputSize=[2, 4], dataFormat="channelsFirst")


def reshaping():
    layer("cropping1d", L.Cropping1D, [normal(2, 5, 2)], cropping=[1, 2])
    layer("cropping2d", L.Cropping2D, [normal(1, 5, 4, 2)], cropping=[[1, 0], [0, 2]])
    layer("cropping2d", L.Cropping2D, [normal(1, 2, 5, 4)], cropping=[1, 1], dataFormat="channelsFirst")
    layer("cropping3d", L.Cropping3D, [normal(1, 3, 4, 3, 2)], cropping=[[1, 0], [1, 1], [0, 2]])
    layer("zeroPadding1d", L.ZeroPadding1D, [normal(2, 3, 2)], padding=2)
    layer("zeroPadding2d", L.ZeroPadding2D, [normal(1, 3, 2, 2)], padding=[[1, 0], [0, 2]])
    layer("zeroPadding2d", L.ZeroPadding2D, [normal(1, 2, 3, 2)], padding=[2, 1], dataFormat="channelsFirst")
    layer("zeroPadding3d", L.ZeroPadding3D, [normal(1, 2, 2, 2, 1)], padding=1)
    layer("upSampling1d", L.UpSampling1D, [normal(2, 3, 2)], size=3)
    layer("upSampling2d", L.UpSampling2D, [normal(1, 2, 3, 2)], size=[2, 3])
    layer("upSampling2d", L.UpSampling2D, [normal(1, 2, 2, 3)], size=2, dataFormat="channelsFirst")
    layer("upSampling2d", L.UpSampling2D, [normal(1, 3, 2, 2)], size=[2, 3], interpolation="bilinear")
    layer("upSampling2d", L.UpSampling2D, [normal(1, 2, 3, 2)], size=2, interpolation="bilinear",
          dataFormat="channelsFirst")
    layer("upSampling3d", L.UpSampling3D, [normal(1, 2, 1, 2, 2)], size=[1, 2, 2])
    layer("permute", L.Permute, [normal(2, 2, 3, 4)], dims=[3, 1, 2])
    layer("repeatVector", L.RepeatVector, [normal(2, 3)], n=4)
    layer("identity", L.Identity, [normal(2, 3)])


def normalization():
    image = normal(2, 3, 2, 4, scale=2)
    layer("groupNormalization", L.GroupNormalization, [image], groups=2)
    layer("groupNormalization", L.GroupNormalization, [image], groups=-1, epsilon=1e-5)
    layer("groupNormalization", L.GroupNormalization, [normal(2, 4, 3)], groups=2, axis=1)
    layer("groupNormalization", L.GroupNormalization, [normal(2, 6)], groups=3, center=False)
    layer("groupNormalization", L.GroupNormalization, [normal(2, 6)], groups=2, scale=False)
    layer("rmsNormalization", L.RMSNormalization, [normal(2, 3, 4, scale=2)])
    layer("rmsNormalization", L.RMSNormalization, [normal(2, 3, 4)], axis=[1, 2], epsilon=1e-3)
    layer("unitNormalization", L.UnitNormalization, [normal(2, 3, 4)])
    layer("unitNormalization", L.UnitNormalization, [normal(2, 3, 4)], axis=[1, 2])


def core():
    layer("einsumDense", L.EinsumDense, [normal(2, 3)], equation="ab,bc->ac", outputShape=4, biasAxes="c")
    layer("einsumDense", L.EinsumDense, [normal(2, 3, 4)], equation="abc,cd->abd", outputShape=[None, 5],
          biasAxes="d", activation="relu")
    layer("einsumDense", L.EinsumDense, [normal(2, 3, 4)], equation="...x,xy->...y", outputShape=2)
    layer("einsumDense", L.EinsumDense, [normal(2, 3, 4)], equation="abc,cde->abde", outputShape=[None, 2, 3],
          biasAxes="de")
    layer("einsumDense", L.EinsumDense, [normal(2, 3, 4)], equation="abc,bd->adc", outputShape=[5, 4], biasAxes="d")
    layer("einsumDense", L.EinsumDense, [normal(2, 3, 2, 2)], equation="ab...,bc->ac...", outputShape=4)
    layer("prelu", L.PReLU, [normal(2, 3, 4)])
    layer("prelu", L.PReLU, [normal(1, 3, 4, 2)], sharedAxes=[1, 2])
    cases[-1]["layer"] = cases[-2]["layer"] = "pReLU"
    indices = random.randint(0, 5, (2, 4)).astype(np.int32)
    sizes = {"inputDim": 5, "outputDim": 3}
    layer("reversibleEmbedding", L.ReversibleEmbedding, [indices], **sizes)

    def back(target, x):
        return target(x, reverse=True)

    layer("reversibleEmbedding", L.ReversibleEmbedding, [normal(2, 4, 3)], call=back, note="backwards", **sizes)
    layer("reversibleEmbedding", L.ReversibleEmbedding, [normal(2, 3)], call=back, note="backwards",
          tieWeights=False, logitSoftCap=2.0, **sizes)


def dot():
    layer("dot", L.Dot, [normal(3, 4), normal(3, 4)], axes=1)
    layer("dot", L.Dot, [normal(3, 4), normal(3, 4)], axes=-1, normalize=True)
    layer("dot", L.Dot, [normal(2, 3, 4), normal(2, 4, 5)], axes=[2, 1])
    layer("dot", L.Dot, [normal(2, 3, 4), normal(2, 5, 3)], axes=[1, 2])
    layer("dot", L.Dot, [normal(2, 3, 4), normal(2, 4)], axes=[2, 1], normalize=True)
    layer("dot", L.Dot, [normal(2, 2, 3, 4), normal(2, 3, 2)], axes=[2, 1])


def masked(target, query, value, key, mask, **options):
    return target([query, value, key], mask=[None, mask], **options)


def heads(target, query, value, key=None, mask=None, **options):
    if mask is not None:
        options["value_mask" if mask.ndim == 2 else "attention_mask"] = mask
    return target(query, value, key, **options)


def attention():
    query, value, key = normal(2, 3, 4), normal(2, 5, 4), normal(2, 5, 4)
    there = np.array([[1, 1, 1, 0, 0], [1, 0, 1, 1, 1]], bool)
    may = np.array(random.randint(0, 2, (2, 3, 5)), bool) | np.eye(3, 5, dtype=bool)
    own = normal(2, 4, 6)
    layer("attention", L.Attention, [query, value])
    layer("attention", L.Attention, [query, value, key], useScale=True)
    layer("attention", L.Attention, [query, value], scoreMode="concat", useScale=True)
    layer("attention", L.Attention, [query, value, key, there], call=masked, useScale=True)
    layer("attention", L.Attention, [own, own.copy()], useCausalMask=True)
    layer("additiveAttention", L.AdditiveAttention, [query, value, key])
    layer("additiveAttention", L.AdditiveAttention, [query, value], useScale=False)
    layer("additiveAttention", L.AdditiveAttention, [query, value, key, there], call=masked, useCausalMask=True)

    mha = {"numHeads": 2, "keyDim": 3}
    layer("multiHeadAttention", L.MultiHeadAttention, [query, value], call=heads, **mha)
    layer("multiHeadAttention", L.MultiHeadAttention, [query, value, key], call=heads, valueDim=2, outputShape=5,
          dropout=0.1, **mha)
    layer("multiHeadAttention", L.MultiHeadAttention, [own, own.copy()], call=heads, useCausalMask=True, **mha)
    layer("multiHeadAttention", L.MultiHeadAttention, [query, value, key, there], call=heads, useBias=False, **mha)
    layer("multiHeadAttention", L.MultiHeadAttention, [query, value, key, may], call=heads, **mha)
    layer("multiHeadAttention", L.MultiHeadAttention, [own, own.copy()], call=heads, slidingWindow=2, useGate=True, **mha)

    gqa = {"headDim": 3, "numQueryHeads": 4, "numKeyValueHeads": 2}
    layer("groupQueryAttention", L.GroupQueryAttention, [query, value], call=heads, **gqa)
    layer("groupQueryAttention", L.GroupQueryAttention, [own, own.copy()], call=heads, useCausalMask=True, **gqa)
    layer("groupQueryAttention", L.GroupQueryAttention, [query, value, key, may], call=heads, useGate=True, **gqa)
    layer("groupQueryAttention", L.GroupQueryAttention, [query, value, key, there], call=heads, headDim=2,
          numQueryHeads=3, numKeyValueHeads=1, useBias=False)


if __name__ == "__main__":
    for section in (convolution, pooling, reshaping, normalization, core, dot, attention):
        section()
    write_cases("spatial-and-attention-layers.json", cases)
