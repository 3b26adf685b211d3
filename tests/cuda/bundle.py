#!/usr/bin/python3
# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Packs the build, its tests and all they need but the C library, CUDA and its driver into one archive, for machines that have a
GPU but neither GLib nor a network.

    bundle.py BUILD ARCHIVE"""
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
NAME = "gtensor-gpu"
LIMIT = 60 * 2**20
PYTHON = Path("/usr/bin/python3").resolve()
STANDARD = Path(f"/usr/lib/{PYTHON.name}")
PACKAGES = Path("/usr/lib/python3/dist-packages")
# What no test asks for.
UNWANTED = ("__pycache__", "test", "tests", "idlelib", "tkinter", "ensurepip", "lib2to3", "pydoc_data", "config-*", "dist-packages",
            "sitecustomize.py", "turtle*", "distutils", "f2py", "*.a", "*.pyi", "include")
# The C library and CUDA are the machine's own.
FOREIGN = ("linux-vdso", "ld-linux", "libc.so", "libm.so", "libpthread.so", "libdl.so", "librt.so", "libresolv.so", "libutil.so",
           "libcuda", "libcublas", "libnvidia", "libmvec.so")


def copy(path, folder):
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy2(path, folder, follow_symlinks=True))


def libraries(path):
    """What a program or library loads, wherever it says so: {soname: path}."""
    lines = subprocess.run(["ldd", path], capture_output=True, text=True).stdout.splitlines()
    pairs = (line.split("=>") for line in lines if "=>" in line and "not found" not in line)
    return {name.strip(): rest.split()[0] for name, rest in pairs if not name.strip().startswith(FOREIGN)}


def is_binary(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def fill(folder, build):
    lib, tests = folder / "lib", folder / "tests"
    copy(build / "libgtensor" / "libgtensor-1.so.0", lib)
    copy(build / "libgtensor" / "GTensor-1.0.typelib", lib / "girepository-1.0")
    for name in ("GLib", "GObject", "Gio", "GModule", "DBus", "DBusGLib"):
        for typelib in Path("/usr/lib").glob(f"*/girepository-1.0/{name}-[12].0.typelib"):
            copy(typelib, lib / "girepository-1.0")
    module = build / "kernels" / "cuda" / "libgtensor-cuda.so"
    if module.exists():
        copy(module, lib / "gtensor-1")
    for name in ("library", "cuda", "kernels", "bench"):
        for program in sorted((build / "tests" / name).iterdir()):
            if program.is_file() and os.access(program, os.X_OK) and is_binary(program) and program.suffix != ".so":
                copy(program, tests / name)
    for name in ("cuda", "ops", "bench"):
        for script in (SOURCE / "tests" / name).iterdir():
            if script.suffix in (".py", ".json", ".cpp", ".h"):
                copy(script, tests / name)
    shutil.copytree(SOURCE / "libgtensor" / "ops", folder / "libgtensor" / "ops",
                    ignore=shutil.ignore_patterns("*.c", "*.h", *UNWANTED))
    shutil.copytree(SOURCE / "libgtensor" / "overrides" / "python", lib / "overrides", ignore=shutil.ignore_patterns(*UNWANTED))
    copy(PYTHON, folder / "python" / "bin")
    shutil.copytree(STANDARD, folder / "python" / "lib" / PYTHON.name, ignore=shutil.ignore_patterns(*UNWANTED), symlinks=False,
                    ignore_dangling_symlinks=True)
    for name in ("gi", "numpy"):
        shutil.copytree(PACKAGES / name, folder / "python" / "packages" / name, ignore=shutil.ignore_patterns(*UNWANTED))
    copy(Path(__file__).with_name("run"), folder)

    loaded = {}
    for path in [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink() and is_binary(path)]:
        loaded.update(libraries(path))
    for soname, path in loaded.items():
        if not (lib / soname).exists():
            shutil.copy2(path, lib / soname, follow_symlinks=True)
    for path in folder.rglob("*"):
        if path.is_file() and is_binary(path):
            subprocess.run(["strip", "--strip-unneeded", path], stderr=subprocess.DEVNULL)


def main():
    build, archive = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / NAME
        folder.mkdir()
        fill(folder, build)
        commit = subprocess.run(["git", "-C", SOURCE, "describe", "--always", "--dirty"], capture_output=True, text=True).stdout
        (folder / "VERSION").write_text(commit or "unknown\n")
        with lzma.open(archive, "wb", preset=3) as stream, tarfile.open(fileobj=stream, mode="w") as tar:
            tar.add(folder, NAME)
    size = archive.stat().st_size
    print(f"{archive}: {size / 2**20:.1f} MiB")
    if size > LIMIT:
        sys.exit(f"That is more than {LIMIT // 2**20} MiB.")


if __name__ == "__main__":
    main()
