# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The overrides for Python in the build directory: links to the sources, which may be edited, beside their bytecode. Without
bytecode an import takes twenty milliseconds longer.

    compile.py SOURCE BUILD STAMP DEPFILE"""
import compileall
import sys
from pathlib import Path

source, build, stamp, depfile = map(Path, sys.argv[1:])
files = sorted(source.rglob("*.py"))
for link in build.rglob("*.py"):
    link.unlink()
for file in files:
    link = build / file.relative_to(source)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(file)
if not compileall.compile_dir(build, quiet=1):
    sys.exit(1)
# The folders, too, which a new file changes.
depfile.write_text(f"{stamp}: {' '.join(map(str, [*files, *{file.parent for file in files}]))}\n")
stamp.touch()
