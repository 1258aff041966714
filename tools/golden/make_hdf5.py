"""HDF5 files as h5py writes them, in the oldest and the newest form, and what h5py reads from them: hdf5.json."""

import base64
import json
import os
import tempfile
import zlib
from pathlib import Path

import h5py
import numpy as np

random = np.random.RandomState(1)


def fill(file, packed):
    file.attrs["text"] = "of variable length: äöü"
    file.attrs["fixed"] = np.bytes_("of fixed length")
    file.attrs["names"] = np.array([b"a", b"bcd", b"ef"])
    file.attrs["variable"] = np.array(["x", "yy", ""], dtype=h5py.string_dtype())
    file.attrs["none"] = np.array([], dtype="f8")
    file.attrs["number"] = 3
    group = file.create_group("group")
    for i in range(12):  # more than fit into a header in the newer form
        group.attrs[f"attribute_{i}"] = f"text {i}"
        group.create_group(f"member_{i}")["x"] = np.float32([i])
    for dtype in ["f2", "f4", "f8", "i4", "i8", "u1", "u4"]:
        file["of_" + dtype] = (random.standard_normal((3, 2)) * 100).astype(dtype)
    file["single"] = np.float32(3.5)
    file["large"] = np.int64(2**60 + 1)
    file["empty"] = np.zeros((0, 3), "f4")
    if packed:
        array = np.arange(7 * 5 * 3, dtype="i4").reshape(7, 5, 3)
        file.create_dataset("pieces", data=array, chunks=(3, 2, 3))
        file.create_dataset("packed", data=array, chunks=(3, 5, 2), compression="gzip", shuffle=True, fletcher32=True)
        file.create_dataset("one_piece", data=array, chunks=array.shape, compression="gzip")
    if file.libver[0] != "earliest":
        file.attrs["long"] = "0123456789" * 7000


def read(file):
    datasets, attributes = {}, {"": dict(file.attrs)}

    def visit(path, item):
        if isinstance(item, h5py.Dataset):
            value = item[()]
            flat = np.asarray(value).reshape(-1)
            if flat.dtype == np.float16:
                flat = flat.view("u2")
            elements = [str(x) if flat.dtype == np.int64 else x.item() for x in flat]
            datasets[path] = {"dtype": str(item.dtype), "shape": list(item.shape), "data": elements}
        else:
            attributes[path] = dict(item.attrs)

    file.visititems(visit)
    texts = {}
    for path, found in attributes.items():
        texts[path] = {}
        for name, value in found.items():
            if isinstance(value, bytes):
                texts[path][name] = value.decode()
            elif isinstance(value, str):
                texts[path][name] = value
            elif isinstance(value, np.ndarray) and value.size == 0:
                texts[path][name] = []
            elif isinstance(value, np.ndarray) and value.dtype.kind in "SO":
                texts[path][name] = [x.decode() if isinstance(x, bytes) else x for x in value]
    return {"datasets": datasets, "attributes": texts}


cases = []
for name, options in {
    "earliest": {"libver": "earliest"},
    "version 1.8": {"libver": "v108"},
    "latest": {"libver": "latest"},
    "in the order of making": {"track_order": True},
    "behind a block of the user's": {"userblock_size": 512},
}.items():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file.h5")
        with h5py.File(path, "w", **options) as file:
            fill(file, packed="libver" in options)
        with h5py.File(path) as file:
            content = read(file)
        data = zlib.compress(Path(path).read_bytes(), 9)
        cases.append({"name": name, "zlib": base64.b64encode(data).decode(), **content})

target = Path(__file__).parents[2] / "packages/typegrad/golden/hdf5.json"
made_by = {"h5py": h5py.__version__, "hdf5": h5py.version.hdf5_version}
lines = ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases)
target.write_text(f'{{"madeBy": {json.dumps(made_by)}, "cases": [\n{lines}\n]}}\n')
