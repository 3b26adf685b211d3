# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""PyTorch's own operator tests, run on ours. The samples, the results and the errors come from a Python that has torch
(opinfo_samples.py); each operator runs in a process of ours (opinfo_worker.py), so that a crash or a hang is one failure.

    opinfo.py --torch PYTHON [--ops NAME ...] [--dtypes NAME ...] [--limit N] [--failures N] [--json FILE] [--write-docs]
"""
import argparse
import collections
import concurrent.futures
import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from opinfo_worker import resolve

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parents[1] / "libgtensor" / "docs" / "coverage.md"
DTYPES = ("float64", "float32", "float16", "bfloat16", "uint8", "int8", "int16", "int32", "int64", "bool")
CATEGORIES = ("function", "gradient", "method", "in place", "out", "error", "message", "stream", "crash")
LOOSE = ("message", "stream")  # differ without being wrong
# Why an operator does not pass whole.
_POLES = "Near its poles PyTorch's float32 rounds the distance; at negative integers the value is infinite, and what both give is rounding."
REASONS = {
    "ldexp": "Gradients in float16 and bfloat16 that are sums of terms that cancel: PyTorch rounds each term and each factor of it.",
    "matrix_exp": "PyTorch computes float16 and bfloat16 in themselves, overflows, and loses digits in float32; here they are computed in float32.",
    "svd": "With some=False the vectors that belong to no singular value are any basis of what is left.",
    "nn.functional.grid_sample": "PyTorch computes coordinates in float16, where a rounding decides the pixel; here in float32.",
    "nn.functional.conv3d": "A sum of terms of hundreds that is near 1: in float32 both are off by 2e-5 of it.",
    "special.bessel_j0": "PyTorch's value is off by 5e-6 of itself near the zero at 5.52; that of the C library is the same as ours.",
    "special.polygamma (special_polygamma_n_0)": _POLES,
    **{f"polygamma (polygamma_n_{n})": _POLES for n in range(5)},
}
CRASHES = 5                    # after so many the rest of an operator's samples counts as crashed


class Peer:
    """A process that has torch. One per thread."""

    def __init__(self, python):
        self.process = subprocess.Popen([python, str(HERE / "opinfo_samples.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.about = json.loads(self.process.stdout.readline())

    def ask(self, **wish):
        self.process.stdin.write(json.dumps(wish) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the process with torch died")
        return json.loads(line)


def run_worker(file, first, timeout):
    """The lines a worker prints, and how it ended: "", "crash" or "hang"."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryFile("w+") as complaints:
        worker = subprocess.Popen([sys.executable, str(HERE / "opinfo_worker.py"), file, str(first)], stdout=subprocess.PIPE,
                                  stderr=complaints, text=True, env=environment)
        lines = queue.Queue()
        reader = threading.Thread(target=lambda: [lines.put(line) for line in worker.stdout] + [lines.put(None)], daemon=True)
        reader.start()
        found, end = [], ""
        while True:
            try:
                line = lines.get(timeout=timeout)
            except queue.Empty:
                end = "hang"
                break
            if line is None:
                break
            if line.startswith("{"):
                found.append(json.loads(line))
        worker.kill()
        worker.wait()
        if not end and not (found and "done" in found[-1]):
            complaints.seek(0)
            text = complaints.read().strip().splitlines()
            end = f"crash ({worker.returncode}) {' / '.join(text[-3:])}"
        return found, end


def run_op(file, n_samples, timeout):
    """Every check of one operator as (category, dtype, call, what differs or "")."""
    checks, first, ends = [], 0, 0
    while True:
        found, end = run_worker(file, first, timeout)
        for record in found:
            if "end" in record:
                checks += [(category, record["dtype"], record["call"], text) for category, text in record["checks"]]
        if not end:
            return checks
        ends += 1
        begun = [record["begin"] for record in found if "begin" in record]
        number = begun[-1] if begun else first
        checks.append(("crash", "", f"sample {number}", end))
        first = number + 1
        if ends == CRASHES:
            checks += [("crash", "", f"sample {i}", "not run") for i in range(first, n_samples)]
        if ends == CRASHES or first >= n_samples:
            return checks


def parse():
    parser = argparse.ArgumentParser(description="PyTorch's operator tests on libgtensor")
    parser.add_argument("--torch", default=os.environ.get("TORCH_PYTHON"), help="a Python that has torch and expecttest")
    parser.add_argument("--ops", nargs="*", default=[], help="names of operators, PyTorch's or flat; all of them without")
    parser.add_argument("--dtypes", nargs="*", default=DTYPES, choices=DTYPES)
    parser.add_argument("--limit", type=int, default=24, help="samples per operator and dtype, evenly chosen; 0 for all")
    parser.add_argument("--failures", type=int, default=0, metavar="N", help="print N failures per operator and category")
    parser.add_argument("--timeout", type=float, default=20, help="seconds a sample may take")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cache", help="a folder where samples are kept for the next run")
    parser.add_argument("--json", help="a file for all results")
    parser.add_argument("--write-docs", action="store_true", help="write libgtensor/docs/coverage.md")
    options = parser.parse_args()
    if not options.torch:
        parser.error("name a Python that has torch: --torch or TORCH_PYTHON")
    return options


def flat(name):
    return re.sub(r"^(nn\.functional\.|nn\.)", "", name).replace(".", "_")


