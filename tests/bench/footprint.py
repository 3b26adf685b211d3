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
RUNS = 15


def processor_seconds(program):
    """The least that a process takes of the processor, so that what else the machine does does not count."""
    times = []
    for _ in range(RUNS):
        process = subprocess.Popen([PYTHON, "-c", program], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            raise subprocess.CalledProcessError(status, program)
        times.append(usage.ru_utime + usage.ru_stime)
    return min(times)


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

    resident = float(subprocess.run([PYTHON, "-c", f"{IMPORT}\n{RESIDENT}"], check=True, capture_output=True, text=True).stdout) * 1024
    figures = [
        ("library, stripped", stripped_size(arguments.library), 12, "MB"),
        ("import", (processor_seconds(IMPORT) - processor_seconds("pass")) * 1e3, 60, "ms"),
        ("memory after import", resident / 1e6, 45, "MB"),
    ]
    if arguments.build:
        figures.append(("build from nothing, two processors", build_seconds(arguments.options), 240, "s"))
    for what, value, bound, unit in figures:
        print(f"{what:40} {value:8.1f} {unit}   bound {bound} {unit}{'' if value <= bound else '  missed'}")
    return any(value > bound for _, value, bound, _ in figures)


if __name__ == "__main__":
    sys.exit(main())
