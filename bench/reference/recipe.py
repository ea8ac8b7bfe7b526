# SPDX-License-Identifier: BSD-3-Clause
"""neuraloperator's losses, optimiser and Darcy gallery recipe."""
import math
import time

import h5py
import numpy
import torch

EPSILON = 1e-8
BATCH = 64  # in file order, not shuffled
EPOCHS = 15
HALF_PERIOD = 30  # epochs of the cosine schedule
RATE = 1e-2


def relative(difference, truth):
    """sqrt(S(difference)) / sqrt(S(truth)) for sums of squares per sample and channel, added up."""
    return (difference.sqrt() / (truth.sqrt() + EPSILON)).sum()


def l2(prediction, truth):
    """Relative L2 error, summed over samples and channels."""
    difference, truth = ((u.flatten(2).square().sum(2)) for u in (prediction - truth, truth))
    return relative(difference, truth)


def h1(prediction, truth):
    """Relative H1 error on the periodic unit square, central differences; summed likewise."""
    return relative(_h1_square(prediction - truth), _h1_square(truth))


def _h1_square(u):
    total = u.square()
    for axis in (2, 3):
        twice_h = 2 / u.shape[axis]
        total = total + ((u.roll(-1, axis) - u.roll(1, axis)) / twice_h).square()
    return total.sum((2, 3))


class AdamW:
    """Differs from torch.optim.AdamW: epsilon is added to the square root of the uncorrected second
    moment, and decay follows the step. |g|^2 for complex parameters."""

    def __init__(self, parameters, decay=1e-4, betas=(0.9, 0.999), epsilon=1e-6):
        self.parameters = list(parameters)
        self.decay, self.betas, self.epsilon = decay, betas, epsilon
        self.step_count = 0
        self.first = [torch.zeros_like(p) for p in self.parameters]
        self.second = [torch.zeros_like(p.real if p.is_complex() else p) for p in self.parameters]

    def zero_grad(self):
        for p in self.parameters:
            p.grad = None

    @torch.no_grad()
    def step(self, rate):
        self.step_count += 1
        b1, b2 = self.betas
        size = rate * math.sqrt(1 - b2**self.step_count) / (1 - b1**self.step_count)
        for p, m, v in zip(self.parameters, self.first, self.second):
            g = p.grad
            m.mul_(b1).add_(g, alpha=1 - b1)
            if g.is_complex():
                v.mul_(b2).add_(torch.view_as_real(g).square().sum(-1), alpha=1 - b2)
            else:
                v.mul_(b2).addcmul_(g, g, value=1 - b2)
            p.sub_(m / v.sqrt().add_(self.epsilon), alpha=size)
            p.mul_(1 - rate * self.decay)


def rate_of_epoch(epoch, rate=RATE):
    return rate * (1 + math.cos(math.pi * epoch / HALF_PERIOD)) / 2


def read(path):
    """x and y of a file of maps, [samples, 1, N, N] in single precision."""
    with h5py.File(path, "r") as file:
        return [torch.from_numpy(file[name][:].astype(numpy.float32))[:, None] for name in "xy"]


class Normaliser:
    """Per channel; here there is one."""

    def __init__(self, y):
        self.mean, self.std = y.mean(), y.std()

    def encode(self, y):
        return (y - self.mean) / self.std

    def decode(self, y):
        return y * self.std + self.mean


def train_epoch(model, optimiser, rate, x, y, loss=h1, batch=BATCH):
    """One pass; returns the batch losses (sums over samples) and the seconds it took."""
    losses = []
    start = time.perf_counter()
    for first in range(0, len(x), batch):
        optimiser.zero_grad()
        value = loss(model(x[first : first + batch]), y[first : first + batch])
        value.backward()
        optimiser.step(rate)
        losses.append(value.item())
    return losses, time.perf_counter() - start


@torch.no_grad()
def evaluate(model, normaliser, x, y):
    """Relative L2 and H1 error per sample, in physical units."""
    prediction = normaliser.decode(model(x))
    return l2(prediction, y).item() / len(x), h1(prediction, y).item() / len(x)
