"""The workloads in Keras on TensorFlow, as its users tune it: one tf.function a step, with and without XLA."""

import os
import sys

import numpy as np

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
import tensorflow as tf

from wire import Absent, serve, threads

tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(threads)
import keras
from keras import layers

from keras_preparation import Augmentation, TextVectorization

xla = sys.argv[1] == "xla"


class Positions(layers.Layer):
    """Adds a vector that is learned for each position."""

    def build(self, input_shape):
        self.embeddings = self.add_weight(name="embeddings", shape=input_shape[1:])

    def call(self, x):
        return x + self.embeddings


def mlp(_):
    return keras.Sequential([
        keras.Input((784,)),
        layers.Dense(256, activation="relu", name="dense0"),
        layers.Dense(128, activation="relu", name="dense1"),
        layers.Dense(10, name="dense2"),
    ])


def convnet(_):
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu", name="conv0"),
        layers.MaxPooling2D(2),
        layers.Conv2D(64, 3, activation="relu", name="conv1"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dense(128, activation="relu", name="dense0"),
        layers.Dense(10, name="dense1"),
    ])


def resnet18(_):
    def norm(name, x):
        return layers.BatchNormalization(epsilon=1e-5, name=name)(x)

    def conv3(name, x, filters, strides):
        if strides == 1:
            return layers.Conv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
        return layers.Conv2D(filters, 3, strides=strides, use_bias=False, name=name)(layers.ZeroPadding2D(1)(x))

    images = keras.Input((32, 32, 3))
    x = layers.ReLU()(norm("stem_norm", conv3("stem", images, 64, 1)))
    inputs = 64
    for i, (filters, strides) in enumerate(
        [(64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)]
    ):
        y = layers.ReLU()(norm(f"block{i}_norm0", conv3(f"block{i}_conv0", x, filters, strides)))
        y = norm(f"block{i}_norm1", conv3(f"block{i}_conv1", y, filters, 1))
        if strides != 1 or inputs != filters:
            short = layers.Conv2D(filters, 1, strides=strides, use_bias=False, name=f"block{i}_short")
            x = norm(f"block{i}_short_norm", short(x))
        x = layers.ReLU()(layers.Add()([x, y]))
        inputs = filters
    return keras.Model(images, layers.Dense(10, name="classes")(layers.GlobalAveragePooling2D()(x)))


def recurrent(kind):
    def build(params):
        layer = layers.LSTM if kind == "lstm" else layers.GRU
        return keras.Sequential([
            keras.Input((params["steps"],), dtype="int32"),
            layers.Embedding(params["vocabulary"], params["features"], name="embedding"),
            layer(params["units"], name=kind),
            layers.Dense(2, name="classes"),
        ])

    return build


def recommender(params):
    return keras.Sequential([
        keras.Input((params["fields"],), dtype="int32"),
        layers.Embedding(params["rows"], params["features"], name="embedding"),
        layers.Flatten(),
        layers.Dense(128, activation="relu", name="dense0"),
        layers.Dense(64, activation="relu", name="dense1"),
        layers.Dense(1, name="dense2"),
    ])


