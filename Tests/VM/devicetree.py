"""Turns QEMU's device tree of `-M virt` into that of a board with operating points.

    devicetree.py IN.dts BOARD.toml > OUT.dts

The board's name, compatible strings, frequencies and volts come from its profile, so that the
profile is the only place they are written. The clock is a fixed one that takes any rate: the
path from governor to operating point is real, the speed is not.
"""

import pathlib
import re
import sys
import tomllib

# What serves while there is no profile: Raspberry Pi 4B, from its firmware's table.
MODEL = "Raspberry Pi 4 Model B Rev 1.4"
COMPATIBLE = ["raspberrypi,4-model-b", "brcm,bcm2711"]
POINTS = [(600, 0.86), (1000, 0.86), (1500, 0.88), (1800, 0.95)]  # MHz, V
LINES = ["lamp", "siren", "spare", "button", "in4", "in5", "in6", "in7"]


def board(path):
    """Model, compatible strings, and (MHz, volts) of the first cluster."""
    if not path.is_file():
        return MODEL, COMPATIBLE, POINTS
    profile = tomllib.loads(path.read_text())
    match, cluster = profile["match"], profile["cluster"][0]
    soc = [name for name in match["compatible"] if name.startswith("brcm,")]
    points = list(zip(cluster["mhz"], cluster["volts"]))
    return match["model"][0], [match["compatible"][0], *soc], points


def main():
    text = pathlib.Path(sys.argv[1]).read_text()
    model, compatible, points = board(pathlib.Path(sys.argv[2]))
    # The root's own properties come before its first subnode.
    names = ", ".join(f'"{name}"' for name in [*compatible, "linux,dummy-virt"])
    text = re.sub(r'\n\tmodel = "[^"]*";', "", text, count=1)
    text = re.sub(
        r'\n\tcompatible = "[^"]*";', f'\n\tcompatible = {names};\n\tmodel = "{model}";', text,
        count=1)
    text = re.sub(
        r"(\n\t\tcpu@\d+ \{)",
        r"\1\n\t\t\toperating-points-v2 = <&cpuopp>;\n\t\t\tclocks = <&cpuclk>;"
        r"\n\t\t\tdynamic-power-coefficient = <400>;", text)
    # The button's line belongs to the test, not to a keyboard driver.
    text = re.sub(r"\n\tgpio-keys \{.*?\n\t\};", "", text, count=1, flags=re.S)
    lines = ", ".join(f'"{name}"' for name in LINES)
    text = re.sub(r"(\n\tpl061@\w+ \{)", rf"\1\n\t\tgpio-line-names = {lines};", text, count=1)
    table = "".join(
        f"\n\t\topp-{mhz}000000 {{\n\t\t\topp-hz = /bits/ 64 <{mhz * 1000000}>;"
        f"\n\t\t\topp-microvolt = <{round(volts * 1e6)}>;\n\t\t}};"
        for mhz, volts in points)
    more = (
        "\n\tcpuclk: cpu-clock {\n\t\tcompatible = \"fixed-clock\";\n\t\t#clock-cells = <0>;"
        f"\n\t\tclock-frequency = <{points[-1][0] * 1000000}>;\n\t}};\n"
        "\n\tcpuopp: opp-table {\n\t\tcompatible = \"operating-points-v2\";\n\t\topp-shared;"
        f"{table}\n\t}};\n}};\n")
    end = text.rstrip()
    assert end.endswith("};"), "the root node's end"
    sys.stdout.write(end[:-2] + more)


main()
