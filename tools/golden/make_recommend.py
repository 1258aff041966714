"""packages/tabular/golden/recommend.json: measures of lists by RecBole and scikit-learn, baselines and neighbours by Surprise, and losses
and steps of networks by PyTorch's gradients.

Usage: python tools/golden/make_recommend.py RECBOLE
       (scikit-learn 1.9, torch 2.15, scikit-surprise 1.1.5; RECBOLE is the unpacked wheel recbole 1.2.1, of which two modules are
       loaded by themselves, without what the package needs beside)
"""

import importlib.util
import json
import pathlib
import sys
import types

import numpy as np
import pandas as pd
import sklearn
import surprise
import torch
import torch.nn.functional as F
from sklearn.metrics import ndcg_score

PATH = pathlib.Path(__file__).resolve().parents[2] / "packages/tabular/golden/recommend.json"
np.float = float  # RecBole was written for an older NumPy.
random = np.random.RandomState(21)
torch.manual_seed(21)
golden = {"madeBy": {"torch": torch.__version__, "recbole": "1.2.1", "surprise": surprise.__version__, "sklearn": sklearn.__version__}}


def recbole_metrics(folder):
    """RecBole's metrics, loaded without its package."""
    root = pathlib.Path(folder) / "recbole"

    def load(name, path):
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module

    for name in ("recbole", "recbole.evaluator"):
        sys.modules[name] = types.ModuleType(name)
    utils = load("recbole.utils", root / "utils/enum_type.py")
    sys.modules["recbole.utils"] = utils
    load("recbole.evaluator.utils", root / "evaluator/utils.py")
    load("recbole.evaluator.base_metric", root / "evaluator/base_metric.py")
    return load("recbole.evaluator.metrics", root / "evaluator/metrics.py")


def measures():
    users, items, k = 12, 20, 5
    scores = random.rand(users, items)
    lists = np.argsort(-scores, axis=1)[:, :k]
    taken = [sorted(random.choice(items, 1 + user % 8, replace=False).tolist()) for user in range(users)]
    taken[0] = [int(lists[0, 2])]
    hits = np.array([[item in taken[user] for item in lists[user]] for user in range(users)])
    topk = torch.tensor(np.concatenate([hits, [[len(one)] for one in taken]], axis=1).astype(int))
    data = {"rec.topk": topk, "rec.items": torch.tensor(lists + 1), "data.num_items": items + 1}
    metrics = recbole_metrics(sys.argv[1])
    config = {"topk": [k], "metric_decimal_place": 9}
    found = {}
    for name, metric in {"recall": metrics.Recall, "ndcg": metrics.NDCG, "reciprocalRank": metrics.MRR, "coverage": metrics.ItemCoverage}.items():
        [value] = metric(config).calculate_metric(data).values()
        found[name] = float(value)
    # scikit-learn's NDCG ranks all items by their scores; it is the same.
    relevant = np.array([[item in one for item in range(items)] for one in taken]).astype(int)
    assert abs(ndcg_score(relevant, scores, k=k) - found["ndcg"]) < 1e-8
    return {"items": items, "lists": lists.tolist(), "taken": taken, "found": found}


def baselines():
    """Ratings of a small table, and what Surprise predicts of every pair."""
    users, items = 14, 11
    pairs = [(u, i) for u in range(users) for i in range(items) if random.rand() < 0.6]
    rows = [(u, i, float(np.clip(np.round(3 + 0.5 * (u % 3) - 0.4 * (i % 4) + random.randn()), 1, 5))) for u, i in pairs]
    table = pd.DataFrame(rows, columns=["user", "item", "rating"])
    data = surprise.Dataset.load_from_df(table, surprise.Reader(rating_scale=(-100, 100))).build_full_trainset()
    als = {"method": "als", "n_epochs": 10, "reg_u": 15, "reg_i": 10}
    made = {}
    for name, model in {
        "biases": surprise.BaselineOnly(bsl_options=als, verbose=False),
        "neighbours": surprise.KNNBaseline(
            k=40, min_k=1, bsl_options=als, verbose=False,
            sim_options={"name": "pearson_baseline", "user_based": False, "shrinkage": 100, "min_support": 1},
        ),
    }.items():
        model.fit(data)
        made[name] = [[model.predict(u, i).est for i in range(items)] for u in range(users)]
    return {"rows": rows, "users": users, "items": items, **made}


