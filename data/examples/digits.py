#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Learns to read handwritten digits: a network of two layers, in plain tensor operations.

    digits.py [FILE]     FILE is digits.csv.gz, which lies beside the examples' folder"""
import gzip
import pathlib
import sys

import gi

gi.require_version("GTensor", "1.0")
from gi.repository import GTensor as gt

N_HIDDEN, N_EPOCHS, BATCH, RATE = 64, 20, 32, 0.2


def load(path):
    """Images between 0 and 1, and what they show; every fifth row is held out."""
    with gzip.open(path, "rt") as file:
        rows = gt.tensor([[int(number) for number in line.split(",")] for line in file])
    images, digits = rows[:, :64].float() / 16, rows[:, 64]
    held_out = gt.arange(len(rows)) % 5 == 4
    return images[~held_out], digits[~held_out], images[held_out], digits[held_out]


def network(images, parameters):
    weight1, bias1, weight2, bias2 = parameters
    return gt.relu(images @ weight1 + bias1) @ weight2 + bias2


def accuracy(images, digits, parameters):
    with gt.no_grad():
        return (network(images, parameters).argmax(1) == digits).float().mean().item()


def main():
    here = pathlib.Path(__file__).resolve().parent
    path = sys.argv[1] if len(sys.argv) > 1 else here.parent / "digits" / "digits.csv.gz"
    images, digits, test_images, test_digits = load(path)

    gt.manual_seed(0)
    parameters = [gt.randn(64, N_HIDDEN) / 8, gt.zeros(N_HIDDEN), gt.randn(N_HIDDEN, 10) / N_HIDDEN ** 0.5, gt.zeros(10)]
    for parameter in parameters:
        parameter.requires_grad_()

    for epoch in range(1, N_EPOCHS + 1):
        total, order = 0.0, gt.randperm(len(images))
        for rows in order.split(BATCH):
            loss = gt.nn.functional.cross_entropy(network(images[rows], parameters), digits[rows])
            loss.backward()
            with gt.no_grad():
                for parameter in parameters:
                    parameter -= RATE * parameter.grad
                    parameter.grad = None
            total += loss.item() * len(rows)
        held_out = accuracy(test_images, test_digits, parameters)
        print(f"epoch {epoch:2}: loss {total / len(images):.4f}, {100 * held_out:.1f} % of the held-out digits are right", flush=True)
    return 0 if held_out > 0.95 else 1


sys.exit(main())
