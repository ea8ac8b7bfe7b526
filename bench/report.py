# SPDX-License-Identifier: BSD-3-Clause
"""Writes measured lines as tables into a page, between its marks (bench/report.sh)."""
import argparse
import json
import os
import pathlib
import re

BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"


def read(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]


def milliseconds(value):
    return f"{value:.3g} ms" if value < 1000 else f"{value / 1000:.3g} s"


def table(head, rows):
    lines = ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]]
    return "\n".join(lines) + "\n"


def compare_row(line):
    memory = ""
    if "rss_ratio" in line:
        memory = (f"{line['torch_rss_mib']:.0f} / {line['ritz_rss_mib']:.0f} MiB "
                  f"= {line['rss_ratio']:.1f}")
    times = [line["ritz_ms"], line["torch_ms"]["1"], line["torch_ms"]["2"]]
    return [f"`{line['case']}`", *map(milliseconds, times), f"**{line['ratio']:.1f}**",
            str(line["rounds"]), memory]


def bench_row(line):
    def percent(value):
        return "" if value is None else f"{100 * value:.0f} %"

    times = [milliseconds(line[key]) for key in ("median_ms", "min_ms", "p99_ms")]
    rate = "" if line["gflops"] is None else f"{line['gflops']:.0f}"
    return [f"`{line['case']}`", str(line["threads"]), *times, rate,
            percent(line["peak_fraction"]), str(line["allocations"])]


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    name = re.search(r"model name\s*: (.*)", text)
    return name.group(1) if name else "unknown processor"


def page(bench, compare, version):
    build = "; ".join(version.splitlines()[:3])
    text = f"{processor()}, {len(os.sched_getaffinity(0))} processors; {build}.\n"
    if compare:
        head = ["case", "Ritz", "PyTorch, 1 thread", "PyTorch, 2 threads", "ratio",
                "rounds", "peak memory, PyTorch / Ritz"]
        text += "\n" + table(head, map(compare_row, compare))
    if bench:
        peak = max(line["peak_gflops"] for line in bench if line["dtype"] == "float")
        head = ["case", "threads", "median", "least", "p99", "Gflop/s", "of peak", "allocations"]
        text += "\n" + table(head, map(bench_row, bench))
        text += f"\nPeak of one thread in single precision: {peak:.0f} Gflop/s.\n"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", type=read)
    parser.add_argument("compare", type=read)
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--version", required=True, help="what `ritz --version` says")
    args = parser.parse_args()
    before, rest = args.page.read_text().split(BEGIN)
    after = rest.split(END)[1]
    bench = [line for line in args.bench if "median_ms" in line]
    args.page.write_text(before + BEGIN + page(bench, args.compare, args.version) + END + after)


if __name__ == "__main__":
    main()
