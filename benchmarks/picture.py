"""A whole picture: seconds, and the peak memory of its process (Linux)."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

_CHILD = """
import json, sys, time
from benchmarks.machine import photo
from nst import StylizeOptions, find_recipe, read_picture, stylize_steps
quality, size, device, precision = sys.argv[1], int(sys.argv[2]), *sys.argv[3:]
painting = read_picture("assets/styles/starry_night.jpg")
options = StylizeOptions(device=device, preview_seconds=0.1)
start = time.perf_counter()
settings = find_recipe(quality).to_settings({"size": size, "precision": precision})
first = None
for step in stylize_steps(photo(1024, 1024), painting, settings, options):
    if step.index == 2 and first is None:
        first = time.perf_counter() - start
seconds = time.perf_counter() - start
# Not ru_maxrss: after a fork it begins with the parent's.
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024 / 1e9
row = {"seconds": seconds, "first_s": first, "peak_gb": peak, "steps": step.total, "style": step.losses.terms["style"]}
print(json.dumps(row))
"""


def measure(
    quality: str = "standard", size: int = 512, device: str = "cpu", precision: str = "float32"
) -> dict[str, float]:
    """Seconds for the whole picture and to its second step, peak GB of the process, steps and last style loss."""
    command = [sys.executable, "-c", _CHILD, quality, str(size), device, precision]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {"quality": quality, "size": size, **json.loads(result.stdout)}
