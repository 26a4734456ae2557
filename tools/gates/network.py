"""A small residual network whose hidden channels can be switched off per image.

The gates follow Gao et al., "Dynamic Channel Pruning: Feature Boosting and Suppression" (ICLR
2019) with two changes that integer kernels need: a gate is 0 or 1 (no boosting factor), and one
gate switches 16 channels."""
import torch
from torch import nn

GROUP = 16
STEM = 32
# input channels, hidden channels, output channels, stride
BLOCKS = [(32, 96, 32, 2), (32, 96, 32, 1), (32, 128, 64, 2), (64, 128, 64, 1), (64, 128, 64, 1)]
CLASSES = 10
ALL = float("-inf")  # the shift at which every group lives


class Unit(nn.Module):
    """Convolution and batch normalisation."""

    def __init__(self, inputs, outputs, kernel, stride=1):
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.normalisation = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.normalisation(self.convolution(x))

    def folded(self):
        """Weights and bias of the one convolution that computes the same."""
        n = self.normalisation
        factor = n.weight / (n.running_var + n.eps).sqrt()
        return self.convolution.weight * factor.view(-1, 1, 1, 1), n.bias - n.running_mean * factor


class Gate(nn.Module):
    """Scores of the hidden groups from the block's mean input."""

    def __init__(self, inputs, hidden):
        super().__init__()
        self.normalisation = nn.BatchNorm1d(inputs, affine=False)
        self.linear = nn.Linear(inputs, hidden // GROUP)
        nn.init.normal_(self.linear.weight, std=0.02)
        nn.init.constant_(self.linear.bias, 0.5)

    def forward(self, x):
        return self.linear(self.normalisation(x.float().mean((2, 3))))

    def folded(self):
        n = self.normalisation
        factor = 1 / (n.running_var + n.eps).sqrt()
        weights = self.linear.weight * factor
        return weights, self.linear.bias - weights @ n.running_mean


def hard(scores, shift):
    """1 where the score is above the shift; the gradient is that of a sigmoid.

    The greatest score lives if none would."""
    soft = torch.sigmoid(2 * (scores - shift)) if shift != ALL else torch.ones_like(scores)
    best = scores == scores.amax(1, keepdim=True)
    mask = ((scores > shift) | best).float()
    return mask + soft - soft.detach()


class Block(nn.Module):
    def __init__(self, inputs, hidden, outputs, stride):
        super().__init__()
        self.first = Unit(inputs, hidden, 3, stride)
        self.second = Unit(hidden, outputs, 3)
        same = inputs == outputs and stride == 1
        self.shortcut = None if same else Unit(inputs, outputs, 1, stride)
        self.gate = Gate(inputs, hidden)

    def forward(self, x, shift):
        """The block's output and its gates [n, groups] (nil when ungated)."""
        hidden, mask = torch.relu(self.first(x)), None
        if shift is not None:
            mask = hard(self.gate(x), shift)
            hidden = hidden * mask.repeat_interleave(GROUP, 1)[:, :, None, None].to(hidden.dtype)
        residual = x if self.shortcut is None else self.shortcut(x)
        return torch.relu(self.second(hidden) + residual), mask


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = Unit(1, STEM, 3)
        self.blocks = nn.ModuleList(Block(*block) for block in BLOCKS)
        self.head = nn.Linear(BLOCKS[-1][2], CLASSES)

    def forward(self, x, shift=None):
        """Logits, and the live share of the multiply-adds of each image (nil: ungated)."""
        x = torch.relu(self.stem(x))
        live, (fixed, gated) = 0, multiply_adds()
        for block, work in zip(self.blocks, gated):
            x, mask = block(x, shift)
            if mask is not None:
                live = live + work * mask.mean(1)
        total = fixed + sum(gated)
        logits = self.head(x.float().mean((2, 3)))
        return logits, None if shift is None else (live + fixed) / total


def multiply_adds():
    """Those that no gate touches, and those of each block that scale with its live share."""
    size, fixed, gated = 28, 28 * 28 * 9 * STEM + BLOCKS[-1][2] * CLASSES, []
    for inputs, hidden, outputs, stride in BLOCKS:
        size = (size + stride - 1) // stride
        gated.append(size * size * 9 * hidden * (inputs + outputs))
        fixed += 0 if inputs == outputs and stride == 1 else size * size * inputs * outputs
        fixed += inputs * hidden // GROUP
    return fixed, gated
