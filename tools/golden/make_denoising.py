"""packages/data/golden/denoising.json: series without noise, by SciPy, pandas, PyWavelets and scikit-image.

Usage: python tools/golden/make_denoising.py      (scipy 1.17, pandas 3, PyWavelets 1.8, scikit-image 0.26)
"""

import json
import math
import pathlib

import numpy as np
import pandas as pd
import pywt
import scipy
import skimage
from scipy.signal import savgol_filter
from scipy.stats import median_abs_deviation
from skimage.restoration import denoise_wavelet

random = np.random.RandomState(21)
PATH = pathlib.Path(__file__).resolve().parents[2] / "packages/data/golden/denoising.json"
cases = []


def plain(values):
    return [None if math.isnan(v) else float(f"{v:.15g}") for v in values]


def case(name, options, series, result):
    cases.append({"function": name, "options": options, "series": plain(series), "result": plain(np.asarray(result, float))})


def series(length):
    t = np.linspace(0, 3, length)
    return np.round(np.sin(t * 2) / 3 + (t > 1.4) / 4 + random.standard_normal(length) * 0.08, 4)


for length in (1, 2, 9, 30):
    x = series(length)
    holes = x.copy()
    holes[random.random(length) < 0.2] = np.nan
    for window in (1, 4, 5, 40):
        for align in ("center", "trailing"):
            rolling = lambda s: pd.Series(s).rolling(window, center=align == "center", min_periods=1)
            options = {"window": window, "align": align}
            case("rollingMedian", options, holes, rolling(holes).median())
            case("rollingMean", options, holes, rolling(holes).mean())
            if window > 1 and length > 2:
                spiky = x.copy()
                spiky[length // 2] += 3
                def hampel(s):
                    centre = rolling(s).median()
                    spread = rolling(s).apply(lambda w: median_abs_deviation(w, scale="normal"), raw=True)
                    return np.where(np.abs(s - centre) > 2 * spread, centre, s)
                case("hampel", {**options, "deviations": 2}, spiky, hampel(spiky))
    for alpha in (0.2, 1.0):
        for adjust in (True, False):
            case("exponentialSmoothing", {"alpha": alpha, "adjust": adjust}, holes, pd.Series(holes).ewm(alpha=alpha, adjust=adjust).mean())

x = series(24)
for mode in ("interp", "mirror", "nearest", "wrap", "constant"):
    for window, order in ((5, 2), (7, 3), (11, 5), (23, 8), (1, 0)):
        for derivative, delta in ((0, 1.0), (1, 0.25), (2, 0.5)):
            case("savitzkyGolay", {"mode": mode, "window": window, "order": order, "derivative": derivative, "delta": delta}, x, savgol_filter(x, window, order, deriv=derivative, delta=delta, mode=mode))
case("savitzkyGolay", {"mode": "mirror", "window": 9, "order": 2}, x[:3], savgol_filter(x[:3], 9, 2, mode="mirror"))
case("savitzkyGolay", {"mode": "wrap", "window": 9, "order": 2}, x[:3], savgol_filter(x[:3], 9, 2, mode="wrap"))

for wavelet in ("haar", "db2", "db4", "db8", "sym4", "sym5"):
    for length in (64, 101):
        x = series(length)
        most = pywt.dwt_max_level(length, wavelet)
        for levels in sorted({1, most}):
            for method, name in (("BayesShrink", "bayes"), ("VisuShrink", "universal")):
                for threshold in ("soft", "hard"):
                    if levels > 1 and threshold == "hard" and length == 64:
                        continue
                    out = denoise_wavelet(x, wavelet=wavelet, mode=threshold, wavelet_levels=levels, method=method, rescale_sigma=False)
                    # scikit-image clips to the range of pictures, which these series do not leave.
                    assert np.abs(out).max() < 1
                    case("waveletShrink", {"wavelet": wavelet, "levels": levels, "method": name, "threshold": threshold}, x, out)
    # Nothing is noise: there and back.
    x = series(37)
    if pywt.dwt_max_level(37, wavelet) > 0:
        case("waveletShrink", {"wavelet": wavelet, "levels": 1, "sigma": 0}, x, pywt.waverec(pywt.wavedec(x, wavelet, level=1), wavelet)[:37])

versions = {"scipy": scipy.__version__, "pandas": pd.__version__, "PyWavelets": pywt.__version__, "scikit-image": skimage.__version__, "date": "2026-11-29"}
body = ",\n".join(json.dumps(row, separators=(",", ":")) for row in cases)
PATH.write_text(f'{{"madeBy":{json.dumps(versions)},"cases":[\n{body}\n]}}\n')
print(len(cases), "cases", PATH.stat().st_size // 1024, "KiB")
