#!/usr/bin/env python3
"""The tables of docs/time-model.md: our modelled ms beside published runs of other engines.

  tools/tables/time_model.py FOLDER    FOLDER holds mobilenetv2.swlt, mobilenetv3-large.swlt, ...

Peers' networks with random weights serve: times do not depend on their values.
"""
import json
import os
import subprocess
import sys

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
swiftlet = os.environ.get("SWIFTLET", root + "/.build/release/swiftlet")
xnn = "XNNPACK README"
ncnn = "ncnn benchmark README"
# Board, MHz, threads, our file, engine and form, published ms, source.
published = [
    ("raspberry-pi-4b", 1500, 4, "mobilenetv2", "XNNPACK int8", 17, xnn),
    ("raspberry-pi-4b", 1500, 4, "mobilenetv2", "XNNPACK fp32", 46, xnn),
    ("raspberry-pi-4b", 1500, 4, "mobilenetv3-large", "XNNPACK fp32", 40, xnn),
    ("raspberry-pi-4b", 1500, 4, "mobilenetv3-small", "XNNPACK fp32", 15, xnn),
    ("raspberry-pi-4b", 1800, 1, "mobilenetv2", "ncnn fp32", 92.98, ncnn),
    ("raspberry-pi-4b", 1800, 4, "mobilenetv2", "ncnn fp32", 61.63, ncnn),
    ("raspberry-pi-4b", 1800, 1, "resnet50", "ncnn int8", 423.72, ncnn),
    ("raspberry-pi-4b", 1800, 4, "resnet50", "ncnn int8", 195.60, ncnn),
    ("raspberry-pi-3b-plus", 1400, 4, "mobilenetv2", "XNNPACK int8, 32 bit", 30, xnn),
    ("raspberry-pi-3b-plus", 1400, 4, "mobilenetv3-large", "XNNPACK fp32, 32 bit", 67, xnn),
    ("raspberry-pi-3b-plus", 1400, 1, "mobilenetv2", "ncnn fp32", 158.69, ncnn),
    ("raspberry-pi-3b-plus", 1400, 1, "resnet50", "ncnn int8", 890.77, ncnn),
    ("raspberry-pi-zero-2w", 1000, 1, "mobilenetv2", "ncnn fp32", 273.97, ncnn),
    ("raspberry-pi-zero-2w", 1000, 1, "resnet50", "ncnn int8", 1311.68, ncnn),
    ("raspberry-pi-5", 2400, 1, "mobilenetv2", "ncnn fp16", 16.21, ncnn),
    ("raspberry-pi-5", 2400, 4, "mobilenetv2", "ncnn fp16", 10.46, ncnn),
    ("raspberry-pi-5", 2400, 1, "resnet50", "ncnn int8", 80.00, ncnn),
    ("jetson-nano", 1479, 1, "mobilenetv2", "ncnn fp32", 93.81, ncnn),
    ("jetson-nano", 1479, 4, "resnet50", "ncnn int8", 157.87, ncnn),
    ("jetson-agx-xavier", 2200, 1, "mobilenetv2", "ncnn fp16", 24.31, ncnn),
    ("jetson-agx-xavier", 2200, 1, "resnet50", "ncnn int8", 370.55, ncnn),
    ("jetson-orin-nx", 2200, 1, "mobilenetv2", "ncnn fp16, AGX Orin", 13.20, ncnn),
    ("jetson-orin-nx", 2200, 1, "resnet50", "ncnn int8, AGX Orin", 106.77, ncnn),
]


def main():
    if len(sys.argv) != 2:
        print(__doc__.strip(), file=sys.stderr)
        return 64
    print("| board, MHz, threads | network | swiftlet 4 bits, modelled ms | engine | "
          "published ms | published / modelled |")
    print("|---|---|---|---|---|---|")
    for board, clock, threads, net, engine, ms, source in published:
        text = subprocess.run(
            [swiftlet, "inspect", f"{sys.argv[1]}/{net}.swlt", "--board", board, "--clock",
             str(clock), "--json"], check=True, capture_output=True, text=True).stdout
        rows = json.loads(text)["modelled"]["networks"]
        ours = next(r["ms"] for r in rows if r["threads"] == threads)
        print(f"| {board}, {clock}, {threads} | {net} | {ours:.1f} | {engine} | {ms:g} | "
              f"{ms / ours:.2f} |")
    return 0


sys.exit(main())
