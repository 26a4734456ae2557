#!/usr/bin/env python3
"""Makes the photos and expected values of Tests/SwiftletVisionTests with Pillow and NumPy.

    tools/vision-fixtures.py    (made with Pillow 11.3.0; run again only to add cases)

Checksums are CRC-32 (zlib) of RGB888 rows. Source pixels of resize cases come from SplitMix64 with
seed 1, the low byte of each number in order, so that no files are needed for them.
"""
import io
import pathlib
import struct
import zlib

import numpy
from PIL import Image

root = pathlib.Path(__file__).resolve().parent.parent / "Tests/SwiftletVisionTests"
folder = root / "Fixtures"
folder.mkdir(parents=True, exist_ok=True)


def splitmix(count, seed=1):
    with numpy.errstate(over="ignore"):
        z = numpy.uint64(seed) + numpy.arange(1, count + 1, dtype=numpy.uint64) * numpy.uint64(
            0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        z = z ^ (z >> numpy.uint64(31))
    return (z & numpy.uint64(255)).astype(numpy.uint8)


def scene(width, height):
    """A smooth picture with edges: what JPEG is for."""
    y, x = numpy.mgrid[0:height, 0:width].astype(float)
    red = 127 + 120 * numpy.sin(x / 5) * numpy.cos(y / 7)
    green = 255 * ((x // 8 + y // 6) % 2)
    blue = 255 * (x + y) / (width + height)
    return numpy.stack([red, green, blue], -1).clip(0, 255).astype(numpy.uint8)


files = []


def note(name, expected):
    files.append((name, expected.shape[1], expected.shape[0],
                  zlib.crc32(numpy.ascontiguousarray(expected).tobytes())))


def save(name, image, **options):
    image.save(folder / name, **options)
    note(name, numpy.asarray(Image.open(folder / name).convert("RGB")))


rgb = Image.fromarray(scene(37, 29))
save("baseline444.jpg", rgb, quality=80, subsampling=0)
save("baseline422.jpg", rgb, quality=80, subsampling=1)
save("baseline420.jpg", rgb, quality=80, subsampling=2)
save("progressive.jpg", rgb, quality=75, progressive=True)
save("restart.jpg", rgb, quality=75, restart_marker_blocks=2)
save("gray.jpg", rgb.convert("L"), quality=80)
save("cmyk.jpg", rgb.convert("CMYK"), quality=80)
save("one.jpg", Image.fromarray(scene(1, 1)), quality=80)
small = Image.fromarray(scene(19, 11))
for turn in (3, 6, 7):
    exif = Image.Exif()
    exif[0x0112] = turn
    small.save(folder / f"turned{turn}.jpg", quality=80, exif=exif)
    from PIL import ImageOps
    note(f"turned{turn}.jpg", numpy.asarray(
        ImageOps.exif_transpose(Image.open(folder / f"turned{turn}.jpg")).convert("RGB")))

save("rgb.png", rgb)
save("gray.png", rgb.convert("L"))
save("alpha.png", Image.merge("RGBA", [*rgb.split(), rgb.convert("L")]))
save("grayalpha.png", Image.merge("LA", [rgb.convert("L"), rgb.split()[0]]))
save("palette.png", rgb.quantize(16))
save("palette2.png", rgb.quantize(2))
save("bits1.png", rgb.convert("1"))


def png(name, width, height, depth, kind, interlace, rows):
    """Forms that Pillow does not write; `rows` are raw bytes of the (only or each) pass."""
    def chunk(tag, body):
        return struct.pack(">I", len(body)) + tag + body + struct.pack(
            ">I", zlib.crc32(tag + body))
    data = b"".join(b"\0" + bytes(row) for row in rows)
    (folder / name).write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlace))
        + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b""))


pixels = scene(13, 11)
wide = pixels.astype(numpy.uint16) * 256 + 77
png("deep.png", 13, 11, 16, 2, 0, [row.astype(">u2").tobytes() for row in wide])
note("deep.png", pixels)
rows = []
for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                       (1, 0, 2, 2), (0, 1, 1, 2)):
    part = pixels[y0::dy, x0::dx]
    if part.size:
        rows += [row.tobytes() for row in part]
png("interlaced.png", 13, 11, 8, 2, 1, rows)
note("interlaced.png", pixels)
assert numpy.array_equal(numpy.asarray(Image.open(folder / "interlaced.png")), pixels)

# MARK: resizing

cases = []


def fitted(image, width, height, short):
    if short == 0:
        return image.resize((width, height), Image.BICUBIC)
    w, h = image.size
    # torchvision: Resize(short), then CenterCrop((height, width)).
    nw, nh = (short, int(short * h / w)) if w <= h else (int(short * w / h), short)
    image = image.resize((nw, nh), Image.BICUBIC)
    left, top = int(round((nw - width) / 2.0)), int(round((nh - height) / 2.0))
    return image.crop((left, top, left + width, top + height))


noise = splitmix(700 * 700 * 3)
for sw, sh, width, height, short in (
        (1, 1, 1, 1, 0), (1, 1, 7, 5, 0), (2, 3, 5, 7, 0), (3, 2, 1, 1, 0), (7, 5, 7, 5, 0),
        (16, 16, 8, 8, 0), (17, 13, 16, 16, 0), (13, 17, 31, 29, 0), (100, 3, 3, 100, 0),
        (3, 100, 100, 3, 0), (255, 1, 16, 4, 0), (1, 255, 4, 16, 0), (64, 48, 224, 224, 0),
        (500, 375, 224, 224, 0), (375, 500, 224, 224, 0), (640, 480, 320, 320, 0),
        (640, 480, 416, 416, 0), (333, 499, 299, 299, 0), (612, 700, 33, 37, 0),
        (500, 375, 224, 224, 256), (375, 500, 224, 224, 256), (640, 480, 192, 160, 219),
        (333, 333, 300, 280, 343), (301, 477, 240, 240, 274), (700, 200, 64, 48, 67),
        (200, 700, 48, 64, 69), (60, 40, 224, 224, 224)):
    image = Image.fromarray(noise[:sw * sh * 3].reshape(sh, sw, 3))
    result = numpy.asarray(fitted(image, width, height, short))
    cases.append((sw, sh, width, height, short, zlib.crc32(result.tobytes())))

with open(root / "Expected.swift", "w") as out:
    out.write("// Made by tools/vision-fixtures.py; a table, not to be edited.\n\n")
    out.write("/// File, width, height, CRC-32 of its RGB pixels as Pillow decodes them.\n")
    out.write("let expectedFiles: [(name: String, width: Int, height: Int, crc: UInt32)] = [\n")
    for name, width, height, crc in files:
        out.write(f'  ("{name}", {width}, {height}, 0x{crc:08x}),\n')
    out.write("]\n\n")
    out.write("/// Source size, target size, short side (0: squash), CRC-32 of Pillow's result.\n")
    out.write("let expectedSizes:\n  [(width: Int, height: Int, toWidth: Int, toHeight: Int, "
              "shortSide: Int, crc: UInt32)] = [\n")
    for case in cases:
        out.write("    ({}, {}, {}, {}, {}, 0x{:08x}),\n".format(*case))
    out.write("  ]\n")
print(len(files), "files,", sum(p.stat().st_size for p in folder.iterdir()), "bytes;",
      len(cases), "sizes")
