"""The files for deployment are valid and agree with requirements.txt and app.py."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from PIL import Image

from nst.limits import HOSTED, Limits
from nst.pictures.size_limits import MAX_PIXELS
from nst.web.connections import HEAD_SECONDS
from nst.web.launch import _adapt, _parser
from nst.web.request_body import MAX_PLAIN_BYTES

ROOT = Path(__file__).parents[2]
REQUIREMENTS = {
    requirement.name: requirement
    for line in (ROOT / "requirements.txt").read_text().splitlines()
    if (requirement := Requirement(line))
}
#: What the program needs on another machine: not tools/, which painted the pictures in assets/.
SHIPPED = ["app.py", "assets", "nst", "requirements.txt"]
PAGE = (ROOT / "deploy" / "README.md").read_text()
DOCKERFILE = re.sub(r"\\\n", " ", (ROOT / "deploy" / "Dockerfile").read_text())


def front_matter() -> dict[str, Any]:
    text = (ROOT / "README.md").read_text()
    assert text.startswith("---\n")
    return yaml.safe_load(text.split("---\n")[1])


def instructions(name: str) -> list[str]:
    """What follows an instruction of the Dockerfile, wherever it stands."""
    return [line.strip().partition(" ")[2] for line in DOCKERFILE.splitlines() if line.strip().startswith(name + " ")]


# --- a Hugging Face Space ------------------------------------------------------------------------

#: Names and kinds of values, from the reference at https://huggingface.co/docs/hub/spaces-config-reference.
FIELDS = {
    "title": str, "emoji": str, "colorFrom": str, "colorTo": str, "sdk": str, "sdk_version": str,
    "python_version": str, "app_file": str, "short_description": str, "tags": list, "pinned": bool, "license": str,
    "suggested_hardware": str,
}  # fmt: skip
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


def test_the_front_matter_has_the_fields_of_a_gradio_space() -> None:
    told = front_matter()
    assert {name: type(value) for name, value in told.items()} == FIELDS
    assert told["sdk"] == "gradio"
    assert {told["colorFrom"], told["colorTo"]} <= COLOURS
    assert len(told["emoji"]) == 1
    assert len(told["short_description"]) <= 60
    assert told["suggested_hardware"] in ("cpu-basic", "cpu-upgrade", "t4-small", "t4-medium", "l4x1", "a10g-small")


def test_the_spaces_versions_are_ones_that_the_requirements_allow() -> None:
    told = front_matter()
    assert Version(told["sdk_version"]) in REQUIREMENTS["gradio"].specifier
    lowest = re.search(r"Python (3\.\d+) or later", (ROOT / "README.md").read_text())
    assert lowest
    assert Version(told["python_version"]) in SpecifierSet(f">={lowest[1]}")
    # A ZeroGPU Space takes these two alone.
    assert told["python_version"] in ("3.10", "3.12")


def test_the_space_starts_the_app() -> None:
    assert (ROOT / front_matter()["app_file"]).is_file()


def test_on_a_space_the_studio_is_hosted_and_listens_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    options, environment = _parser().parse_args([]), {"SPACE_ID": "ann/impasto"}
    _adapt(options, environment)
    assert (options.hosted, options.host) == (True, "0.0.0.0")
    assert "10.0.0.0/8" in environment["FORWARDED_ALLOW_IPS"]
    assert "--hosted is on, and the studio listens on 0.0.0.0" in capsys.readouterr().out


def test_elsewhere_it_is_neither(capsys: pytest.CaptureFixture[str]) -> None:
    options, environment = _parser().parse_args([]), {}
    _adapt(options, environment)
    assert (options.hosted, options.host, environment) == (False, "127.0.0.1", {})
    assert capsys.readouterr().out == ""


# --- Deta Space ----------------------------------------------------------------------------------


def test_the_spacefile_is_one_of_version_0_and_starts_the_page() -> None:
    spacefile = yaml.safe_load((ROOT / "Spacefile").read_text())
    assert set(spacefile) == {"v", "icon", "app_name", "micros"}
    assert spacefile["v"] == 0
    assert len(spacefile["app_name"]) <= 12
    with Image.open(ROOT / spacefile["icon"]) as icon:
        assert (icon.format, icon.size) == ("PNG", (512, 512))
    (micro,) = spacefile["micros"]
    allowed = {"name", "src", "engine", "primary", "commands", "include", "run", "public_routes"}
    assert {"name", "src", "engine", "primary", "run"} <= set(micro) <= allowed
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", micro["name"])
    assert (micro["engine"], micro["primary"]) == ("custom", True)
    assert all((ROOT / micro["src"] / name).exists() for name in micro["include"])
    assert sorted(micro["include"]) == SHIPPED
    assert micro["commands"] == ["pip install -r requirements.txt"]
    python, script, *words = shlex.split(micro["run"].replace("$PORT", "8080"))
    assert (python, script) == ("python", "app.py")
    options = _parser().parse_args(words)
    assert (options.port, options.host, options.hosted) == (8080, "0.0.0.0", True)


# --- Docker and nginx -----------------------------------------------------------------------------


def test_the_image_holds_what_the_program_needs_and_nothing_else() -> None:
    copied = [words.split()[0] for words in instructions("COPY")]
    assert sorted(copied) == SHIPPED
    ignored = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().split()
    assert sorted(line[1:] for line in ignored if line.startswith("!")) == sorted(copied)
    assert instructions("RUN")[-1] == "pip install -r requirements.txt"


def test_the_image_runs_as_an_ordinary_user_who_owns_where_it_writes() -> None:
    assert instructions("USER") == ["studio"]
    assert instructions("RUN")[:2] == ["useradd --create-home studio", "chown studio ."]
    assert DOCKERFILE.index("\nUSER ") < DOCKERFILE.index("\nCMD ")


def test_the_image_listens_where_it_says() -> None:
    python, script, *words = json.loads(instructions("CMD")[-1])
    options = _parser().parse_args(words)
    assert (python, script, options.hosted, options.host) == ("python", "app.py", True, "0.0.0.0")
    assert instructions("EXPOSE") == [str(options.port)]
    assert f":{options.port}/health" in instructions("HEALTHCHECK")[0]


def test_nginx_passes_on_at_once_and_as_much_as_the_studio_takes() -> None:
    site = dict(
        line.strip().rstrip(";").split(maxsplit=1)
        for line in (ROOT / "deploy" / "nginx.conf").read_text().splitlines()
        if line.strip().endswith(";") and "proxy_set_header" not in line
    )
    assert site["client_max_body_size"] == f"{HOSTED.upload_mb}m"
    assert site["proxy_buffering"] == "off"
    assert site["proxy_pass"] == "http://127.0.0.1:7860"


# --- the page that explains it all ----------------------------------------------------------------


def test_the_page_tells_the_limits_as_they_are() -> None:
    for words in (
        f"{HOSTED.run_seconds / 60:g} minutes", f"{HOSTED.size} px", "1 000 million steps x pixels",
        f"clips of {HOSTED.clip_seconds} seconds at most",
        f"{HOSTED.upload_mb} MB and {MAX_PIXELS // 10**6} megapixels", "deleted after an hour",
        "2 GB", "30 days", "5 GB",
        f"more than {Limits().upload_mb} MB, and any other request of more than {MAX_PLAIN_BYTES // 10**6} MB",
        "one at work, one waiting", "four waiting; sixteen in all",
    ):  # fmt: skip
        assert words in PAGE.replace("\n", " "), words
    address = HOSTED.address
    for number, words in (
        (address.requests_minute, "requests a minute"), (address.posts_minute, "posts"),
        (address.events_minute, "events;"), (address.open_requests, "open at once"),
        (address.pending, "events waiting or handled"), (address.upload_bytes_hour // 10**6, "MB of uploads an hour"),
        (address.tabs, "tabs are remembered"),
    ):  # fmt: skip
        assert f"{number} {words}" in PAGE, words
    assert HOSTED.upload_bytes * 4 == HOSTED.keep_bytes
    assert f"within {HEAD_SECONDS:g} seconds" in PAGE
    assert (HOSTED.work, HOSTED.keep_seconds, HOSTED.keep_bytes) == (1_000_000_000, 3600, 2 * 10**9)
    assert (HOSTED.waiting_each, HOSTED.waiting_address, HOSTED.waiting) == (1, 4, 16)


@pytest.mark.parametrize("line", re.findall(r"^.*app\.py.*--.*$", PAGE, flags=re.M))
def test_its_commands_are_ones_that_the_program_takes(line: str) -> None:
    if line.startswith((".venv", "IMPASTO_AUTH")):
        words = shlex.split(line)
        _parser().parse_args(words[words.index("app.py") + 1 :])


def test_its_docker_commands_are_those_of_the_dockerfile() -> None:
    told = [line.removeprefix("#   ") for line in DOCKERFILE.splitlines() if line.startswith("#   docker")]
    assert len(told) == 2
    assert "\n".join(told) in PAGE


def test_its_links_lead_to_files() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        assert target.startswith("http") or (ROOT / "deploy" / target).exists(), target
