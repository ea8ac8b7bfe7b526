# SPDX-License-Identifier: BSD-3-Clause
"""Times training steps (forward, gradients, AdamW), predictions of the reference operators and single
operations.

A case is a line of `ritz bench CASE --json`: its fields case, operator, options, grid, batch and
direction say what to do. One JSON line per case and thread count. Fields are random; the loss of training is the
relative L2 error, and it must fall.
"""
import argparse
import json
import statistics
import time

import torch

import ops
import recipe
from fno import FNO, FNO2020, count
from mgno import MgNO

MODELS = {"fno": FNO, "fno_2020": FNO2020, "mgno": MgNO}


def peak_resident_set():
    """MiB, the largest of this process so far."""
    with open("/proc/self/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024


def time_runs(job, seconds, least=3):
    """Seconds of each run after two that warm up."""
    job(), job()
    times, end = [], time.perf_counter() + seconds
    while len(times) < least or time.perf_counter() < end:
        start = time.perf_counter()
        job()
        times.append(time.perf_counter() - start)
    return sorted(times)


def make(case):
    """The model and a field for it."""
    torch.manual_seed(0)
    model = MODELS[case["operator"]](**case["options"])
    shape = [case["batch"], *case["grid"]]
    shape.insert(len(shape) if model.channels_last else 1, 1)
    return model, torch.randn(shape)


def time_training(case, seconds):
    model, x = make(case)
    y = torch.randn_like(x)
    optimiser, losses = recipe.AdamW(model.parameters()), []

    def step():
        losses.extend(recipe.train_epoch(model, optimiser, 1e-3, x, y, recipe.l2, len(x))[0])

    times = time_runs(step, seconds)
    if not losses[-1] < losses[0]:
        raise SystemExit(f"{case['case']} does not learn: losses {losses}")
    return model, times


@torch.no_grad()
def time_prediction(case, seconds):
    model, x = make(case)
    model.eval()
    return model, time_runs(lambda: model(x), seconds)


def time_operation(case, seconds):
    return None, time_runs(ops.make(case), seconds)


TIMED = {"train": time_training, "infer": time_prediction}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("cases", nargs="+", type=json.loads, help="lines of `ritz bench --json`")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--seconds", type=float, default=1, help="to spend on a measurement")
    args = parser.parse_args()
    empty = peak_resident_set()
    for case in args.cases:
        timed = TIMED.get(case["case"].split("/")[0], time_operation)
        for threads in args.threads:
            torch.set_num_threads(threads)
            model, times = timed(case, args.seconds)
            line = {"case": case["case"], "threads": threads}
            line["median_ms"] = 1e3 * statistics.median(times)
            line["min_ms"] = 1e3 * times[0]
            line["p99_ms"] = 1e3 * times[-(-99 * len(times) // 100) - 1]
            line["runs"] = len(times)
            if model:
                line["parameters"] = count(model)
            line["peak_rss_mib"], line["empty_rss_mib"] = peak_resident_set(), empty
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
