#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Ritz against PyTorch on neuraloperator's Darcy gallery recipe: time per training epoch.

Runs `ritz train` and the reference in bench/reference with 1 and with 2 threads in turn, several
rounds, so that a change of the machine's clock or load meets all of them. Every run must learn.
The last line is JSON; `ratio` is the time of the faster PyTorch over that of Ritz, medians over
all epochs of all rounds.
"""
import argparse
import json
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Where metrics.jsonl, one object per epoch, keeps what is compared; a dot leads into an object.
SECONDS_KEY = "seconds"
ERROR_KEY = "darcy_test_16.rel_l2"


def look_up(record, key):
    for part in key.split("."):
        if part not in record:
            raise SystemExit(f"no {key} in {record}")
        record = record[part]
    return record


def run(command):
    print("$", shlex.join(map(str, command)), file=sys.stderr)
    # The configuration names its data from the top of the source tree.
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    return done.stdout


def run_pytorch(args, threads):
    script = ROOT / "bench" / "reference" / "gallery.py"
    text = run([args.python, script, args.train, args.test, "--threads", str(threads),
                "--seed", str(args.seed)])
    records = [json.loads(line) for line in text.splitlines()][:-1]
    return [r["seconds"] for r in records], records[-1]["test_rel_l2"]


def run_ritz(args, out):
    run([args.ritz, "train", args.config, "--out", out, "--force", *args.ritz_options])
    text = (pathlib.Path(out) / "metrics.jsonl").read_text()
    records = [json.loads(line) for line in text.splitlines()]
    return [look_up(r, SECONDS_KEY) for r in records], look_up(records[-1], ERROR_KEY)


def full_path(text):
    return pathlib.Path(text).resolve()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("train", type=full_path, help="darcy_train_16.h5, for PyTorch")
    parser.add_argument("test", type=full_path, help="darcy_test_16.h5, for PyTorch")
    parser.add_argument("--ritz-options", type=shlex.split, default=[], metavar="TEXT",
                        help="more for `ritz train`: --ritz-options='--set KEY=VALUE'")
    parser.add_argument("--ritz", type=full_path, default=ROOT / "build" / "release" / "bin" / "ritz")
    parser.add_argument("--config", type=full_path, default=ROOT / "examples" / "configs" / "darcy_gallery.yaml")
    parser.add_argument("--python", default=sys.executable, help="one that has torch and h5py")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0, help="of the first round, for PyTorch")
    parser.add_argument("--error", type=float, default=0.15, help="largest final relative L2 error")
    args = parser.parse_args()

    seconds = {"ritz": [], "pytorch_1": [], "pytorch_2": []}
    errors = {name: [] for name in seconds}
    for _ in range(args.rounds):
        for name in seconds:
            if name == "ritz":
                with tempfile.TemporaryDirectory() as folder:
                    epochs, error = run_ritz(args, str(pathlib.Path(folder) / "run"))
            else:
                epochs, error = run_pytorch(args, int(name[-1]))
            if not error <= args.error:
                raise SystemExit(f"{name} did not learn: relative L2 error {error}")
            print(f"{name}: {statistics.median(epochs):.4f} s per epoch, error {error:.4f}",
                  file=sys.stderr)
            seconds[name] += epochs
            errors[name].append(error)
        args.seed += 1

    per_epoch = {name: statistics.median(values) for name, values in seconds.items()}
    best = min(per_epoch["pytorch_1"], per_epoch["pytorch_2"])
    result = {"bench": "darcy_gallery", "rounds": args.rounds, "seconds_per_epoch": per_epoch}
    result["seconds_per_epoch_min"] = {name: min(values) for name, values in seconds.items()}
    result["test_rel_l2"] = errors
    result["ratio"] = best / per_epoch["ritz"]
    print(json.dumps(result))


if __name__ == "__main__":
    main()
