"""Reference outputs of networks by ONNX Runtime, for inputs from a fixed seed.

oracle.py OUT FILE-OR-FOLDER...: OUT/NAME/{meta.json,input.bin,output_0.bin,...}, float32,
little-endian. Inputs that are declared with a batch get batch 1; NAME is the file's name, or its
folder's if it is called net.onnx."""
import json
import pathlib
import sys

import numpy
import onnx
import onnxruntime

SIZES = {"face-centerface": (128, 160)}  # height, width instead of the declared


def files(arguments):
    for argument in map(pathlib.Path, arguments):
        yield from [argument] if argument.is_file() else sorted(argument.glob("**/*.onnx"))


def main(out, arguments):
    for path in files(arguments):
        name = path.parent.name + "-random" if path.stem == "net" else path.stem
        folder = out / name
        if (folder / "meta.json").exists():
            continue
        model = onnx.load(path)
        weights = {tensor.name for tensor in model.graph.initializer}
        source = next(i for i in model.graph.input if i.name not in weights and
                      len(i.type.tensor_type.shape.dim) == 4)
        size = SIZES.get(name)
        dims = source.type.tensor_type.shape.dim
        shape = [1] + [d.dim_value for d in dims[1:]]
        if size:
            shape[2:] = size
        for dim, extent in zip(dims, shape):
            dim.dim_value = extent
        del model.graph.value_info[:]
        for value in model.graph.output:
            value.type.tensor_type.ClearField("shape")
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        image = numpy.random.RandomState(7).standard_normal(shape).astype("<f4")
        results = session.run(None, {source.name: image})
        folder.mkdir(parents=True, exist_ok=True)
        image.tofile(folder / "input.bin")
        outputs = []
        for index, (value, result) in enumerate(zip(model.graph.output, results)):
            result.astype("<f4").tofile(folder / f"output_{index}.bin")
            outputs.append({"name": value.name, "shape": list(result.shape)})
        meta = {"path": str(path.resolve()), "input": source.name, "shape": shape,
                "size": list(size) if size else None, "outputs": outputs}
        (folder / "meta.json").write_text(json.dumps(meta, indent=1))
        print(f"oracle: {name}")


main(pathlib.Path(sys.argv[1]), sys.argv[2:])
