# SPDX-License-Identifier: BSD-3-Clause
"""Single operations as the lines of `ritz bench` describe them: spectral convolution, attention,
pooling, resampling. Fields are channels-first."""
import torch
from torch import nn
from torch.nn import functional

from fno import SpectralConv


def spectral(case):
    conv = SpectralConv(case["channels"], [*case["modes"][:-1], 2 * (case["modes"][-1] - 1)])
    x = torch.randn(case["batch"], case["channels"], *case["grid"])
    return conv.convolve, [x], [conv.weight.tensor]


def attention(case):
    """Of all tokens, [B, N, heads * width]; products as in nn.MultiheadAttention."""
    heads = case["heads"]

    def attend(query, key, value):
        query, key, value = (x.unflatten(-1, (heads, -1)).transpose(1, 2)
                             for x in (query, key, value))
        scores = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
        return (scores.softmax(-1) @ value).transpose(1, 2).flatten(2)

    return attend, [torch.randn(shape) for shape in case["inputs"]], []


def _field(case):
    batch, *grid, channels = case["inputs"][0]
    return torch.randn(batch, channels, *grid)


def pool(case):
    kind = nn.MaxPool2d if "/max-" in case["case"] else nn.AvgPool2d
    return kind(case["inputs"][0][1] // case["output"][1]), [_field(case)], []


RESAMPLE = {"nearest": {"mode": "nearest"},
            "linear": {"mode": "bilinear", "align_corners": True},
            "cubic": {"mode": "bicubic", "align_corners": True}}


def resample(case):
    options = RESAMPLE[case["case"].split("/")[1].split("-")[0]]
    size = case["output"][1:-1]
    return lambda x: functional.interpolate(x, size, **options), [_field(case)], []


MAKE = {"spectral": spectral, "attention": attention, "pool": pool, "resample": resample}


def make(case):
    """What one run of the case's direction does: "forward" without gradients, "vjp" all gradients
    of a forward run that is done, "both" the two."""
    torch.manual_seed(0)
    function, inputs, parameters = MAKE[case["case"].split("/")[0]](case)
    wanted = [x.requires_grad_() for x in inputs] + parameters

    @torch.no_grad()
    def forward():
        return function(*inputs)

    cotangent = torch.randn_like(forward())

    def both():
        torch.autograd.grad(function(*inputs), wanted, cotangent)

    done = function(*inputs)

    def vjp():
        torch.autograd.grad(done, wanted, cotangent, retain_graph=True)

    return {"forward": forward, "both": both, "vjp": vjp}[case["direction"]]
