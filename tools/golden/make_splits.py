"""Folds of scikit-learn's splitters, for packages/typegrad/golden/splits.json."""

import json
import os

import numpy as np
import sklearn
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, TimeSeriesSplit

random = np.random.RandomState(0)
labels = random.randint(0, 3, 23).tolist()
groups = random.randint(0, 6, 23).tolist()


def folds(splitter, *args):
    return [[test.tolist() for _, test in splitter.split(*args)], [train.tolist() for train, _ in splitter.split(*args)]]


x = np.zeros(23)
cases = []
for count in (2, 3, 5):
    for name, splitter, args in (
        ("kFold", KFold(count), (x,)),
        ("stratifiedKFold", StratifiedKFold(count), (x, labels)),
        ("groupKFold", GroupKFold(count), (x, labels, groups)),
        ("timeSeriesSplit", TimeSeriesSplit(count), (x,)),
    ):
        tests, trains = folds(splitter, *args)
        cases.append({"splitter": name, "folds": count, "tests": tests, "trains": trains})

path = os.path.join(os.path.dirname(__file__), "..", "..", "packages", "typegrad", "golden", "splits.json")
with open(path, "w") as file:
    file.write('{"madeBy": ' + json.dumps({"scikit-learn": sklearn.__version__, "date": "2026-11-23"}) + ",\n")
    file.write(f' "labels": {labels},\n "groups": {groups},\n "cases": [\n')
    file.write(",\n".join("  " + json.dumps(case) for case in cases))
    file.write("\n]}\n")
