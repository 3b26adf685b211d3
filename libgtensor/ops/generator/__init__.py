# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Turns the op table into C: schema (reads rows), expression (compiles formulas), kernels, fronts and table (write C)."""
