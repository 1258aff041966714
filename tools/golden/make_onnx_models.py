"""onnx-models/: small networks as PyTorch's two exporters, Keras and scikit-learn write them to ONNX, and what the
networks themselves give.

Needs onnx, onnxscript, skl2onnx and tf2onnx beside torch, tensorflow, keras and scikit-learn. The values come from the
frameworks, not from an ONNX runtime; of PyTorch's networks also the gradients of Σ y² to the parameters that keep their
names in the file.
"""

import json
import os
import pathlib
import warnings

os.environ["KERAS_BACKEND"] = "tensorflow"
warnings.filterwarnings("ignore")

import numpy as np
import onnx
import torch
from torch import nn

folder = pathlib.Path(__file__).parents[2] / "packages/typegrad/golden/onnx-models"
folder.mkdir(parents=True, exist_ok=True)
torch.manual_seed(3)
torch.set_num_threads(1)
# The fused layer of inference has no ONNX form.
torch.backends.mha.set_fastpath_enabled(False)
random = np.random.RandomState(3)
cases = []


def golden(values):
    values = np.asarray(values)
    dtype = {"float64": "float32", "int64": "int32"}.get(values.dtype.name, values.dtype.name)
    data = [float(f"{v:.7g}") for v in values.astype(np.float64).ravel()]
    return {"shape": list(values.shape), "dtype": dtype, "data": data}


class ResidualBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3, stride=2, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(6)
        self.conv2 = nn.Conv2d(6, 6, 3, padding=1, groups=2)
        self.norm2 = nn.GroupNorm(3, 6)
        self.skip = nn.Conv2d(3, 6, 1, stride=2)
        self.head = nn.Linear(6, 4)

    def forward(self, x):
        y = nn.functional.gelu(self.norm1(self.conv1(x)))
        y = nn.functional.silu(self.norm2(self.conv2(y)) + self.skip(x))
        return self.head(nn.functional.adaptive_avg_pool2d(y, 1).flatten(1))


