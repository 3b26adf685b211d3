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

from generator import fronts, kernels, table as infos
from generator.schema import OpError, Table


def kernel_files(table):
    yield "gten-kernel-list.h", kernels.write_list(table)
    yield "gten-cpu-blocks.inc", kernels.write_blocks(table)


def op_files(table):
    yield "gten-ops.h", fronts.write_header(table)
    yield "gten-ops-private.h", fronts.write_private_header(table)
    for family in table.families:
        yield f"gten-ops-{family}.c", fronts.write_family(table, family, lambda row: infos.info(table, row))
    yield "gten-op-table.c", infos.write_table(table)


def main():
    what, directory, *paths = sys.argv[1:]
    files = {"kernels": kernel_files, "ops": op_files}[what]
    try:
        for name, text in files(Table(paths)):
            path = Path(directory, name)
            if not path.exists() or path.read_text(encoding="utf-8") != text:  # what is unchanged builds nothing anew
                path.write_text(text, encoding="utf-8")
    except OpError as error:
        sys.exit(f"generate.py: {error}")


if __name__ == "__main__":
    main()
