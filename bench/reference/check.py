# SPDX-License-Identifier: BSD-3-Clause
"""Checks the reference before anybody is compared with it.

usage: check.py FIXTURE.h5... [--train darcy_train_16.h5]

A fixture holds parameters, input, output and gradients of neuraloperator's own FNO or of the
original one in double precision; all of them must be met to 1e-12, and the same in single precision to 1e-4. With --train
the first eight training steps must have published losses too.
"""
import argparse
import itertools
import json

import h5py
import numpy
import torch

import mgno
import recipe
from fno import FNO, FNO2020, double, gelu

# neuraloperator 00b7d86f, eight steps of the recipe below in single precision.
PUBLISHED_LOSSES = [63.98304, 63.83841, 63.64928, 63.40759, 62.86154, 62.17305, 61.23415, 60.39832]


def relative_error(value, expected, floor=0.0):
    expected = torch.as_tensor(expected)
    largest = max(expected.abs().max().item(), floor)
    return (torch.as_tensor(value) - expected).abs().max().item() / largest


def gelu_gradient_error(function):
    """Largest error of float32 gradients over pairs of memory layouts of value and gradient."""
    shape, worst = (3, 5, 7), 0.0
    for a, b in itertools.product(itertools.permutations(range(3)), repeat=2):
        x, g = (_laid_out(shape, order, seed) for seed, order in enumerate((a, b)))
        single, exact = (
            torch.autograd.grad(function(v.requires_grad_()), v, g.to(v.dtype))[0]
            for v in (x.detach(), x.detach().double())
        )
        worst = max(worst, relative_error(single.double(), exact))
    return worst


def _laid_out(shape, order, seed):
    generator = torch.Generator().manual_seed(seed)
    stored = torch.randn([shape[axis] for axis in order], generator=generator)
    return stored.permute([order.index(axis) for axis in range(len(shape))])


def make_model(name, config):
    """The operator of a fixture; the original one has the option names of its source."""
    if name == "fno-2020":
        padding = [int(n) for n in config["padding"].split(",")]
        return FNO2020((config["num_basis"],) * 2, config["d_model"], padding=padding)
    return mgno.from_fixture(config) if name == "mgno" else FNO(**config)


def tensors(group):
    return {name: torch.from_numpy(group[name][:]) for name in group}


def fixture_errors(path, single):
    """Relative errors of output, input gradient and worst parameter gradient."""
    with h5py.File(path, "r") as file:
        model = double(make_model(file.attrs["name"], json.loads(file.attrs["config"])))
        state, grads = tensors(file["params"]), tensors(file["grads"])
        x, y, r, gx = (torch.from_numpy(file[name][:]) for name in ("x", "y", "r", "gx"))
    model.load_state_dict(state)
    if single:
        for p in model.parameters():
            p.data = p.data.to(torch.cfloat if p.is_complex() else torch.float)
        x, r = x.float(), r.float()
    x.requires_grad_()
    result = model(x)
    (result * r).sum().backward()
    floor = 1e-3 * max(g.abs().max().item() for g in grads.values())
    worst = max(relative_error(p.grad, grads[n], floor) for n, p in model.named_parameters())
    return relative_error(result.detach(), y), relative_error(x.grad, gx), worst


def hashed(index, count, scale):
    """Numbers that need no file: an integer hash of position and parameter index, in [-1, 1)."""
    k = numpy.arange(1, count + 1, dtype=numpy.uint32)
    h = k * numpy.uint32(2654435761) + numpy.uint32((index + 1) * 2246822519 % 2**32)
    h ^= h >> numpy.uint32(15)
    h *= numpy.uint32(2246822519)
    h ^= h >> numpy.uint32(13)
    return torch.from_numpy(scale * (2 * h.astype(numpy.float64) / 2**32 - 1)).float()


def trajectory(path):
    """Batch losses of two epochs over the first 256 samples."""
    x, y = (field[:256] for field in recipe.read(path))
    y = recipe.Normaliser(y).encode(y)
    model = FNO(n_modes=(8, 8), hidden_channels=8)
    for index, (_, p) in enumerate(sorted(model.named_parameters())):
        values = torch.view_as_real(p.data) if p.is_complex() else p.data
        values.copy_(hashed(index, values.numel(), 0.6).view_as(values))
    optimiser = recipe.AdamW(model.parameters())
    losses = []
    for epoch in range(2):
        losses += recipe.train_epoch(model, optimiser, recipe.rate_of_epoch(epoch, 5e-3), x, y)[0]
    return losses


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("fixtures", nargs="*")
    parser.add_argument("--train", help="darcy_train_16.h5")
    args = parser.parse_args()
    good = True

    def report(name, error, tolerance):
        nonlocal good
        good = good and error <= tolerance  # false for NaN
        print(f"{name}: {error:.2e} (at most {tolerance:.0e})")

    print(f"torch's own GELU gradient: {gelu_gradient_error(torch.nn.functional.gelu):.2e}")
    report("GELU gradient", gelu_gradient_error(gelu), 1e-6)
    for path in args.fixtures:
        for single, tolerance in ((False, 1e-12), (True, 1e-4)):
            errors = fixture_errors(path, single)
            for what, error in zip(("output", "input gradient", "parameter gradients"), errors):
                precision = "single" if single else "double"
                report(f"{path} {precision} {what}", error, tolerance)
    if args.train:
        losses = torch.tensor(trajectory(args.train))
        report("losses of eight steps", relative_error(losses, PUBLISHED_LOSSES), 1e-4)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
