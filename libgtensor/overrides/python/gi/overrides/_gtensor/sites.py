# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where in a Python program a node is recorded: the innermost frame that is the program's own. The library asks while an inspector
is attached, and not otherwise."""
import os
import sys

from . import typelib

_OVERRIDES = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_GI = os.path.dirname(os.path.abspath(sys.modules["gi"].__file__))
_own = {}


def is_own(file):
    """Whether a file is the program's."""
    known = _own.get(file)
    if known is None:
        path = os.path.abspath(file)
        known = _own[file] = not path.startswith((_OVERRIDES, _GI)) and not file.startswith("<")
    return known


def _find(*unused):
    frame = sys._getframe(1)
    while frame is not None and not is_own(frame.f_code.co_filename):
        frame = frame.f_back
    return None if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}"


def install():
    typelib.Node.set_site_function(True, _find)
