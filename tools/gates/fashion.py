"""Fashion-MNIST as tensors (values 0...1) and as photo files."""
import gzip

import numpy
import torch
from PIL import Image

MEAN, DEVIATION = 73.0, 90.0  # of a pixel 0...255 of the training set


def load(folder, part):
    """Pixels [n, 1, 28, 28] uint8 and labels [n] of `train` or `t10k`."""
    def read(kind, skip):
        data = gzip.decompress((folder / f"{part}-{kind}-ubyte.gz").read_bytes())
        return torch.from_numpy(numpy.frombuffer(data, numpy.uint8, offset=skip).copy())

    return read("images-idx3", 16).view(-1, 1, 28, 28), read("labels-idx1", 8).long()


def normalised(pixels):
    return (pixels.float() - MEAN) / DEVIATION


def augmented(pixels):
    """Each photo moved by up to 2 pixels, every second one mirrored, every fourth with a hole."""
    n = len(pixels)
    padded = torch.nn.functional.pad(pixels, (2, 2, 2, 2))
    rows, columns = torch.randint(0, 5, (2, n, 1)) + torch.arange(28)
    moved = padded[torch.arange(n)[:, None, None], 0, rows[:, :, None], columns[:, None, :]]
    moved = torch.where(torch.rand(n, 1, 1) < 0.5, moved.flip(2), moved)
    near = (torch.arange(28) - torch.randint(0, 28, (2, n, 1))).abs() < 5
    hole = near[0][:, :, None] & near[1][:, None, :] & (torch.rand(n, 1, 1) < 0.25)
    return moved.masked_fill(hole, int(MEAN))[:, None]


def write_photos(pixels, labels, folder):
    """PNG files and labels.csv (file,class)."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{index:05}.png" for index in range(len(pixels))]
    for name, photo in zip(names, pixels):
        Image.fromarray(photo[0].numpy()).save(folder / name)
    lines = [f"{name},{label}" for name, label in zip(names, labels.tolist())]
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