class Adam:
    """Adam as Keras has it: epsilon beside the root of the second moment as it is, before its correction."""

    def __init__(self, weights, rate, epsilon=1e-7):
        self.weights, self.rate, self.epsilon, self.number = weights, rate, epsilon, 0
        self.moments = [(torch.zeros_like(w), torch.zeros_like(w)) for w in weights]

    def step(self):
        self.number += 1
        rate = self.rate * np.sqrt(1 - 0.999**self.number) / (1 - 0.9**self.number)
        with torch.no_grad():
            for weight, (m, v) in zip(self.weights, self.moments):
                gradient = weight.grad if weight.grad is not None else torch.zeros_like(weight)
                m.mul_(0.9).add_(0.1 * gradient)
                v.mul_(0.999).add_(0.001 * gradient**2)
                weight.sub_(rate * m / (v.sqrt() + self.epsilon))
                weight.grad = None


def plain(tensor):
    return {"shape": list(tensor.shape), "data": [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]}


def weight(*shape, scale=0.3):
    return torch.tensor(random.randn(*shape) * scale, dtype=torch.float32).double().requires_grad_()


def steps(weights, loss, batches, rate=0.05):
    """Losses of three steps, and the weights before and after."""
    before = [plain(w) for w in weights]
    optimizer = Adam(weights, rate)
    losses = []
    for batch in batches:
        value = loss(*(torch.tensor(part) for part in batch))
        value.backward()
        losses.append(float(value.detach()))
        optimizer.step()
    return {"rate": rate, "batches": batches, "weights": before, "losses": losses, "after": [plain(w) for w in weights]}


USERS, ITEMS, SIZE, BATCH = 6, 9, 4, 7


def places(count, *shape):
    return random.randint(0, count, shape or (BATCH,)).tolist()


def rating_factors():
    p, q, c, b = weight(USERS, SIZE), weight(ITEMS, SIZE), weight(ITEMS, 1), weight(USERS, 1)

    def loss(u, i, r):
        found = 3.4 + b[u, 0] + c[i, 0] + (p[u] * q[i]).sum(1)
        squares = (p[u] ** 2).sum() + (q[i] ** 2).sum()
        return (((found - r) ** 2).sum() + 0.1 * squares + 0.005 * ((b[u] ** 2).sum() + (c[i] ** 2).sum())) / len(u)

    return steps([p, q, c, b], loss, [[places(USERS), places(ITEMS), (1.0 + random.randint(0, 5, BATCH)).tolist()] for _ in range(3)])


def bpr():
    p, q, c = weight(USERS, SIZE), weight(ITEMS, SIZE), weight(ITEMS, 1)

    def loss(u, i, j):
        margin = (p[u] * (q[i] - q[j])).sum(1) + c[i, 0] - c[j, 0]
        squares = sum((one**2).sum() for one in (p[u], q[i], q[j], c[i], c[j]))
        return (-F.logsigmoid(margin).sum() + 0.02 * squares) / len(u)

    return steps([p, q, c], loss, [[places(USERS), places(ITEMS), places(ITEMS)] for _ in range(3)])


def softmax():
    """The logits of other rows with the same item are left out."""
    p, q, c = weight(USERS, SIZE), weight(ITEMS, SIZE), weight(ITEMS, 1)

    def loss(u, i, shares):
        logits = p[u] @ q[i].T + c[i, 0] - shares
        same = (i[:, None] == i[None, :]) & ~torch.eye(len(i), dtype=torch.bool)
        squares = (p[u] ** 2).sum() + (q[i] ** 2).sum()
        return F.cross_entropy(logits.masked_fill(same, -torch.inf), torch.arange(len(i))) + 0.02 * squares / len(u)

    return steps([p, q, c], loss, [[places(USERS), places(ITEMS), np.log(random.rand(BATCH)).tolist()] for _ in range(3)])


