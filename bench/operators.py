#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""One table over all operators: parameters, seconds per epoch, relative L2 and H1 error.

usage: operators.py [--quick] [--ritz PATH] [--out DIR] [--epochs N] [--seeds N]
                    [--lr X] [--grids N,...] [--only NAME,...]

Every operator of `ritz list operators` that works on a grid is trained alike, by the command, on the Darcy
data of this source tree (16 x 16, 1000 samples, 30 epochs) and on generated ones (64 x 64, 1000 samples, 10
epochs): AdamW, 1e-3, one_cycle, batches of 20, normalised fields, the options below. Errors are those of the
test set (50 and 200 samples) for the best epoch, their mean where there are several seeds (0, 1, ...); seconds
are the median over epochs of training alone. Runs are resumed if they were stopped; with other options they
begin anew.

--quick: two epochs on 40 samples, 64 x 64 replaced by 32 x 32: whether all of it works.
Prints Markdown, and one JSON line for each run into DIR/operators.jsonl.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def options(n):
    """Options of each operator on n x n points: about 0.2 to 5 million parameters on 64 x 64."""
    modes = 8 if n == 16 else 12
    small = n == 16
    fno = {"n_modes": [modes, modes], "hidden_channels": 32, "n_layers": 4}
    return {
        "fno": fno,
        "fno_2020": {"modes": [modes // 2] * 2 if small else [12, 12], "width": 32, "padding": 0},
        "tfno": dict(fno, rank=0.1),
        "mg_tfno": dict(fno, rank=0.1, levels=1, padding_fraction=0.125),
        "uno": {
            "hidden_channels": 32, "n_layers": 5, "uno_out_channels": [32, 64, 64, 64, 32],
            "uno_n_modes": [[modes, modes], [modes, modes], [modes // 2, modes // 2],
                            [modes // 2, modes // 2], [modes, modes]],
            "uno_scalings": [[1, 1], [0.5, 0.5], [1, 1], [2, 2], [1, 1]],
            "channel_mlp_skip": "linear"},
        "uno_2022": {
            "modes": [[4, 4], [2, 2], [2, 2], [2, 2], [4, 4]] if small else
                     [[8, 8], [4, 4], [4, 4], [4, 4], [8, 8]], "width": 16},
        "t1": {"modes": [12, 12] if small else [24, 24], "signal_resolution": [n, n], "width": 16},
        "t1u": {"modes": [12, 12] if small else [24, 24], "signal_resolution": [n, n],
                "channel_exponent": 5, "depth": 3 if small else 4},
        "local_no": dict(fno, hidden_channels=24, default_in_shape=[n, n]),
        "lsm": {"patch": [n // 16, n // 16], "width": 16},
        "mgno": {"pre_smoothing": [1, 1, 1] if small else [1, 1, 1, 1, 1], "hidden_channels": 24},
        "unet": {"width": 16, "depth": 2 if small else 4},
        "unet_modern": {"width": 8},
        "resnet": {"width": 48 if small else 24,
                   "dilations": [1, 2, 4, 2, 1] if small else [1, 2, 4, 8, 4, 2, 1]},
        "convnext": {"width": 24},
        "afno": {"img_size": [n, n], "patch_size": [2, 2] if small else [4, 4], "embed_dim": 64,
                 "depth": 4},
        "deeponet": {"branch_conv": [32, 64], "branch": [128], "latent": 128, "activation": "gelu"},
        "pod_deeponet": {"branch_conv": [32, 64], "branch": [128], "modes": 32,
                         "activation": "gelu"},
        "multionet": {"branch_conv": [32, 64], "layers": 4, "activation": "gelu"},
    }


EPOCHS = {16: 30, 64: 10} # without --epochs
OTHER_DATA = {"lsm_irregular", "sfno"} # scattered points, frames in time


def run(command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit("%s\n%s" % (" ".join(command), result.stderr.strip()))
    return result.stdout


def read(path):
    with open(path) as file:
        return file.read()


def listed(ritz):
    return [line.split()[0] for line in run([ritz, "list", "operators"]).splitlines() if line.strip()]


def data_sets(ritz, out, quick):
    """(points per axis, training set, test set); generated where they are not there yet."""
    n = 32 if quick else 64
    sets = [(16, os.path.join(ROOT, "datasets/data/darcy_train_16.h5"),
             os.path.join(ROOT, "datasets/data/darcy_test_16.h5"))]
    files = [os.path.join(out, "darcy_%s_%d.h5" % (which, n)) for which in ("train", "test")]
    samples = (40, 10) if quick else (1000, 200)
    for path, count, first in zip(files, samples, (0, samples[0])):
        if not os.path.exists(path):
            run([ritz, "generate", "darcy", "--resolution", str(n), "--samples", str(count),
                 "--first", str(first), "--out", path])
    return sets + [(n, files[0], files[1])]


def configuration(name, n, train, test, seed, arguments):
    operator = dict(options(n)[name], name=name)
    if arguments.quick:
        train = {"path": train, "first": 40}
        test = {"path": test, "first": 10}
        if name == "pod_deeponet":
            operator["modes"] = 8
    return {
        "operator": operator,
        "data": {"train": train, "test": [test], "normalize_x": "channel",
                 "normalize_y": "channel"},
        "loss": {"name": "rel_l2"},
        "optimizer": {"name": "adamw", "lr": arguments.lr, "weight_decay": 1e-4},
        "schedule": {"name": "one_cycle"},
        "train": {"epochs": arguments.epochs or EPOCHS[n], "batch_size": 20, "seed": seed},
    }


def measure(ritz, name, n, train, test, seed, arguments):
    folder = os.path.join(arguments.out, "%s_%d_%d" % (name, n, seed))
    os.makedirs(folder, exist_ok=True)
    config = os.path.join(folder, "wanted.yaml")
    wanted = json.dumps(configuration(name, n, train, test, seed, arguments)) # JSON is YAML
    begun = os.path.exists(config) and read(config) == wanted
    with open(config, "w") as file:
        file.write(wanted)
    run([ritz, "train", config, "--out", folder, "--resume" if begun else "--force"])
    with open(os.path.join(folder, "metrics.jsonl")) as file:
        epochs = [json.loads(line) for line in file]
    model = json.loads(run([ritz, "info", os.path.join(folder, "model.h5"), "--json"]))
    errors = [flat(epoch) for epoch in epochs]
    best = min((e for e in errors if e["rel_l2"] is not None), key=lambda e: e["rel_l2"])
    return {"operator": name, "points": n, "seed": seed, "parameters": model["parameters"],
            "seconds_per_epoch": statistics.median(e["seconds"] for e in errors),
            "rel_l2": best["rel_l2"], "rel_h1": best["rel_h1"], "epochs": len(epochs)}


def flat(epoch):
    """Seconds and the errors of the only test set of a line of metrics.jsonl."""
    found = {"seconds": epoch["seconds"], "rel_l2": None, "rel_h1": None}
    for value in epoch.values():
        if isinstance(value, dict):
            for one in [value] + [v for v in value.values() if isinstance(v, dict)]:
                for key in ("rel_l2", "rel_h1"):
                    if isinstance(one.get(key), (int, float)):
                        found[key] = one[key]
    return found


def row(results):
    """Of one operator and grid: means over the seeds."""
    first = results[0]
    mean = {key: statistics.mean(result[key] for result in results)
            for key in ("seconds_per_epoch", "rel_l2", "rel_h1")}
    return "| `%s` | %d x %d | %s | %.3g | %.4f | %.4f |" % (
        first["operator"], first["points"], first["points"], "{:,}".format(first["parameters"]),
        mean["seconds_per_epoch"], mean["rel_l2"], mean["rel_h1"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two epochs on few samples")
    parser.add_argument("--ritz", default=os.path.join(ROOT, "build/release/bin/ritz"))
    parser.add_argument("--out", default="out/operators")
    parser.add_argument("--epochs", type=int, default=None,
                        help="on every grid; default: 30 and 10; quick: 2")
    parser.add_argument("--seeds", type=int, default=1, help="runs of each operator")
    parser.add_argument("--lr", type=float, default=1e-3, help="largest learning rate")
    parser.add_argument("--grids", default="", help="16,64")
    parser.add_argument("--only", default="", help="names, with commas")
    arguments = parser.parse_args()
    if arguments.quick and arguments.epochs is None:
        arguments.epochs = 2
    os.makedirs(arguments.out, exist_ok=True)
    names = [n for n in listed(arguments.ritz) if n not in OTHER_DATA]
    unknown = [n for n in names if n not in options(64)]
    if unknown:
        sys.exit("operators.py has no options for %s" % ", ".join(unknown))
    if arguments.only:
        names = [n for n in names if n in arguments.only.split(",")]
    print("| operator | grid | parameters | s / epoch | rel_l2 | rel_h1 |")
    print("|---|---|---|---|---|---|", flush=True)
    with open(os.path.join(arguments.out, "operators.jsonl"), "w") as record:
        for n, train, test in data_sets(arguments.ritz, arguments.out, arguments.quick):
            if arguments.grids and str(n) not in arguments.grids.split(","):
                continue
            for name in names:
                results = [measure(arguments.ritz, name, n, train, test, seed, arguments)
                           for seed in range(arguments.seeds)]
                print(row(results), flush=True)
                record.writelines(json.dumps(result) + "\n" for result in results)
                record.flush()


if __name__ == "__main__":
    main()
