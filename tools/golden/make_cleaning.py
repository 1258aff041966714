"""packages/data/golden/cleaning.json: what scikit-learn makes of small random tables, for the steps of packages/data's cleaning.

Usage: python tools/golden/make_cleaning.py      (scikit-learn 1.9, pandas 3)
"""

import json
import math
import pathlib
import warnings

import numpy as np
import pandas as pd
import sklearn
from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer
from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

warnings.filterwarnings("ignore")
random = np.random.RandomState(20)
PATH = pathlib.Path(__file__).resolve().parents[2] / "packages/data/golden/cleaning.json"
cases = []


def plain(value):
    if value is None or isinstance(value, (str, bool, np.bool_)):
        return bool(value) if isinstance(value, np.bool_) else value
    value = float(value)
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else float(f"{value:.15g}")


def columns(array, names):
    array = np.asarray(array, dtype=object)
    return {name: [plain(cell) for cell in array[:, i]] for i, name in enumerate(names)}


def case(step, options, transformer, train, test, names, out=None, inverse=False, y=None, note=None, fitted=None):
    """`out` renames the transformer's columns; `fitted` is what becomes of the training rows where that is not fit_transform."""
    train, test = np.asarray(train, dtype=object), np.asarray(test, dtype=object)
    numeric = all(isinstance(cell, (int, float)) or cell is None for cell in np.concatenate([train, test]).ravel())
    given = (lambda a: np.array(a, dtype=float)) if numeric else (lambda a: a)
    made = transformer.fit_transform(given(train)) if y is None else transformer.fit_transform(given(train), y)
    dense = lambda a: a.toarray() if hasattr(a, "toarray") else np.asarray(a)
    made, tested = dense(made), dense(transformer.transform(given(test)))
    kept = out if out is not None else names
    row = {
        "steps": [{"kind": step, "columns": names, "options": options}],
        "train": columns(train, names),
        "test": columns(test, names),
        "fitted": columns(made, kept),
        "transformed": columns(tested, kept),
    }
    if inverse:
        row["inverse"] = columns(transformer.inverse_transform(tested), names)
    if y is not None:
        row["target"] = "y"
        row["y"] = [plain(cell) for cell in y]
    if note:
        row["note"] = note
    cases.append(row)


def numbers(rows, width=3, missing=0.0, ties=False, scale=1.0):
    a = np.round(random.standard_normal((rows, width)) * scale, 0 if ties else 3)
    a[random.random((rows, width)) < missing] = np.nan
    # No column without any number.
    for i in range(width):
        if np.isnan(a[:, i]).all():
            a[0, i] = 1.5
    return a


def tables():
    """Training and test tables, with what is special about them."""
    yield "plain", numbers(12, scale=7), numbers(5, scale=9)
    yield "ties", numbers(15, ties=True), numbers(6, ties=True)
    yield "missing", numbers(14, missing=0.3, scale=3), numbers(6, missing=0.3, scale=4)
    yield "large and near", numbers(10, scale=1e-3) + 1e6, numbers(4, scale=1e-3) + 1e6
    constant = numbers(9, scale=2)
    constant[:, 1] = 0.1
    yield "constant", constant, numbers(4, scale=2)
    yield "one row", numbers(1), numbers(3)
    yield "two rows, missing", np.array([[1.0, np.nan, 3.0], [np.nan, 2.5, 3.0]]), numbers(3, missing=0.4)


ABC = ["a", "b", "c"]
for note, train, test in tables():
    number = lambda step, options, transformer, inverse=True: case(step, options, transformer, train, test, ABC, inverse=inverse, note=note)
    for strategy, name in [("mean", "mean"), ("median", "median"), ("most_frequent", "mostFrequent")]:
        number("impute", {"strategy": name}, SimpleImputer(strategy=strategy), inverse=False)
    number("impute", {"strategy": "constant", "value": -2.5}, SimpleImputer(strategy="constant", fill_value=-2.5), inverse=False)
    number("standardize", {}, StandardScaler())
    number("standardize", {"center": False}, StandardScaler(with_mean=False))
    number("standardize", {"scale": False}, StandardScaler(with_std=False))
    number("minMax", {}, MinMaxScaler())
    number("minMax", {"range": [-1, 3], "clip": True}, MinMaxScaler(feature_range=(-1, 3), clip=True))
    number("robustScale", {}, RobustScaler())
    number("robustScale", {"range": [0.1, 0.8], "unitVariance": True}, RobustScaler(quantile_range=(10, 80), unit_variance=True))
    number("robustScale", {"center": False}, RobustScaler(with_centering=False))
    number("quantileTransform", {}, QuantileTransformer(n_quantiles=1000, subsample=None))
    number("quantileTransform", {"count": 5}, QuantileTransformer(n_quantiles=5, subsample=None))
    number("quantileTransform", {"output": "normal"}, QuantileTransformer(output_distribution="normal", subsample=None))
    # Powers of numbers that differ in their tenth digit are noise, in scikit-learn too.
    if note not in ("one row", "two rows, missing", "constant", "large and near"):
        number("powerTransform", {}, PowerTransformer())
        number("powerTransform", {"standardize": False}, PowerTransformer(standardize=False))
        case("powerTransform", {"method": "boxCox"}, PowerTransformer("box-cox"), np.abs(train) + 0.01, np.abs(test) + 0.01, ABC, inverse=True, note=note)
    if note in ("plain", "ties"):
        for bins in (2, 4):
            number("discretize", {"bins": bins, "strategy": "uniform"}, KBinsDiscretizer(bins, encode="ordinal", strategy="uniform"), inverse=False)
            number("discretize", {"bins": bins}, KBinsDiscretizer(bins, encode="ordinal", strategy="quantile", quantile_method="linear"), inverse=False)

