"""What peers reach on the same folds: python bench/tables/peers.py FOLDER [--only churn,credit] [--trials 50] [--peers hist,tabm]

`hist` is scikit-learn's HistGradientBoosting, tuned by random trials on a fifth of what a fold learns from; `tabm` PyPI's tabm (32 members,
piecewise-linear embeddings, AdamW 2e-3 and 3e-4, 16 epochs of patience), as its authors' example trains it. Each figure is written to
bench/tables/results/peers.json as soon as it is there, and none is made twice.
"""

import argparse
import json
import pathlib
import time

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import accuracy_score, log_loss, r2_score, roc_auc_score, root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OrdinalEncoder, QuantileTransformer

RESULTS = pathlib.Path(__file__).resolve().parent / "results/peers.json"


def figures():
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def score(task, y, predicted):
    if task == "binary":
        return roc_auc_score(y, predicted[:, 1])
    return accuracy_score(y, predicted.argmax(1)) if task == "classes" else r2_score(y, predicted)


def loss(task, y, predicted):
    if task == "regression":
        return root_mean_squared_error(y, predicted)
    return log_loss(y, predicted, labels=np.arange(predicted.shape[1]))


def encoded(train, test):
    """Categories as numbers, -1 where they are new, NaN where they are missing; which columns those are."""
    texts = [name for name in train if not pd.api.types.is_numeric_dtype(train[name]) or train[name].dtype == bool]
    encoder = make_column_transformer(
        (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, max_categories=254), texts),
        remainder="passthrough",
        verbose_feature_names_out=False,
    ).fit(train)
    categorical = np.arange(train.shape[1]) < len(texts)
    return encoder.transform(train).astype(float), encoder.transform(test).astype(float), categorical


def hist(task, x, y, test, categorical, trials, seed):
    random = np.random.RandomState(seed)
    make = HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    stratify = None if task == "regression" else y
    known, watched, y_known, y_watched = train_test_split(x, y, test_size=0.2, random_state=seed, stratify=stratify)

    def predicted(model, rows):
        return model.predict(rows) if task == "regression" else model.predict_proba(rows)

    best = (np.inf, None)
    for _ in range(trials):
        options = dict(
            learning_rate=10 ** random.uniform(-2.3, -0.5),
            max_leaf_nodes=int(2 ** random.uniform(2, 7)),
            min_samples_leaf=int(2 ** random.uniform(1, 7)),
            l2_regularization=10 ** random.uniform(-3, 2),
            max_features=random.uniform(0.3, 1),
            max_iter=1000,
            early_stopping=True,
            n_iter_no_change=20,
            categorical_features=categorical,
            random_state=seed,
        )
        model = make(**options).fit(known, y_known)
        cost = loss(task, y_watched, predicted(model, watched))
        if cost < best[0]:
            best = (cost, {**options, "max_iter": model.n_iter_, "early_stopping": False})
    return predicted(make(**best[1]).fit(x, y), test)


