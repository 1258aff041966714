"""The driver's protocol for workers in Python: JSON lines on standard input and output."""

import json
import os
import resource
import sys
import time
import traceback

import numpy as np

# What libraries print must not get between the answers.
_answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

threads = int(os.environ.get("BENCH_THREADS", os.cpu_count() or 1))

_dtypes = {"F32": np.float32, "F64": np.float64, "I32": np.int32, "I64": np.int64, "U8": np.uint8}


class Absent(Exception):
    """A workload that a peer does not have, with the reason."""


def read_tensors(path):
    """The tensors of a safetensors file, as arrays that can be written to."""
    raw = np.fromfile(path, dtype=np.uint8)
    length = int.from_bytes(raw[:8].tobytes(), "little")
    header = json.loads(raw[8 : 8 + length].tobytes())
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = raw[begin:end].view(_dtypes[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def peak_memory():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def serve(version, setup):
    """`setup(workload, weights, data, folder)` gives an object with `run()` and `losses()`."""
    runner = None
    for line in sys.stdin:
        request = json.loads(line)
        command = request["cmd"]
        if command == "exit":
            break
        try:
            if command == "setup":
                folder = request["folder"]
                weights = read_tensors(os.path.join(folder, "weights.safetensors"))
                data = read_tensors(os.path.join(folder, "data.safetensors"))
                runner = setup(request["workload"], weights, data, folder)
                # The arrays were copied into the framework's own: they would count as its memory.
                del weights, data
                answer = {"version": version}
                note = getattr(runner, "note", None)
                if note is not None:
                    answer["note"] = note
            elif command == "losses":
                start = time.perf_counter()
                losses = [float(loss) for loss in runner.losses()]
                answer = {"losses": losses, "compileMs": (time.perf_counter() - start) * 1000}
            elif command == "round":
                repeat = request["repeat"]
                times = []
                for _ in range(request["n"]):
                    start = time.perf_counter()
                    for _ in range(repeat):
                        runner.run()
                    times.append((time.perf_counter() - start) * 1000 / repeat)
                answer = {"times": times}
            else:
                answer = {"peak": peak_memory()}
        except Absent as reason:
            answer = {"absent": str(reason)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}\n{traceback.format_exc()[-2000:]}"}
        _answers.write(json.dumps(answer) + "\n")
        _answers.flush()
    os._exit(0)
