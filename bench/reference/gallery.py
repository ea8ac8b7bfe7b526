# SPDX-License-Identifier: BSD-3-Clause
"""Trains the reference FNO by neuraloperator's Darcy gallery recipe.

One JSON line per epoch, then one line that sums up the run.
"""
import argparse
import json
import statistics

import torch

import recipe
from fno import FNO, count


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", help="darcy_train_16.h5")
    parser.add_argument("test", nargs="?", help="darcy_test_16.h5")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=recipe.EPOCHS)
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    x, y = recipe.read(args.train)
    test = recipe.read(args.test) if args.test else None
    normaliser = recipe.Normaliser(y)
    y = normaliser.encode(y)
    model = FNO(n_modes=(8, 8), hidden_channels=24)
    optimiser = recipe.AdamW(model.parameters())

    seconds = []
    for epoch in range(args.epochs):
        losses, elapsed = recipe.train_epoch(model, optimiser, recipe.rate_of_epoch(epoch), x, y)
        seconds.append(elapsed)
        line = {"epoch": epoch, "seconds": elapsed, "train_h1": sum(losses) / len(x)}
        if test:
            line["test_rel_l2"], line["test_rel_h1"] = recipe.evaluate(model, normaliser, *test)
        print(json.dumps(line), flush=True)
    summary = {"seed": args.seed, "threads": args.threads, "parameters": count(model)}
    summary["seconds_per_epoch"] = statistics.median(seconds)
    summary["seconds_per_epoch_min"] = min(seconds)
    print(json.dumps({**line, **summary}))


if __name__ == "__main__":
    main()
