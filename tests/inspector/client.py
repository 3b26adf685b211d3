# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An inspector for tests: starts a program, attaches to it over D-Bus, and speaks org.gtensor.Inspect1."""
import os
import select
import signal
import subprocess
import tempfile
import time

import gi
from gi.repository import Gio, GLib

PATH, INTERFACE = "/org/gtensor/Inspect", "org.gtensor.Inspect1"


class Client:
    def __init__(self, command, mode="wait", **environment):
        self.folder = tempfile.mkdtemp()
        os.chmod(self.folder, 0o700)
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env={**os.environ, "XDG_RUNTIME_DIR": self.folder, "GTENSOR_INSPECT": mode, **environment})
        self.signals, self.connection, self.heard = [], None, b""

    def socket(self):
        folder = os.path.join(self.folder, "gtensor")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            found = [name for name in os.listdir(folder) if name.startswith(f"{self.process.pid}-")] if os.path.isdir(folder) else []
            if found:
                return os.path.join(folder, found[0])
            time.sleep(0.01)
        raise TimeoutError("the program does not offer itself")

    def connect(self):
        path = self.socket()
        for _ in range(500):
            try:
                self.connection = Gio.DBusConnection.new_for_address_sync(
                    "unix:path=" + Gio.dbus_address_escape_value(path), Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT, None, None)
                break
            except GLib.Error:
                time.sleep(0.02)
        self.connection.set_exit_on_close(False)
        self.connection.signal_subscribe(None, INTERFACE, None, PATH, None, Gio.DBusSignalFlags.NONE,
                                         lambda c, sender, path, interface, name, arguments: self.signals.append((name, arguments.unpack())))
        return self

    def attach(self, **options):
        types = {"keep_bytes": "t", "journal_bytes": "t", "flow": "t", "statistics": "b", "forward": "b", "allow": "as"}
        wanted = {key.replace("_", "-"): GLib.Variant(types[key], value) for key, value in options.items()}
        return self.connect().call("Attach", "(a{sv})", wanted)[0]

    def call(self, method, types="()", *arguments):
        answer = self.connection.call_sync(None, PATH, INTERFACE, method, GLib.Variant(types, arguments), None,
                                           Gio.DBusCallFlags.NONE, 20000, None)
        return answer.unpack()

    def wait(self, name, seconds=20):
        """The arguments of the next signal of this name, or None; those before it are dropped."""
        deadline = time.monotonic() + seconds
        context = GLib.MainContext.default()
        while time.monotonic() < deadline:
            while self.signals:
                signal_name, arguments = self.signals.pop(0)
                if signal_name == name:
                    return arguments
            if not context.iteration(False):
                time.sleep(0.002)
        return None

    def leave(self):
        self.connection.close_sync(None)
        self.connection = None

    def hear(self, text, seconds=60):
        """Reads standard error of the program until a text is in it."""
        deadline = time.monotonic() + seconds
        while text.encode() not in self.heard and time.monotonic() < deadline:
            if select.select([self.process.stderr], [], [], 1)[0]:
                piece = os.read(self.process.stderr.fileno(), 4096)
                if not piece:
                    break
                self.heard += piece

    def finish(self, seconds=60):
        """Exit status and output of the program, which runs to its end."""
        try:
            out, err = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
        return self.process.returncode, out, self.heard.decode() + err

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)


class Tap:
    """Prints results, and their number."""
    number = 0

    def check(self, condition, description, text=""):
        self.number += 1
        print(f"{'ok' if condition else 'not ok'} {self.number} {description}", flush=True)
        if not condition:
            print("".join(f"# {line}\n" for line in str(text).splitlines()), end="", flush=True)

    def end(self):
        print(f"1..{self.number}")
