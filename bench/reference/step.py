# SPDX-License-Identifier: BSD-3-Clause
"""Times one full training step (forward, gradients, AdamW) of the reference FNO-2D.

One JSON line per case and thread count. The loss is the relative L2 error of random fields.
"""
import argparse
import json
import statistics
import time

import torch

import recipe
from fno import FNO

CASES = {
    "A": {"grid": 64, "modes": 24, "channels": 32, "batch": 16},
    "B": {"grid": 128, "modes": 32, "channels": 64, "batch": 4},
}


def time_steps(grid, modes, channels, batch, steps):
    """Seconds of each step after two that warm up, and the losses of all."""
    torch.manual_seed(0)
    x, y = torch.randn(2, batch, 1, grid, grid)
    model = FNO(n_modes=(modes, modes), hidden_channels=channels)
    optimiser = recipe.AdamW(model.parameters())
    losses, seconds = [], []
    for _ in range(steps + 2):
        start = time.perf_counter()
        loss, _ = recipe.train_epoch(model, optimiser, 1e-3, x, y, recipe.l2, batch)
        seconds.append(time.perf_counter() - start)
        losses += loss
    return seconds[2:], losses


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", default=list(CASES), help=f"of {', '.join(CASES)}")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--steps", type=int, default=5)
    args = parser.parse_args()
    for name in args.cases:
        if name not in CASES:
            parser.error(f"no case {name}, there are: {', '.join(CASES)}")

    for name in args.cases:
        for threads in args.threads:
            torch.set_num_threads(threads)
            seconds, losses = time_steps(**CASES[name], steps=args.steps)
            if not losses[-1] < losses[0]:
                raise SystemExit(f"case {name} does not learn: losses {losses}")
            line = {"case": name, **CASES[name], "threads": threads, "steps": args.steps}
            line["seconds_median"] = statistics.median(seconds)
            line["seconds_min"] = min(seconds)
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
