"""Writes a tiny network, as ONNX, and pictures: for tests on an emulated board.

The network takes 64x64 pixels and says whether they are dark or bright, so that a test camera
that shows black or white decides what is detected. Nothing but Python's own library is needed.

    network.py FOLDER    writes tiny.onnx, labels.txt, pictures/*.png and clip.y4m
"""

import pathlib
import random
import struct
import sys
import zlib

SIDE = 64


# Protocol buffers, as far as needed: a field is (number, value).
def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def tensor(name, shape, values):
    data = struct.pack(f"<{len(values)}f", *values)
    return b"".join(field(1, d) for d in shape) + field(2, 1) + field(8, name) + field(9, data)


def integers(name, *values):  # AttributeProto of type INTS
    return field(1, name) + b"".join(field(8, v) for v in values) + field(20, 7)


def integer(name, value):  # AttributeProto of type INT
    return field(1, name) + field(3, value) + field(20, 2)


def node(kind, inputs, output, *attributes):
    return (
        b"".join(field(1, name) for name in inputs)
        + field(2, output) + field(3, output) + field(4, kind)
        + b"".join(field(5, a) for a in attributes)
    )


def value(name, shape):  # ValueInfoProto of a float tensor
    dims = b"".join(field(1, field(1, d)) for d in shape)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, dims)))


def network():
    r = random.Random(1)
    c = 16
    first = [[r.gauss(0, 0.1) for _ in range(27)] for _ in range(c)]
    first[0], first[1] = [1 / 27] * 27, [-1 / 27] * 27  # brighter, darker than the middle
    second = [[r.gauss(0, 0.05) for _ in range(c)] for _ in range(c)]
    for i in (0, 1):
        second[i] = [1.0 if j == i else 0.0 for j in range(c)]
    last = [[r.gauss(0, 0.02) for _ in range(c)] for _ in range(2)]
    last[0][0], last[0][1], last[1][0], last[1][1] = -4.0, 4.0, 4.0, -4.0

    def flat(rows):
        return [x for row in rows for x in row]

    initializers = [
        tensor("w1", [c, 3, 3, 3], flat(first)), tensor("b1", [c], [0.0] * c),
        tensor("w2", [c, c, 1, 1], flat(second)), tensor("b2", [c], [0.0] * c),
        tensor("w3", [2, c], flat(last)), tensor("b3", [2], [0.0, 0.0]),
    ]
    nodes = [
        node("Conv", ["image", "w1", "b1"], "c1", integers("kernel_shape", 3, 3),
             integers("strides", 2, 2), integers("pads", 1, 1, 1, 1)),
        node("Relu", ["c1"], "r1"),
        node("Conv", ["r1", "w2", "b2"], "c2", integers("kernel_shape", 1, 1)),
        node("Relu", ["c2"], "r2"),
        node("GlobalAveragePool", ["r2"], "g"),
        node("Flatten", ["g"], "f", integer("axis", 1)),
        node("Gemm", ["f", "w3", "b3"], "logits", integer("transB", 1)),
        node("Softmax", ["logits"], "scores", integer("axis", 1)),
    ]
    graph = b"".join(field(1, n) for n in nodes) + field(2, "tiny")
    graph += b"".join(field(5, t) for t in initializers)
    graph += field(11, value("image", [1, 3, SIDE, SIDE])) + field(12, value("scores", [1, 2]))
    opset = field(1, "") + field(2, 13)
    return field(1, 8) + field(7, graph) + field(8, opset)


def png(rows):  # rows of grey bytes
    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data
            + struct.pack(">I", zlib.crc32(kind + data))
        )

    height, width = len(rows), len(rows[0])
    raw = b"".join(b"\0" + bytes(row) for row in rows)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(raw))
        + chunk(b"IEND", b"")
    )


def main():
    folder = pathlib.Path(sys.argv[1])
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    (folder / "tiny.onnx").write_bytes(network())
    (folder / "labels.txt").write_text("dark\nbright\n")
    r = random.Random(2)
    for i in range(8):
        level = i * 255 // 7
        rows = [
            [min(255, max(0, level + (r.randrange(-40, 41) if i % 2 else 0))) for _ in range(SIDE)]
            for _ in range(SIDE)
        ]
        (pictures / f"level-{level:03}.png").write_bytes(png(rows))
    # Forty frames that go from dark to bright, with noise.
    width, height = 96, 64
    with open(folder / "clip.y4m", "wb") as f:
        f.write(f"YUV4MPEG2 W{width} H{height} F15:1 Ip A1:1 C420\n".encode())
        for i in range(40):
            luma = bytes(
                min(235, max(16, 16 + i * 219 // 39 + r.randrange(-20, 21)))
                for _ in range(width * height)
            )
            chroma = bytes(128 + r.randrange(-10, 11) for _ in range(width * height // 2))
            f.write(b"FRAME\n" + luma + chroma)


main()
