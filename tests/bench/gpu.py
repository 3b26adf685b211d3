# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""CUDA beside PyTorch: each case on both sides in turn, the least time of each, and the ratio, ours / PyTorch's.

    gpu.py [--torch PYTHON] [CASE...]

Cases whose time is the device's are timed between two waits for it. What is bound by launches is timed over many calls. The copy's
bandwidth is measured in the same run and is what element-wise cases are held against. Ends with status 1 where something missed what
it has to reach, or could not be compared."""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
N = 1 << 26
ROUNDS = 7

ELEMENT_WISE, LEAST_SHARE = ("add 2^26", "exp 2^26"), 0.9  # of the copy's bandwidth

# name, ratio to reach (None: the figure is stated), bytes moved per call where bandwidth counts
CASES = [
    ("copy 2^26 float32", 1.0, 8 * N), ("add 2^26 float32", 1.0, 12 * N), ("exp 2^26 float32", 1.0, 8 * N),
    ("sum 2^26 float32", 1.0, 4 * N), ("softmax 2^16 x 1024 float32", 1.0, 8 * N), ("layer_norm 2^16 x 1024 float32", 1.0, 8 * N),
    *((f"matmul {n} {kind}", 1.02, None) for n in (4096, 8192) for kind in ("float32", "tf32", "bfloat16")),
    ("add 2 x 2, C and C++", 0.7, None), ("add 2 x 2, Python", None, None), ("MLP step, batch 128", 0.6, None), ("MLP step, batch 128, captured", 0.25, None),
    ("convolution step", None, None), ("device memory after start", 1.0, None),
]


# -- one side ------------------------------------------------------------------------------------------------------

def import_side(name):
    if name == "torch":
        import torch
        return torch
    import gi
    gi.require_version("GTensor", "1.0")
    from gi.repository import GTensor
    return GTensor


def descend(torch, parameters):
    with torch.no_grad():
        for parameter in parameters:
            parameter.sub_(parameter.grad, alpha=0.01)
            parameter.grad = None


def mlp_step(torch):
    nn = torch.nn.functional
    x, labels = torch.randn(128, 784, device="cuda"), torch.randint(0, 10, (128,), device="cuda")
    weights = [(torch.randn(n, m, device="cuda") / m ** 0.5).requires_grad_() for n, m in ((512, 784), (512, 512), (10, 512))]

    def step():
        y = x
        for weight in weights[:-1]:
            y = nn.relu(nn.linear(y, weight))
        nn.cross_entropy(nn.linear(y, weights[-1]), labels).backward()
        descend(torch, weights)
    return step


def captured(torch, step):
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def convolution_step(torch):
    """Two blocks of a residual network on images of 32 x 32."""
    nn = torch.nn.functional
    x = torch.randn(128, 64, 32, 32, device="cuda")
    weights = [(torch.randn(64, 64, 3, 3, device="cuda") / 24).requires_grad_() for _ in range(4)]
    scales = [torch.ones(64, device="cuda", requires_grad=True) for _ in weights]
    shifts = [torch.zeros(64, device="cuda", requires_grad=True) for _ in weights]

    def step():
        y = x
        for i in (0, 2):
            z = nn.relu(nn.batch_norm(nn.conv2d(y, weights[i], padding=1), None, None, scales[i], shifts[i], True))
            z = nn.batch_norm(nn.conv2d(z, weights[i + 1], padding=1), None, None, scales[i + 1], shifts[i + 1], True)
            y = nn.relu(y + z)
        y.mean().backward()
        descend(torch, [*weights, *scales, *shifts])
    return step


def make(torch, name):
    """The call that a case times."""
    words = name.split()
    nn = torch.nn.functional
    if words[0] == "matmul":
        torch.set_float32_matmul_precision("high" if words[2] == "tf32" else "highest")
        n, dtype = int(words[1]), torch.bfloat16 if words[2] == "bfloat16" else torch.float32
        a, b = (torch.randn(n, n, device="cuda").to(dtype) for _ in range(2))
        return lambda: a @ b
    if name == "add 2 x 2, Python":
        a, b = torch.ones(2, 2, device="cuda"), torch.ones(2, 2, device="cuda")
        return lambda: a + b
    if words[0] == "MLP":
        return captured(torch, mlp_step(torch)) if words[-1] == "captured" else mlp_step(torch)
    if name == "convolution step":
        return convolution_step(torch)
    a, b = torch.rand(N, device="cuda"), torch.rand(N, device="cuda")
    rows = a.view(1 << 16, 1024)
    return {"copy": lambda: a.clone(), "add": lambda: a + b, "exp": lambda: a.exp(), "sum": lambda: a.sum(),
            "softmax": lambda: torch.softmax(rows, -1), "layer_norm": lambda: nn.layer_norm(rows, (1024,))}[words[0]]


def memory_after_start(torch):
    torch.ones(1, device="cuda").sum().item()
    free, total = torch.cuda.mem_get_info()
    return total - free


def seconds(torch, call):
    """Of one call, in a round of at least 50 ms; the first calls are not counted."""
    for _ in range(3):
        call()
    count = 1
    while True:
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(count):
            call()
        torch.cuda.synchronize()
        taken = time.perf_counter() - start
        if taken > 0.05:
            return taken / count
        count = count * 4 if taken < 0.0125 else int(count * 0.06 / taken) + 1


def serve(side):
    """Answers names of cases, one a line, with what is measured."""
    torch = import_side(side)
    current, call = None, None
    for line in sys.stdin:
        name = line.strip()
        if name == "device memory after start":
            print(memory_after_start(torch), flush=True)
            continue
        if name != current:
            call = None
            current, call = name, make(torch, name)
        print(seconds(torch, call), flush=True)


# -- both ----------------------------------------------------------------------------------------------------------

class Side:
    """A program that answers for as long as it is asked."""

    def __init__(self, command, env=None):
        self.command, self.env = command, env
        self.program = None

    def ask(self, name, alone=False):
        if self.program is None:
            self.program = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                            env=self.env)
        self.program.stdin.write(name + "\n")
        self.program.stdin.flush()
        answer = self.program.stdout.readline()
        if alone or not answer:
            self.close()
        return float(answer) if answer else float("nan")

    def close(self):
        if self.program is not None:
            self.program.stdin.close()
            self.program.wait()
            self.program = None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch", default="", help="a Python that can import torch")
    parser.add_argument("--side", default="", help=argparse.SUPPRESS)
    parser.add_argument("cases", nargs="*")
    arguments = parser.parse_args()
    if arguments.side:
        return serve(arguments.side)

    from run import build_torch_program, own_environment  # beside this file; the side with PyTorch needs none of it

    script = [str(Path(__file__).resolve()), "--side"]
    pythons, programs = [Side([sys.executable, *script, "gtensor"])], [Side([os.environ.get("GTENSOR_BENCH", "bench")])]
    folder = tempfile.TemporaryDirectory()
    if arguments.torch:
        pythons.append(Side([arguments.torch, *script, "torch"], own_environment()))
        programs.append(Side([build_torch_program(arguments.torch, Path(folder.name))], own_environment())
                        if shutil.which("g++") else None)
    print(f"{'':34} {'ours':>12}" + (f" {'PyTorch':>12} {'ratio':>7} {'reach':>6}" if arguments.torch else "") + "  of the copy's bandwidth")
    bandwidth, n_missed = None, 0
    for name, reach, n_bytes in CASES:
        if arguments.cases and name not in arguments.cases and not name.startswith("copy"):
            continue
        is_memory = name == "device memory after start"
        sides = programs if name.endswith("C++") else pythons
        if None in sides:
            print(f"{name:34} is not compared: there is no g++ for PyTorch's side")
            n_missed += 1
            continue
        if is_memory:
            for side in sides:
                side.close()
            least = [side.ask(name, alone=True) for side in sides]
        else:
            asked, share = ("add-2x2-cuda", 1000) if sides is programs else (name, 1)  # which is a thousand
            least = [min(times) / share for times in zip(*([side.ask(asked) for side in sides] for _ in range(ROUNDS)))]
        line = f"{name:34} " + " ".join(f"{value / 2**20:8.1f} MiB" if is_memory else f"{value * 1e6:9.2f} µs" for value in least)
        if arguments.torch:
            ratio = least[0] / least[1]
            missed = reach is not None and not ratio <= reach
            n_missed += missed
            line += f" {ratio:7.3f} {'' if reach is None else f'{reach:.2f}':>6}{'  missed' if missed else ''}"
        if n_bytes is not None:
            moved = n_bytes / least[0]
            bandwidth = bandwidth or moved
            missed = name.startswith(ELEMENT_WISE) and moved < LEAST_SHARE * bandwidth
            n_missed += missed
            line += f"  {moved / 1e9:7.0f} GB/s {100 * moved / bandwidth:4.0f} %{'  missed' if missed else ''}"
        print(line, flush=True)
    for side in (*pythons, *programs):
        if side is not None:
            side.close()
    print(f"{n_missed} missed")
    return int(n_missed > 0)


if __name__ == "__main__":
    sys.exit(main())
