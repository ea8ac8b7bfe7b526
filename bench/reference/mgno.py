# SPDX-License-Identifier: BSD-3-Clause
"""MgNO in PyTorch, the published form for Dirichlet boundaries: every linear map is a multigrid
V-cycle of 3 x 3 convolutions.

He, Liu & Xu 2024, arXiv:2310.19809. Fields are channels-first; parameters have the state-dict names
of the published implementation, so weights go back and forth.
"""
import torch
from torch import nn

from fno import gelu


def conv(inputs, outputs, stride=1):
    return nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)


class First(nn.Module):
    """u = S f: the first step of all, from u = 0."""

    def __init__(self, u, f):
        super().__init__()
        self.S = conv(f, u)

    def forward(self, right):
        return self.S(right), right


class Step(nn.Module):
    """u + S (f - A u)."""

    def __init__(self, u, f):
        super().__init__()
        self.S, self.A = conv(f, u), conv(u, f)

    def forward(self, pair):
        u, right = pair
        return u + self.S(right - self.A(u)), right


class Down(nn.Module):
    """Pi u, R f."""

    def __init__(self, u, f):
        super().__init__()
        self.Pi, self.R = conv(u, u, 2), conv(f, f, 2)

    def forward(self, pair):
        return self.Pi(pair[0]), self.R(pair[1])


class Cycle(nn.Module):
    def __init__(self, steps, u, f):
        super().__init__()
        self.levels = len(steps)
        self.RTlayers = nn.ModuleList(
            nn.ConvTranspose2d(u, u, 4, stride=2, padding=1, bias=False) for _ in steps[1:])
        for level, count in enumerate(steps):
            first = Down(u, f) if level else First(u, f)
            rest = [Step(u, f) for _ in range(count if level else count - 1)]
            setattr(self, f"layer{level}", nn.Sequential(first, *rest))

    def forward(self, state):
        us = []
        for level in range(self.levels):
            state = getattr(self, f"layer{level}")(state)
            us.append(state[0])
        u = us.pop()
        while us:
            level = len(us) - 1
            u = us.pop() + self.RTlayers[level](u)
        return u


class MgNO(nn.Module):
    """Options are those of Ritz."""

    channels_last = False

    def __init__(self, pre_smoothing, hidden_channels, in_channels=1, n_layers=4):
        super().__init__()
        widths = [in_channels] + [hidden_channels] * n_layers
        pairs = list(zip(widths[1:], widths))
        self.conv_list = nn.ModuleList(Cycle(pre_smoothing, u, f) for u, f in pairs)
        self.linear_list = nn.ModuleList(nn.Conv2d(f, u, 1) for u, f in pairs)
        self.linear = nn.Conv2d(hidden_channels, 1, 1, bias=False)

    def forward(self, u):
        for cycle, skip in zip(self.conv_list, self.linear_list):
            u = gelu(cycle(u) + skip(u))
        return self.linear(u)


def from_fixture(config):
    """The model of a parity fixture of this form."""
    assert config["cls"] == "MgNO_DC" and config.get("activation", "gelu") == "gelu"
    assert all(post == 0 for _, post in config["num_iteration"])
    return MgNO([pre for pre, _ in config["num_iteration"]], config["num_channel_u"],
                config["num_channel_f"], config["num_layer"])
