# SPDX-License-Identifier: BSD-3-Clause
"""Writes measured lines as tables into a page, between its marks (bench/report.sh)."""
import argparse
import json
import os
import pathlib
import re

BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"


def read(path):
    lines = map(json.loads, pathlib.Path(path).read_text().splitlines())
    return [line for line in lines if "case" in line]


def milliseconds(value):
    return f"{value:.3g} ms" if value < 1000 else f"{value / 1000:.3g} s"


def percent(value):
    return "" if value is None else f"{100 * value:.0f} %"


def table(head, rows):
    lines = ["| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows]]
    return "\n".join(lines) + "\n"


def case_name(line):
    return f"`{line['case']}` {line.get('direction', '')}".strip()


def torch_row(line):
    memory = tails = ""
    if "rss_ratio" in line:
        memory = (f"{line['torch_rss_mib']:.0f} / {line['ritz_rss_mib']:.0f} MiB "
                  f"= {line['rss_ratio']:.1f}")
    if "torch_p99_ms" in line:
        tails = f"{line['torch_p99_ms']:.3g} / {milliseconds(line['ritz_p99_ms'])}"
    times = [line["ritz_ms"], line["torch_ms"]["1"], line["torch_ms"]["2"]]
    return [case_name(line), *map(milliseconds, times), f"**{line['ratio']:.1f}**", tails, memory,
            str(line["rounds"])]


def torch_table(lines):
    head = ["case", "Ritz", "PyTorch, 1 thread", "PyTorch, 2 threads", "ratio",
            "p99, PyTorch / Ritz", "peak memory, PyTorch / Ritz", "rounds"]
    return table(head, map(torch_row, lines))


def peer_table(lines, directions):
    """One row per case; time, ratio to the peer and fraction of the peak for each direction."""
    threads = max(line["threads"] for line in lines)
    cases = {}
    for line in lines:
        if line["threads"] == threads:
            cases.setdefault(line["case"], {})[line["direction"]] = line

    def cell(line):
        return (f"{milliseconds(line['median_ms'])}, **{line['ratio']:.1f}**, "
                f"{percent(line['peak_fraction'])}") if line else ""

    rows = [[f"`{case}`", *(cell(by.get(direction)) for direction in directions)]
            for case, by in cases.items()]
    head = [f"case, {threads} thread{'s'[:threads - 1]}", *directions]
    return table([text.replace("_", " ") for text in head], rows)


def bench_row(line):
    times = [milliseconds(line[key]) for key in ("median_ms", "min_ms", "p99_ms")]
    rate = "" if line["gflops"] is None else f"{line['gflops']:.0f}"
    return [case_name(line), str(line["threads"]), *times, rate, percent(line["peak_fraction"]),
            str(line["allocations"])]


def bench_table(lines):
    head = ["case", "threads", "median", "least", "p99", "Gflop/s", "of peak", "allocations"]
    return table(head, map(bench_row, lines))


def peaks(lines):
    one = [line["peak_gflops"] for line in lines
           if line.get("threads") == 1 and line.get("dtype") == "float"]
    return (f"\nPeak of one thread in single precision, in turn with these cases: {min(one):.0f} to "
            f"{max(one):.0f} Gflop/s.\n") if one else ""


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    name = re.search(r"model name\s*: (.*)", text)
    return name.group(1) if name else "unknown processor"


def page(lines, version):
    build = "; ".join(version.splitlines()[:3])
    text = f"{processor()}, {len(os.sched_getaffinity(0))} processors; {build}.\n"

    def section(title, key, write):
        nonlocal lines
        chosen = [line for line in lines if line.get(key) is not None]
        lines = [line for line in lines if line.get(key) is None]
        return f"\n### {title}\n\n{write(chosen)}" if chosen else ""

    known = list(lines)
    text += section("Against PyTorch: `bench/compare_torch.py`", "torch_ms", torch_table)
    text += section("Against the faster of FFTW's full and pruned transforms: `ritz bench spectral`",
                    "fftw_ms", lambda some: peer_table(
                        some, ["forward", "vjp", "to_modes", "from_modes"]))
    text += section("Against oneDNN: `ritz-compare-onednn`", "onednn_ms", lambda some: peer_table(
        some, ["forward", "input_gradient", "weight_gradient"]))
    text += section("By themselves: `ritz bench CASE`", "median_ms", bench_table)
    return text + peaks(known)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("lines", nargs="+", type=read, help="files of JSON lines")
    parser.add_argument("--version", required=True, help="what `ritz --version` says")
    args = parser.parse_args()
    before, rest = args.page.read_text().split(BEGIN)
    after = rest.split(END)[1]
    lines = [line for some in args.lines for line in some]
    args.page.write_text(before + BEGIN + page(lines, args.version) + END + after)


if __name__ == "__main__":
    main()
