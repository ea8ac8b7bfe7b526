# SPDX-License-Identifier: BSD-3-Clause
"""The Fourier neural operator in PyTorch: neuraloperator's with its default options, and the
original of 2020 in its later form.

Li et al. 2021, arXiv:2010.08895. FNO takes fields channels-first, [B, C, d1, ..., dn]; parameters
have neuraloperator's state-dict names, so weights go back and forth. Pointwise layers are Conv1d
over the flattened grid, as there. FNO2020 takes [B, d1, d2, C] and has the names of its authors.
"""
import math

import torch
from torch import nn


class _ContiguousGradient(torch.autograd.Function):
    """Identity that hands a contiguous gradient down."""

    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient.contiguous()


def gelu(x):
    """x Phi(x). Debian's PyTorch 1.13 returns wrong float32 GELU gradients when value and gradient
    differ in memory layout (check.py shows it), so here both are contiguous."""
    return _ContiguousGradient.apply(nn.functional.gelu(x.contiguous()))


class ChannelMLP(nn.Module):
    """Linear, GELU, linear at each grid point."""

    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        self.fcs = nn.ModuleList([nn.Conv1d(inputs, hidden, 1), nn.Conv1d(hidden, outputs, 1)])

    def forward(self, x):
        y = self.fcs[1](gelu(self.fcs[0](x.flatten(2))))
        return y.reshape(x.shape[0], -1, *x.shape[2:])


class LinearSkip(nn.Module):
    """One linear map at each grid point, no bias."""

    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv1d(channels, channels, 1, bias=False)

    def forward(self, x):
        return self.conv(x.flatten(2)).view_as(x)


class SoftGating(nn.Module):
    """One factor per channel."""

    def __init__(self, channels, dims):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1, channels, *[1] * dims))

    def forward(self, x):
        return self.weight * x


