"""packages/tabular/golden/table-models.json: linear models and metrics of scikit-learn; packages/tabular/golden/*.csv: its small tables.

Usage: python tools/golden/make_table_models.py      (scikit-learn 1.9)
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "packages/tabular/golden"
random = np.random.RandomState(22)
ROWS, COLUMNS = 80, 4
x = random.randn(ROWS, COLUMNS)
signal = x @ [1.5, -1, 0.5, 0] + 0.7
targets = {
    "squaredError": signal + random.randn(ROWS),
    "logistic": (signal + random.logistic(size=ROWS) > 0).astype(float),
    "softmax": np.digitize(signal + random.randn(ROWS), [-0.5, 1.5]).astype(float),
    "poisson": random.poisson(np.exp(0.5 * signal)).astype(float),
}
linear = []
for loss, y in targets.items():
    for l2 in (0.5, 0.01):
        model = {
            "squaredError": Ridge(alpha=ROWS * l2, tol=1e-12),
            "logistic": LogisticRegression(C=1 / (ROWS * l2), tol=1e-10, max_iter=10000),
            "softmax": LogisticRegression(C=1 / (ROWS * l2), tol=1e-10, max_iter=10000),
            "poisson": PoissonRegressor(alpha=l2, tol=1e-10, max_iter=10000),
        }[loss].fit(x, y)
        predictions = model.predict_proba(x).T if hasattr(model, "predict_proba") else [model.predict(x)]
        linear.append({"loss": loss, "l2": l2, "predictions": [list(map(float, row)) for row in (predictions[1:] if loss == "logistic" else predictions)]})

scores = np.round(random.rand(ROWS), 2)  # with ties
classes = random.dirichlet([1, 1, 1], ROWS)
numbers = signal + random.randn(ROWS) / 2
rates = np.exp(signal / 2)
quantiles = [signal - 1, signal + 1.5]
measured = {
    "binary": {
        "predictions": [scores.tolist()],
        "AUC": metrics.roc_auc_score(targets["logistic"], scores),
        "log loss": metrics.log_loss(targets["logistic"], np.clip(scores, 1e-15, 1 - 1e-15)),
        "Brier score": metrics.brier_score_loss(targets["logistic"], scores),
        "accuracy": metrics.accuracy_score(targets["logistic"], scores > 0.5),
    },
    "classes": {
        "predictions": classes.T.tolist(),
        "log loss": metrics.log_loss(targets["softmax"], classes),
        "accuracy": metrics.accuracy_score(targets["softmax"], classes.argmax(1)),
    },
    "regression": {
        "predictions": [numbers.tolist()],
        "R²": metrics.r2_score(targets["squaredError"], numbers),
        "RMSE": metrics.root_mean_squared_error(targets["squaredError"], numbers),
        "MAE": metrics.mean_absolute_error(targets["squaredError"], numbers),
    },
    "counts": {
        "predictions": [rates.tolist()],
        "Poisson deviance": metrics.mean_poisson_deviance(targets["poisson"], rates),
        "RMSE": metrics.root_mean_squared_error(targets["poisson"], rates),
        "MAE": metrics.mean_absolute_error(targets["poisson"], rates),
    },
    "quantiles": {
        "predictions": [q.tolist() for q in quantiles],
        "pinball loss": np.mean([metrics.mean_pinball_loss(targets["squaredError"], q, alpha=a) for q, a in zip(quantiles, (0.1, 0.9))]),
    },
}
FOLDER.mkdir(exist_ok=True)
(FOLDER / "table-models.json").write_text(json.dumps({
    "made": f"scikit-learn {sklearn.__version__}, tools/golden/make_table_models.py",
    "x": x.tolist(), "targets": {key: y.tolist() for key, y in targets.items()}, "linear": linear, "metrics": measured,
}, separators=(",", ":")) + "\n")

iris = load_iris(as_frame=True)
frame = iris.data.copy()
frame["species"] = [str(iris.target_names[t]) for t in iris.target]
frame.to_csv(FOLDER / "iris.csv", index=False)
load_diabetes(as_frame=True, scaled=False).frame.to_csv(FOLDER / "diabetes.csv", index=False)
for path in sorted(FOLDER.iterdir()):
    print(path.name, path.stat().st_size)
