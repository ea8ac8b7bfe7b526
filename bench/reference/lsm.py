# SPDX-License-Identifier: BSD-3-Clause
"""The latent spectral model of arXiv:2301.12664 in plain PyTorch, two-dimensional.

usage: lsm.py FIXTURE.h5...          checks output and gradients against numbers of the authors' code
       lsm.py --time [--threads N] [--batch B] [--width W] [--seconds S]
                                     times forward and all gradients of its Darcy model, 85 x 85

State-dict names are those of the authors' LSM_2D. Written from a description of the method.
"""
import argparse
import json
import statistics
import time

import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    """Neural spectral block: patches of pixels ask tokens and are asked by them."""

    def __init__(self, width, tokens, basis, patch, heads=8):
        super().__init__()
        self.patch, self.heads, self.basis = patch, heads, basis
        self.latent = nn.Parameter(torch.rand(heads, tokens, width // heads) / width)
        self.weights = nn.Parameter(torch.rand(width, 2 * basis) / width)
        self.encoder_attn = nn.Conv2d(width, 2 * width, 1)
        self.decoder_attn = nn.Conv2d(width, width, 1)

    def patches(self, x):
        """[B, C, H, W] -> [B nH nW, heads, pixels, C / heads]."""
        b, c, h, w = x.shape
        p, q = self.patch
        x = x.view(b, self.heads, c // self.heads, h // p, p, w // q, q)
        return x.permute(0, 3, 5, 1, 4, 6, 2).reshape(-1, self.heads, p * q, c // self.heads)

    def forward(self, x):
        b, c, h, w = x.shape
        p, q = self.patch
        keys, values = self.encoder_attn(x).unflatten(1, (c, 2)).unbind(2)
        keys, values = self.patches(keys), self.patches(values)
        t = (self.latent @ keys.transpose(-1, -2)).softmax(-1) @ values + self.latent
        angle = t[..., None] * (torch.pi / self.basis * torch.arange(self.basis, dtype=x.dtype))
        weights = self.weights.view(self.heads, 1, c // self.heads, 2 * self.basis)
        series = torch.cat((angle.sin(), angle.cos()), -1)
        t = (series * weights).sum(-1) + t
        y = (self.patches(self.decoder_attn(x)) @ t.transpose(-1, -2)).softmax(-1) @ t
        y = y.view(b, h // p, w // q, self.heads, p, q, c // self.heads)
        return y.permute(0, 3, 6, 1, 4, 2, 5).reshape(b, c, h, w) + x


class DoubleConv(nn.Module):
    """Convolution, batch norm, ReLU, twice."""

    def __init__(self, wide, out, middle=None):
        super().__init__()
        middle = middle or out
        self.double_conv = nn.Sequential(
            nn.Conv2d(wide, middle, 3, padding=1, bias=False), nn.BatchNorm2d(middle), nn.ReLU(),
            nn.Conv2d(middle, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU())

    def forward(self, x):
        return self.double_conv(x)


class Down(nn.Module):
    def __init__(self, wide, out):
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), DoubleConv(wide, out))

    def forward(self, x):
        return self.maxpool_conv(x)


class Up(nn.Module):
    def __init__(self, wide, out):
        super().__init__()
        self.conv = DoubleConv(wide, out, wide // 2)

    def forward(self, x, skip):
        x = functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
        high, wide = (n - m for n, m in zip(skip.shape[2:], x.shape[2:]))
        x = functional.pad(x, (wide // 2, wide - wide // 2, high // 2, high - high // 2))
        return self.conv(torch.cat((skip, x), 1))


class Output(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 1)

    def forward(self, x):
        return self.conv(x)


class LSM(nn.Module):
    """Fields are [B, H, W, C]; padding is (of the last axis, of the first)."""

    def __init__(self, in_dim=1, out_dim=1, d_model=64, num_token=4, num_basis=12, patch=(6, 6),
                 padding=(11, 11)):
        super().__init__()
        w, self.padding = d_model, padding
        self.fc0 = nn.Linear(in_dim + 2, w)
        self.inc = DoubleConv(w, w)
        for level, (wide, out) in enumerate(((1, 2), (2, 4), (4, 8), (8, 8)), 1):
            setattr(self, f"down{level}", Down(wide * w, out * w))
        for level, (wide, out) in enumerate(((16, 4), (8, 2), (4, 1), (2, 1)), 1):
            setattr(self, f"up{level}", Up(wide * w, out * w))
        for level, wide in enumerate((1, 2, 4, 8, 8), 1):
            setattr(self, f"process{level}", Block(wide * w, num_token, num_basis, patch))
        self.outc = Output(w)
        self.fc1, self.fc2 = nn.Linear(w, 128), nn.Linear(128, out_dim)

    def forward(self, x):
        b, h, w, _ = x.shape
        axes = (torch.linspace(0, 1, n, dtype=x.dtype) for n in (h, w))
        grid = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1).expand(b, h, w, 2)
        x = self.fc0(torch.cat((x, grid), -1)).permute(0, 3, 1, 2).contiguous()
        x = functional.pad(x, (0, self.padding[0], 0, self.padding[1]))
        levels = [self.inc(x)]
        for level in range(1, 5):
            levels.append(getattr(self, f"down{level}")(levels[-1]))
        y = self.process5(levels[4])
        for level in range(1, 5):
            skip = getattr(self, f"process{5 - level}")(levels[4 - level])
            y = getattr(self, f"up{level}")(y, skip)
        y = self.outc(y)[:, :, :h, :w].permute(0, 2, 3, 1).contiguous()
        return self.fc2(functional.gelu(self.fc1(y)))


def check(path):
    """Prints the largest relative error of output and gradients in double precision."""
    import h5py

    def pair(text):
        return [int(n) for n in text.split(",")]

    with h5py.File(path, "r") as file:
        config = json.loads(file.attrs["config"])
        patch, padding = pair(config.pop("patch_size")), pair(config.pop("padding"))
        training = config.pop("train_mode")
        model = LSM(patch=patch, padding=padding, **config).double().train(training)
        state = model.state_dict()
        for group in "params", "buffers_before" if "buffers_before" in file else "buffers":
            for name in file[group]:
                state[name] = torch.as_tensor(file[group][name][()])
        model.load_state_dict(state)
        x = torch.as_tensor(file["x"][()]).requires_grad_()
        y = model(x)
        (y * torch.as_tensor(file["r"][()])).sum().backward()
        found = {"y": y.detach(), "gx": x.grad}
        wanted = {name: torch.as_tensor(file[name][()]) for name in found}
        for name, parameter in model.named_parameters():
            if name in file["grads"]:
                found[name], wanted[name] = parameter.grad, torch.as_tensor(file["grads"][name][()])
    floor = 1e-3 * max(v.abs().max() for v in wanted.values())
    error = max(((found[k] - v).abs().max() / max(v.abs().max(), floor)).item()
                for k, v in wanted.items())
    print(f"{path}: {len(wanted)} tensors, largest relative error {error:.1e}")
    return error < 1e-10


def measure(arguments):
    """One JSON line with the median time of forward and all gradients."""
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    model = LSM(d_model=arguments.width)
    x, truth = torch.rand(2, arguments.batch, 85, 85, 1).unbind()
    times, end = [], 0.0
    while len(times) < 5 or time.perf_counter() < end:
        model.zero_grad(set_to_none=True)
        start = time.perf_counter()
        y = model(x)
        error = (y - truth).flatten(1).norm(dim=1) / truth.flatten(1).norm(dim=1)
        error.sum().backward()
        times.append(time.perf_counter() - start)
        end = end or time.perf_counter() + arguments.seconds
    print(json.dumps({"case": "lsm2d-85", "implementation": f"PyTorch {torch.__version__}",
                      "threads": arguments.threads, "batch": arguments.batch,
                      "width": arguments.width,
                      "median_ms": round(1e3 * statistics.median(times[1:]), 2),
                      "min_ms": round(1e3 * min(times[1:]), 2), "runs": len(times) - 1}))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fixture", nargs="*")
    parser.add_argument("--time", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5.0)
    arguments = parser.parse_args()
    passed = [check(path) for path in arguments.fixture]
    if arguments.time:
        measure(arguments)
    raise SystemExit(not all(passed))


if __name__ == "__main__":
    main()
