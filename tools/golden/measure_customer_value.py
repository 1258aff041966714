"""BG/NBD with gamma-gamma of lifetimes on the folds of examples/retail/customer-value.ts: prints its measures and writes no file.

Usage: python tools/golden/measure_customer_value.py CDNOW_master.txt      (lifetimes 0.11.3, SciPy)
"""

import sys

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter
from scipy.stats import spearmanr

BEGIN, END, FOLDS = 273, 546, 5
rows = pd.read_csv(sys.argv[1], sep=r"\s+", skiprows=1, names=["customer", "date", "discs", "dollars"], dtype={"customer": str})
rows["day"] = (pd.to_datetime(rows["date"].astype(str), format="%Y%m%d") - pd.Timestamp("1997-01-01")).dt.days
days = rows.groupby(["customer", "day"], sort=False)["dollars"].sum().reset_index()
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
            "spent": own[(own.day >= BEGIN) & (own.day < END)].dollars.sum(),
        }
    )
table = pd.DataFrame(table)
predicted = np.zeros(len(table))
for fold in range(FOLDS):
    held = np.arange(len(table)) % FOLDS == fold
    known, test = table[~held], table[held]
    purchases = BetaGeoFitter(penalizer_coef=0.0).fit(known.frequency, known.recency, known["T"])
    # Spending is learned from those who came back, and whose purchases cost something.
    paying = known[(known.frequency > 0) & (known.monetary > 0)]
    spending = GammaGammaFitter(penalizer_coef=0.0).fit(paying.frequency, paying.monetary)
    count = purchases.conditional_expected_number_of_purchases_up_to_time(END - BEGIN, test.frequency, test.recency, test["T"])
    value = spending.conditional_expected_average_profit(test.frequency, test.monetary)
    predicted[held] = count * value
error = predicted - table.spent
print(f"customers {len(table)}, mean spent {table.spent.mean():.2f}")
print(f"RMSE {np.sqrt((error**2).mean()):.2f}  MAE {error.abs().mean():.2f}  rank correlation {spearmanr(predicted, table.spent)[0]:.3f}  mean {predicted.mean():.2f}")
