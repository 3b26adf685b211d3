# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The Python cases, for either library: bench.py gtensor|torch CASE prints the seconds of one iteration."""
import sys
import time

if sys.argv[1] == "torch":
    import torch as gt
else:
    import gi

    gi.require_version("GTensor", "1.0")
    from gi.repository import GTensor as gt


def add_operator():
    a, b = gt.rand(2, 2), gt.rand(2, 2)
    return lambda: a + b


def add_method():
    a, b = gt.rand(2, 2), gt.rand(2, 2)
    return lambda: a.add(b)


def tour():
    def step():
        x = gt.ones(2, 2, requires_grad=True)
        y = x + 2
        out = (y * y * 3).mean()
        out.backward()

    return step


def first_result():
    (gt.ones(2, 2) + 1).sum().item()


CASES = {"add-operator": add_operator, "add-method": add_method, "tour": tour}

if sys.argv[2] == "first-result":  # a whole process: timed from outside
    first_result()
    sys.exit()

step = CASES[sys.argv[2]]()
n = 2000
best = float("inf")
for _ in range(15):
    start = time.perf_counter()
    for _ in range(n):
        step()
    best = min(best, (time.perf_counter() - start) / n)
print(best)
