#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A vanishing gradient: twelve layers of sigmoids, of which the first learn nothing.

    gtensor-inspector vanishing.py
"""
import gi

gi.require_version("GTensor", "1.0")
from gi.repository import GTensor as gt

gt.manual_seed(0)
x = gt.randn(16, 8)
layers = [(gt.randn(8, 8) * 0.3).requires_grad_() for _ in range(12)]
for weight in layers:
    x = (x @ weight).sigmoid()
(x ** 2).mean().backward()
for number, weight in enumerate(layers):
    print(f"layer {number + 1:2}: norm of the gradient {weight.grad.norm().item():.1e}")
