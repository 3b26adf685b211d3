# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the library costs before it computes anything, each against its bound: its size, the first import, memory after it and, with
--build, the time of a build from nothing on two processors. Run it in the development environment."""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
PYTHON = "/usr/bin/python3"
IMPORT = "import gi; gi.require_version('GTensor', '1.0'); from gi.repository import GTensor"
RESIDENT = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmRSS')))"
FIRST_RESULT = f"import time; start = time.perf_counter(); {IMPORT}; GTensor.tensor([1.0, 2.0]) + 1; print(time.perf_counter() - start)"
RUNS = 15


def import_seconds():
    """What a program waits for from its first import to its first result: the least of several, since the machine does other things, too."""
    return min(float(output(FIRST_RESULT)) for _ in range(RUNS))


def output(program):
    return subprocess.run([PYTHON, "-c", program], check=True, capture_output=True, text=True).stdout


def stripped_size(library):
    with tempfile.NamedTemporaryFile() as copy:
        shutil.copyfile(library.resolve(), copy.name)
        subprocess.run(["strip", "--strip-unneeded", copy.name], check=True)
        return os.path.getsize(copy.name) / 1e6


def build_seconds(options):
    """The whole of `meson setup` and `ninja`, without a compiler cache."""
    environment = {**os.environ, "CCACHE_DISABLE": "1"}
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        for command in (["meson", "setup", folder, SOURCE, *options], ["ninja", "-C", folder, "-j2"]):
            subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path, help="the shared library")
    parser.add_argument("--build", action="store_true", help="builds it from nothing, too")
    parser.add_argument("options", nargs="*", help="of that build, for meson setup")
    arguments = parser.parse_args()

    figures = [
        ("library, stripped", stripped_size(arguments.library), 12, "MB"),
        ("import to first result", import_seconds() * 1e3, 60, "ms"),
        ("memory after import", float(output(f"{IMPORT}\n{RESIDENT}")) * 1024 / 1e6, 45, "MB"),
    ]
    if arguments.build:
        figures.append(("build from nothing, two processors", build_seconds(arguments.options), 240, "s"))
    for what, value, bound, unit in figures:
        print(f"{what:40} {value:8.1f} {unit}   bound {bound} {unit}{'' if value <= bound else '  missed'}")
    return any(value > bound for _, value, bound, _ in figures)


if __name__ == "__main__":
    sys.exit(main())
