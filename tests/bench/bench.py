# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Python cases, for either library: `bench.py gtensor|torch` reads names of cases and answers as bench.h says."""
import sys
import time

from families import CASES

ROUND_SECONDS = 0.02
OVERHEAD = {
    "add-operator": ("", "a, b = gt.rand(2, 2), gt.rand(2, 2)", "a + b"),
    "add-method": ("", "a, b = gt.rand(2, 2), gt.rand(2, 2)", "a.add(b)"),
}

if sys.argv[1] == "torch":
    import torch as gt
else:
    import gi

    gi.require_version("GTensor", "1.0")
    from gi.repository import GTensor as gt


def tour():
    x = gt.ones(2, 2, requires_grad=True)
    y = x + 2
    out = (y * y * 3).mean()
    out.backward()


def step_of(name):
    if name == "tour":
        return tour
    _, setup, step, *_ = (CASES | OVERHEAD)[name]
    names = {"gt": gt, "F": gt.nn.functional}
    gt.manual_seed(0)
    exec(setup, names)
    return eval(f"lambda: {step}", names)


def seconds(step, n):
    start = time.perf_counter()
    for _ in range(n):
        step()
    return (time.perf_counter() - start) / n


if sys.argv[2:] == ["first-result"]:  # a whole process: timed from outside
    (gt.ones(2, 2) + 1).sum().item()
    sys.exit()

current = None
for line in sys.stdin:
    name = line.rstrip("\n")
    if name != current:
        current, step, n = name, step_of(name), 1
        step()
        while (once := seconds(step, n)) * n < ROUND_SECONDS / 8:
            n *= 4
        n = max(1, int(ROUND_SECONDS / once))
    print(seconds(step, n), flush=True)
