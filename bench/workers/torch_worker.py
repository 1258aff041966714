"""The workloads in PyTorch, as its users tune it: fused optimizers, channels last, sparse gradients of tables,
scaled_dot_product_attention, inference_mode; eager, or with torch.compile."""

import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from torch_tuning import Tokens, Tuning
from wire import Absent, serve, threads

torch.set_num_threads(threads)
compiled = sys.argv[1] == "compile"


def own(array):
    return torch.from_numpy(array).clone()


def linear(weights, name, bias=True):
    kernel = weights[f"{name}/kernel"]
    kernel = kernel.reshape(kernel.shape[0], -1)
    layer = nn.utils.skip_init(nn.Linear, *kernel.shape, bias=bias)
    layer.weight = nn.Parameter(own(kernel.T.copy()))
    if bias:
        layer.bias = nn.Parameter(own(weights[f"{name}/bias"].reshape(-1)))
    return layer


def conv(weights, name, bias=True, stride=1, padding=0):
    kernel = weights[f"{name}/kernel"]  # height, width, inputs, filters
    layer = nn.Conv2d(kernel.shape[2], kernel.shape[3], kernel.shape[0], stride, padding, bias=bias)
    layer.weight = nn.Parameter(own(kernel.transpose(3, 2, 0, 1).copy()))
    if bias:
        layer.bias = nn.Parameter(own(weights[f"{name}/bias"]))
    return layer


def layer_norm(weights, name, eps):
    gamma = weights[f"{name}/gamma"]
    layer = nn.LayerNorm(gamma.shape[0], eps=eps, bias=f"{name}/beta" in weights)
    layer.weight = nn.Parameter(own(gamma))
    if layer.bias is not None:
        layer.bias = nn.Parameter(own(weights[f"{name}/beta"]))
    return layer


def embedding(weights, name, sparse=False):
    return nn.Embedding.from_pretrained(own(weights[f"{name}/embeddings"]), freeze=False, sparse=sparse)


def mlp(weights, _):
    return nn.Sequential(
        linear(weights, "dense0"), nn.ReLU(), linear(weights, "dense1"), nn.ReLU(), linear(weights, "dense2")
    )


