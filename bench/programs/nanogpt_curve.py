"""
nanoGPT's own network, trained by its own train.py on the text of examples/gpt-char.ts, in the same way and for as many steps.

    git clone https://github.com/karpathy/nanoGPT ../nanoGPT
    npx tsx examples/gpt-char.ts --recipe large --minutes 45 --threads 1 --output runs/gpt-char-large
    python bench/programs/nanogpt_curve.py ../nanoGPT runs/gpt-char-large --threads 1
    npx tsx examples/gpt-char/both-curves.ts runs/gpt-char-large

Reads curve.json and text.txt of that folder and writes nanogpt.json. Needs torch and numpy. Nothing of nanoGPT is changed: train.py runs
as a program of its folder, with options for all that the recipe says. Where it would write a checkpoint, the weights are evaluated on the
whole held-out tenth in texts that do not overlap, as gpt-char does; its own estimate by random texts is left out (of no batches). Seconds
are those of training: evaluations are not counted.
"""
import argparse
import json
import os
import pickle
import runpy
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch


class Done(Exception):
    """The last checkpoint has come: train.py would go on by a step."""


def write_data(text, folder):
    """The files that train.py reads: numbers of characters, the last tenth apart. Returns the last tenth."""
    characters = sorted(set(text))
    number_of = {character: number for number, character in enumerate(characters)}
    numbers = np.array([number_of[character] for character in text], dtype=np.uint16)
    cut = int(0.9 * len(numbers))
    numbers[:cut].tofile(folder / "train.bin")
    numbers[cut:].tofile(folder / "val.bin")
    with open(folder / "meta.pkl", "wb") as file:
        pickle.dump({"vocab_size": len(characters)}, file)
    return torch.from_numpy(numbers[cut:].astype(np.int64))


def held_out_loss(model, held_out, length, batch=64):
    """Nats a character over all whole texts of `length` in a row."""
    count = (len(held_out) - 1) // length
    inputs = held_out[: count * length].view(count, length)
    answers = held_out[1 : count * length + 1].view(count, length)
    total = 0.0
    with torch.no_grad():
        for x, y in zip(inputs.split(batch), answers.split(batch)):
            total += model(x, y)[1].item() * len(x)
    return total / count


class Curve:
    """Stands in the place of torch.save: a checkpoint becomes a point of the curve."""

    def __init__(self, held_out, steps, gpt):
        self.held_out, self.steps, self.gpt = held_out, steps, gpt
        self.points, self.parameters = [], None
        self.seconds = self.cpu_seconds = 0.0
        self.since = self.clocks()

    @staticmethod
    def clocks():
        return time.perf_counter(), time.process_time()

    def __call__(self, checkpoint, _path):
        for name, now, since in zip(("seconds", "cpu_seconds"), self.clocks(), self.since):
            setattr(self, name, getattr(self, name) + now - since)
        weights = {name.removeprefix("_orig_mod."): value for name, value in checkpoint["model"].items()}
        GPT, GPTConfig = self.gpt
        model = GPT(GPTConfig(**checkpoint["model_args"]))
        model.load_state_dict(weights)
        model.eval()
        self.parameters = sum(weight.numel() for weight in model.parameters())
        loss = held_out_loss(model, self.held_out, checkpoint["model_args"]["block_size"])
        step = checkpoint["iter_num"]
        print(f"step {step}: {loss:.4f} held out, {self.seconds:.1f} s of training", flush=True)
        self.points.append(
            {"step": step, "seconds": self.seconds, "cpuSeconds": self.cpu_seconds, "loss": loss}
        )
        if step >= self.steps:
            raise Done
        self.since = self.clocks()


def options_of(recipe, data, scratch, is_compiled):
    """What train.py is told: it takes Python's literals as --name=value."""
    rate = recipe["learningRate"]
    options = {
        "dataset": str(data),  # joined to its folder data/, which an absolute path leaves behind
        "out_dir": str(scratch),
        "device": "cpu",
        "dtype": "float32",
        "compile": is_compiled,
        "gradient_accumulation_steps": 1,
        "batch_size": recipe["batchSize"],
        "block_size": recipe["length"],
        "n_layer": recipe["layers"],
        "n_head": recipe["heads"],
        "n_embd": recipe["width"],
        "dropout": float(recipe["dropout"]),
        "learning_rate": rate,
        "min_lr": rate * recipe["finalShare"],
        "warmup_iters": recipe["warmupSteps"],
        "beta2": recipe["beta2"],
        "max_iters": recipe["steps"],
        "lr_decay_iters": recipe["steps"],
        "eval_interval": recipe["every"],
        "eval_iters": 0,
        "always_save_checkpoint": True,
        "log_interval": max(1, recipe["every"]),
    }
    return [f"--{name}={value}" for name, value in options.items()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.strip().split("\n\n")[0])
    parser.add_argument("nanogpt", type=Path, help="nanoGPT's folder, with train.py and model.py")
    parser.add_argument("run", type=Path, help="the folder that examples/gpt-char.ts wrote")
    parser.add_argument("--threads", type=int, default=0, help="of PyTorch; default: as many as it takes")
    parser.add_argument("--compile", action="store_true", help="whether the network is compiled by torch.compile")
    given = parser.parse_args()
    for needed in (given.nanogpt / "train.py", given.run / "curve.json", given.run / "text.txt"):
        if not needed.is_file():
            parser.error(f"expected {needed}, which is not there")
    if given.threads > 0:
        torch.set_num_threads(given.threads)

    recipe = json.loads((given.run / "curve.json").read_text())
    # Newlines as they are: the text that gpt-char learnt, character for character.
    text = (given.run / "text.txt").read_bytes().decode()
    out = (given.run / "nanogpt.json").resolve()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        held_out = write_data(text, scratch)
        # It reads its configurator from where it stands.
        os.chdir(given.nanogpt)
        sys.path.insert(0, os.getcwd())
        from model import GPT, GPTConfig

        sys.argv = ["train.py", *options_of(recipe, scratch, scratch, given.compile)]
        save, torch.save = torch.save, Curve(held_out, recipe["steps"], (GPT, GPTConfig))
        curve = torch.save
        try:
            runpy.run_path("train.py", run_name="__main__")
        except Done:
            pass
        finally:
            torch.save = save
    told = {
        **recipe,
        "program": f"nanoGPT (PyTorch {torch.__version__.split('+')[0]}{', compiled' if given.compile else ''})",
        "seed": 1337,  # train.py's own
        "parameters": curve.parameters,
        "points": curve.points,
    }
    partial = out.with_suffix(".json.partial")
    partial.write_text(json.dumps(told, indent=2) + "\n")
    partial.replace(out)
    print(f"The curve is in {out}.")


if __name__ == "__main__":
    main()
