"""A Keras .h5 classifier (functional or sequential) as an ONNX graph ending in logits."""
import io
import json

import h5py
import numpy as np

from onnx_graph import Graph, fold


def keras_h5(data, name, path):
    f = h5py.File(io.BytesIO(data), "r")
    weights = {}
    def see(n, o):
        if isinstance(o, h5py.Dataset):
            parts = n.split("/")
            weights[(parts[-2], parts[-1].split(":")[0])] = np.array(o, np.float64)
    f["model_weights"].visititems(see)
    top = json.loads(f.attrs["model_config"])
    g = Graph(name, [3, 8, 8])
    value, pads, linear = {}, {}, {}                   # layer -> tensor; pending zero pads; conv awaiting its BN

    def sources(layer):
        found = []
        for node in layer["inbound_nodes"]:
            if isinstance(node, dict):
                def walk(v):
                    if isinstance(v, dict):
                        if "keras_history" in v.get("config", {}):
                            found.append(v["config"]["keras_history"][0])
                        else:
                            [walk(q) for q in v.values()]
                    elif isinstance(v, list):
                        [walk(q) for q in v]
                walk(node["args"])
            else:
                found += [q[0] for q in node]
        return found

    def flush():                                       # write a conv whose BN never came
        for key in list(linear):
            emit(key)

    def emit(key):
        x, w, b, out, stride, pad, group = linear.pop(key)
        g.conv(x, w, b, out, stride, pad, group)

    def activation(x, kind, n):
        if kind in ("linear", None):
            return x
        if kind == "relu":
            return g.same("Relu", [x], n + ".act")
        if kind == "softmax":
            return x                                   # logits are kept
        raise SystemExit(f"{name}: activation {kind}")

    def run(model, given):
        layers = model["config"]["layers"]
        prev = None
        for layer in layers:
            kind, c = layer["class_name"], layer["config"]
            n = c["name"]
            src = sources(layer) if layer.get("inbound_nodes") else ([prev] if prev else [])
            prev = n
            if kind == "InputLayer":
                if given is None:
                    shape = c.get("batch_shape") or c.get("batch_input_shape")
                    g.shape["input"] = [shape[3], shape[1], shape[2]]
                value[n] = given or "input"
                continue
            x = value[src[0]]
            if kind in ("Functional", "Sequential"):
                value[n] = run(layer, x)
            elif kind == "ZeroPadding2D":
                (t, b), (l, r) = c["padding"]
                value[n], pads[n] = x, [t, l, b, r]
            elif kind in ("Conv2D", "DepthwiseConv2D"):
                key = next(k for k in ("kernel", "depthwise_kernel") if (n, k) in weights)
                w = weights[(n, key)]
                w = w.transpose(3, 2, 0, 1) if kind == "Conv2D" else w.transpose(2, 3, 0, 1)
                b = weights.get((n, "bias"), np.zeros(w.shape[0]))
                pad = "same" if c["padding"] == "same" else pads.get(src[0], [0] * 4)
                group = 1 if kind == "Conv2D" else w.shape[0]
                if x in linear:
                    emit(x)
                linear[n] = (x, w, b, n, tuple(c["strides"]), pad, group)
                value[n] = n
                if c["activation"] not in ("linear", None):
                    emit(n)
                    value[n] = activation(n, c["activation"], n)
            elif kind == "BatchNormalization":
                q = [weights[(n, k)] for k in ("gamma", "beta", "moving_mean", "moving_variance")]
                if x in linear:
                    a = list(linear[x])
                    a[1], a[2] = fold(np, a[1], a[2], *q, c["epsilon"])
                    linear[x] = tuple(a)
                    emit(x)
                    value[n] = x
                else:                                  # not after a convolution
                    sc = q[0] / np.sqrt(q[3] + c["epsilon"])
                    s = g.const(sc.reshape(-1, 1, 1).astype(np.float32), n + ".s")
                    t = g.const((q[1] - q[2] * sc).reshape(-1, 1, 1).astype(np.float32), n + ".t")
                    value[n] = g.same("Add", [g.same("Mul", [x, s], n + ".mul"), t], n)
            else:
                if x in linear:
                    emit(x)
                if kind == "ReLU":
                    value[n] = g.relu6(x, n) if c.get("max_value") else g.same("Relu", [x], n)
                elif kind == "Activation":
                    value[n] = activation(x, c["activation"], n)
                elif kind in ("Dropout",):
                    value[n] = x
                elif kind == "Add":
                    ins = [value[s] for s in src]
                    [emit(i) for i in ins if i in linear]
                    value[n] = g.same("Add", ins, n)
                elif kind == "AveragePooling2D":
                    k, s = c["pool_size"], c["strides"]
                    ch, h, wd = g.shape[x]
                    assert c["padding"] == "valid" or (h % s[0] == 0 and wd % s[1] == 0)
                    g.shape[n] = [ch, (h - k[0]) // s[0] + 1, (wd - k[1]) // s[1] + 1]
                    value[n] = g.node("AveragePool", [x], n, kernel_shape=k, strides=s)
                elif kind == "GlobalAveragePooling2D":
                    value[n] = g.gap(x, n)
                elif kind == "Flatten":
                    ch, h, wd = g.shape[x]
                    if h * wd > 1:
                        x = g.node("Transpose", [x], n + ".nhwc", perm=[0, 2, 3, 1])
                    value[n] = g.node("Flatten", [x], n, axis=1)
                    g.shape[n] = [ch * h * wd]
                elif kind == "Dense":
                    value[n] = activation(g.dense(x, weights[(n, "kernel")].T, weights[(n, "bias")], n), c["activation"], n)
                else:
                    raise SystemExit(f"{name}: layer {kind}")
        return value[prev]

    end = run(top, None)
    flush()
    g.save(end, path)
