#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Ritz against PyTorch, case by case, in turn.

usage: compare_torch.py [CASE]...      cases of `ritz bench`, or gallery

Each round runs `ritz bench` with all processors, then the operators of bench/reference in PyTorch
with one and with two threads, every one in a process of its own; PyTorch gets the case, options and
grid from the line of Ritz, and both must have the same number of parameters. Medians over the
rounds of the medians of each; `ratio` is the time of the faster PyTorch over that of Ritz. Training
cases also say how much memory the processes held at most (peak resident sets), predictions the 99th
percentile of the times of a run; of single operations each direction counts by itself. `gallery` is
an epoch of neuraloperator's Darcy gallery recipe (bench/gallery.py). One JSON line per case and
direction.
"""
import argparse
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys

import gallery

ROOT = pathlib.Path(__file__).resolve().parent.parent
STEP = ROOT / "bench" / "reference" / "step.py"
DATA = ROOT / "datasets" / "data"
# What PyTorch is told of a case.
KEYS = ("case", "operator", "options", "grid", "batch", "direction", "channels", "modes", "heads",
        "inputs", "output")
GROUPS = ("train", "infer", "spectral", "attention", "pool", "resample")
WITHOUT = ("attention/windows", "attention/latent-patches", "resample/spectral")  # has none of these
DIRECTIONS = (None, "forward", "both", "vjp")


def run(*command):
    """The JSON lines a command prints."""
    command = list(map(str, command))
    print("$", shlex.join(command), file=sys.stderr)
    text = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [json.loads(line) for line in text.splitlines()]


def list_cases(args):
    text = subprocess.run([args.ritz, "bench", "--list", *GROUPS], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    names = [line.split()[0] for line in text.splitlines()]
    return [name for name in names if not name.startswith(WITHOUT)] + ["gallery"]


def compare_gallery(args, name):
    options = ["--ritz", args.ritz, "--python", args.python, "--rounds", args.rounds]
    line = run(sys.executable, gallery.__file__, DATA / "darcy_train_16.h5",
               DATA / "darcy_test_16.h5", *options)[-1]
    seconds = line["seconds_per_epoch"]
    torch_ms = {threads: 1e3 * seconds[f"pytorch_{threads}"] for threads in "12"}
    return [{"case": name, "rounds": line["rounds"], "ritz_ms": 1e3 * seconds["ritz"],
             "torch_ms": torch_ms, "ratio": line["ratio"]}]


def measure_case(args, name):
    """By direction, the lines of all rounds, by program: ritz, 1 and 2."""
    lines = {}
    for _ in range(args.rounds):
        ours = [line for line in run(args.ritz, "bench", name, "--json", "--seconds", args.seconds,
                                     "--threads", args.threads)
                if line.get("direction") in DIRECTIONS]
        cases = [json.dumps({key: line[key] for key in KEYS if key in line}) for line in ours]
        theirs = {threads: run(args.python, STEP, *cases, "--threads", threads,
                               "--seconds", args.seconds) for threads in (1, 2)}
        for i, line in enumerate(ours):
            of = lines.setdefault(line.get("direction"), {"ritz": [], 1: [], 2: []})
            of["ritz"].append(line)
            for threads in (1, 2):
                check_parameters(name, line, theirs[threads][i])
                of[threads].append(theirs[threads][i])
    return lines


def check_parameters(name, ours, theirs):
    if theirs.get("parameters") != ours.get("parameters"):
        raise SystemExit(f"{name}: {ours.get('parameters')} parameters in Ritz, "
                         f"{theirs.get('parameters')} in PyTorch")


def middle(lines, key):
    return statistics.median(line[key] for line in lines)


def summarise(args, name, direction, lines):
    ours, theirs = lines["ritz"], [lines[1], lines[2]]
    best = min(theirs, key=lambda some: middle(some, "median_ms"))
    result = {"case": name, "rounds": args.rounds, "threads": ours[0]["threads"],
              "ritz_ms": middle(ours, "median_ms"),
              "torch_ms": {str(some[0]["threads"]): middle(some, "median_ms") for some in theirs}}
    if direction:
        result["direction"] = direction
    result["ratio"] = middle(best, "median_ms") / result["ritz_ms"]
    result["ritz_min_ms"] = min(line["min_ms"] for line in ours)
    result["torch_min_ms"] = min(line["min_ms"] for some in theirs for line in some)
    result["ritz_peak_fraction"] = statistics.median(line["peak_fraction"] or 0 for line in ours)
    if name.startswith("infer/"):
        result["ritz_p99_ms"] = middle(ours, "p99_ms")
        result["torch_p99_ms"] = min(middle(some, "p99_ms") for some in theirs)
    if name.startswith("train/"):
        result["ritz_rss_mib"] = middle(ours, "peak_rss_mib")
        result["torch_rss_mib"] = min(middle(some, "peak_rss_mib") for some in theirs)
        result["torch_empty_rss_mib"] = middle(best, "empty_rss_mib")
        result["rss_ratio"] = result["torch_rss_mib"] / result["ritz_rss_mib"]
    return result


def compare_case(args, name):
    lines = measure_case(args, name)
    return [summarise(args, name, direction, some) for direction, some in lines.items()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("cases", nargs="*", metavar="CASE", help="default: all")
    parser.add_argument("--ritz", default=str(ROOT / "build" / "release" / "bin" / "ritz"))
    parser.add_argument("--python", default=sys.executable, help="one that has torch and h5py")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)),
                        help="of Ritz (default: all processors)")
    parser.add_argument("--list", action="store_true", help="only say which cases there are")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1, help="of each measurement")
    args = parser.parse_args()
    known = list_cases(args)
    if args.list:
        print(*known, sep="\n")
        return
    for name in args.cases:
        if name not in known:
            parser.error(f"unknown case {name!r}; known: {', '.join(known)}")
    for name in args.cases or known:
        compare = compare_gallery if name == "gallery" else compare_case
        for line in compare(args, name):
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