# The indicator stands beside what is filled.
train, test = numbers(8, missing=0.4), numbers(5, missing=0.4)
filled, missing = SimpleImputer().fit(train), MissingIndicator(features="all").fit(train)
names = [*ABC, *(f"{name}_missing" for name in ABC)]
both = lambda a: columns(np.hstack([filled.transform(a), missing.transform(a)]).astype(float), names)
cases.append({"steps": [{"kind": "impute", "columns": ABC, "options": {"indicator": True}}], "train": columns(train, ABC), "test": columns(test, ABC), "fitted": both(train), "transformed": both(test), "note": "indicator"})

# Neighbours: no two distances are the same, for scikit-learn does not say which of them it takes.
for missing in (0.15, 0.5):
    for neighbors in (1, 3, 20):
        for weights in ("uniform", "distance"):
            train, test = numbers(13, 4, missing, scale=3), numbers(6, 4, missing, scale=3)
            train[0], test[0] = train[0], train[1]
            case("knnImpute", {"neighbors": neighbors, "weights": weights}, KNNImputer(n_neighbors=neighbors, weights=weights), train, test, [*ABC, "d"], note=f"missing {missing}")
case("knnImpute", {"neighbors": 2}, KNNImputer(n_neighbors=2), [[1, None], [None, 2], [3, 4]], [[None, None], [5, None], [None, 9]], ["a", "b"], note="rows that share no column")

CITIES = ["Oslo", "Rome", "Bonn", "Århus", "oslo", "東京", "🏙", "a b"]


def cities(rows, missing=0.0, width=2, known=8):
    p = np.arange(known, 0, -1.0) ** 1.5
    a = random.choice(np.array(CITIES[:known], dtype=object), (rows, width), p=p / p.sum())
    a[random.random((rows, width)) < missing] = np.nan
    return a


def one_hot(train, test, options, **sk):
    names = ["city", "home"]
    encoder = OneHotEncoder(sparse_output=False, **sk).fit(train)
    end = lambda name: name.replace("_infrequent_sklearn", "_other").replace("_nan", "_missing")
    case("oneHot", options, OneHotEncoder(sparse_output=False, **sk), train, test, names, out=[end(name) for name in encoder.get_feature_names_out(names)], inverse=not options.get("drop") and "minFrequency" not in options and "maxCategories" not in options and options.get("unknown") is None, note=json.dumps(sk))


for _ in range(2):
    train = cities(25, known=6)
    one_hot(train, train[::-1][:7], {})
    one_hot(train, cities(9), {"unknown": "ignore"}, handle_unknown="ignore")
    for options, sk in [
        ({"minFrequency": 4}, {"min_frequency": 4}),
        ({"minFrequency": 0.15}, {"min_frequency": 0.15}),
        ({"maxCategories": 3}, {"max_categories": 3}),
        ({"maxCategories": 6}, {"max_categories": 6}),
        ({"minFrequency": 2, "maxCategories": 4, "drop": "first"}, {"min_frequency": 2, "max_categories": 4, "drop": "first"}),
    ]:
        one_hot(train, cities(9), {**options, "unknown": "other"}, handle_unknown="infrequent_if_exist", **sk)
        holes = cities(25, 0.2, known=6)
        one_hot(holes, cities(9, 0.2), {**options, "unknown": "other"}, handle_unknown="infrequent_if_exist", **sk)
    two = cities(10, known=2)
    two[:, 1] = cities(10, known=4)[:, 1]
    one_hot(two, two[:4], {"drop": "ifBinary"}, drop="if_binary")
    for options, sk in [
        ({}, {}),
        ({"unknown": "value", "unknownValue": -7}, {"handle_unknown": "use_encoded_value", "unknown_value": -7}),
        ({"unknown": "value", "minFrequency": 3}, {"handle_unknown": "use_encoded_value", "unknown_value": -1, "min_frequency": 3}),
        ({"unknown": "value", "maxCategories": 3}, {"handle_unknown": "use_encoded_value", "unknown_value": -1, "max_categories": 3}),
    ]:
        holes = cities(20, 0.15, known=6)
        # scikit-learn takes missing cells for unknown ones where none was missing; here they stay missing.
        holes[0] = np.nan
        case("ordinal", options, OrdinalEncoder(**sk), holes, holes[:6] if not sk else cities(8, 0.15), ["city", "home"], note=json.dumps(sk))
