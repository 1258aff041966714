"""packages/tabular/golden/judging.json: isotonic regression, curves of two classes, scores of labels and of orders, by scikit-learn.

Usage: python tools/golden/make_table_judging.py      (scikit-learn 1.9)
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn import metrics
from sklearn.isotonic import IsotonicRegression

PATH = pathlib.Path(__file__).resolve().parents[2] / "packages/tabular/golden/judging.json"
random = np.random.RandomState(23)
isotonic = []
for rows, digits, limits in ((60, 2, (None, None)), (60, 1, (0.05, 0.95)), (40, 6, (None, None)), (2, 3, (None, None)), (30, 0, (0.1, 0.9))):
    x = np.round(random.rand(rows), digits)
    y = (random.rand(rows) < x).astype(float)
    model = IsotonicRegression(y_min=limits[0], y_max=limits[1], out_of_bounds="clip").fit(x, y)
    places = np.concatenate([[-1, 2], random.rand(20), x[:5]])
    isotonic.append({
        "x": x.tolist(),
        "y": y.tolist(),
        "limits": limits,
        "thresholds": [model.X_thresholds_.tolist(), model.y_thresholds_.tolist()],
        "places": places.tolist(),
        "heights": model.predict(places).tolist(),
    })

scores = np.round(random.rand(80), 2)  # with ties
truth = (random.rand(80) < scores).astype(float)
fpr, tpr, _ = metrics.roc_curve(truth, scores, drop_intermediate=False)
precision, recall, _ = metrics.precision_recall_curve(truth, scores)

labels = (random.rand(70, 3) < [0.3, 0.5, 0.2]).astype(int)
chances = np.clip(labels * 0.3 + random.rand(70, 3) * 0.6, 0.01, 0.99)

groups = np.sort(random.randint(0, 12, 90))
relevance = random.randint(0, 4, 90).astype(float)
order = random.randn(90) + relevance / 3
known = [g for g in range(12) if (groups == g).sum() > 1 and relevance[groups == g].max() > 0]

PATH.write_text(json.dumps({
    "about": f"scikit-learn {sklearn.__version__}",
    "isotonic": isotonic,
    "curves": {
        "truth": truth.tolist(), "scores": scores.tolist(),
        "roc": np.stack([fpr, tpr], 1).tolist(),
        "precisionRecall": np.stack([recall, precision], 1).tolist(),
    },
    "labels": {
        "truth": labels.tolist(),
        "chances": chances.tolist(),
        "mean AUC": metrics.roc_auc_score(labels, chances, average="macro"),
        "log loss": float(np.mean([metrics.log_loss(labels[:, k], chances[:, k]) for k in range(3)])),
        "label accuracy": 1 - metrics.hamming_loss(labels, chances >= 0.5),
        "all labels right": metrics.accuracy_score(labels, chances >= 0.5),
    },
    "ranking": {
        "groups": groups.tolist(), "relevance": relevance.tolist(), "scores": order.tolist(),
        "NDCG": float(np.mean([metrics.ndcg_score([relevance[groups == g]], [order[groups == g]]) for g in known])),
        "NDCG@5": float(np.mean([metrics.ndcg_score([relevance[groups == g]], [order[groups == g]], k=5) for g in known])),
    },
}, separators=(",", ":")) + "\n")
