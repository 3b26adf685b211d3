# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The worked example of adding-an-op.md, done: its row, and nothing else, is added to a copy of the tree; the copy is built, and the new
operation is used. Prints TAP."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TREE = Path(__file__).resolve().parents[2]

PROGRAM = r"""
import math
import gi
gi.require_version("GTensor", "1.0")
from gi.repository import GTensor as gt

x = gt.tensor([-3.0, 0.0, 0.5, 40.0], dtype=gt.float64, requires_grad=True)
y = gt.log_cosh(x)
expected = [math.log(math.cosh(v)) for v in (-3.0, 0.0, 0.5, 40.0)]
assert all(math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-12) for a, b in zip(y.tolist(), expected)), y
assert y.grad_fn.name == "LogCoshBackward0", y.grad_fn.name
first, = gt.autograd.grad(y.sum(), [x], create_graph=True)
assert all(math.isclose(a, math.tanh(v), rel_tol=1e-12) for a, v in zip(first.tolist(), (-3.0, 0.0, 0.5, 40.0)))
second, = gt.autograd.grad(first.sum(), [x])
assert all(math.isclose(a, 1 - math.tanh(v) ** 2, rel_tol=1e-9, abs_tol=1e-12)
           for a, v in zip(second.tolist(), (-3.0, 0.0, 0.5, 40.0)))
z = x.detach().clone()
assert z.log_cosh_() is z and z.tolist() == y.tolist()
out = gt.empty(4, dtype=gt.float64)
assert gt.log_cosh(x.detach(), out=out) is out and out.tolist() == y.tolist()
assert gt.log_cosh(gt.tensor([2])).dtype == gt.float32
assert gt.log_cosh(gt.ones(2, 3, dtype=gt.float16).t()).shape == (3, 2)
assert "log_cosh(self" in str(gt.log_cosh.__doc__) or "Tensor self" in str(gt.log_cosh.__doc__)
print("used")
"""


def example():
    """The row that the document works out, and the file it says it belongs to."""
    text = (TREE / "libgtensor" / "docs" / "adding-an-op.md").read_text()
    section = text[text.index("## A worked example"):]
    row = re.search(r"```toml\n(.*?)```", section, re.DOTALL).group(1)
    file = re.search(r"libgtensor/ops/(\w+\.toml)", section).group(1)
    return file, row


def main():
    print("1..2")
    with tempfile.TemporaryDirectory(prefix="gtensor-op-") as folder:
        copy, build = Path(folder, "tree"), Path(folder, "build")
        shutil.copytree(TREE, copy, ignore=shutil.ignore_patterns("_build*", "build*", ".git", "__pycache__"))
        file, row = example()
        with open(copy / "libgtensor" / "ops" / file, "a") as table:
            table.write("\n" + row)
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("MESON", "LD_LIBRARY", "GI_"))}
        for command in (["meson", "setup", build, copy, "-Dinspector=false", "-Dtests=false", "-Dbuildtype=debug"],
                        ["ninja", "-C", build]):
            result = subprocess.run(command, env=environment, capture_output=True, text=True)
            if result.returncode:
                print("not ok 1 - the copy with one more row builds")
                print("\n".join("# " + line for line in (result.stdout + result.stderr).splitlines()[-30:]))
                return 1
        print("ok 1 - the copy with one more row builds", flush=True)
        result = subprocess.run(["meson", "devenv", "-C", build, "/usr/bin/python3", "-c", PROGRAM], env=environment,
                                capture_output=True, text=True)
        good = result.returncode == 0 and result.stdout.endswith("used\n")
        print(f"{'ok' if good else 'not ok'} 2 - the new operation computes, differentiates twice, and is called from Python")
        if not good:
            print("\n".join("# " + line for line in (result.stdout + result.stderr).splitlines()[-30:]))
        return not good


if __name__ == "__main__":
    sys.exit(main())
