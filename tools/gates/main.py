"""Trains a float network, then its gates; writes both as ONNX with photos for calibration.

    main.py DATA OUT [--epochs 12] [--gate-epochs 10] [--threads 2]"""
import argparse
import pathlib
import time

import torch
from torch.nn import functional

import export
import fashion
from network import ALL, Network

BATCH = 128
# The share of live multiply-adds that a shift stands for: shift -1, 0 and 1.
TARGETS = (0.62, 0.42, 0.25)


def target(shift):
    low, middle, high = TARGETS
    return middle + shift * (middle - low if shift < 0 else high - middle)


class Progress:
    """One line every few seconds: what is done, the figures, the time left."""

    def __init__(self, name, steps):
        self.name, self.steps, self.done = name, steps, 0
        self.begin = self.last = time.monotonic()

    def step(self, text):
        self.done += 1
        now = time.monotonic()
        if now - self.last < 10 and self.done < self.steps:
            return
        self.last = now
        left = (now - self.begin) / self.done * (self.steps - self.done)
        print(f"{self.name}: {100 * self.done // self.steps:3} %, {text()}, "
              f"{left / 60:.1f} min left", flush=True)


def logits_of(network, pixels, shift=None):
    """Logits and live shares of many photos."""
    network.eval()
    parts, shares = [], []
    with torch.no_grad():
        for batch in pixels.split(500):
            logits, share = network(fashion.normalised(batch), shift)
            parts.append(logits)
            shares.append(torch.ones(len(batch)) if share is None else share)
    return torch.cat(parts), torch.cat(shares)


def accuracy(network, pixels, labels, shift=None):
    logits, share = logits_of(network, pixels, shift)
    return (logits.argmax(1) == labels).float().mean().item() * 100, share.mean().item()


def batches(pixels, labels, epochs):
    for _ in range(epochs):
        order = torch.randperm(len(pixels))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[start:start + BATCH]
            photos = fashion.normalised(fashion.augmented(pixels[chosen]))
            yield photos.contiguous(memory_format=torch.channels_last), labels[chosen]


def train_float(network, pixels, labels, epochs):
    steps = epochs * (len(pixels) // BATCH)
    optimiser = torch.optim.SGD(network.parameters(), 0.1, 0.9, weight_decay=5e-4, nesterov=True)
    plan = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.15, steps, pct_start=0.15)
    progress = Progress("float", steps)
    network.train()
    for x, y in batches(pixels, labels, epochs):
        with torch.autocast("cpu", torch.bfloat16):
            logits, _ = network(x)
        loss = functional.cross_entropy(logits, y, label_smoothing=0.05)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        plan.step()
        progress.step(lambda: f"loss {loss.item():.3f}")


