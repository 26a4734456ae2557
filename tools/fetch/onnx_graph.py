"""A small writer of float32 NCHW ONNX graphs (opset 13) that tracks shapes and sizes."""
import math

import numpy
import onnx


class Graph:
    """Writes float32 NCHW ONNX and tracks shapes, parameters and multiply-adds."""
    def __init__(self, name, shape):
        self.np, self.onnx, self.name = numpy, onnx, name
        self.nodes, self.inits, self.shape = [], [], {"input": list(shape)}
        self.params = self.macs = 0

    def const(self, value, name):
        self.inits.append(self.onnx.numpy_helper.from_array(self.np.ascontiguousarray(value), name))
        return name

    def node(self, op, ins, out, **attrs):
        self.nodes.append(self.onnx.helper.make_node(op, ins, [out], name=out, **attrs))
        return out

    def conv(self, x, w, b, out, stride=(1, 1), pads="same", group=1):
        c, h, wd = self.shape[x]
        kh, kw = w.shape[2:]
        if pads == "same":
            p = []
            for n, k, s in ((h, kh, stride[0]), (wd, kw, stride[1])):
                t = max((math.ceil(n / s) - 1) * s + k - n, 0)
                p.append((t // 2, t - t // 2))
            pads = [p[0][0], p[1][0], p[0][1], p[1][1]]
        oh = (h + pads[0] + pads[2] - kh) // stride[0] + 1
        ow = (wd + pads[1] + pads[3] - kw) // stride[1] + 1
        f32 = self.np.float32
        self.node("Conv", [x, self.const(w.astype(f32), out + ".w"), self.const(b.astype(f32), out + ".b")], out,
                  kernel_shape=[kh, kw], strides=list(stride), pads=list(pads), group=group, dilations=[1, 1])
        self.shape[out] = [w.shape[0], oh, ow]
        self.params += w.size + b.size
        self.macs += oh * ow * w.size
        return out

    def same(self, op, ins, out, **attrs):
        self.shape[out] = self.shape[ins[0]]
        return self.node(op, ins, out, **attrs)

    def relu6(self, x, out):
        if not any(i.name == "zero" for i in self.inits):
            self.const(self.np.array(0, self.np.float32), "zero")
            self.const(self.np.array(6, self.np.float32), "six")
        self.shape[out] = self.shape[x]
        return self.node("Clip", [x, "zero", "six"], out)

    def gap(self, x, out):
        self.node("GlobalAveragePool", [x], out + ".pool")
        self.shape[out] = [self.shape[x][0]]
        return self.node("Flatten", [out + ".pool"], out, axis=1)

    def dense(self, x, w, b, out):                      # w: out x in
        f32 = self.np.float32
        self.node("Gemm", [x, self.const(w.astype(f32), out + ".w"), self.const(b.astype(f32), out + ".b")], out, transB=1)
        self.shape[out] = [w.shape[0]]
        self.params += w.size + b.size
        self.macs += w.size
        return out

    def save(self, x, path):
        h, T = self.onnx.helper, self.onnx.TensorProto
        n = len(self.shape[x])
        self.node("Identity", [x], "logits") if x != "logits" else None
        g = h.make_graph(self.nodes, self.name,
                         [h.make_tensor_value_info("input", T.FLOAT, [1] + self.shape["input"])],
                         [h.make_tensor_value_info("logits", T.FLOAT, [1] + self.shape[x])], self.inits)
        for i, node in enumerate(list(g.node)):         # drop the closing Identity
            if node.op_type == "Identity":
                for other in g.node:
                    if other.output[0] == node.input[0]:
                        other.output[0] = "logits"
                g.node.remove(node)
        m = h.make_model(g, opset_imports=[h.make_opsetid("", 13)], ir_version=8, producer_name="swiftlet")
        self.onnx.checker.check_model(m)
        self.onnx.save(m, str(path))
        print(f"{path.name}: {self.params:,} parameters, {self.macs / 1e6:,.1f} M multiply-adds, input 1x"
              + "x".join(map(str, self.shape["input"])), flush=True)


def fold(np, w, b, gamma, beta, mean, var, eps, axis=0):
    k = gamma / np.sqrt(var + eps)
    shape = [1] * w.ndim
    shape[axis] = -1
    return w * k.reshape(shape), beta + (b - mean) * k
