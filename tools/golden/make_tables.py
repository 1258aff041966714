"""Tables and their profile: what pandas, SciPy, NumPy and scikit-learn say of two small random tables.

packages/data/golden/tables.json: `rows` and `others` (the tables, rows of cells, null where missing), and the results. Rows of
groups and joins are sorted, so that their order does not matter. Not run by make_all.py.
"""
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import mutual_info_score

random = np.random.RandomState(20)
n = 160


def table(rows, shift=0.0):
    kind = random.choice(["red", "green", "blue", "grey"], rows, p=[0.4, 0.3, 0.2, 0.1])
    x = np.round(random.randn(rows) * 3 + shift, 3)
    frame = pd.DataFrame(
        {
            "id": np.arange(rows) % (rows - 7),
            "kind": kind,
            "x": x,
            "y": np.round(np.exp(x / 4) + random.randn(rows) * 0.2 + (kind == "red"), 3),
            "group": random.randint(0, 5, rows),
            "flag": random.rand(rows) < 0.3,
        }
    )
    frame.loc[random.rand(rows) < 0.1, "x"] = np.nan
    frame.loc[random.rand(rows) < 0.15, "kind"] = None
    return frame


def cells(frame):
    plain = lambda v: None if v is None or (isinstance(v, float) and math.isnan(v)) else v.item() if hasattr(v, "item") else v
    return [[plain(v) for v in row] for row in frame.itertuples(index=False, name=None)]


left = table(n)
left.loc[n - 5 :, :] = left.loc[:4, :].values
left = left.astype({"id": int, "x": float, "y": float, "group": int, "flag": bool})
right = table(90, 1.5)

numbers = left["x"].dropna()
both = left.dropna(subset=["x"])
known = left.dropna(subset=["kind"])
groups = known.groupby("kind")
byFlag = pd.crosstab(known["kind"], known["flag"]).values
byGroup = [part["y"].values for _, part in groups]
f = stats.f_oneway(*byGroup).statistic
between, within = len(byGroup) - 1, len(known) - len(byGroup)
joined = left.dropna(subset=["group"]).merge(right[["group", "y"]].drop_duplicates("group"), on="group", how="left", suffixes=("", "_right"))
counts = lambda frame: [int((frame["kind"] == k).sum()) for k in ["blue", "green", "grey", "red"]]
chi = stats.chi2_contingency(np.array([counts(left), counts(right)]), correction=False)
seen = right["x"].dropna()
ks = stats.ks_2samp(numbers, seen)
counted, edges = np.histogram(numbers, bins=7)

result = {
    "madeBy": f"pandas {pd.__version__}, numpy {np.__version__}",
    "columns": list(left.columns),
    "rows": cells(left),
    "others": cells(right),
    "filtered": cells(left[(left["x"] > 1) & left["kind"].isin(["red", "blue"])]),
    "sorted": cells(left.sort_values(["group", "y", "id"], ascending=[True, False, True])[["group", "y", "id"]]),
    "grouped": cells(
        groups.agg(
            n=("id", "size"), present=("x", "count"), mean=("x", "mean"), std=("x", "std"), var=("y", "var"), median=("y", "median"),
            low=("y", "min"), high=("y", "max"), total=("x", "sum"), different=("group", "nunique"), mode=("group", lambda v: v.mode()[0]),
        ).reset_index()
    ),
    "quartile": groups["y"].quantile(0.3).tolist(),
    "joined": cells(joined.sort_values(["y", "id", "group"])[["id", "group", "y", "y_right"]]),
    "matched": int(left["group"].isin(right[right["x"] > 4]["group"]).sum()),
    "duplicates": int(left.duplicated().sum()),
    "distinct": int(len(left.drop_duplicates())),
    "describe": {c: left[c].describe(percentiles=[0.05, 0.25, 0.5, 0.75, 0.95]).tolist() for c in ["x", "y", "group"]},
    "histogram": {"counts": counted.tolist(), "edges": edges.tolist()},
    "pearson": float(left["x"].corr(left["y"])),
    "spearman": float(stats.spearmanr(both["x"], both["y"]).statistic),
    "cramersV": float(stats.contingency.association(byFlag, method="cramer", correction=False)),
    "mutualInformation": float(mutual_info_score(known["kind"], known["group"])),
    "correlationRatio": float(math.sqrt(f * between / (f * between + within))),
    "chiSquare": [float(chi.statistic), int(chi.dof), float(chi.pvalue)],
    # SciPy's own p is of n rounded; this is Kolmogorov's limit.
    "kolmogorovSmirnov": [float(ks.statistic), float(stats.kstwobign.sf(math.sqrt(len(numbers) * len(seen) / (len(numbers) + len(seen))) * ks.statistic))],
    "kolmogorov": [[float(v), float(stats.kstwobign.sf(v))] for v in [0.05, 0.3, 0.6, 1.0, 1.17, 1.19, 1.5, 2.5]],
    "chiTail": [[float(v), k, float(stats.chi2.sf(v, k))] for v in [0.1, 1, 5, 40] for k in [1, 2, 7, 30]],
    "top": [[k, int(v)] for k, v in left["kind"].value_counts().items()],
}
target = Path(__file__).parents[2] / "packages/data/golden/tables.json"
target.write_text(json.dumps(result, separators=(",", ":")) + "\n")
print(target, target.stat().st_size)
