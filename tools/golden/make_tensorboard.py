"""Records of event files, made by TensorBoard's own messages and writer."""

import base64
import io
import json

import numpy as np
from tensorboard.compat.proto import event_pb2, graph_pb2, tensor_pb2, tensor_shape_pb2
from tensorboard.plugins.histogram import summary_v2 as histogram
from tensorboard.plugins.image import metadata as image
from tensorboard.plugins.scalar import summary_v2 as scalar
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard import version

from golden_json import DATE, FOLDER


def record(event):
    class Kept(io.BytesIO):
        def close(self):
            pass

    file = Kept()
    RecordWriter(file).write(event.SerializeToString(deterministic=True))
    return base64.b64encode(file.getvalue()).decode()


def summary(value, step):
    return event_pb2.Event(wall_time=1700000000.5, step=step, summary=value)


cases = [
    {"kind": "version", "record": record(event_pb2.Event(wall_time=1700000000.5, file_version="brain.Event:2"))}
]
for tag, value, step in [("epoch_loss", 0.25, 0), ("epoch_accuracy", -1.5e-7, 3), ("größe", 3e10, 2**40)]:
    cases.append(
        {
            "kind": "scalar",
            "tag": tag,
            "value": value,
            "step": step,
            "record": record(summary(scalar.scalar_pb(tag, value), step)),
        }
    )
random = np.random.RandomState(5)
for values in [[1.0, 2.0, 3.0, 4.0], [0.5, 0.5, 0.5], [float(v) for v in np.float32(random.normal(size=50))], []]:
    pb = histogram.histogram_pb("dense/kernel/histogram", np.array(values), buckets=30)
    cases.append(
        {
            "kind": "histogram",
            "tag": "dense/kernel/histogram",
            "values": values,
            "step": 1,
            "record": record(summary(pb, 1)),
        }
    )
files = [b"\x89PNG first", b"\x89PNG second"]
pb = scalar.scalar_pb("samples", 0.0)
pb.value[0].metadata.plugin_data.plugin_name = image.PLUGIN_NAME
pb.value[0].tensor.CopyFrom(
    tensor_pb2.TensorProto(
        dtype=7,
        tensor_shape=tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=4)]),
        string_val=[b"28", b"14", *files],
    )
)
cases.append(
    {
        "kind": "image",
        "tag": "samples",
        "width": 28,
        "height": 14,
        "files": [base64.b64encode(file).decode() for file in files],
        "step": 2,
        "record": record(summary(pb, 2)),
    }
)
graph = graph_pb2.GraphDef()
for name, op, inputs, shape in [("x", "InputLayer", [], [-1, 4]), ("inner/dense", "Dense", ["x"], [-1, 300])]:
    node = graph.node.add(name=name, op=op, input=inputs)
    node.attr["_output_shapes"].list.shape.add(
        dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=d) for d in shape]
    )
graph.versions.producer = 22
cases.append(
    {
        "kind": "graph",
        "record": record(event_pb2.Event(wall_time=1700000000.5, graph_def=graph.SerializeToString(deterministic=True))),
    }
)

with open(FOLDER / "tensorboard.json", "w") as file:
    file.write('{"madeBy": ' + json.dumps({"tensorboard": version.VERSION, "date": DATE}) + ',\n "cases": [\n')
    file.write(",\n".join("  " + json.dumps(case) for case in cases))
    file.write("\n]}\n")
