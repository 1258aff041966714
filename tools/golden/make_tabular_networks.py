"""packages/tabular/golden/networks.json: networks for tables: embeddings of numbers, TabM, RealMLP, FT-Transformer.

Each case: options, inputs, weights by their name in the package, the output, and the gradients of sum(output · cotangent); of TabM also
the weights after three steps of SGD with momentum.

Usage: python tools/golden/make_tabular_networks.py FOLDER
FOLDER has the unpacked wheel pytabkit 1.8.0, whose `models/realmlp` needs torch and NumPy alone. Beside torch 2.15 it takes
rtdl_num_embeddings 0.0.12, tabm 0.0.3 and rtdl_revisiting_models 0.0.2 (pip install --no-deps).
"""

import importlib.util
import math
import pathlib
import sys
import types
import warnings

import numpy as np
import rtdl_num_embeddings as numerical
import tabm
import torch
from rtdl_revisiting_models import FTTransformer

from golden_json import line

warnings.filterwarnings("ignore")
OUTPUT = pathlib.Path(__file__).resolve().parents[2] / "packages/tabular/golden/networks.json"
torch.manual_seed(21)
random = np.random.RandomState(21)


def load_realmlp(folder):
    """`pytabkit.models.realmlp` without what pytabkit's own `__init__` imports."""
    path = pathlib.Path(folder) / "pytabkit/models/realmlp"
    package = types.ModuleType("realmlp")
    package.__path__ = [str(path)]
    sys.modules["realmlp"] = package
    for name in ("model", "train"):
        spec = importlib.util.spec_from_file_location(f"realmlp.{name}", path / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[f"realmlp.{name}"] = module
        spec.loader.exec_module(module)
    return sys.modules["realmlp.model"], sys.modules["realmlp.train"]


def numbers(*shape):
    return torch.tensor(random.randn(*shape), dtype=torch.float32)


def named(module):
    return {name: value.detach().numpy().copy() for name, value in module.named_parameters()}


def fill(module):
    """Other values than an initializer's, so that each weight counts."""
    with torch.no_grad():
        for value in module.parameters():
            value.copy_(torch.tensor(random.randn(*value.shape) * 0.4, dtype=torch.float32))


def case(name, module, inputs, options=None, call=None):
    """Output and gradients of a module for inputs; floating ones have gradients too."""
    given = [value.clone().requires_grad_(value.is_floating_point()) for value in inputs]
    module.eval()
    module.zero_grad()
    output = (call or module)(*given)
    cotangent = numbers(*output.shape)
    (output * cotangent).sum().backward()
    return {
        "name": name,
        "options": options or {},
        "inputs": [value.numpy() for value in inputs],
        "weights": named(module),
        "output": output.detach().numpy(),
        "cotangent": cotangent.numpy(),
        "inputGradients": [None if value.grad is None else value.grad.numpy() for value in given],
        "weightGradients": {key: value.grad.numpy() for key, value in module.named_parameters()},
    }


# Columns with few different values have fewer bins: 5, 3 and 1.
table = numbers(60, 3)
table[:, 1] = torch.tensor(random.randint(0, 4, 60), dtype=torch.float32)
table[:, 2] = torch.tensor(random.randint(0, 2, 60), dtype=torch.float32)
BINS = 5
bins = numerical.compute_bins(table, BINS)
x = numbers(7, 3)
x[0] = table[:, :].max(0)[0] + 1
x[1] = table[:, :].min(0)[0] - 1
edges = [value.tolist() for value in bins]

embeddings = []
modules = [
    ("linear", numerical.LinearEmbeddings(3, 4), {}),
    ("linear relu", numerical.LinearReLUEmbeddings(3, 4), {}),
    ("piecewise encoding", numerical.PiecewiseLinearEncoding(bins), {}),
    ("piecewise A", numerical.PiecewiseLinearEmbeddings(bins, 4, activation=True, version="A"), {}),
    ("piecewise A linear", numerical.PiecewiseLinearEmbeddings(bins, 4, activation=False, version="A"), {}),
    ("piecewise B", numerical.PiecewiseLinearEmbeddings(bins, 4, activation=False, version="B"), {}),
    ("piecewise B relu", numerical.PiecewiseLinearEmbeddings(bins, 4, activation=True, version="B"), {}),
    ("periodic", numerical.PeriodicEmbeddings(3, 4, n_frequencies=5, frequency_init_scale=0.1, lite=False), {}),
    ("periodic linear", numerical.PeriodicEmbeddings(3, 4, n_frequencies=5, activation=False, lite=False), {}),
    ("periodic lite", numerical.PeriodicEmbeddings(3, 4, n_frequencies=5, frequency_init_scale=0.1, lite=True), {}),
]
for name, module, options in modules:
    fill(module)
    embeddings.append(case(name, module, [x], options))

# TabM, with and without embeddings.
SIZES = [3, 2]
ROWS = 6
codes = torch.tensor(np.stack([random.randint(0, size, ROWS) for size in SIZES], 1))
labels = torch.tensor(random.randint(0, 3, ROWS))
features = numbers(ROWS, 3)


def make_tabm(arch, embedded):
    torch.manual_seed(3)
    return tabm.TabM.make(
        n_num_features=3,
        cat_cardinalities=SIZES,
        d_out=3,
        n_blocks=2,
        d_block=8,
        k=3,
        dropout=0.0,
        arch_type=arch,
        num_embeddings=numerical.PiecewiseLinearEmbeddings(bins, 4, activation=False, version="B") if embedded else None,
    )


ensembles = []
for arch in ("tabm", "tabm-mini", "tabm-packed"):
    for embedded in (True, False):
        module = make_tabm(arch, embedded)
        fill(module)
        made = case(f"{arch}{' embedded' if embedded else ''}", module, [features, codes], {"arch": arch, "embedded": embedded})
        optimizer = torch.optim.SGD(module.parameters(), lr=0.2, momentum=0.9)
        losses = []
        module.train()
        for _ in range(3):
            optimizer.zero_grad()
            logits = module(features, codes)  # (rows, k, classes)
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.repeat_interleave(3))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        ensembles.append({**made, "losses": losses, "trained": named(module)})
# What the first scaling begins as: one value a feature, in a row for each member.
initial = make_tabm("tabm", True)
chunks = {"r": initial.backbone.blocks[0][0].r.detach().numpy(), "sizes": [4, 4, 4, 3, 2]}