def towers(task):
    """Users have features and items have none; the last number of a tower is a bias."""
    size, width, hidden = SIZE + 1, 3, 5
    features = torch.tensor(random.randn(USERS, width), dtype=torch.float32).double()
    weights = [weight(USERS, size), weight(width, hidden), weight(hidden), weight(hidden, size), weight(ITEMS, size)]
    own, inner, bias, outer, others = weights

    def ends(u, i, kept_u, kept_i):
        p = own[u] * kept_u[:, None] + torch.relu(features[u] @ inner + bias) @ outer
        q = others[i] * kept_i[:, None]
        return p[:, :-1], p[:, -1], q[:, :-1], q[:, -1]

    def rating(u, i, kept_u, kept_i, r):
        p, b, q, c = ends(u, i, kept_u, kept_i)
        squares = (p**2).sum() + (q**2).sum()
        return (((3.4 + b + c + (p * q).sum(1) - r) ** 2).sum() + 0.1 * squares) / len(u)

    def ranking(u, i, kept_u, kept_i, shares):
        p, _, q, c = ends(u, i, kept_u, kept_i)
        logits = p @ q.T + c - shares
        same = (i[:, None] == i[None, :]) & ~torch.eye(len(i), dtype=torch.bool)
        squares = (p**2).sum() + (q**2).sum()
        return F.cross_entropy(logits.masked_fill(same, -torch.inf), torch.arange(len(i))) + 0.01 * squares / len(u)

    def kept():
        return (random.rand(BATCH) < 0.7).astype(float).tolist()

    last = (lambda: (1.0 + random.randint(0, 5, BATCH)).tolist()) if task == "ratings" else (lambda: np.log(random.rand(BATCH)).tolist())
    batches = [[places(USERS), places(ITEMS), kept(), kept(), last()] for _ in range(3)]
    return {"features": plain(features), **steps(weights, rating if task == "ratings" else ranking, batches)}


def sasrec():
    length, size, heads, blocks = 5, 8, 2, 2
    each = size // heads
    weights = [weight(ITEMS, size), weight(length, size)]
    for _ in range(blocks):
        weights += [1 + weight(size).detach(), weight(size)]
        for _ in range(3):
            weights += [weight(size, heads, each), weight(heads, each)]
        weights += [weight(heads, each, size), weight(size), 1 + weight(size).detach(), weight(size)]
        weights += [weight(size, size), weight(size), weight(size, size), weight(size)]
    weights += [1 + weight(size).detach(), weight(size)]
    weights = [one.detach().requires_grad_() for one in weights]

    def states(sequences):
        queue = iter(weights)
        take = lambda: next(queue)
        norm = lambda x: F.layer_norm(x, [size], take(), take(), 1e-8)
        x = take()[sequences] * np.sqrt(size) + take()
        for _ in range(blocks):
            seen = norm(x)
            q, k, v = (torch.einsum("bld,dhe->bhle", seen, take()) + take()[:, None] for _ in range(3))
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + torch.einsum("bhle,hed->bld", mixed, take()) + take()
            hidden = torch.relu(norm(x) @ take() + take())
            x = x + hidden @ take() + take()
        return norm(x)

    def loss(sequences, following, shares, candidates):
        found = states(sequences)
        own = (found * weights[0][following]).sum(-1, keepdim=True)
        others = (found @ weights[0][candidates].T).masked_fill(following[..., None] == candidates, -torch.inf)
        costs = torch.logsumexp(torch.cat([own, others], -1), -1) - own[..., 0]
        return (costs * shares).sum() / shares.sum()

    def ends(sizes):
        return [[float(i < one) for i in range(length)] for one in sizes]

    batches = [
        [places(ITEMS, 3, length), places(ITEMS, 3, length), ends([5, 2, 3]), list(range(ITEMS))],
        [places(ITEMS, 3, length), places(ITEMS, 3, length), ends([1, 5, 4]), [0, 3, 5, 7]],
        [places(ITEMS, 3, length), places(ITEMS, 3, length), ends([5, 5, 5]), list(range(ITEMS))],
    ]
    sequences = torch.tensor(batches[0][0])
    return {"sequences": batches[0][0], "states": plain(states(sequences)), **steps(weights, loss, batches, 0.01)}


golden |= {
    "measures": measures(), "baselines": baselines(), "ratingFactors": rating_factors(), "bpr": bpr(), "softmax": softmax(),
    "ratingTowers": towers("ratings"), "rankingTowers": towers("ranking"), "sasrec": sasrec(),
}
PATH.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(PATH.stat().st_size)
