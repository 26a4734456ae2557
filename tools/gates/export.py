"""The trained network as ONNX, opset 13, batch normalisation folded, standard operators only."""
import pathlib
import sys

import numpy

from network import GROUP

sys.path.append(str(pathlib.Path(__file__).parent.parent / "fetch"))
from onnx_graph import Graph  # noqa: E402


def array(tensor):
    return tensor.detach().float().contiguous().numpy()


def write(network, path, gated):
    network.eval()
    graph = Graph(path.stem, [1, 28, 28])

    def unit(x, part, name, activated=True):
        weights, bias = map(array, part.folded())
        stride, = set(part.convolution.stride)
        edge = weights.shape[2] // 2
        y = graph.conv(x, weights, bias, name, (stride, stride), [edge] * 4)
        return graph.same("Relu", [y], name + ".relu") if activated else y

    x = unit("input", network.stem, "stem")
    for index, block in enumerate(network.blocks):
        name = f"block{index}"
        hidden = unit(x, block.first, name + ".first")
        if gated:
            hidden = gate(graph, x, hidden, block.gate, name + ".gate")
        y = unit(hidden, block.second, name + ".second", False)
        if block.shortcut is not None:
            x = unit(x, block.shortcut, name + ".shortcut", False)
        x = graph.same("Relu", [graph.same("Add", [y, x], name + ".add")], name + ".out")
    features = graph.gap(x, "features")
    graph.save(
        graph.dense(features, array(network.head.weight), array(network.head.bias), "head"), path)


def gate(graph, x, hidden, part, name):
    """hidden * (convolution(mean(x)) > 0); each row stands for the GROUP channels that it gates."""
    weights, bias = map(array, part.folded())
    graph.node("GlobalAveragePool", [x], name + ".mean")
    graph.shape[name + ".mean"] = [graph.shape[x][0], 1, 1]
    rows = numpy.repeat(weights, GROUP, 0)[:, :, None, None]
    scores = graph.conv(name + ".mean", rows, numpy.repeat(bias, GROUP), name, pads=[0] * 4)
    zero = graph.const(numpy.zeros([1, 1, 1, 1], numpy.float32), name + ".threshold")
    graph.same("Greater", [scores, zero], name + ".above")
    graph.same("Cast", [name + ".above"], name + ".mask", to=1)
    return graph.same("Mul", [hidden, name + ".mask"], name + ".hidden")
