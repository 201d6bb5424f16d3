"""What is on the disk after a program was killed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nst.runs.checkpoint import read_checkpoint
from nst.runs.folder import RunFolder

ROOT = Path(__file__).parents[2]

#: Starts a writer of checkpoints again and again, lets it write for a few random moments and kills it.
KILLS = """
import os, random, signal, sys, time
from pathlib import Path
import numpy as np
from nst.runs import checkpoint
from nst.runs.folder import RunFolder
from nst.settings import Settings
from tests.engines.loops import a_step

checkpoint.SECONDS, checkpoint.SHARE = 0.0, 1000.0
folder, chance = RunFolder("", Path(sys.argv[1])), random.Random(0)
for kill in range(10):
    writer = os.fork()
    if not writer:
        checkpoints = checkpoint.CheckpointWriter(folder)
        for index in range(1, 1_000_000):
            picture = np.full((200, 300, 3), index % 256, np.uint8)
            checkpoints.write_if_due(a_step(kill * 1_000 + index, 10**6, Settings(), picture))
    while not folder.checkpoint.exists():
        time.sleep(0.01)
    time.sleep(chance.uniform(0, 0.1))
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    print(checkpoint.read_checkpoint(folder.checkpoint).index)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills processes as Unix does")
def test_a_program_that_is_killed_leaves_a_whole_checkpoint(tmp_path: Path) -> None:
    folder = RunFolder.new(tmp_path)
    folder.begin()
    child = subprocess.run(
        [sys.executable, "-c", KILLS, str(folder.path)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert child.returncode == 0, child.stderr
    indices = [int(line) for line in child.stdout.split()]
    assert len(indices) == 10
    assert indices[-1] > indices[0]
    start = read_checkpoint(folder.checkpoint)
    assert start.index == indices[-1]
    assert np.ptp(start.picture) == 0, "of one step and not of two"