class ChannelsLastFlatten(nn.Module):
    """Flattens in the order of the weights' file: rows, columns, channels."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


def convnet(weights, _):
    return nn.Sequential(
        conv(weights, "conv0"), nn.ReLU(), nn.MaxPool2d(2),
        conv(weights, "conv1"), nn.ReLU(), nn.MaxPool2d(2),
        ChannelsLastFlatten(),
        linear(weights, "dense0"), nn.ReLU(), linear(weights, "dense1"),
    ).to(memory_format=torch.channels_last)


class Block(nn.Module):
    def __init__(self, weights, i, stride):
        super().__init__()
        name = f"block{i}"
        self.conv0 = conv(weights, f"{name}_conv0", bias=False, stride=stride, padding=1)
        self.norm0 = nn.BatchNorm2d(self.conv0.out_channels)
        self.conv1 = conv(weights, f"{name}_conv1", bias=False, padding=1)
        self.norm1 = nn.BatchNorm2d(self.conv1.out_channels)
        self.short = None
        if f"{name}_short/kernel" in weights:
            short = conv(weights, f"{name}_short", bias=False, stride=stride)
            self.short = nn.Sequential(short, nn.BatchNorm2d(short.out_channels))

    def forward(self, x):
        y = F.relu(self.norm0(self.conv0(x)), inplace=True)
        y = self.norm1(self.conv1(y))
        return F.relu(y + (x if self.short is None else self.short(x)), inplace=True)


def resnet18(weights, _):
    blocks = [Block(weights, i, stride) for i, stride in enumerate([1, 1, 2, 1, 2, 1, 2, 1])]
    return nn.Sequential(
        conv(weights, "stem", bias=False, padding=1), nn.BatchNorm2d(64), nn.ReLU(inplace=True),
        *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), linear(weights, "classes"),
    ).to(memory_format=torch.channels_last)


class Recurrent(nn.Module):
    def __init__(self, weights, kind):
        super().__init__()
        self.embedding = embedding(weights, "embedding")
        kernel, recurrent = weights[f"{kind}/kernel"], weights[f"{kind}/recurrent_kernel"]
        bias = weights[f"{kind}/bias"]
        units = recurrent.shape[0]
        self.rnn = (nn.LSTM if kind == "lstm" else nn.GRU)(kernel.shape[0], units, batch_first=True)
        if kind == "gru":  # the update gate first, there the reset gate
            order = np.r_[units : 2 * units, 0:units, 2 * units : 3 * units]
            kernel, recurrent, bias = kernel[:, order], recurrent[:, order], bias[:, order]
        biases = bias if kind == "gru" else (bias, np.zeros_like(bias))
        with torch.no_grad():
            self.rnn.weight_ih_l0.copy_(own(kernel.T.copy()))
            self.rnn.weight_hh_l0.copy_(own(recurrent.T.copy()))
            self.rnn.bias_ih_l0.copy_(own(biases[0]))
            self.rnn.bias_hh_l0.copy_(own(biases[1]))
        if kind == "lstm":  # of the two biases that add up only one is trained
            self.rnn.bias_hh_l0.requires_grad_(False)
        self.classes = linear(weights, "classes")

    def forward(self, ids):
        outputs, _ = self.rnn(self.embedding(ids))
        return self.classes(outputs[:, -1])


class Recommender(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.embedding = embedding(weights, "embedding", sparse=True)
        self.mlp = mlp(weights, None)

    def forward(self, ids):
        return self.mlp(self.embedding(ids).flatten(1))


class Attention(nn.Module):
    """Queries, keys and values in one product."""

    def __init__(self, weights, name, causal):
        super().__init__()
        parts = [weights[f"{name}/{part}/kernel"] for part in ("query", "key", "value")]
        self.heads, self.causal = parts[0].shape[1], causal
        bias = f"{name}/query/bias" in weights
        fused = {"qkv/kernel": np.concatenate([part.reshape(part.shape[0], -1) for part in parts], 1)}
        output = weights[f"{name}/attention_output/kernel"]
        fused["output/kernel"] = output.reshape(-1, output.shape[-1])
        if bias:
            biases = [weights[f"{name}/{part}/bias"].reshape(-1) for part in ("query", "key", "value")]
            fused["qkv/bias"] = np.concatenate(biases)
            fused["output/bias"] = weights[f"{name}/attention_output/bias"]
        self.qkv = linear(fused, "qkv", bias)
        self.output = linear(fused, "output", bias)

    def forward(self, x):
        batch, steps, width = x.shape
        q, k, v = self.qkv(x).view(batch, steps, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.output(mixed.transpose(1, 2).reshape(batch, steps, width))


class GPTBlock(nn.Module):
    def __init__(self, weights, i):
        super().__init__()
        self.norm0 = layer_norm(weights, f"block{i}_norm0", 1e-5)
        self.attention = Attention(weights, f"block{i}_attention", causal=True)
        self.norm1 = layer_norm(weights, f"block{i}_norm1", 1e-5)
        self.inner = linear(weights, f"block{i}_dense0", bias=False)
        self.outer = linear(weights, f"block{i}_dense1", bias=False)

    def forward(self, x):
        x = x + self.attention(self.norm0(x))
        return x + self.outer(F.gelu(self.inner(self.norm1(x))))


class GPT(nn.Module):
    def __init__(self, weights, params):
        super().__init__()
        self.tokens = embedding(weights, "tokens")
        self.positions = nn.Parameter(own(weights["positions/embeddings"]))
        self.blocks = nn.Sequential(*(GPTBlock(weights, i) for i in range(params["blocks"])))
        self.norm = layer_norm(weights, "norm", 1e-5)

    def forward(self, ids):
        x = self.norm(self.blocks(self.tokens(ids) + self.positions))
        return F.linear(x, self.tokens.weight)


class BERTBlock(nn.Module):
    def __init__(self, weights, i):
        super().__init__()
        self.attention = Attention(weights, f"block{i}_attention", causal=False)
        self.norm0 = layer_norm(weights, f"block{i}_norm0", 1e-12)
        self.inner = linear(weights, f"block{i}_dense0")
        self.outer = linear(weights, f"block{i}_dense1")
        self.norm1 = layer_norm(weights, f"block{i}_norm1", 1e-12)

    def forward(self, x):
        x = self.norm0(x + self.attention(x))
        return self.norm1(x + self.outer(F.gelu(self.inner(x))))


class BERT(nn.Module):
    def __init__(self, weights, params):
        super().__init__()
        self.tokens = embedding(weights, "tokens")
        self.positions = nn.Parameter(own(weights["positions/embeddings"]))
        self.norm = layer_norm(weights, "norm", 1e-12)
        self.blocks = nn.Sequential(*(BERTBlock(weights, i) for i in range(params["blocks"])))
        self.pooler, self.classes = linear(weights, "pooler"), linear(weights, "classes")

    def forward(self, ids):
        x = self.blocks(self.norm(self.tokens(ids) + self.positions))
        return self.classes(torch.tanh(self.pooler(x[:, 0])))


def stack(weights, params):
    layers = [layer for i in range(params["depth"]) for layer in (linear(weights, f"dense{i}"), nn.ReLU())]
    return nn.Sequential(*layers)


class Window(nn.Module):
    """A layer that slides a window over its input, behind a dense layer; channels are last outside of it."""

    def __init__(self, weights, params):
        super().__init__()
        kind = ["conv", "transposed", "depthwise", "separable", "maxPool", "averagePool"][params["code"]]
        rank, size, stride, dilation = (params[name] for name in ("rank", "window", "strides", "dilation"))
        self.rank, self.dense = rank, linear(weights, "dense0")
        conv = [nn.Conv1d, nn.Conv2d, nn.Conv3d][rank - 1]
        axes = list(range(rank))

        def filled(layer, name, order):
            kernel = weights[f"window/{name}"]
            layer.weight = nn.Parameter(own(kernel.transpose(order).copy()))
            if layer.bias is not None:
                layer.bias = nn.Parameter(own(weights["window/bias"]))
            return layer

        inputs, filters = params["inputs"], params["filters"]
        if kind == "conv":
            layer = conv(inputs, filters, size, stride, dilation=dilation, groups=params["groups"])
            self.window = filled(layer, "kernel", [rank + 1, rank, *axes])
        elif kind == "transposed":
            layer = [nn.ConvTranspose1d, nn.ConvTranspose2d][rank - 1](inputs, filters, size, stride)
            self.window = filled(layer, "kernel", [rank + 1, rank, *axes])
        elif kind == "depthwise":
            layer = conv(inputs, inputs, size, stride, groups=inputs)
            self.window = filled(layer, "kernel", [rank, rank + 1, *axes])
        elif kind == "separable":
            depthwise = conv(inputs, inputs, size, stride, groups=inputs, bias=False)
            self.window = nn.Sequential(
                filled(depthwise, "depthwise_kernel", [rank, rank + 1, *axes]),
                filled(conv(inputs, filters, 1), "pointwise_kernel", [rank + 1, rank, *axes]),
            )
        else:
            pools = {"maxPool": [nn.MaxPool1d, nn.MaxPool2d], "averagePool": [nn.AvgPool1d, nn.AvgPool2d]}
            self.window = pools[kind][rank - 1](size, stride)
        if rank == 2:
            self.window = self.window.to(memory_format=torch.channels_last)

    def forward(self, x):
        return self.window(self.dense(x).movedim(-1, 1)).movedim(1, -1)


models = {
    "window": Window,
    "mlp": mlp,
    "convnet": convnet,
    "resnet18": resnet18,
    "lstm": lambda weights, _: Recurrent(weights, "lstm"),
    "gru": lambda weights, _: Recurrent(weights, "gru"),
    "recommender": lambda weights, _: Recommender(weights),
    "gpt": GPT,
    "bert": BERT,
    "encoder": BERT,
    "stack": stack,
}


# Keras adds it before the correction of the second moment's bias, PyTorch after: so small it makes no difference.
epsilon = 1e-10


def adam(parameters):
    return torch.optim.Adam(parameters, eps=epsilon, fused=True)


def adamw(rate, decay, beta2):
    return lambda parameters: torch.optim.AdamW(
        parameters, lr=rate, betas=(0.9, beta2), weight_decay=decay, eps=epsilon, fused=True
    )


def crossentropy(logits, labels):
    return F.cross_entropy(logits.view(-1, logits.shape[-1]), labels.view(-1))


# optimizer, loss, the norm that gradients are cut to
training = {
    "mlp": (adam, crossentropy, None),
    "convnet": (adam, crossentropy, None),
    "resnet18": (lambda p: torch.optim.SGD(p, lr=0.001, momentum=0.9, fused=True), crossentropy, None),
    "lstm": (adam, crossentropy, None),
    "gru": (adam, crossentropy, None),
    # The fused rule does not take sparse gradients.
    "recommender": (lambda p: torch.optim.SGD(p, lr=0.1), F.binary_cross_entropy_with_logits, None),
    "gpt": (adamw(1e-3, 0.1, 0.99), crossentropy, 1.0),
    "bert": (adamw(2e-5, 0.01, 0.999), crossentropy, 1.0),
    "window": (lambda p: torch.optim.SGD(p, lr=0.01, fused=True), F.mse_loss, None),
    "stack": (lambda p: torch.optim.SGD(p, lr=0.01, fused=True), F.mse_loss, None),
}


def to_input(x, kind=None):
    """Images become channels last in memory, channels first by shape; whole numbers int64."""
    if x.dtype == np.int32:
        return torch.from_numpy(x.astype(np.int64))
    tensor = own(x)
    return tensor.permute(0, 3, 1, 2) if tensor.ndim == 4 and kind != "window" else tensor


def to_labels(y, kind):
    if kind == "recommender":
        return torch.from_numpy(y.astype(np.float32))
    return to_input(y, kind)


class Training:
    def __init__(self, workload, weights, data):
        kind = workload["kind"]
        self.model = models[kind](weights, workload["params"])
        make, self.loss_of, self.clip = training[kind]
        parameters = [p for p in self.model.parameters() if p.requires_grad]
        self.parameters, self.optimizer = parameters, make(parameters)
        self.forward = torch.compile(self.model) if compiled else self.model
        self.load(data, kind)

    def load(self, data, kind):
        self.x = [to_input(x, kind) for x in data["x"]]
        self.y = [to_labels(y, kind) for y in data["y"]]
        self.next = 0

    def step(self, x, y):
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss_of(self.forward(x), y)
        loss.backward()
        if self.clip is not None:
            nn.utils.clip_grad_norm_(self.parameters, self.clip)
        self.optimizer.step()
        return loss

    def run(self):
        i = self.next % len(self.x)
        self.next += 1
        return self.step(self.x[i], self.y[i])

    def losses(self):
        return [self.run().item() for _ in range(5)]


class Epoch(Training):
    """Shuffled batches of tensors in memory, without a DataLoader, which only costs here."""

    def load(self, data, kind):
        self.x, self.y = to_input(data["x"][0]), to_labels(data["y"][0], kind)

    def run(self):
        total = 0.0
        for rows in torch.randperm(len(self.x)).split(128):
            total = total + self.step(self.x[rows], self.y[rows]).detach()
        return total.item()

    def losses(self):
        return [self.step(self.x[i * 128 : i * 128 + 128], self.y[i * 128 : i * 128 + 128]).item() for i in range(5)]


class Prediction:
    def __init__(self, workload, weights, data):
        model = models[workload["kind"]](weights, workload["params"]).eval()
        self.forward = torch.compile(model) if compiled else model
        self.x, self.next = list(data["x"]), 0

    def run(self):
        x = self.x[self.next % len(self.x)]
        self.next += 1
        if x.dtype == np.int32:
            x = x.astype(np.int64)
        with torch.inference_mode():
            tensor = torch.from_numpy(x)
            return self.forward(tensor.permute(0, 3, 1, 2) if tensor.ndim == 4 else tensor).numpy()

    def losses(self):
        return self.run().reshape(-1)[:5].tolist()


class Product:
    def __init__(self, workload, weights, data):
        self.a, self.b = own(data["a"]), own(data["b"])
        self.c = torch.empty_like(self.a)

    def run(self):
        torch.matmul(self.a, self.b, out=self.c)

    def losses(self):
        self.run()
        return self.c.view(-1)[:5].tolist()


class OneWeight:
    def __init__(self, workload, weights, data):
        self.x, self.y = own(data["x"]), own(data["y"])
        self.w = torch.zeros(1, 1, requires_grad=True)
        loss_of = lambda w: ((self.x @ w - self.y) ** 2).mean()
        self.loss_of = torch.compile(loss_of) if compiled else loss_of

    def run(self):
        loss = self.loss_of(self.w)
        loss.backward()
        with torch.no_grad():
            self.w.sub_(self.w.grad, alpha=0.1)
        self.w.grad = None
        return loss

    def losses(self):
        return [self.run().item() for _ in range(5)]


class Pipeline:
    """A DataLoader whose samples are fetched a batch at a time, which is its fastest way for data in memory."""

    def __init__(self, workload, weights, data):
        from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler

        images, labels = own(data["x"]), own(data["y"])

        class Digits(Dataset):
            def __len__(self):
                return len(images)

            def __getitem__(self, rows):
                return images[rows].float().div_(255), labels[rows]

        digits = Digits()
        sampler = BatchSampler(RandomSampler(digits), workload["params"]["batch"], drop_last=False)
        self.loader = DataLoader(digits, sampler=sampler, batch_size=None)

    def run(self):
        return sum(len(x) for x, _ in self.loader)

    def losses(self):
        return [self.run()]


class Stored:
    def __init__(self, workload, weights, data, folder):
        params = workload["params"]
        self.model = stack(weights, {"depth": params["layers"]})
        self.path = os.path.join(folder, "torch.pt")
        self.run = self.save if workload["kind"] == "save" else self.load
        if workload["kind"] == "load":
            self.save()

    def save(self):
        torch.save(self.model.state_dict(), self.path)

    def load(self):
        self.model.load_state_dict(torch.load(self.path, weights_only=True, mmap=True))

    def losses(self):
        return self.model[0].weight.detach().T[0, :5].tolist()


class Generation:
    """Hugging Face's transformers, whose cache and greedy search are those that people use."""

    def __init__(self, workload, data, folder):
        from transformers import AutoModelForCausalLM

        if compiled or "bits" in workload["params"]:
            raise Absent("its generation is eager, and its weights are of 32 bits")
        self.model = AutoModelForCausalLM.from_pretrained(os.path.join(folder, "model"), dtype=torch.float32).eval()
        self.x, self.next, self.tokens = list(data["x"]), 0, workload["params"]["tokens"]

    def run(self):
        ids = torch.from_numpy(self.x[self.next % len(self.x)].astype(np.int64))
        self.next += 1
        with torch.inference_mode():
            answer = self.model.generate(
                ids, attention_mask=torch.ones_like(ids), max_new_tokens=self.tokens, min_new_tokens=self.tokens,
                do_sample=False, pad_token_id=0,
            )
        return answer[0, ids.shape[1] :].tolist()

    def losses(self):
        return self.run()[:5]


