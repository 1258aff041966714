"""What a tuned HistGradientBoosting of scikit-learn reaches on the folds of examples/finance, health and retail; prints the figures.

Usage: python tools/golden/make_trade_examples.py [credit|cancer|loans|telephone] [trials]      (scikit-learn 1.9, pandas)
"""

import pathlib
import sys

import numpy as np
import pandas
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import ParameterSampler, StratifiedKFold, cross_val_score

DATA = pathlib.Path(__file__).resolve().parents[2] / "examples/data"
TABLES = {
    "credit": ("credit.csv", "Status", "bad", 1, 5),
    "cancer": ("breast-cancer.csv", "benign", 0, 5, 5),
    "loans": ("loans.csv.gz", "loan_status", "Fully Paid", 1, 5),
    "telephone": ("telephone.csv.gz", "churn", "Yes", 1, 5),
}
SPACE = {
    "learning_rate": np.exp(np.linspace(np.log(0.02), np.log(0.3), 30)),
    "max_iter": [50, 100, 200, 300, 500],
    "max_leaf_nodes": [4, 8, 16, 31, 63],
    "min_samples_leaf": [5, 10, 20, 40],
    "l2_regularization": [0, 0.1, 1, 10],
    "max_features": [0.4, 0.7, 1.0],
}


def fold_of(row, repetition, folds):
    """As examples/folds-by-hash.ts has it."""
    return int(((row + 1) * 2654435761 + repetition * 40503 * 65537) % 2**32 / 2**32 * folds)


only, trials = sys.argv[1], int(sys.argv[2])
file, target, case, repetitions, folds = TABLES[only]
frame = pandas.read_csv(DATA / file)
y = (frame.pop(target) == case).to_numpy()
for column in frame.select_dtypes(exclude="number"):
    frame[column] = frame[column].astype("category")
found = []
for repetition in range(repetitions):
    fold = np.array([fold_of(row, repetition, folds) for row in range(len(y))])
    for k in range(folds):
        x, truth = frame[fold != k], y[fold != k]
        best = max(
            ParameterSampler(SPACE, trials, random_state=repetition),
            key=lambda one: cross_val_score(
                HistGradientBoostingClassifier(**one, random_state=0, categorical_features="from_dtype"),
                x, truth, scoring="neg_log_loss", cv=StratifiedKFold(3, shuffle=True, random_state=0),
            ).mean(),
        )
        model = HistGradientBoostingClassifier(**best, random_state=0, categorical_features="from_dtype").fit(x, truth)
        chances = model.predict_proba(frame[fold == k])[:, 1]
        found.append((roc_auc_score(y[fold == k], chances), log_loss(y[fold == k], chances)))
        print(repetition, k, found[-1], best, flush=True)
for name, values in zip(("AUC", "log loss"), np.array(found).T):
    print(f"{name} {values.mean():.4f} ± {values.std(ddof=1):.4f}")
