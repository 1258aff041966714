"""Data files by Hugging Face's datasets and pyarrow, and what Python reads from them, for the tests of packages/data.

Usage: python tools/golden/make_data_files.py      (datasets 4, pyarrow 22)
"""

import datetime
import decimal
import json
import math
import pathlib
import shutil

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
from datasets.data_files import get_data_patterns, resolve_pattern
from huggingface_hub import DatasetCard, DatasetCardData

# A sound that is bytes already needs no codec.
datasets.Audio.encode_example = lambda self, value: value

golden = pathlib.Path(__file__).resolve().parents[2] / "packages/data/golden"
# Files of other scripts stay.
for name in ("csv", "dictionary", "hub", "json", "saved", "types"):
    shutil.rmtree(golden / name, ignore_errors=True)
golden.mkdir(parents=True, exist_ok=True)


def plain(value):
    """JSON, with what it cannot say under a name that begins with $."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, np.integer)):
        value = int(value)
        return value if abs(value) < 2**53 else {"$bigint": str(value)}
    if isinstance(value, (float, np.floating)):
        value = float(value)
        return value if math.isfinite(value) else {"$number": str(value)}
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, datetime.datetime):
        # Without a zone it is UTC.
        value = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
        return {"$date": round(value.timestamp() * 1000)}
    if isinstance(value, datetime.date):
        midnight = datetime.datetime(value.year, value.month, value.day, tzinfo=datetime.timezone.utc)
        return {"$date": round(midnight.timestamp() * 1000)}
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    if isinstance(value, (list, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    raise TypeError(type(value))


def write(name, value):
    path = golden / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


# Every type, with what is missing and the ends of its range.
day = datetime.date(2024, 2, 29)
moment = datetime.datetime(1969, 12, 31, 23, 59, 58, 999000)
columns = {
    **{f"int{bits}": (getattr(pa, f"int{bits}")(), [-(2 ** (bits - 1)), None, 2 ** (bits - 1) - 1]) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": (getattr(pa, f"uint{bits}")(), [0, None, 2**bits - 1]) for bits in (8, 16, 32, 64)},
    "float16": (pa.float16(), [np.float16(0.5), None, np.float16(-65504)]),
    "float32": (pa.float32(), [0.1, None, -math.inf]),
    "float64": (pa.float64(), [0.1, None, 1e300]),
    "bool": (pa.bool_(), [True, None, False]),
    "string": (pa.string(), ["", None, "naïve 𝄞 \u0000 end"]),
    "large_string": (pa.large_string(), ["a" * 300, None, "ß"]),
    "binary": (pa.binary(), [b"", None, bytes(range(256))]),
    "large_binary": (pa.large_binary(), [b"\x00", None, b"\xff\xfe"]),
    "date": (pa.date32(), [day, None, datetime.date(1600, 1, 1)]),
    "milliseconds": (pa.timestamp("ms"), [moment, None, datetime.datetime(2030, 1, 1)]),
    "microseconds": (pa.timestamp("us", tz="UTC"), [moment, None, datetime.datetime(2030, 1, 1)]),
    "nanoseconds": (pa.timestamp("ns"), [moment, None, datetime.datetime(2030, 1, 1)]),
    "decimal": (pa.decimal128(10, 2), [decimal.Decimal("12.50"), None, decimal.Decimal("-0.01")]),
    "list": (pa.list_(pa.int32()), [[1, None, 3], None, []]),
    "nested": (pa.list_(pa.list_(pa.string())), [[["a"], [], None], None, [["b", None]]]),
    "struct": (
        pa.struct({"x": pa.int64(), "tags": pa.list_(pa.string())}),
        [{"x": 1, "tags": ["t"]}, None, {"x": None, "tags": None}],
    ),
    "structs": (pa.list_(pa.struct({"text": pa.string(), "start": pa.int32()})), [[{"text": "t", "start": 4}], [], None]),
    "fixed": (pa.list_(pa.float32(), 2), [[1.0, 2.0], None, [3.0, 4.0]]),
}
everything = pa.table({name: pa.array(values, type=kind) for name, (kind, values) in columns.items()})
rows = [{name: plain(values[i]) for name, (_, values) in columns.items()} for i in range(3)]
# As stored: float32 is not what was written.
for row, stored in zip(rows, everything.to_pylist()):
    row["float32"] = plain(stored["float32"])
write("types/rows.json", rows)
write("types/dtypes.json", {name: str(kind) for name, (kind, _) in columns.items()})
for compression in ("none", "snappy", "gzip", "brotli", "zstd", "lz4"):
    pq.write_table(everything, golden / f"types/{compression}.parquet", compression=compression, row_group_size=2)
pq.write_table(
    everything, golden / "types/version-2.parquet", data_page_version="2.0", use_dictionary=False, store_schema=False
)
with pa.OSFile(str(golden / "types/stream.arrow"), "wb") as sink:
    with pa.ipc.new_stream(sink, everything.schema) as writer:
        writer.write_table(everything, max_chunksize=2)
with pa.OSFile(str(golden / "types/file.arrow"), "wb") as sink:
    with pa.ipc.new_file(sink, everything.schema) as writer:
        writer.write_table(everything, max_chunksize=2)
for compression in ("lz4", "zstd"):
    pyarrow.feather.write_feather(everything, str(golden / f"types/{compression}.arrow"), compression=compression)

# Columns that are stored as a dictionary; many rows with few values.
words = ["red", "green", "blue", None]
many = pa.table(
    {
        "color": pa.array([words[i % 4] for i in range(500)]).dictionary_encode(),
        "number": pa.array([i // 100 for i in range(500)], type=pa.int64()),
    }
)
(golden / "dictionary").mkdir()
pq.write_table(many, golden / "dictionary/a.parquet", row_group_size=200)
with pa.OSFile(str(golden / "dictionary/a.arrow"), "wb") as sink:
    with pa.ipc.new_stream(sink, many.schema) as writer:
        writer.write_table(many, max_chunksize=200)
write("dictionary/rows.json", many.to_pylist())

# Features that only Hugging Face's metadata tell.
features = datasets.Features(
    {
        "text": datasets.Value("string"),
        "label": datasets.ClassLabel(names=["negative", "positive"]),
        "tags": datasets.Sequence(datasets.ClassLabel(names=["O", "B-PER", "I-PER"])),
        "answers": datasets.Sequence({"text": datasets.Value("string"), "answer_start": datasets.Value("int32")}),
        "image": datasets.Image(decode=False),
        "audio": datasets.Audio(sampling_rate=16000, decode=False),
        "translation": {"en": datasets.Value("string"), "zh": datasets.Value("string")},
        "grid": datasets.Array2D(shape=(2, 2), dtype="float32"),
    }
)


def example(i):
    return {
        "text": f"text {i}",
        "label": i % 2,
        "tags": list(range(i % 4))[:3],
        "answers": {"text": [f"a{i}"], "answer_start": [i]},
        "image": {"bytes": bytes([137, 80, 78, 71, i]), "path": f"{i}.png"},
        "audio": {"bytes": bytes([82, 73, 70, 70, i]), "path": None},
        "translation": {"en": "yes", "zh": "是"},
        "grid": [[i, 1], [2, 3]],
    }


def dataset(first, last):
    return datasets.Dataset.from_list([example(i) for i in range(first, last)], features=features)


whole = datasets.DatasetDict({"train": dataset(0, 5), "test": dataset(5, 7)})
whole.save_to_disk(str(golden / "saved"), num_shards={"train": 2, "test": 1})
(golden / "hub/data").mkdir(parents=True)
for i, part in enumerate((dataset(0, 3), dataset(3, 5))):
    part.to_parquet(str(golden / f"hub/data/train-0000{i}-of-00002.parquet"))
whole["test"].to_parquet(str(golden / "hub/data/test-00000-of-00001.parquet"))
write("features.json", features.to_dict())
write("features-rows.json", {split: [plain(row) for row in whole[split]] for split in whole})

# What a card's YAML says of them.
info = datasets.DatasetInfo(features=features)
infos = datasets.info.DatasetInfosDict({"default": info})
data = DatasetCardData()
infos.to_dataset_card_data(data)
(golden / "card.md").write_text(str(DatasetCard("---\n" + data.to_yaml() + "\n---\n# A card\n")))

# CSV and JSONL as Python reads them.
(golden / "csv").mkdir()
(golden / "csv/train.csv").write_text(
    "\ufeffid,text,score,is_good,note,empty\n"
    '1,"with, comma",0.5,True,x,\n'
    '2,"two\nlines",1e-3,False,NA,\n'
    '3,"a ""quote""",,True,007,\n',
    encoding="utf-8",
)
(golden / "csv/test.tsv").write_text("id\ttext\n10\tnaïve\n11\t\n")
(golden / "json").mkdir()
(golden / "json/train.jsonl").write_text(
    '{"a": 1, "b": [1, 2.5], "c": {"d": "x"}, "e": null}\n{"a": 9007199254740992, "b": [], "c": {"d": null}, "e": true}\n'
)
(golden / "json/test.json").write_text('[{"a": 1, "b": "x"}, {"a": null, "b": "y"}]\n')
(golden / "json/field.json").write_text('{"version": "1", "data": [{"q": "x"}, {"q": "y"}]}\n')
cache = "/tmp/typegrad-golden-cache"
shutil.rmtree(cache, ignore_errors=True)
read = {
    "csv/train.csv": datasets.load_dataset("csv", data_files=str(golden / "csv/train.csv"), cache_dir=cache, encoding="utf-8-sig"),
    "csv/test.tsv": datasets.load_dataset("csv", data_files=str(golden / "csv/test.tsv"), sep="\t", cache_dir=cache),
    "json/train.jsonl": datasets.load_dataset("json", data_files=str(golden / "json/train.jsonl"), cache_dir=cache),
    "json/test.json": datasets.load_dataset("json", data_files=str(golden / "json/test.json"), cache_dir=cache),
    "json/field.json": datasets.load_dataset("json", data_files=str(golden / "json/field.json"), field="data", cache_dir=cache),
}
write(
    "text-files.json",
    {
        name: {"features": found["train"].features.to_dict(), "rows": [plain(row) for row in found["train"]]}
        for name, found in read.items()
    },
)
shutil.rmtree(cache)

