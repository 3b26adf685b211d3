#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tour: a formula, its graph, and the gradients that flow back through it, one node at a time."""
import gi

gi.require_version("GTensor", "1.0")
from gi.repository import GTensor as gt

x = gt.ones(2, 2, requires_grad=True)
y = x + 2
z = y * y * 3
out = z.mean()
print("out =", out)

for node in gt.Backward(out):
    print("ran", node.name)

print("the gradient of x:")
print(x.grad)
