"""The files for a cluster are valid and agree with app.py and Ray's own command line."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import yaml
from ray.scripts.scripts import cli

from nst.engines import cluster, cluster_connection
from nst.engines.base import PainterState
from nst.web.launch import _parser

FOLDER = Path(__file__).parents[2] / "deploy" / "cluster"
PAGE = (FOLDER / "README.md").read_text()
TEXTS = [path.read_text() for path in sorted(FOLDER.iterdir())]
IMAGE = "impasto-cluster"


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


def commands(program: str) -> Iterator[list[str]]:
    """The words after a program, wherever it is called."""
    for text in TEXTS:
        for line in re.sub(r"\s*&&\s*", "\n", text.replace("&&\n", "\n")).splitlines():
            match = re.search(rf"(?:^|[\s/\"]){program} (-.*|start .*)$", line)
            if match:
                yield shlex.split(match[1].replace('"', "").partition(" #")[0])


def test_the_page_is_started_with_options_that_it_takes() -> None:
    started = [_parser().parse_args(words) for words in commands("app.py")]
    assert len(started) == 4
    assert {(options.cluster, options.hosted, options.host, options.port) for options in started} == {
        ("auto", True, "0.0.0.0", 7860)
    }


def test_ray_is_started_with_options_that_it_takes() -> None:
    known = {option for parameter in cli.commands["start"].params for option in parameter.opts}
    started = list(commands("ray"))
    assert len(started) == 6
    for words in started:
        assert {word.partition("=")[0] for word in words[1:]} <= known, words


def test_compose_has_a_head_without_a_painter_and_all_gpus_for_painters() -> None:
    (document,) = documents("compose.yaml")
    services = document["services"]
    assert {service["image"] for service in services.values()} == {IMAGE}
    assert "--num-gpus=0" in services["studio"]["command"]
    (device,) = services["painters"]["deploy"]["resources"]["reservations"]["devices"]
    assert device == {"driver": "nvidia", "count": "all", "capabilities": ["gpu"]}
    assert all(service["environment"]["RAY_AUTH_MODE"] == "token" for service in services.values())
    (volume,) = services["studio"]["volumes"]
    assert volume.split(":")[0] in document["volumes"]


def test_kuberay_leads_visitors_to_the_head_and_keeps_its_results() -> None:
    job, claim, service = documents("kuberay.yaml")
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    assert job["spec"]["rayClusterSpec"]["authOptions"] == {"mode": "token"}
    head, (painters,) = (job["spec"]["rayClusterSpec"][group] for group in ("headGroupSpec", "workerGroupSpecs"))
    assert head["template"]["metadata"]["labels"] == service["spec"]["selector"]
    assert head["rayStartParams"] == {"num-cpus": "0"}
    (container,), (painter,) = (group["template"]["spec"]["containers"] for group in (head, painters))
    assert container["image"] == painter["image"] == IMAGE
    assert container["ports"][0]["containerPort"] == service["spec"]["ports"][0]["targetPort"] == 7860
    assert painter["resources"]["limits"]["nvidia.com/gpu"] == "1"
    (volume,), (mount,) = head["template"]["spec"]["volumes"], container["volumeMounts"]
    assert volume["name"] == mount["name"]
    assert volume["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    assert mount["mountPath"] == "/home/studio/app/results"


def test_the_launchers_file_is_one_that_ray_accepts() -> None:
    from ray.autoscaler._private.util import prepare_config, validate_config

    (document,) = documents("ray.yaml")
    validate_config(prepare_config(document))


def test_the_image_is_the_studios_with_ray() -> None:
    lines = [line for line in (FOLDER / "Dockerfile").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "FROM impasto"
    assert "COPY requirements-cluster.txt ." in lines
    assert lines[-1] == "USER studio"


def test_the_page_of_operations_says_what_is() -> None:
    assert f"for {cluster_connection.AWAY_SECONDS:g} seconds" in PAGE
    assert "ends two painters has failed" in PAGE.replace("\n ", "")
    assert cluster.MOST_LOSSES == 2
    states = get_args(get_type_hints(PainterState)["state"])
    assert all(f"`{state}`" in PAGE for state in states)
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        assert target.startswith("http") or (FOLDER / target).exists(), target
