#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""From the JSON of gcov on stdin: folder, file, line and count of every line of library code."""

import collections
import json
import pathlib
import sys

FOLDERS = ("src", "operators", "solvers", "datasets", "tools")


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    counts = collections.Counter()
    for text in sys.stdin:
        report = json.loads(text)
        where = pathlib.Path(report["current_working_directory"])
        for file in report["files"]:
            path = (where / file["file"]).resolve()
            if not path.is_relative_to(root):
                continue
            name = path.relative_to(root)
            if name.parts[0] not in FOLDERS:
                continue
            for line in file["lines"]:
                counts[str(name), line["line_number"]] += line["count"]
    for (name, line), count in sorted(counts.items()):
        print(pathlib.PurePath(name).parent, name, line, count, sep="\t")


main()
