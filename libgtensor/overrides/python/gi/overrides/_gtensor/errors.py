# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""GLib errors as the exceptions that PyTorch's programs catch. Every error of the library is a GLib.Error and a
RuntimeError; some are also an IndexError, a ValueError and so on. str(error) is the message alone."""
import sys
import threading
import warnings

from gi.repository import GLib

from . import typelib

DOMAIN = "gten-error-quark"


class Error(GLib.Error):
    """An error of the library."""
    __module__ = "gi.repository.GTensor"  # what a traceback shows

    def __str__(self):
        return self.message

    def __reduce__(self):
        return make, (self.message, self.domain, self.code)


def _kind(name, builtin):
    return type(name, (Error, builtin), {"__module__": "gi.repository.GTensor", "__doc__": Error.__doc__})


_codes = typelib.Error
_KINDS = {
    int(_codes.INDEX): _kind("IndexError", IndexError),
    int(_codes.DTYPE): _kind("DtypeError", TypeError),
    int(_codes.VALUE): _kind("ValueError", ValueError),
    int(_codes.UNSUPPORTED): _kind("UnsupportedError", NotImplementedError),
    int(_codes.MEMORY): _kind("MemoryError", MemoryError),
    int(_codes.IO): _kind("IOError", OSError),
    int(_codes.LINALG): type("LinAlgError", (Error,), {"__module__": "gi.repository.GTensor", "__doc__": Error.__doc__}),
}
LinAlgError = _KINDS[int(_codes.LINALG)]
OutOfMemoryError = _KINDS[int(_codes.MEMORY)]
_pending = threading.local()


def make(message, domain, code):
    """The exception of a code of GTensor.Error."""
    return _KINDS.get(code, Error)(message, domain, code)


def keep(error):
    """Keeps an exception of the user's code, which cannot pass through C, for the call that ran it."""
    if getattr(_pending, "error", None) is None:
        _pending.error = error


def raise_kept():
    """Raises what keep() kept in this thread, if anything."""
    error = getattr(_pending, "error", None)
    if error is not None:
        _pending.error = None
        raise error


def translate(error):
    """The exception to raise for `error`: a kept one of the user's code, or a GLib.Error with its plain message."""
    kept = getattr(_pending, "error", None)
    if kept is not None:
        _pending.error = None
        return kept
    if not isinstance(error, GLib.Error) or isinstance(error, Error) or error.domain != DOMAIN:
        return error
    return make(error.message, error.domain, error.code)


def checked(function, name=None, doc=None):
    """`function`, a plain binding, with its errors translated."""
    def call(*args):
        try:
            return function(*args)
        except GLib.Error as error:
            raise translate(error) from None
    call.__name__ = call.__qualname__ = name or function.__name__
    call.__doc__ = doc or function.__doc__
    return call


# -- warnings ------------------------------------------------------------------------------------------------------

def warn(message):
    """A warning at the innermost line that is the program's own. Where warnings are errors, the error."""
    from . import sites
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and not sites.is_own(frame.f_code.co_filename):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=level)


def _warned(message, *unused):
    try:
        warn(message)
    except Warning as error:
        keep(error)
        return False
    return True


def install():
    """Has Python issue the library's warnings."""
    typelib.set_warning_function(_warned)
