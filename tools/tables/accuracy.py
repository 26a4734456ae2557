"""The README's accuracy table: float (ONNX Runtime), 4-bit, nested 8-bit, that file at 4 bits,
int8; top-1 on the 500 evaluation photos, calibrated on the calibration photos alone.

    accuracy.py NETWORK,... [--weights 4,8,int8]      (called by tools/accuracy)
"""
import argparse
import csv
import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent.parent / ".cache"
DATA = Path(os.environ.get("SWIFTLET_DATA", HERE.parent.parent.parent / "shared" / "data"))
SWIFTLET = os.environ.get("SWIFTLET", ".build/release/swiftlet")


def run(*words):
    """The last line of a command's output as JSON."""
    done = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])


def first_choices(path):
    """Photo to first answer: column `top1` of `swiftlet eval --answers`, or plain `file,answer`."""
    lines = [line.split(",") for line in path.read_text().splitlines()]
    if "top1" in lines[0]:
        at = lines[0].index("top1")
        return {row[0]: row[at] for row in lines[1:]}
    return {row[0]: row[1] for row in lines}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("networks", nargs="?", default="")
    parser.add_argument("--weights", default="4,8,int8")
    options = parser.parse_args()
    flags = {row["name"]: shlex.split(row["flags"]) for row in
             csv.DictReader(open(HERE.parent / "networks.tsv"), delimiter="\t")}
    names = [n for n in options.networks.split(",") if n] or [
        "efficientnet-lite0", "efficientnet-lite2", "squeezenet1.1", "mobilenetv2-tf2-224",
        "mobilenetv3-large-minimalistic-224", "mobilenetv3-small-1.0-224"]
    photos = DATA / "photos"
    print("| network | float | weights | top-1 | kept | agree | MB | quantize s |")
    print("|---|---|---|---|---|---|---|---|")
    for name in names:
        network = CACHE / "networks" / f"{name}.onnx"
        answers = CACHE / "answers"
        answers.mkdir(exist_ok=True)
        size = [w for w in flags[name] if w != "--size"]
        reference = run(sys.executable, HERE / "float_top1.py", network, photos / "eval",
                        photos / "eval" / "labels.csv", *size, "--answers",
                        answers / f"{name}-float.csv")
        for weights in options.weights.split(","):
            file = CACHE / "swlt" / f"{name}-{weights}.swlt"
            file.parent.mkdir(exist_ok=True)
            begin = time.time()
            subprocess.run([SWIFTLET, "quantize", network, "-o", file, "--calibrate",
                            photos / "calib", "--weights", weights, *flags[name]],
                           check=True, stdout=subprocess.DEVNULL)
            took = time.time() - begin
            for label, extra in [(weights, []), ("8 at 4", ["--bits", "4"])]:
                if label == "8 at 4" and weights != "8":
                    continue
                mine = answers / f"{name}-{weights}{len(extra)}.csv"
                got = run(SWIFTLET, "eval", file, "--images", photos / "eval", "--labels",
                          photos / "eval" / "labels.csv", "--json", "--answers", mine, *extra)
                a, b = first_choices(answers / f"{name}-float.csv"), first_choices(mine)
                agree = sum(b.get(file) == choice for file, choice in a.items()) / len(a)
                print(f"| {name} | {100 * reference['top1']:.1f} | {label} "
                      f"| {100 * got['top1']:.1f} | {100 * got['top1'] / reference['top1']:.1f} % "
                      f"| {100 * agree:.1f} % | {file.stat().st_size / 1e6:.2f} | {took:.0f} |",
                      flush=True)


if __name__ == "__main__":
    main()