# Which split a file belongs to.
listings = [
    ["train.csv", "test.csv"],
    ["data/train-00000-of-00002.parquet", "data/train-00001-of-00002.parquet", "data/validation-00000-of-00001.parquet"],
    ["data/random-00000-of-00001.jsonl", "data/train-00000-of-00001.jsonl"],
    ["my_train_file.jsonl", "my_dev_file.jsonl", "eval.jsonl"],
    ["training/a.txt", "testing/b.txt", "valid/c.txt"],
    ["train/nested/deep/a.parquet", "test/nested/a.parquet"],
    ["data.csv"],
    ["a.jsonl", "b.jsonl"],
    ["latest.csv", "constrain.csv"],
    ["contest/train.csv", "contest/other.csv"],
    ["TRAIN.csv", "Test.csv"],
    ["train.csv", "readme.txt", "notes/more.csv"],
    ["2024-train.csv", "test2.csv", "train1.csv"],
    ["evaluation/x.csv", "train/test.csv"],
    [".hidden/train.csv", "train.csv", "__pycache__/test.csv"],
]


def matches(pattern, folder):
    try:
        return resolve_pattern(pattern, folder)
    except FileNotFoundError:
        return []


found = []
scratch = pathlib.Path("/tmp/typegrad-golden-listing")
for files in listings:
    shutil.rmtree(scratch, ignore_errors=True)
    for file in files:
        (scratch / file).parent.mkdir(parents=True, exist_ok=True)
        (scratch / file).write_text("a\n1\n")
    patterns = get_data_patterns(str(scratch))
    found.append(
        {
            "files": files,
            "splits": {
                str(split): sorted(
                    {
                        str(pathlib.Path(path).relative_to(scratch))
                        for pattern in some
                        for path in matches(pattern, str(scratch))
                    }
                )
                for split, some in patterns.items()
            },
        }
    )
shutil.rmtree(scratch)
write("splits.json", found)
print({str(p.relative_to(golden)): p.stat().st_size for p in sorted(golden.rglob("*")) if p.is_file()})