class SpectralConv(nn.Module):
    """F^-1 (R . F x) + b over the lowest modes.

    The forward transform carries 1/N. Along every axis but the last the k kept frequencies are
    -floor(k/2) ... ceil(k/2)-1, along the last one 0 ... k-1 of the half spectrum.
    """

    def __init__(self, channels, n_modes):
        super().__init__()
        self.n_modes = [*n_modes[:-1], n_modes[-1] // 2 + 1]
        sigma = math.sqrt(2 / (2 * channels))  # of the complex number
        shape = (channels, channels, *self.n_modes)
        self.weight = nn.Module()  # gives the parameter its published name, weight.tensor
        self.weight.tensor = nn.Parameter(sigma * torch.randn(shape, dtype=torch.cfloat))
        self.bias = nn.Parameter(sigma * torch.randn(channels, *[1] * len(n_modes)))

    def forward(self, x):
        return self.convolve(x) + self.bias

    def convolve(self, x):
        """F^-1 (R . F x)."""
        axes = list(range(2, x.dim()))
        spectrum = torch.fft.rfftn(x, dim=axes, norm="forward")
        if len(axes) > 1:
            spectrum = torch.fft.fftshift(spectrum, dim=axes[:-1])
        kept, rows = self._slices(spectrum.shape[2:])
        product = torch.zeros_like(spectrum)
        product[kept] = torch.einsum("bi...,io...->bo...", spectrum[kept], self.weight.tensor[rows])
        if len(axes) > 1:
            product = torch.fft.ifftshift(product, dim=axes[:-1])
        return torch.fft.irfftn(product, s=x.shape[2:], dim=axes, norm="forward")

    def _slices(self, sizes):
        """Of the shifted spectrum and of the weight, the parts that meet."""
        kept, rows = [slice(None)] * 2, [slice(None)] * 2
        for size, modes in zip(sizes[:-1], self.n_modes[:-1]):
            k = min(size, modes)
            kept.append(slice(size // 2 - k // 2, size // 2 + k // 2 + k % 2))
            rows.append(slice((modes - k) // 2, (modes - k) // 2 + k))
        k = min(sizes[-1], self.n_modes[-1])
        return tuple([*kept, slice(k)]), tuple([*rows, slice(k)])


class FNOBlocks(nn.Module):
    """gelu(conv(x) + skip(x)), then gelu(mlp(.) + gate(x)); the last block has no gelu of its own."""

    def __init__(self, channels, n_modes, n_layers):
        super().__init__()
        dims, layers = len(n_modes), range(n_layers)
        inner = round(channels * 0.5)
        self.convs = nn.ModuleList([SpectralConv(channels, n_modes) for _ in layers])
        self.fno_skips = nn.ModuleList([LinearSkip(channels) for _ in layers])
        self.channel_mlp = nn.ModuleList([ChannelMLP(channels, inner, channels) for _ in layers])
        self.channel_mlp_skips = nn.ModuleList([SoftGating(channels, dims) for _ in layers])

    def forward(self, x, i):
        last = i == len(self.convs) - 1
        u = self.convs[i](x) + self.fno_skips[i](x)
        u = u if last else gelu(u)
        u = self.channel_mlp[i](u) + self.channel_mlp_skips[i](x)
        return u if last else gelu(u)


class FNO(nn.Module):
    channels_last = False

    def __init__(self, n_modes, hidden_channels, in_channels=1, out_channels=1, n_layers=4):
        super().__init__()
        width = 2 * hidden_channels
        self.lifting = ChannelMLP(in_channels + len(n_modes), width, hidden_channels)
        self.fno_blocks = FNOBlocks(hidden_channels, n_modes, n_layers)
        self.projection = ChannelMLP(hidden_channels, width, out_channels)

    def forward(self, x):
        x = self.lifting(append_grid(x))
        for i in range(len(self.fno_blocks.convs)):
            x = self.fno_blocks(x, i)
        return self.projection(x)


class CornerConv(nn.Module):
    """F^-1 (R . F x) in two dimensions: `modes` rows at either end of the first axis of the half
    spectrum, each end with weights of its own, and the first columns of the last axis."""

    def __init__(self, channels, modes):
        super().__init__()
        self.modes = modes
        shape, scale = (channels, channels, *modes), 1 / channels**2
        self.weights1 = nn.Parameter(scale * torch.rand(shape, dtype=torch.cfloat))
        self.weights2 = nn.Parameter(scale * torch.rand(shape, dtype=torch.cfloat))

    def forward(self, x):
        rows, columns = self.modes
        spectrum = torch.fft.rfft2(x)
        product = torch.zeros_like(spectrum)
        for ends, weights in ((slice(rows), self.weights1), (slice(-rows, None), self.weights2)):
            part = spectrum[:, :, ends, :columns]
            product[:, :, ends, :columns] = torch.einsum("bixy,ioxy->boxy", part, weights)
        return torch.fft.irfft2(product, s=x.shape[2:])


class FNO2020(nn.Module):
    """Two-dimensional: gelu(K v + W v + b) three times, without gelu a fourth time."""

    channels_last = True
    layers = range(4)

    def __init__(self, modes, width=32, in_channels=1, out_channels=1, padding=(0, 0)):
        super().__init__()
        self.padding = padding
        self.fc0 = nn.Linear(in_channels + 2, width)
        for i in self.layers:
            setattr(self, f"conv{i}", CornerConv(width, modes))
            setattr(self, f"w{i}", nn.Conv2d(width, width, 1))
        self.fc1 = nn.Linear(width, 128)
        self.fc2 = nn.Linear(128, out_channels)

    def forward(self, x):
        axes = [torch.linspace(0, 1, n, dtype=x.dtype) for n in x.shape[1:3]]
        grid = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
        x = self.fc0(torch.cat([x, grid.expand(x.shape[0], *grid.shape)], dim=-1))
        x = nn.functional.pad(x.permute(0, 3, 1, 2), [0, self.padding[1], 0, self.padding[0]])
        for i in self.layers:
            x = getattr(self, f"conv{i}")(x) + getattr(self, f"w{i}")(x)
            x = gelu(x) if i < self.layers[-1] else x
        rows, columns = (n - p for n, p in zip(x.shape[2:], self.padding))
        x = x[..., :rows, :columns].permute(0, 2, 3, 1)
        return self.fc2(gelu(self.fc1(x)))


def count(model):
    """Trainable real numbers; a complex one counts twice."""
    return sum(p.numel() * (2 if p.is_complex() else 1) for p in model.parameters())


def append_grid(x):
    """Coordinates i / N of each axis as further channels."""
    axes = [torch.arange(n, dtype=x.dtype) / n for n in x.shape[2:]]
    grid = torch.stack(torch.meshgrid(*axes, indexing="ij"))
    return torch.cat([x, grid.expand(x.shape[0], *grid.shape)], dim=1)


def double(model):
    """To double precision; Module.double() leaves complex parameters as they are."""
    for p in model.parameters():
        p.data = p.data.to(torch.cdouble if p.is_complex() else torch.double)
    return model
