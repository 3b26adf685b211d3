# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What Python adds to the typelib: PyTorch's call forms, operators, indexing, exchange with NumPy. Everything about
operations is read from the op registry when it is first asked for; no operation is described here."""
from gi.module import get_introspection_module

typelib = get_introspection_module("GTensor")  # the plain bindings, below these overrides
Tensor = typelib.Tensor
Dtype = typelib.Dtype
Device = typelib.Device

NONE_INT = -2**63     # GTEN_NONE: an integer that was not given