case("ordinal", {}, OrdinalEncoder(), [[3, 10], [2, 9], [10, 9], [2, 10]], [[10, 9], [2, 10]], ["a", "b"], inverse=True, note="numbers in the order of their size")
case("impute", {"strategy": "mostFrequent"}, SimpleImputer(strategy="most_frequent"), cities(12, 0.4), cities(5, 0.4), ["city", "home"], note="texts")

for smooth in ("auto", 0.0, 3.0):
    for missing in (0.0, 0.2):
        train, test = cities(24, missing, known=5), cities(8, missing, known=7)
        y = np.round(random.standard_normal(24) * 3 + (train[:, 0] == "Oslo"), 2)
        make = lambda cv, kind: TargetEncoder(smooth=smooth, cv=cv, target_type=kind)
        options = {"smooth": smooth, "shuffle": False, "folds": 4}
        case("targetEncode", options, make(KFold(4), "continuous"), train, test, ["city", "home"], y=y, note="continuous")
        two = (y > 0).astype(int)
        case("targetEncode", {**options, "task": "classes"}, make(StratifiedKFold(4), "binary"), train, test, ["city", "home"], y=two, note="binary")
        # Every class in every fold, in the order of the alphabet.
        three = np.array(["high", "low", "mid"], dtype=object)[random.permutation(np.arange(24) % 3)]
        case("targetEncode", {**options, "task": "classes"}, make(StratifiedKFold(4), "multiclass"), train, test, ["city", "home"], y=three, out=[f"{name}_{one}" for name in ("city", "home") for one in ("high", "low", "mid")], note="multiclass")
constant = cities(8, known=2)
case("targetEncode", {"shuffle": False, "folds": 2}, TargetEncoder(cv=KFold(2), target_type="continuous"), constant, constant[:2], ["city", "home"], y=np.full(8, 2.5), note="a constant target")

TEXTS = ["The cat sat on the mat.", "A dog_1 barked, the cat ran", "Ünïcode straße — naïve café 東京 東京", "", "x", "cat cat cat dog", "on ON on-line 42 7"]
texts = [[text] for text in TEXTS]


class Column:
    """A vectorizer as a transformer of a table with one column."""

    def __init__(self, inner):
        self.inner = inner

    def fit_transform(self, a):
        return self.inner.fit_transform([row[0] for row in a])

    def transform(self, a):
        return self.inner.transform([row[0] for row in a])


for options, sk in [
    ({}, {}),
    ({"ngrams": [1, 2], "sublinear": True, "norm": "l1"}, {"ngram_range": (1, 2), "sublinear_tf": True, "norm": "l1"}),
    ({"minDocuments": 2, "idf": False, "norm": "none"}, {"min_df": 2, "use_idf": False, "norm": None}),
    ({"maxDocuments": 0.3, "lowercase": False}, {"max_df": 0.3, "lowercase": False}),
    ({"stopWords": ["the", "on"], "ngrams": [2, 2]}, {"stop_words": ["the", "on"], "ngram_range": (2, 2)}),
    ({"maxTerms": 2}, {"max_features": 2}),
]:
    make = lambda: TfidfVectorizer(**sk)
    terms = make().fit(TEXTS).get_feature_names_out()
    case("tfIdf", options, Column(make()), texts, [["the cat and the straße"], ["nothing known"], ["on on cat dog"]], ["text"], out=[f"text_{term}" for term in terms], note=json.dumps(sk))