def gpt(params):
    width, heads = params["width"], params["heads"]

    def norm(name, x):
        return layers.LayerNormalization(epsilon=1e-5, center=False, name=name)(x)

    tokens = layers.ReversibleEmbedding(params["vocabulary"], width, name="tokens")
    ids = keras.Input((params["steps"],), dtype="int32")
    x = Positions(name="positions")(tokens(ids))
    for i in range(params["blocks"]):
        a = norm(f"block{i}_norm0", x)
        attention = layers.MultiHeadAttention(heads, width // heads, use_bias=False, name=f"block{i}_attention")
        x = layers.Add()([x, attention(a, a, use_causal_mask=True)])
        inner = layers.Dense(4 * width, use_bias=False, activation="gelu", name=f"block{i}_dense0")
        outer = layers.Dense(width, use_bias=False, name=f"block{i}_dense1")
        x = layers.Add()([x, outer(inner(norm(f"block{i}_norm1", x)))])
    return keras.Model(ids, tokens(norm("norm", x), reverse=True))


def bert(params):
    width, heads = params["width"], params["heads"]

    def norm(name, x):
        return layers.LayerNormalization(epsilon=1e-12, name=name)(x)

    ids = keras.Input((params["steps"],), dtype="int32")
    tokens = layers.Embedding(params["vocabulary"], width, name="tokens")
    x = norm("norm", Positions(name="positions")(tokens(ids)))
    for i in range(params["blocks"]):
        attention = layers.MultiHeadAttention(heads, width // heads, name=f"block{i}_attention")
        x = norm(f"block{i}_norm0", layers.Add()([x, attention(x, x)]))
        inner = layers.Dense(4 * width, activation="gelu", name=f"block{i}_dense0")
        outer = layers.Dense(width, name=f"block{i}_dense1")
        x = norm(f"block{i}_norm1", layers.Add()([x, outer(inner(x))]))
    pooled = layers.Dense(width, activation="tanh", name="pooler")(x[:, 0])
    return keras.Model(ids, layers.Dense(params["classes"], name="classes")(pooled))


def window(params):
    kind = ["conv", "transposed", "depthwise", "separable", "maxPool", "averagePool"][params["code"]]
    rank, inputs = params["rank"], params["inputs"]
    slide = {"kernel_size": params["window"], "strides": params["strides"], "name": "window"}
    conv = {**slide, "filters": params["filters"], "dilation_rate": params["dilation"]}
    pool = {"pool_size": params["window"], "strides": params["strides"]}
    layer = {
        "conv": lambda: [layers.Conv1D, layers.Conv2D, layers.Conv3D][rank - 1](groups=params["groups"], **conv),
        "transposed": lambda: [layers.Conv1DTranspose, layers.Conv2DTranspose][rank - 1](**conv),
        "depthwise": lambda: [layers.DepthwiseConv1D, layers.DepthwiseConv2D][rank - 1](**slide),
        "separable": lambda: [layers.SeparableConv1D, layers.SeparableConv2D][rank - 1](**conv),
        "maxPool": lambda: [layers.MaxPooling1D, layers.MaxPooling2D][rank - 1](**pool),
        "averagePool": lambda: [layers.AveragePooling1D, layers.AveragePooling2D][rank - 1](**pool),
    }[kind]()
    x = keras.Input((*[params["length"]] * rank, inputs))
    return keras.Model(x, layer(layers.Dense(inputs, name="dense0")(x)))


def stack(params):
    width, depth = params["width"], params.get("depth", params.get("layers"))
    dense = [layers.Dense(width, activation="relu", name=f"dense{i}") for i in range(depth)]
    return keras.Sequential([keras.Input((width,)), *dense])


models = {
    "mlp": mlp,
    "convnet": convnet,
    "resnet18": resnet18,
    "lstm": recurrent("lstm"),
    "gru": recurrent("gru"),
    "recommender": recommender,
    "gpt": gpt,
    "bert": bert,
    "encoder": bert,
    "stack": stack,
    "window": window,
    "save": stack,
    "load": stack,
}


def build(workload, weights):
    model = models[workload["kind"]](workload["params"])
    for variable in model.trainable_variables:
        # A sequential model puts its own name in front, a recurrent layer its cell's between.
        name = variable.path.replace("/lstm_cell", "").replace("/gru_cell", "").removeprefix(f"{model.name}/")
        variable.assign(weights[name])
    return model


# Keras adds it before the correction of the second moment's bias, PyTorch after: so small it makes no difference.
epsilon = 1e-10


def adamw(rate, decay, beta2):
    return keras.optimizers.AdamW(rate, decay, beta_2=beta2, epsilon=epsilon, global_clipnorm=1.0)


def crossentropy():
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def adam():
    return keras.optimizers.Adam(epsilon=epsilon)


training = {
    "mlp": (adam, crossentropy),
    "convnet": (adam, crossentropy),
    "resnet18": (lambda: keras.optimizers.SGD(0.001, momentum=0.9), crossentropy),
    "lstm": (adam, crossentropy),
    "gru": (adam, crossentropy),
    "recommender": (
        lambda: keras.optimizers.SGD(0.1),
        lambda: keras.losses.BinaryCrossentropy(from_logits=True),
    ),
    "gpt": (lambda: adamw(1e-3, 0.1, 0.99), crossentropy),
    "bert": (lambda: adamw(2e-5, 0.01, 0.999), crossentropy),
    "window": (lambda: keras.optimizers.SGD(0.01), lambda: keras.losses.MeanSquaredError()),
    "stack": (lambda: keras.optimizers.SGD(0.01), lambda: keras.losses.MeanSquaredError()),
}


class Training:
    """A loop of one's own around one compiled step, which is faster than train_on_batch."""

    def __init__(self, workload, weights, data):
        model = build(workload, weights)
        optimizer, loss_of = (make() for make in training[workload["kind"]])
        optimizer.build(model.trainable_variables)

        @tf.function(jit_compile=xla)
        def step(x, y):
            with tf.GradientTape() as tape:
                loss = loss_of(y, model(x, training=True))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply(gradients, model.trainable_variables)
            return loss

        self.model, self.optimizer, self.step = model, optimizer, step
        self.x = [tf.constant(x) for x in data["x"]]
        self.y = [tf.constant(y) for y in data["y"]]
        self.next = 0

    def run(self):
        i = self.next % len(self.x)
        self.next += 1
        # On a CPU a compiled step is done when it returns; reading the loss makes sure of it.
        return self.step(self.x[i], self.y[i]).numpy()

    def losses(self):
        return [float(self.run()) for _ in range(5)]


class Epoch:
    def __init__(self, workload, weights, data):
        self.model = build(workload, weights)
        optimizer, loss = (make() for make in training[workload["kind"]])
        self.model.compile(optimizer=optimizer, loss=loss, jit_compile=xla)
        self.x, self.y = data["x"][0].copy(), data["y"][0].copy()

    def run(self):
        self.model.fit(self.x, self.y, batch_size=128, epochs=1, verbose=0)

    def losses(self):
        values = []
        for i in range(5):
            self.model.reset_metrics()
            rows = slice(i * 128, i * 128 + 128)
            loss = self.model.train_on_batch(self.x[rows], self.y[rows])
            values.append(float(loss[0] if isinstance(loss, (list, tuple)) else loss))
        return values


class Prediction:
    def __init__(self, workload, weights, data):
        model = build(workload, weights)
        self.call = tf.function(lambda x: model(x, training=False), jit_compile=xla)
        self.x, self.next = [x.copy() for x in data["x"]], 0

    def run(self):
        x = self.x[self.next % len(self.x)]
        self.next += 1
        return self.call(tf.constant(x)).numpy()

    def losses(self):
        return self.run().reshape(-1)[:5].tolist()


class Product:
    def __init__(self, workload, weights, data):
        self.a, self.b = tf.constant(data["a"]), tf.constant(data["b"])
        self.call = tf.function(tf.matmul, jit_compile=xla)

    def run(self):
        return self.call(self.a, self.b)

    def losses(self):
        return self.run().numpy().reshape(-1)[:5].tolist()


class OneWeight:
    def __init__(self, workload, weights, data):
        x, y = tf.constant(data["x"]), tf.constant(data["y"])
        w = tf.Variable(tf.zeros((1, 1)))

        @tf.function(jit_compile=xla)
        def step():
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(x @ w - y))
            w.assign_sub(0.1 * tape.gradient(loss, w))
            return loss

        self.w, self.run = w, step

    def losses(self):
        return [float(self.run()) for _ in range(5)]


class Pipeline:
    def __init__(self, workload, weights, data):
        x, y = data["x"].copy(), data["y"].copy()
        # Shuffled as rows of numbers, gathered a batch at a time: tf.data is slow at single samples.
        images, labels = tf.constant(x), tf.constant(y)

        def gather(rows):
            return tf.cast(tf.gather(images, rows), tf.float32) / 255.0, tf.gather(labels, rows)

        rows = tf.data.Dataset.range(len(x)).shuffle(len(x)).batch(workload["params"]["batch"])
        self.batches = rows.map(gather, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)

    def run(self):
        return sum(len(x) for x, _ in self.batches)

    def losses(self):
        return [self.run()]


class Stored:
    def __init__(self, workload, weights, data, folder):
        self.model = build(workload, weights)
        self.path = os.path.join(folder, "keras.weights.h5")
        self.run = self.save if workload["kind"] == "save" else self.load
        if workload["kind"] == "load":
            self.save()

    def save(self):
        self.model.save_weights(self.path, overwrite=True)

    def load(self):
        self.model.load_weights(self.path)

    def losses(self):
        return np.asarray(self.model.trainable_variables[0])[0, :5].tolist()


def setup(workload, weights, data, folder):
    kind = workload["kind"]
    if "model" in os.listdir(folder):
        raise Absent("it reads no folder of Hugging Face's")
    if kind == "pictures":
        raise Absent("compared with torchvision")
    if xla and kind in ("pipeline", "save", "load", "text-vectorization", "augmentation"):
        raise Absent("nothing to compile")
    if kind in ("save", "load"):
        return Stored(workload, weights, data, folder)
    special = {"matmul": Product, "one-weight": OneWeight, "pipeline": Pipeline,
               "text-vectorization": TextVectorization, "augmentation": Augmentation}
    modes = {"step": Training, "epoch": Epoch, "predict": Prediction}
    return special.get(kind, modes[workload["mode"]])(workload, weights, data)


serve(f"{keras.__version__} on TensorFlow {tf.__version__}", setup)