# RealMLP.
model_of, train_of = load_realmlp(sys.argv[1])
mlps = []
raw = numbers(40, 4) * torch.tensor([1.0, 30.0, 0.01, 1.0]) + torch.tensor([0.0, 5.0, 1.0, 0.0])
raw[:, 3] = torch.tensor((random.rand(40) < 0.1) * 1.0)  # quartiles 0 and 0: scaled by the range
raw[3, 0] = raw[8, 1] = math.nan
cat_sizes = [2, 3, 5, 12]  # with 0 for what is missing: ±1, one column, several, an embedding
cats = torch.tensor(np.stack([random.randint(0, size, 40) for size in cat_sizes], 1))
for name, act, embedding in (("class", "selu", "pbld"), ("reg", "mish", "pbld"), ("plain", "selu", "none")):
    config = model_of.RealMLPConfig(hidden_sizes=[8, 6], act=act, num_emb_type=embedding, embedding_size=4, plr_hidden_1=5)
    module = model_of.RealMLP(4, cat_sizes, 3, 1, config, is_classification=name != "reg")
    fill(module)
    with torch.no_grad():
        median, scale = train_of.compute_input_stats(module.input_features(raw, cats), torch.arange(40)[None])
        module.x_median.copy_(median)
        module.x_scale.copy_(scale)
    made = case(name, module, [raw[:9], cats[:9]], {"act": act, "embedding": embedding},
                lambda a, b: module(a[None], b[None])[0])
    made["inputGradients"] = None
    made["factors"] = {key: [value.lr_factor, value.wd_factor] for key, value in module.named_parameters()}
    made["median"], made["scale"] = median[0, 0].numpy(), scale[0, 0].numpy()
    mlps.append(made)
times = [0, 0.01, 0.05, 0.2, 0.5, 0.51, 0.77, 0.99, 1]
schedules = {name: [train_of.SCHEDULES[name](t) for t in times] for name in ("coslog4", "flat_cos")}
batch_sizes = [[rows, train_of.auto_batch_size(rows)] for rows in (100, 1024, 1025, 20_000, 60_000, 200_000)]

# FT-Transformer.
transformers = []
for blocks, activation in ((1, "ReGLU"), (2, "ReGLU"), (2, "ReLU")):
    module = FTTransformer(
        n_cont_features=3,
        cat_cardinalities=SIZES,
        d_out=2,
        n_blocks=blocks,
        d_block=8,
        attention_n_heads=2,
        attention_dropout=0.0,
        ffn_d_hidden=None,
        ffn_d_hidden_multiplier=4 / 3,
        ffn_dropout=0.0,
        ffn_activation=activation,
        residual_dropout=0.0,
    )
    fill(module)
    transformers.append(case(f"{blocks} blocks {activation}", module, [features, codes], {"blocks": blocks, "activation": activation}))

result = {
    "made": f"torch {torch.__version__.split('+')[0]}, rtdl_num_embeddings {numerical.__version__}, tabm {tabm.__version__}, "
    "pytabkit 1.8.0, rtdl_revisiting_models 0.0.2, tools/golden/make_tabular_networks.py",
    "table": table.numpy(),
    "bins": edges,
    "binCount": BINS,
    "cardinalities": SIZES,
    "labels": labels.numpy(),
    "embeddings": embeddings,
    "tabm": ensembles,
    "chunks": chunks,
    "realMlp": {"x": raw.numpy(), "categories": cats.numpy(), "sizes": cat_sizes, "cases": mlps,
                "times": times, "schedules": schedules, "batchSizes": batch_sizes},
    "transformer": transformers,
}
OUTPUT.write_text(line(result) + "\n")
print(OUTPUT.stat().st_size, "bytes")