for options, sk in [({"width": 8}, {"n_features": 8}), ({"width": 13, "alternateSign": False, "norm": "l1", "ngrams": [1, 3]}, {"n_features": 13, "alternate_sign": False, "norm": "l1", "ngram_range": (1, 3)})]:
    case("hashText", options, Column(HashingVectorizer(**sk)), texts, [["the cat and the straße"]], ["text"], out=[f"text_{i}" for i in range(sk["n_features"])], note=json.dumps(sk))

# Quantiles as limits, by NumPy.
train, test = numbers(20, missing=0.1, scale=5), numbers(9, missing=0.1, scale=9)
low, high = np.nanquantile(train, 0.1, axis=0), np.nanquantile(train, 0.85, axis=0)
cases.append({"steps": [{"kind": "winsorize", "columns": ABC, "options": {"range": [0.1, 0.85]}}], "train": columns(train, ABC), "test": columns(test, ABC), "fitted": columns(np.clip(train, low, high), ABC), "transformed": columns(np.clip(test, low, high), ABC), "note": "numpy.nanquantile and clip"})

# Parts of dates, by pandas.
DATES = ["2024-02-29T23:59:59Z", "2023-12-31T00:00:00Z", "1969-07-20T20:17:40Z", "2026-11-29T21:03:00Z", "2000-01-01T12:00:00Z", "1900-03-01T00:30:00Z", "2024-12-31T06:00:00Z"]
times = pd.DatetimeIndex(DATES)
round_ = lambda share: {"sin": np.sin(2 * np.pi * share), "cos": np.cos(2 * np.pi * share)}
parts = {
    "year": times.year, "quarter": times.quarter, "month": times.month, "day": times.day, "weekday": times.dayofweek, "dayOfYear": times.dayofyear,
    "hour": times.hour, "minute": times.minute, "isWeekend": times.dayofweek >= 5, "epochDays": (times - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1),
}
cycles = {
    "month": (times.month - 1) / 12, "day": (times.day - 1) / times.days_in_month, "weekday": times.dayofweek / 7,
    "dayOfYear": (times.dayofyear - 1) / np.where(times.is_leap_year, 366, 365), "hour": times.hour / 24, "minute": times.minute / 60,
}
made = {f"at_{name}": [plain(float(v)) for v in values] for name, values in parts.items()}
for name, share in cycles.items():
    for end, values in round_(share).items():
        made[f"at_{name}_{end}"] = [plain(float(v)) for v in values]
cases.append({"steps": [{"kind": "parseDates", "columns": ["at"], "options": {}}, {"kind": "dateParts", "columns": ["at"], "options": {"parts": list(parts), "cycles": list(cycles)}}], "train": {"at": DATES}, "test": {"at": DATES}, "fitted": made, "transformed": made, "note": "pandas"})

# Rows that are the same, by pandas.
frame = pd.DataFrame({"a": random.randint(0, 3, 14).astype(float), "b": random.choice(["x", "y"], 14)})
frame.loc[random.random(14) < 0.2, "a"] = np.nan
for keep in ("first", "last", False):
    for by in (["a", "b"], ["b"], ["a"]):
        left = frame.drop_duplicates(subset=by, keep=keep)
        table = lambda f: {"a": [plain(v) for v in f["a"]], "b": list(f["b"])}
        cases.append({"steps": [{"kind": "dropDuplicates", "columns": by, "options": {"keep": keep or "none"}}], "train": table(frame), "test": table(frame), "fitted": table(left), "transformed": table(frame), "note": "pandas"})

# A column without gaps gets no indicator, nor does one that has gaps only in what comes later; or each has one.
train, test = np.array([[1, 4, np.nan], [2, 5, 7], [np.nan, 9, 8.0]]), np.array([[np.nan, np.nan, 1], [3, 2, np.nan]])
for indicator, columned in ((True, ["a", "c"]), ("all", ABC)):
    filled = SimpleImputer(add_indicator=True).fit(train)
    every = MissingIndicator(features="all").fit(train)
    made = lambda a: filled.transform(a) if indicator is True else np.hstack([filled.transform(a)[:, :3], every.transform(a)]).astype(float)
    names = [*ABC, *(f"{name}_missing" for name in columned)]
    cases.append({"steps": [{"kind": "impute", "columns": ABC, "options": {"indicator": indicator}}], "train": columns(train, ABC), "test": columns(test, ABC), "fitted": columns(made(train), names), "transformed": columns(made(test), names), "note": "new gaps"})

head = {"scikit-learn": sklearn.__version__, "pandas": pd.__version__, "numpy": np.__version__, "date": "2026-11-29"}
body = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in cases)
PATH.write_text(f'{{"madeBy":{json.dumps(head)},"cases":[\n{body}\n]}}\n')
print(len(cases), "cases", PATH.stat().st_size // 1024, "KiB")