def listed(about, wanted):
    """The operators to run: all but PyTorch's private ones."""
    for op in about["ops"]:
        op["label"] = op["name"] + (f" ({op['variant']})" if op["variant"] else "")
        if wanted and not {op["name"], flat(op["name"]), op["label"]} & set(wanted):
            continue
        if not wanted and re.match(r"_[^_]|jiterator|torch\.", op["name"]):
            continue
        if op["variant"] == "partial_views":  # depends on how PyTorch's tensors share memory
            continue
        yield op


def run_all(options):
    """The results of each operator, {label: list of checks or None}, with torch's version and how many samples do not apply."""
    folder = Path(options.cache or tempfile.mkdtemp(prefix="gtensor-opinfo-"))
    folder.mkdir(parents=True, exist_ok=True)
    local = threading.local()

    def peer():
        if not hasattr(local, "peer"):
            local.peer = Peer(options.torch)
        return local.peer

    about_file = folder / "ops.json"
    if not about_file.exists():
        about_file.write_text(json.dumps(peer().about))
    about = json.loads(about_file.read_text())
    which = "all" if tuple(options.dtypes) == DTYPES else "-".join(options.dtypes)

    def one(op):
        if resolve(op["name"], op["variant"]) is None:
            return op, None
        file = folder / f"{op['index']}-{which}-{options.limit}.pickle"
        count = file.with_suffix(".count")
        try:
            if not count.exists():
                count.write_text(json.dumps(peer().ask(op=op["index"], dtypes=list(options.dtypes), limit=options.limit, file=str(file))))
            return op, run_op(str(file), json.loads(count.read_text())["calls"], options.timeout)
        except Exception as error:
            return op, [("crash", "", "", f"the samples could not be made: {error}")]

    results = {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for op, checks in pool.map(one, listed(about, options.ops)):
            results[op["label"]] = checks
            print(line(op["label"], checks), flush=True)
            show(checks, options.failures)
    return about["torch"], results


def count(checks):
    """{category: (passed, all)}"""
    table = collections.defaultdict(lambda: [0, 0])
    for category, _, _, text in checks or ():
        table[category][0] += not text
        table[category][1] += 1
    return table


def good(checks):
    return checks is not None and all(not text or category in LOOSE for category, _, _, text in checks)


def line(label, checks):
    if checks is None:
        return f"missing {label}"
    numbers = [f"{category} {passed}/{total}" for category, (passed, total) in count(checks).items()]
    return f"{'ok     ' if good(checks) else 'FAILED '} {label}: {', '.join(numbers) or 'no samples'}"


def show(checks, limit):
    shown = collections.Counter()
    for category, dtype, call, text in checks or ():
        if text and shown[category] < limit:
            shown[category] += 1
            print(f"        {category} {dtype}: {call}\n            {text}", flush=True)


def summary(results):
    ours = {label: checks for label, checks in results.items() if checks is not None}
    total = collections.Counter()
    passed = collections.Counter()
    for checks in ours.values():
        for category, (a, b) in count(checks).items():
            passed[category] += a
            total[category] += b
    lines = [f"{category:9} {passed[category]:7} of {total[category]:7}" for category in CATEGORIES if total[category]]
    n_good = sum(map(good, ours.values()))
    return lines, f"{n_good} of {len(ours)} operators pass whole; {len(results) - len(ours)} are missing"


def write_document(torch, results, limit):
    missing = [label for label, checks in results.items() if checks is None]
    rows = []
    for label, checks in sorted(results.items()):
        if checks is not None:
            table = count(checks)
            cells = [f"{table[c][0]}/{table[c][1]}" if table[c][1] else "" for c in CATEGORIES]
            rows.append(f"| {label} | " + " | ".join(cells) + " |")
    lines, last = summary(results)
    reasons = [f"- **{label}**: {REASONS.get(label, 'not yet.')}" for label, checks in sorted(results.items())
               if checks is not None and not good(checks)]
    DOCUMENT.write_text(f"""# Coverage

PyTorch's own operator tests (torch {torch}, `op_db`: samples of up to {limit or 'any number of'} per dtype, error inputs) run on this library by
`tests/ops/opinfo.py --write-docs`, which wrote this page. A cell is passed/all. `function`: values, dtype and shape; `gradient`: of a
weighted sum; `message`: the error text is PyTorch's to the letter; `stream`: the random numbers are; `crash`: the process died or hung.

{last}.

```
{chr(10).join(lines)}
```

## Exceptions

{chr(10).join(reasons)}

Of `message`, what differs is in the texts that list overloads with a Tensor for a number (`linspace`, `logspace`) or a positional alpha
(`rsub`), in the class that a reflected operator belongs to, in spaces and commas that PyTorch's own texts lack (`conv`, `rms_norm`), and in
dimensions that PyTorch adds before it complains (`max_unpool`, `linear_cross_entropy`). Of `stream`, the numbers drawn are the same:
PyTorch rounds attention in float16 and bfloat16 between its steps, and `empty_strided` has no numbers.

## Operators

| operator | {' | '.join(CATEGORIES)} |
|---|{'---|' * len(CATEGORIES)}
{chr(10).join(rows)}

## Missing

{', '.join(sorted(missing))}
""")


def main():
    options = parse()
    torch, results = run_all(options)
    lines, last = summary(results)
    print("\n" + "\n".join(lines) + "\n" + last)
    if options.json:
        Path(options.json).write_text(json.dumps({"torch": torch, "results": results}, indent=0))
    if options.write_docs:
        write_document(torch, results, options.limit)
    return not all(good(checks) for checks in results.values() if checks is not None)


if __name__ == "__main__":
    sys.exit(main())