def train_gates(network, teacher, pixels, labels, epochs):
    """Statistics stay those of the float network, so that one file serves every shift."""
    steps = epochs * (len(pixels) // BATCH)
    gates = [p for name, p in network.named_parameters() if ".gate." in name]
    others = [p for name, p in network.named_parameters() if ".gate." not in name]
    # With fixed statistics nothing holds the weights in scale: small steps, of bounded length.
    optimiser = torch.optim.AdamW(
        [{"params": gates}, {"params": others}], lr=1e-3, weight_decay=1e-4)
    plan = torch.optim.lr_scheduler.OneCycleLR(optimiser, [1e-2, 5e-4], steps, pct_start=0.1)
    progress, draw = Progress("gates", steps), torch.Generator().manual_seed(1)
    teacher.eval()
    network.eval()
    for block in network.blocks:
        block.gate.normalisation.train()
    for x, y in batches(pixels, labels, epochs):
        # The budget arrives gradually; every fourth batch has every group alive.
        grown = min(1, progress.done / (0.3 * steps))
        shift = torch.rand(1, generator=draw).item() * 2 - 1
        wanted = 1 - grown * (1 - target(shift))
        if progress.done % 4 == 0:
            shift, wanted = ALL, None
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                taught, _ = teacher(x)
            logits, share = network(x, shift)
        loss = 0.3 * functional.cross_entropy(logits, y) + distance(logits, taught)
        if wanted is not None:
            # On the mean of the batch, not on each image: an easy one may be cheaper.
            loss = loss + 20 * (share.mean() - wanted).square()
        if not torch.isfinite(loss):
            raise SystemExit("gates: the loss is no number any more")
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(gates + others, 2)
        optimiser.step()
        plan.step()
        progress.step(lambda: f"loss {loss.item():.3f}, shift {shift:.2f}, "
                              f"{100 * share.mean().item():.0f} % live")


def distance(logits, taught, temperature=2):
    """Kullback-Leibler divergence of softened outputs (Hinton et al. 2015)."""
    return functional.kl_div(
        functional.log_softmax(logits / temperature, 1),
        functional.log_softmax(taught / temperature, 1),
        log_target=True, reduction="batchmean") * temperature ** 2


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--gate-epochs", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    out = arguments.out
    out.mkdir(parents=True, exist_ok=True)
    pixels, labels = fashion.load(arguments.data, "train")
    tests, answers = fashion.load(arguments.data, "t10k")
    if not (out / "eval" / "labels.csv").exists():
        chosen = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(3))[:100]
        fashion.write_photos(pixels[chosen], labels[chosen], out / "calib")
        fashion.write_photos(tests, answers, out / "eval")

    teacher = Network().to(memory_format=torch.channels_last)
    kept = out / "float.pt"
    if kept.exists():
        teacher.load_state_dict(torch.load(kept, weights_only=True))
    else:
        train_float(teacher, pixels, labels, arguments.epochs)
        torch.save(teacher.state_dict(), kept)
    print(f"float: top-1 {accuracy(teacher, tests, answers)[0]:.2f} %", flush=True)
    export.write(teacher, out / "float.onnx", gated=False)

    network = Network().to(memory_format=torch.channels_last)
    network.load_state_dict(teacher.state_dict())
    kept = out / "gated.pt"
    if kept.exists():
        network.load_state_dict(torch.load(kept, weights_only=True))
    else:
        train_gates(network, teacher, pixels, labels, arguments.gate_epochs)
        torch.save(network.state_dict(), kept)
    for shift in (ALL, -1.0, -0.5, 0.0, 0.5, 1.0):
        right, share = accuracy(network, tests, answers, shift)
        print(f"gated: shift {shift:5}: top-1 {right:.2f} %, {100 * share:.1f} % live", flush=True)
    report_difficulty(teacher, network, tests, answers)
    export.write(network, out / "gated.onnx", gated=True)


def report_difficulty(teacher, network, pixels, labels):
    """Whether easy photos are cheaper: the live share against what the teacher finds hard."""
    logits, _ = logits_of(teacher, pixels)
    _, share = logits_of(network, pixels, 0.0)
    chances = logits.softmax(1)
    entropy = -(chances * chances.clamp_min(1e-12).log()).sum(1)
    best = chances.topk(2, 1)
    margin, right = best.values[:, 0] - best.values[:, 1], best.indices[:, 0] == labels
    together = torch.corrcoef(torch.stack([share, entropy]))[0, 1].item()
    easy, hard = share[right & (margin > 0.9)], share[~right | (margin < 0.5)]
    print(f"gated: shift 0: live share and the float network's entropy correlate at {together:.2f}")
    print(f"gated: shift 0: {100 * easy.mean():.1f} % live on {len(easy)} easy photos, "
          f"{100 * hard.mean():.1f} % on {len(hard)} hard ones")
    parts = torch.quantile(share, torch.tensor([0.05, 0.25, 0.5, 0.75, 0.95]))
    print("gated: shift 0: live share, quantiles 5 25 50 75 95 %: "
          + " ".join(f"{100 * part:.0f}" for part in parts))


if __name__ == "__main__":
    main()
