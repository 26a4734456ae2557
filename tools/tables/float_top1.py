"""Top-1 of float networks by ONNX Runtime on the photos that `swiftlet eval` sees.

    float_top1.py NETWORK.onnx PHOTOS LABELS.csv --mean A,B,C --std A,B,C [--bgr] --answers FILE

Pixels: Pillow's JPEG decoder is libjpeg-turbo and its bicubic resize is the rule that swiftlet
implements bit for bit, so both programs see the same bytes. Writes one answer a line.
"""
import argparse
import csv
import json
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("network")
    parser.add_argument("photos", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--mean", required=True)
    parser.add_argument("--std", required=True)
    parser.add_argument("--bgr", action="store_true")
    parser.add_argument("--answers", type=Path)
    options = parser.parse_args()
    session = onnxruntime.InferenceSession(options.network, providers=["CPUExecutionProvider"])
    given = session.get_inputs()[0]
    height, width = given.shape[2:]
    mean = np.array([float(v) for v in options.mean.split(",")], np.float32).reshape(3, 1, 1)
    std = np.array([float(v) for v in options.std.split(",")], np.float32).reshape(3, 1, 1)
    first = fifth = count = 0
    answers = []
    for row in csv.DictReader(open(options.labels)):
        image = Image.open(options.photos / row["file"]).convert("RGB")
        image = image.resize((width, height), Image.BICUBIC)
        pixels = np.asarray(image, np.float32).transpose(2, 0, 1)
        if options.bgr:
            pixels = pixels[::-1]
        logits = session.run(None, {given.name: ((pixels - mean) / std)[None]})[0].reshape(-1)
        best = np.argsort(-logits, kind="stable")[:5]
        first += int(best[0] == int(row["class"]))
        fifth += int(int(row["class"]) in best)
        count += 1
        answers.append(f"{row['file']},{best[0]}")
    if options.answers:
        options.answers.write_text("\n".join(answers) + "\n")
    print(json.dumps({"images": count, "top1": first / count, "top5": fifth / count}))


if __name__ == "__main__":
    main()