class Upsampler(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose2d(4, 3, 4, stride=2, padding=1)
        self.prelu = nn.PReLU(3)
        self.norm = nn.InstanceNorm2d(3, affine=True)

    def forward(self, x):
        y = self.norm(self.prelu(self.up(nn.functional.max_pool2d(x, 3, 2, 1))))
        y = nn.functional.pad(y, (1, 2, 0, 1), mode="reflect")
        return nn.functional.interpolate(y, scale_factor=2.0, mode="bilinear", align_corners=False)


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.rnn = kind(5, 6, num_layers=2, bidirectional=True, batch_first=True)
        self.out = nn.Linear(12, 3)

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.out(states)


class Words(nn.Module):
    """A transformer encoder over words with a mask, as exported for texts of any length."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.positions = nn.Embedding(16, 8)
        layer = nn.TransformerEncoderLayer(8, 2, 12, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)
        self.out = nn.Linear(8, 3)

    def forward(self, ids, mask):
        length = ids.shape[1]
        x = self.embed(ids) + self.positions(torch.arange(length, device=ids.device))
        x = self.encoder(x, src_key_padding_mask=mask == 0)
        kept = mask.unsqueeze(-1).to(x.dtype)
        return self.out((x * kept).sum(1) / kept.sum(1))


class VisionTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(1, 8, 4, stride=4)
        self.token = nn.Parameter(torch.randn(1, 1, 8))
        self.positions = nn.Parameter(torch.randn(1, 10, 8))
        self.norm1 = nn.LayerNorm(8)
        self.qkv = nn.Linear(8, 24)
        self.project = nn.Linear(8, 8)
        self.norm2 = nn.LayerNorm(8)
        self.up, self.down = nn.Linear(8, 16), nn.Linear(16, 8)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.positions
        batch, length, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(batch, length, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        y = nn.functional.scaled_dot_product_attention(q, k, v)
        x = x + self.project(y.transpose(1, 2).reshape(batch, length, width))
        x = x + self.down(nn.functional.gelu(self.up(self.norm2(x)), approximate="tanh"))
        return self.head(x[:, 0])


def floats(*shape):
    return torch.tensor(random.standard_normal(shape).astype(np.float32))


def torch_case(name, model, inputs, names, axes, opset):
    """`axes`: names of the sizes that stay open, by input."""
    # Averages that differ from where they begin, and weights that are no zeros.
    for key, value in model.state_dict().items():
        if key.endswith("running_mean"):
            value.copy_(torch.randn_like(value) * 0.3)
        elif key.endswith("running_var"):
            value.copy_(torch.rand_like(value) + 0.5)
    model.eval()
    y = model(*inputs)
    model.zero_grad()
    (y * y).sum().backward()
    gradients = {key: value.grad.numpy() for key, value in model.named_parameters()}
    for exporter in ("torchscript", "dynamo"):
        file = f"{name}-{exporter}.onnx"
        options = {"input_names": names, "output_names": ["y"], "opset_version": opset[exporter]}
        with torch.no_grad():
            if exporter == "torchscript":
                torch.onnx.export(model, inputs, folder / file, dynamo=False, dynamic_axes=None if name == "words" else axes, **options)
            else:
                dims = tuple(
                    {axis: torch.export.Dim.DYNAMIC for axis in axes.get(one, {})} for one in names
                )
                program = torch.onnx.export(model, inputs, dynamo=True, dynamic_shapes=dims, verbose=False, **options)
                program.save(folder / file, include_initializers=True, keep_initializers_as_inputs=False)
        kept = onnx.load(folder / file)
        # Stack traces of this machine are no part of the model.
        strip(kept)
        onnx.save(kept, folder / file)
        # Exporters fold averages into kernels and share initializers of equal values: gradients of these are other ones.
        present = {one.name: onnx.numpy_helper.to_array(one) for one in kept.graph.initializer}
        values = {key: value.detach().numpy() for key, value in model.named_parameters()}
        alone = {
            key
            for key, value in values.items()
            if key in present
            and np.array_equal(present[key], value)
            and sum(np.array_equal(other, value) for other in values.values()) == 1
        }
        cases.append(
            {
                "name": f"{name}-{exporter}",
                "file": file,
                "inputs": {one: golden(value.numpy()) for one, value in zip(names, inputs)},
                "outputs": {"y": golden(y.detach().numpy())},
                "gradients": {
                    key: golden(value) for key, value in gradients.items() if key in alone
                },
            }
        )


def strip(model):
    del model.metadata_props[:]
    model.doc_string = model.graph.doc_string = ""
    model.producer_version = ""
    del model.graph.metadata_props[:]
    del model.graph.value_info[:]
    for value in [*model.graph.input, *model.graph.output, *model.graph.initializer]:
        del value.metadata_props[:]

    def bare(nodes):
        for node in nodes:
            node.doc_string = ""
            del node.metadata_props[:]
            for attribute in node.attribute:
                bare(attribute.g.node)

    bare(model.graph.node)
    for function in model.functions:
        function.doc_string = ""
        del function.metadata_props[:]
        del function.value_info[:]
        bare(function.node)


batch = {0: "batch"}
mlp = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, 3), nn.LogSoftmax(1))
torch_case("mlp", mlp, (floats(4, 6),), ["x"], {"x": batch}, {"torchscript": 13, "dynamo": 18})
torch_case(
    "residual", ResidualBlock(), (floats(2, 3, 9, 8),), ["x"],
    {"x": {0: "batch", 2: "height", 3: "width"}}, {"torchscript": 17, "dynamo": 20},
)
torch_case("upsampler", Upsampler(), (floats(2, 4, 7, 7),), ["x"], {"x": batch}, {"torchscript": 16, "dynamo": 18})
torch_case("lstm", Recurrent(nn.LSTM), (floats(3, 4, 5),), ["x"], {"x": batch}, {"torchscript": 14, "dynamo": 18})
torch_case("gru", Recurrent(nn.GRU), (floats(3, 4, 5),), ["x"], {"x": batch}, {"torchscript": 14, "dynamo": 18})
ids = torch.tensor(random.randint(0, 20, (3, 7)))
mask = torch.tensor([[1] * 7, [1] * 5 + [0] * 2, [1] * 3 + [0] * 4])
open_words = {"ids": {0: "batch", 1: "length"}, "mask": {0: "batch", 1: "length"}}
torch_case("words", Words(), (ids, mask), ["ids", "mask"], open_words, {"torchscript": 17, "dynamo": 21})
torch_case("vit", VisionTransformer(), (floats(2, 1, 12, 12),), ["x"], {"x": batch}, {"torchscript": 18, "dynamo": 23})

import keras
import tensorflow as tf

keras.utils.set_random_seed(3)


def keras_case(name, model, *shape):
    x = random.standard_normal(shape).astype(np.float32)
    y = np.asarray(model(x, training=False))
    file = f"{name}.onnx"
    model.export(str(folder / file), format="onnx", verbose=False)
    kept = onnx.load(folder / file)
    strip(kept)
    onnx.save(kept, folder / file)
    [first], [last] = kept.graph.input, kept.graph.output
    cases.append(
        {"name": name, "file": file, "inputs": {first.name: golden(x)}, "outputs": {last.name: golden(y)}, "gradients": {}}
    )


layers = keras.layers
image = keras.Input((8, 8, 2))
h = layers.Conv2D(4, 3, padding="same", strides=2)(image)
h = layers.BatchNormalization(moving_mean_initializer="random_normal", gamma_initializer="random_uniform")(h)
h = layers.LeakyReLU()(h)
h = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2)(h)
h = layers.Concatenate()([h, layers.UpSampling2D()(layers.MaxPooling2D()(h))])
h = layers.GlobalAveragePooling2D()(h)
keras_case("keras-convnet", keras.Model(image, layers.Dense(3, "softmax")(h)), 2, 8, 8, 2)
steps = keras.Input((5, 4))
h = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(steps)
h = layers.GRU(4)(layers.LayerNormalization()(h))
keras_case("keras-recurrent", keras.Model(steps, layers.Dense(2)(h)), 3, 5, 4)
words = keras.Input((6, 8))
h = layers.LayerNormalization()(words + layers.MultiHeadAttention(2, 4)(words, words))
keras_case("keras-attention", keras.Model(words, layers.Dense(2)(layers.GlobalAveragePooling1D()(h))), 2, 6, 8)

from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

x = random.standard_normal((60, 4)).astype(np.float32)
target = (x[:, 0] * x[:, 1] > 0).astype(np.int64) + (x[:, 2] > 0.8)
models = {
    "sklearn-mlp": make_pipeline(StandardScaler(), MLPClassifier(hidden_layer_sizes=(6,), max_iter=50, random_state=3)).fit(x, target),
    "sklearn-logistic": make_pipeline(StandardScaler(), LogisticRegression()).fit(x, target),
    "sklearn-regressor": MLPRegressor(hidden_layer_sizes=(5, 4), activation="tanh", max_iter=50, random_state=3).fit(x, x[:, 0] * x[:, 1]),
}
for name, model in models.items():
    is_classifier = hasattr(model, "predict_proba")
    options = {"zipmap": False} if is_classifier else None
    made = to_onnx(model, x[:1], options={id(model): options} if options else None, target_opset=18)
    strip(made)
    onnx.save(made, folder / f"{name}.onnx")
    outputs = [one.name for one in made.graph.output]
    values = [model.predict(x[:5]), model.predict_proba(x[:5])] if is_classifier else [model.predict(x[:5])[:, None]]
    cases.append(
        {
            "name": name,
            "file": f"{name}.onnx",
            "inputs": {made.graph.input[0].name: golden(x[:5])},
            "outputs": {one: golden(value) for one, value in zip(outputs, values)},
            "gradients": {},
        }
    )

(folder / "cases.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
