# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs every case on both sides in turn and prints the ratio of each, ours / PyTorch's: smaller is better.

Without --torch, a Python that has torch, only our times are printed. The median of several pairs counts, since machines are noisy."""
import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent

# case, program, what it is, the ratio to reach
CASES = [
    ("add-2x2", "c", "a + b, 2×2, from C", 0.5),
    ("add-2x2-grad", "c", "a + b, 2×2, with gradient, from C", 0.5),
    ("add-operator", "python", "a + b, 2×2, from Python", 1.3),
    ("add-method", "python", "a.add(b), 2×2, from Python", 1.0),
    ("tour", "c", "the tour forward and backward, from C", 0.2),
    ("tour", "python", "the tour forward and backward, from Python", 0.5),
    ("mlp", "c", "training step 64-128-10, batch 32, from C", 0.6),
    ("add-2^20", "c", "add, 2^20 float32", 1.0),
    ("mul-2^20", "c", "mul, 2^20 float32", 1.0),
    ("sum-2^20", "c", "sum, 2^20 float32", 1.0),
    ("add-2^24", "c", "add, 2^24 float32", 0.5),
    ("mul-2^24", "c", "mul, 2^24 float32", 0.5),
    ("sum-2^24", "c", "sum, 2^24 float32", 1.0),
    ("exp-2^20", "c", "exp, 2^20 float32", 0.5),
    ("log-2^20", "c", "log, 2^20 float32", 0.5),
    ("tanh-2^20", "c", "tanh, 2^20 float32", 0.5),
    ("sigmoid-2^20", "c", "sigmoid, 2^20 float32", 0.5),
    ("chain-2^24", "c", "(x * 3) / (x - 1), 2^24 float32", 0.5),
    ("softmax-1024x1024", "c", "softmax, 1024×1024 float32", 1.0),
    *((f"matmul-{n}", "c", f"matmul, {n}×{n} float32", 1.0) for n in (64, 128, 256, 512, 1024, 2048)),
    ("first-result", "process", "first import to first result, Python: time", 0.1),
    ("first-result", "memory", "first import to first result, Python: memory", 0.1),
]


def build_torch_program(torch_python, folder):
    """The C++ side, compiled against the peer's own headers; made again when its source changes."""
    program, source = folder / "bench-torch", HERE / "bench-torch.cpp"
    if program.exists() and program.stat().st_mtime > source.stat().st_mtime:
        return program
    script = "import torch, os; print(os.path.dirname(torch.__file__)); print(int(torch.compiled_with_cxx11_abi()))"
    root, abi = subprocess.run([torch_python, "-c", script], check=True, capture_output=True, text=True).stdout.split()
    print("Compiling the C++ side of the comparison ...", file=sys.stderr)
    subprocess.run(
        ["g++", "-O2", "-std=c++20", f"-D_GLIBCXX_USE_CXX11_ABI={abi}", "-I", f"{root}/include",
         "-I", f"{root}/include/torch/csrc/api/include", source, "-o", program, "-L", f"{root}/lib",
         f"-Wl,-rpath,{root}/lib", "-Wl,--no-as-needed", "-ltorch", "-ltorch_cpu", "-lc10"], check=True)
    return program


def measure(command, kind):
    """Seconds of one iteration; of the whole process; or its peak memory in bytes."""
    if kind in ("c", "python"):
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise subprocess.CalledProcessError(status, command)
    return time.perf_counter() - start if kind == "process" else usage.ru_maxrss * 1024


def text(value, kind):
    if kind == "memory":
        return f"{value / 1e6:.1f} MB"
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs"), (1e9, "ns")):
        if value * factor >= 1:
            break
    return f"{value * factor:.3g} {unit}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--torch", default="", help="a Python that can import torch")
    parser.add_argument("--program", type=Path, default=Path(os.environ.get("GTENSOR_BENCH", "bench")))
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("cases", nargs="*", help="only these cases")
    arguments = parser.parse_args()
    torch_program = build_torch_program(arguments.torch, arguments.program.parent) if arguments.torch else None

    print(f"{'case':48} {'ours':>10} {'PyTorch':>10} {'ratio':>7} {'reach':>7}")
    missed = 0
    for name, kind, what, reach in CASES:
        if arguments.cases and name not in arguments.cases:
            continue
        ours = [arguments.program, name] if kind == "c" else ["/usr/bin/python3", HERE / "bench.py", "gtensor", name]
        theirs = [torch_program, name] if kind == "c" else [arguments.torch, HERE / "bench.py", "torch", name]
        pairs = [(measure(ours, kind), measure(theirs, kind) if torch_program else None)
                 for _ in range(arguments.pairs)]
        line = f"{what:48} {text(statistics.median(pair[0] for pair in pairs), kind):>10}"
        if torch_program:
            ratio = statistics.median(a / b for a, b in pairs)
            missed += ratio > reach
            line += f" {text(statistics.median(pair[1] for pair in pairs), kind):>10} {ratio:7.3f} {reach:7.2f}"
            line += "" if ratio <= reach else "  missed"
        print(line, flush=True)
    if torch_program:
        print(f"{missed} missed")


if __name__ == "__main__":
    main()