def tabm(task, x, y, test, categorical, trials, seed):
    import rtdl_num_embeddings
    import tabm as package
    import torch

    torch.manual_seed(seed)
    stratify = None if task == "regression" else y
    places, watched = train_test_split(np.arange(len(x)), test_size=0.2, random_state=seed, stratify=stratify)
    numbers, codes = x[:, ~categorical], np.nan_to_num(x[:, categorical], nan=-1).astype(int) + 1
    test_codes = np.nan_to_num(test[:, categorical], nan=-1).astype(int) + 1
    sizes = [int(column[places].max()) + 1 for column in codes.T]
    medians = np.nan_to_num(np.nanmedian(numbers[places], axis=0)) if numbers.shape[1] else np.zeros(0)
    varied = [i for i in range(numbers.shape[1]) if len(np.unique(numbers[places, i][~np.isnan(numbers[places, i])])) > 1]
    filled = lambda rows: np.where(np.isnan(rows), medians, rows)[:, varied]
    quantiles = QuantileTransformer(
        n_quantiles=max(min(len(places) // 30, 1000), 10), output_distribution="normal", subsample=10**9, random_state=seed
    )
    quantiles.fit(filled(numbers)[places] + np.random.RandomState(seed).normal(0, 1e-5, (len(places), len(varied))))
    to_numbers = lambda rows: torch.tensor(quantiles.transform(filled(rows)), dtype=torch.float32) if varied else None
    to_codes = lambda rows: torch.tensor(np.minimum(rows, np.array(sizes) - 1)) if sizes else None
    all_numbers, all_codes = to_numbers(numbers), to_codes(codes)
    mean, deviation = (y[places].mean(), y[places].std()) if task == "regression" else (0, 1)
    labels = torch.tensor((y - mean) / deviation, dtype=torch.float32) if task == "regression" else torch.tensor(y).long()
    embedding = None
    if varied:
        bins = rtdl_num_embeddings.compute_bins(all_numbers[places], n_bins=min(48, len(places) - 1))
        embedding = rtdl_num_embeddings.PiecewiseLinearEmbeddings(bins, 16, activation=False, version="B")
    classes = None if task == "regression" else int(y.max()) + 1
    model = package.TabM.make(
        n_num_features=len(varied), cat_cardinalities=sizes, d_out=classes or 1, num_embeddings=embedding
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=3e-4)
    batch = 256 if len(places) > 2000 else 64

    def predicted(numbers_of, codes_of):
        model.eval()
        with torch.inference_mode():
            parts = [
                model(None if numbers_of is None else numbers_of[i : i + 1024], None if codes_of is None else codes_of[i : i + 1024])
                for i in range(0, len(numbers_of if numbers_of is not None else codes_of), 1024)
            ]
        out = torch.cat(parts)
        return (out.mean(1).squeeze(-1) * deviation + mean).numpy() if task == "regression" else out.softmax(-1).mean(1).numpy()

    own = lambda of, at: None if of is None else of[at]
    best, patience = (np.inf, None), 16
    while patience > 0:
        model.train()
        order = np.random.permutation(places)
        for start in range(0, len(order), batch):
            at = order[start : start + batch]
            out = model(own(all_numbers, at), own(all_codes, at))
            optimizer.zero_grad()
            wanted = labels[at].repeat_interleave(out.shape[1])
            flat = out.flatten(0, 1)
            cost = torch.nn.functional.mse_loss(flat.squeeze(-1), wanted) if task == "regression" else torch.nn.functional.cross_entropy(flat, wanted)
            cost.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        watched_loss = loss(task, y[watched], predicted(own(all_numbers, watched), own(all_codes, watched)))
        if watched_loss < best[0]:
            best, patience = (watched_loss, {k: v.clone() for k, v in model.state_dict().items()}), 16
        else:
            patience -= 1
    model.load_state_dict(best[1])
    return predicted(to_numbers(test[:, ~categorical]), to_codes(test_codes))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only")
    parser.add_argument("--peers", default="hist,tabm")
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--folds", type=int, default=5)
    given = parser.parse_args()
    about = json.loads((given.folder / "tables.json").read_text())
    for name in given.only.split(",") if given.only else about:
        target, task = about[name]["target"], about[name]["task"]
        table = pd.read_csv(given.folder / f"{name}.csv")
        y = table[target].to_numpy(dtype=float) if task == "regression" else pd.factorize(table[target], sort=True)[0]
        rows = table.drop(columns=[target, "_fold"])
        for fold in range(given.folds):
            known, test = table["_fold"] != fold, table["_fold"] == fold
            for peer in given.peers.split(","):
                key = f"{peer} {given.trials} trials" if peer == "hist" else peer
                if str(fold) in figures().get(name, {}).get(key, {}):
                    continue
                began = time.process_time()
                x, x_test, categorical = encoded(rows[known], rows[test])
                predicted = {"hist": hist, "tabm": tabm}[peer](task, x, y[known], x_test, categorical, given.trials, fold)
                found = {"score": round(float(score(task, y[test], predicted)), 5), "cpu": round(time.process_time() - began, 1)}
                # Read anew: others may write beside this one.
                results = figures()
                results.setdefault(name, {}).setdefault(key, {})[str(fold)] = found
                RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
                print(name, key, fold, found, flush=True)


main()