class Embedding:
    """sentence-transformers, from texts to vectors."""

    def __init__(self, workload, folder):
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError:
            raise Absent("sentence-transformers is not installed") from None
        if compiled:
            raise Absent("it runs as it is published")
        self.encoder = SentenceTransformer(os.path.join(folder, "model"), device="cpu")
        with open(os.path.join(folder, "sentences.json")) as file:
            self.texts = json.load(file)

    def run(self):
        return self.encoder.encode(self.texts, batch_size=len(self.texts), show_progress_bar=False)

    def losses(self):
        return self.run()[0, :5].tolist()


def setup(workload, weights, data, folder):
    kind = workload["kind"]
    if kind == "generate":
        return Generation(workload, data, folder)
    if kind == "embed":
        return Embedding(workload, folder)
    if kind == "tokens":
        return Tokens(workload, folder, compiled)
    if kind in ("text-vectorization", "augmentation"):
        raise Absent("they are layers of Keras's")
    if kind == "pictures":
        if compiled:
            raise Absent("nothing to compile")
        from torch_pictures import Feeding

        return Feeding(workload, folder)
    if kind == "tune":
        return Tuning(workload, data, folder, compiled)
    if compiled and (kind in ("matmul", "pipeline", "save", "load") or kind == "recommender"):
        raise Absent("nothing to compile" if kind != "recommender" else "sparse gradients are not compiled")
    if kind in ("save", "load"):
        return Stored(workload, weights, data, folder)
    special = {"matmul": Product, "one-weight": OneWeight, "pipeline": Pipeline}
    modes = {"step": Training, "epoch": Epoch, "predict": Prediction}
    runner = special.get(kind, modes[workload["mode"]])
    return runner(workload, weights, data)


serve(torch.__version__, setup)
