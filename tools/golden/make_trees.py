"""packages/tabular/golden/trees.json: what scikit-learn's HistGradientBoosting makes of small random tables.

Usage: python tools/golden/make_trees.py      (scikit-learn 1.9)
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

PATH = pathlib.Path(__file__).resolve().parents[2] / "packages/tabular/golden/trees.json"
random = np.random.RandomState(21)
ROWS, NEW = 400, 40


def table(rows):
    """Numbers, rounded numbers with gaps, few distinct ones, and two columns of categories."""
    a = random.randn(rows)
    b = np.round(random.exponential(3, rows), 2)
    b[random.rand(rows) < 0.15] = np.nan
    c = random.randint(0, 7, rows).astype(float)
    d = random.randint(0, 12, rows).astype(float)
    e = random.randint(0, 5, rows).astype(float)
    e[random.rand(rows) < 0.2] = np.nan
    return np.stack([a, b, c, d, e], axis=1).astype(np.float32).astype(float)


x, new = table(ROWS), table(NEW)
# Unknown categories and infinities, which training did not have.
new[0, 3], new[1, 0], new[2, 0], new[3, 0] = 30, np.inf, -np.inf, np.nan
categories = [None, None, None, 12, 5]


def signal(x):
    filled = np.nan_to_num(x, nan=1.5)
    return np.sin(2 * filled[:, 0]) + 0.3 * filled[:, 1] + 0.5 * np.isin(filled[:, 3], (1, 4, 7)) * filled[:, 2] - 0.4 * (filled[:, 4] == 2)


noise = signal(x) + 0.3 * random.randn(ROWS)
targets = {
    "number": noise.astype(np.float32).astype(float),
    "binary": (noise > np.median(noise)).astype(float),
    "class": np.digitize(noise, np.quantile(noise, [0.3, 0.7])).astype(float),
    "count": random.poisson(np.exp(0.3 * noise)).astype(float),
}


def plain(values):
    return [None if np.isnan(v) else ("inf" if v == np.inf else "-inf" if v == -np.inf else float(v)) for v in np.asarray(values, float)]


# Categories come first, as scikit-learn puts them: of columns that split equally well, the first is taken.
cases = []


def case(name, target, loss, options, columns=(3, 4, 0, 1, 2), categorical=True, validation=False, rows=ROWS):
    own = {"rounds": "max_iter", "learningRate": "learning_rate", "maxLeaves": "max_leaf_nodes", "maxDepth": "max_depth",
           "minRows": "min_samples_leaf", "l2": "l2_regularization", "bins": "max_bins", "quantile": "quantile"}
    parameters = {"max_leaf_nodes": 31, **{own[key]: value for key, value in options.items()}}
    names = {"squaredError": "squared_error", "poisson": "poisson", "quantile": "quantile"}
    columns = list(columns)
    used = [i for i, column in enumerate(columns) if categorical and categories[column] is not None]
    make = HistGradientBoostingRegressor if loss in names else HistGradientBoostingClassifier
    model = make(**({"loss": names[loss]} if loss in names else {}), **parameters, early_stopping=validation, n_iter_no_change=1000,
                 categorical_features=used or None, random_state=0)
    y = targets[target]
    held = {"X_val": x[300:][:, columns], "y_val": y[300:]} if validation else {}
    rows = 300 if validation else rows
    model.fit(x[:rows][:, columns], y[:rows], **held)
    sets = {"new": new[:, columns], "training": x[:40][:, columns]}
    raw = {key: np.atleast_2d(np.asarray(model._raw_predict(value)).T) for key, value in sets.items()}
    predict = {key: (model.predict_proba(value).T if make is HistGradientBoostingClassifier else [model.predict(value)]) for key, value in sets.items()}
    # Where no training row was missing, the number of leaves tells trees apart more than predictions do.
    cases.append({
        "name": name, "target": target, "loss": loss, "options": options, "columns": columns, "rows": rows, "categorical": bool(used), "validation": validation,
        "scores": {key: [plain(row) for row in value] for key, value in raw.items()},
        "predictions": {key: [plain(row) for row in value] for key, value in predict.items()},
        "leaves": [int(tree.get_n_leaf_nodes()) for trees in model._predictors for tree in trees],
        **({"losses": plain(-model.validation_score_)} if validation else {}),
    })


case("numbers", "number", "squaredError", {"rounds": 20}, (0, 2))
case("missing numbers", "number", "squaredError", {"rounds": 20, "minRows": 5}, (0, 1, 2))
case("shallow and held back", "number", "squaredError", {"rounds": 15, "maxDepth": 3, "l2": 2.5, "learningRate": 0.3}, (0, 1, 2, 3), False)
case("few bins and leaves", "number", "squaredError", {"rounds": 15, "bins": 16, "maxLeaves": 6}, (0, 1, 2))
case("categories", "number", "squaredError", {"rounds": 20, "minRows": 5})
case("binary", "binary", "logistic", {"rounds": 20, "minRows": 8})
case("binary, watched", "binary", "logistic", {"rounds": 25, "minRows": 8}, validation=True)
case("classes", "class", "softmax", {"rounds": 8, "minRows": 10, "l2": 0.5})
case("classes, watched", "class", "softmax", {"rounds": 6}, validation=True)
case("counts", "count", "poisson", {"rounds": 15, "minRows": 10})
case("median", "number", "quantile", {"rounds": 12, "quantile": 0.5, "minRows": 10})
case("upper decile", "number", "quantile", {"rounds": 12, "quantile": 0.9, "minRows": 10}, validation=True)
case("too few rows", "number", "squaredError", {"rounds": 3, "minRows": 30}, rows=50)

PATH.parent.mkdir(parents=True, exist_ok=True)
PATH.write_text(json.dumps({
    "made": f"scikit-learn {sklearn.__version__}, tools/golden/make_trees.py",
    "x": [plain(column) for column in x.T],
    "new": [plain(column) for column in new.T],
    "categories": categories,
    "targets": {key: plain(value) for key, value in targets.items()},
    "cases": cases,
}, separators=(",", ":")) + "\n")
print(PATH.stat().st_size, "bytes")
