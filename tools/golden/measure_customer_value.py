"""BG/NBD with gamma-gamma of lifetimes, and a HistGradientBoosting that is tuned by 50 random trials within each fold, on the folds of
examples/retail/customer-value.ts: prints their measures and writes no file.

Usage: python tools/golden/measure_customer_value.py CDNOW_master.txt [bgnbd|hist]      (lifetimes 0.11.3, SciPy; scikit-learn 1.9)
"""

import sys

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

BEGIN, END, FOLDS = 273, 546, 5
rows = pd.read_csv(sys.argv[1], sep=r"\s+", skiprows=1, names=["customer", "date", "discs", "dollars"], dtype={"customer": str})
rows["day"] = (pd.to_datetime(rows["date"].astype(str), format="%Y%m%d") - pd.Timestamp("1997-01-01")).dt.days
days = rows.groupby(["customer", "day"], sort=False)[["dollars", "discs"]].sum().reset_index()
table = []
for _, own in days.groupby("customer", sort=False):
    known = own[own.day < BEGIN].sort_values("day")
    repeats = known.iloc[1:]
    table.append(
        {
            "frequency": len(repeats),
            "recency": known.day.iloc[-1] - known.day.iloc[0],
            "T": BEGIN - known.day.iloc[0],
            "monetary": repeats.dollars.mean() if len(repeats) else 0.0,
            # What the program knows beside: of all days, and of the last 13 and 26 weeks.
            "purchases": len(known),
            "dollars": known.dollars.sum(),
            "discs": known.discs.sum(),
            "first": known.dollars.iloc[0],
            "last": known.dollars.iloc[-1],
            "largest": known.dollars.max(),
            "dollars13": known[known.day >= BEGIN - 91].dollars.sum(),
            "purchases13": (known.day >= BEGIN - 91).sum(),
            "purchases26": (known.day >= BEGIN - 182).sum(),
            "spent": own[(own.day >= BEGIN) & (own.day < END)].dollars.sum(),
        }
    )
table = pd.DataFrame(table)


def bgnbd(known, test, _fold):
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    purchases = BetaGeoFitter(penalizer_coef=0.0).fit(known.frequency, known.recency, known["T"])
    # Spending is learned from those who came back, and whose purchases cost something.
    paying = known[(known.frequency > 0) & (known.monetary > 0)]
    spending = GammaGammaFitter(penalizer_coef=0.0).fit(paying.frequency, paying.monetary)
    count = purchases.conditional_expected_number_of_purchases_up_to_time(END - BEGIN, test.frequency, test.recency, test["T"])
    return count * spending.conditional_expected_average_profit(test.frequency, test.monetary)


def hist(known, test, fold):
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.model_selection import train_test_split

    columns = ["purchases", "T", "recency", "dollars", "discs", "first", "last", "largest", "dollars13", "purchases13", "purchases26"]
    x, y, random = known[columns], known.spent, np.random.RandomState(fold)
    own, watched, y_own, y_watched = train_test_split(x, y, test_size=0.2, random_state=fold)
    best = (np.inf, None)
    for _ in range(50):
        options = dict(
            learning_rate=10 ** random.uniform(-2.3, -0.5),
            max_leaf_nodes=int(2 ** random.uniform(2, 6)),
            min_samples_leaf=int(2 ** random.uniform(2, 8)),
            l2_regularization=10 ** random.uniform(-3, 2),
            max_features=random.uniform(0.3, 1),
            max_iter=int(10 ** random.uniform(1.5, 2.7)),
            random_state=fold,
        )
        guess = HistGradientBoostingRegressor(**options).fit(own, y_own).predict(watched)
        cost = ((guess - y_watched) ** 2).mean()
        if cost < best[0]:
            best = (cost, options)
    return HistGradientBoostingRegressor(**best[1]).fit(x, y).predict(test[columns]).clip(0)


measured = {"bgnbd": bgnbd, "hist": hist}[sys.argv[2] if len(sys.argv) > 2 else "bgnbd"]
predicted = np.zeros(len(table))
for fold in range(FOLDS):
    held = np.arange(len(table)) % FOLDS == fold
    predicted[held] = measured(table[~held], table[held], fold)
error = predicted - table.spent
print(f"customers {len(table)}, mean spent {table.spent.mean():.2f}")
print(f"RMSE {np.sqrt((error**2).mean()):.2f}  MAE {error.abs().mean():.2f}  rank correlation {spearmanr(predicted, table.spent)[0]:.3f}  mean {predicted.mean():.2f}")
