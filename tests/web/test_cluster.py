"""The README's cluster of this machine, from its command to a picture and to its operator's page."""

import re
import shlex
from pathlib import Path

import httpx

from tests.serving import studio
from tests.test_readme import README, ROOT
from tests.web.conftest import Call, asking, until

ANN = ("ann", "secret")


def commands() -> list[list[str]]:
    section = README.partition("## More than one GPU\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"```sh\n(.*?)```", section, flags=re.S)
    return [shlex.split(line) for line in block.splitlines()]


def test_what_the_readme_installs_is_there_and_what_it_starts_paints(tmp_path: Path, photo: Path) -> None:
    (pip, *install, requirements), (python, program, *options) = commands()
    assert (pip, install, python) == (".venv/bin/pip", ["install", "-r"], ".venv/bin/python")
    assert "ray" in (ROOT / requirements).read_text()
    with studio(
        tmp_path, *options, "--painter-cores", "1", "--auth", program=(program,), device=None,
        IMPASTO_AUTH=":".join(ANN), RAY_AUTH_MODE="disabled",
    ) as server, asking(server) as own:  # fmt: skip
        assert own.get("operator").status_code == 401
        own.http.auth = httpx.BasicAuth(*ANN)
        call = Call(own, [own.upload(photo), "scream", {"size": 64, "steps": 2}]).end()
        assert (call.last["state"], call.error) == ("finished", None)
        until(lambda: own.get("health").json()["painters"][0]["state"] == "idle")
        page = own.get("operator").text
        assert "0 waiting, 0 of 1 failed." in page
        assert "<td>idle</td>" in page
