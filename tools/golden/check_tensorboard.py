"""
Trains a model here with the callback `tensorBoard` and has the real TensorBoard read its files: its reader of event
files, and its server's answers for scalars, histograms, graph and images. Fails where something is missing.
"""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tensorboard.backend.event_processing import event_accumulator

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import { callbacks, input, layers, model, random, sequential, setRandomSeed } from './packages/typegrad/src/index.ts'
setRandomSeed(1)
const inner = sequential([layers.dense({ units: 8, activation: 'relu', inputShape: [4] }), layers.dropout({ rate: 0.2 })], { name: 'inner' })
const x = input({ shape: [4], name: 'features' })
const y = layers.dense({ units: 1, name: 'head' }).apply(layers.concatenate().apply([x, inner.apply(x)]))
const net = model({ inputs: x, outputs: y })
net.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] })
const board = callbacks.tensorBoard({ logDir: process.argv[2], histogramFreq: 1, updateFreq: 'batch' })
const [data, labels] = [random.normal([64, 4]), random.normal([64, 1])]
const pictures = callbacks.lambdaCallback({ onEpochEnd: (epoch) => board.image('noise', random.uniform([3, 16, 16, 3]), epoch) })
await net.fit(data, labels, { epochs: 3, verbose: 0, validationSplit: 0.25, callbacks: [board, pictures] })
"""


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/data/plugin/{path}") as answer:
        return answer.read()


def main():
    with tempfile.TemporaryDirectory() as folder:
        program = ROOT / "check-tensorboard.tmp.mts"
        program.write_text(PROGRAM)
        try:
            subprocess.run(["npx", "tsx", str(program), folder], cwd=ROOT, check=True)
        finally:
            program.unlink()
        accumulator = event_accumulator.EventAccumulator(f"{folder}/train", size_guidance={"tensors": 0})
        accumulator.Reload()
        tags = accumulator.Tags()
        print("reader:", {kind: found for kind, found in tags.items() if found})
        assert tags["graph"] and {"epoch_loss", "batch_loss", "noise"} <= set(tags["tensors"])
        assert {node.op for node in accumulator.Graph().node} >= {"InputLayer", "Dense", "Concatenate"}
        assert [event.step for event in accumulator.Tensors("epoch_mae")] == [0, 1, 2]

        port = 16096
        server = subprocess.Popen(
            [sys.executable, "-m", "tensorboard.main", "--logdir", folder, "--port", str(port), "--load_fast", "false"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            for _ in range(60):
                time.sleep(1)
                try:
                    scalars = json.loads(get(port, "scalars/tags"))
                    if len(scalars) == 2:
                        break
                except OSError:
                    pass
            print("scalars:", {run: sorted(found) for run, found in scalars.items()})
            assert "epoch_loss" in scalars["train"] and "epoch_loss" in scalars["validation"]
            values = json.loads(get(port, "scalars/scalars?run=train&tag=epoch_loss"))
            assert [step for _, step, _ in values] == [0, 1, 2]
            histograms = json.loads(get(port, "histograms/histograms?run=train&tag=head/kernel/histogram"))
            print("histograms:", len(histograms), "of", len(histograms[0][2]), "intervals")
            assert len(histograms) == 3 and sum(row[2] for row in histograms[0][2]) == 12
            graph = get(port, "graphs/graph?run=train&conceptual=false").decode()
            print("graph:", graph.count("node {"), "nodes")
            assert 'name: "inner/dense"' in graph and 'input: "features"' in graph
            images = json.loads(get(port, "images/images?run=train&tag=noise&sample=0"))
            picture = get(port, "images/individualImage?" + images[0]["query"])
            print("images:", len(images), picture[:4])
            assert len(images) == 3 and picture.startswith(b"\x89PNG")
        finally:
            server.terminate()
            server.wait()


main()
