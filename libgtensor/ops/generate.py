#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Writes the C that follows from the op table.

    generate.py kernels DIRECTORY TABLE.toml ...    what kernels/ is compiled from
    generate.py ops DIRECTORY TABLE.toml ...        public functions, gradients and the registry
"""

import sys

sys.dont_write_bytecode = True  # the source tree stays as it is

from pathlib import Path

from generator import kernels
from generator.schema import OpError, Table


def kernel_files(table):
    yield "gten-kernel-list.h", kernels.write_list(table)
    yield "gten-cpu-blocks.inc", kernels.write_blocks(table)


def main():
    what, directory, *paths = sys.argv[1:]
    files = {"kernels": kernel_files}[what]
    try:
        for name, text in files(Table(paths)):
            Path(directory, name).write_text(text, encoding="utf-8")
    except OpError as error:
        sys.exit(f"generate.py: {error}")


if __name__ == "__main__":
    main()
