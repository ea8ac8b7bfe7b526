#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""What a looser tolerance of the data does to a trained network.

usage: tolerance.py [--ritz PATH] [--out DIR] [--tolerances T,...] [--samples N] [--resolution N] [--epochs N]
                    [--seeds N]

Makes the same Darcy samples (one seed) once for every tolerance, trains one small Fourier neural operator on
each, for several seeds of the training, and evaluates all of them on one test set solved to 1e-8. The
spread over seeds says which differences mean something. Prints Markdown; the last line is JSON.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(command):
    print("$", " ".join(map(str, command)), file=sys.stderr)
    return subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, text=True).stdout


def generate(arguments, name, tolerance, samples, first):
    """Path of a data set, and the largest true residual of its samples."""
    path = os.path.join(arguments.out, name)
    said = run([arguments.ritz, "generate", "darcy", "--resolution", arguments.resolution,
                "--samples", samples, "--first", first, "--set", "tolerance=%g" % tolerance,
                "--out", path, "--force"])
    return path, float(re.search(r"residual <= ([0-9.e+-]+)", said).group(1))


def train(arguments, data, test, seed, folder):
    """Relative L2 error of the last epoch on the test set, and its epochs' seconds."""
    os.makedirs(folder, exist_ok=True)
    config = os.path.join(folder, "wanted.yaml")
    with open(config, "w") as file:  # JSON is YAML
        json.dump({
            "operator": {"name": "fno", "n_modes": [16, 16], "hidden_channels": 16},
            "data": {"train": data, "test": [test], "normalize_x": "channel",
                     "normalize_y": "channel"},
            "loss": {"name": "rel_l2"},
            "optimizer": {"name": "adamw", "lr": 4e-3, "weight_decay": 1e-4},
            "schedule": {"name": "one_cycle"},
            "train": {"epochs": arguments.epochs, "batch_size": 16, "seed": seed,
                      "eval_every": arguments.epochs},
        }, file)
    run([arguments.ritz, "train", config, "--out", folder, "--force"])
    found = json.loads(run([arguments.ritz, "eval", os.path.join(folder, "last.h5"), test,
                            "--json"]).splitlines()[0])
    return found["rel_l2"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ritz", default=os.path.join(ROOT, "build/release/bin/ritz"))
    parser.add_argument("--out", default="out/tolerance")
    parser.add_argument("--tolerances", default="1e-2,1e-5,1e-8")
    parser.add_argument("--samples", type=int, default=256)
    parser.add_argument("--resolution", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seeds", type=int, default=2)
    arguments = parser.parse_args()
    os.makedirs(arguments.out, exist_ok=True)
    test, _ = generate(arguments, "test.h5", 1e-8, 200, 10**6)
    print("| tolerance | largest residual | rel_l2 of each seed | mean |")
    print("|---|---|---|---|", flush=True)
    results = []
    for text in arguments.tolerances.split(","):
        tolerance = float(text)
        data, residual = generate(arguments, "train_%s.h5" % text, tolerance, arguments.samples, 0)
        errors = [train(arguments, data, test, seed,
                        os.path.join(arguments.out, "%s_%d" % (text, seed)))
                  for seed in range(arguments.seeds)]
        print("| %s | %.2g | %s | %.7f |" % (text, residual, " ".join("%.7f" % e for e in errors),
                                              statistics.mean(errors)), flush=True)
        results.append({"tolerance": tolerance, "residual": residual, "rel_l2": errors})
    print(json.dumps({"samples": arguments.samples, "resolution": arguments.resolution,
                      "epochs": arguments.epochs, "results": results}))


if __name__ == "__main__":
    main()
