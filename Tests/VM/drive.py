"""Boots the guest, presses its button when asked, and turns its log into a table.

    drive.py WORK KERNEL_IMAGE SECONDS

A line `PRESS` of the guest presses the button: `system_powerdown` pulses line 3 of its GPIO
chip. The exit code is 0 when the guest came to its end and no case failed.
"""

import os
import pathlib
import socket
import subprocess
import sys
import time

CPU, CPUS, MEMORY = "cortex-a72", "4", "512"


def connect(path, process):
    for _ in range(100):
        try:
            monitor = socket.socket(socket.AF_UNIX)
            monitor.connect(str(path))
            return monitor
        except OSError:
            monitor.close()
            if process.poll() is not None:
                break
            time.sleep(0.05)
    sys.exit("tools/vm: QEMU gave no monitor")


def run(work, kernel, limit):
    log, door = work / "serial.log", work / "monitor"
    log.write_bytes(b"")
    door.unlink(missing_ok=True)
    process = subprocess.Popen(
        ["qemu-system-aarch64", "-M", "virt,gic-version=3", "-cpu", CPU, "-smp", CPUS,
         "-m", MEMORY, "-nic", "none", "-dtb", work / "board.dtb", "-kernel", kernel,
         "-initrd", work / "init.gz", "-append",
         "console=ttyAMA0 rdinit=/init quiet panic=-1", "-display", "none", "-no-reboot",
         "-serial", f"file:{log}", "-monitor", f"unix:{door},server,nowait"],
        stdin=subprocess.DEVNULL)
    lines, rest, presses, start = [], b"", 0, time.monotonic()
    try:
        monitor = connect(door, process)
        with open(log, "rb") as serial:
            while process.poll() is None and time.monotonic() - start < limit:
                rest += serial.read()
                *whole, rest = rest.split(b"\n")
                for raw in whole:
                    line = raw.decode(errors="replace").rstrip("\r")
                    lines.append(line)
                    if line.startswith(("FAIL ", "LOG ")) or "-v" in sys.argv:
                        print(f"  {time.monotonic() - start:5.1f} s  {line}", flush=True)
                    if line == "PRESS":
                        monitor.sendall(b"system_powerdown\n")
                        presses += 1
                if "DONE" in lines:
                    break
                time.sleep(0.02)
        ended = "DONE" in lines
        try:
            process.wait(3 if ended else 0)
        except subprocess.TimeoutExpired:
            pass
    finally:
        process.kill()
        process.wait()
    return lines, ended, time.monotonic() - start


def table(lines, ended, seconds, limit):
    counts, failed, total = {}, 0, {"PASS": 0, "FAIL": 0, "SKIP": 0}
    for line in lines:
        word, _, rest = line.partition(" ")
        if word in total and ": " in rest:
            name, _, figure = rest.partition(": ")
            total[word] += 1
            print(f"{word:5} {name:28} {figure}")
        elif word == "COUNT":
            key, _, number = rest.rpartition(" ")
            if number.lstrip("-").isdigit():
                counts[key] = counts.get(key, 0) + int(number)
    if not ended:
        print(f"FAIL  the guest did not come to its end within {limit:.0f} s; its last lines:")
        print("\n".join("      " + line for line in lines[-12:]))
    if counts:
        print("counts: " + ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in counts.items()))
    print(
        f"tools/vm: {total['PASS']} passed, {total['FAIL']} failed, {total['SKIP']} skipped "
        f"in {seconds:.0f} s; the log is {os.path.relpath(sys.argv[1])}/serial.log")
    return 0 if ended and not total["FAIL"] and total["PASS"] else 1


def main():
    work, kernel, limit = pathlib.Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    lines, ended, seconds = run(work, kernel, limit)
    sys.exit(table(lines, ended, seconds, limit))


main()
