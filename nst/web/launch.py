"""The command line of the studio: checks the options, starts the page, and stays until a signal ends it."""

import argparse
import os
import socket
import sys
import time
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from nst.commands.flags import OneLineParser, add_keep_flags, by_flag, kept, memory_bytes
from nst.commands.interrupts import catch_signals
from nst.engines.lazy import device_name
from nst.engines.local import LocalEngine
from nst.engines.zero import ZeroEngine, on_zero_gpu
from nst.errors import NSTError, OutputError, SettingsError, WeightsError
from nst.limits import DAY, HOSTED, Limits
from nst.process import tune_heap_and_openmp
from nst.settings import specs
from nst.ui.studio import Studio
from nst.ui.visits import Visits
from nst.version import NAME
from nst.web.accounts import accounts
from nst.web.origin import OwnNames
from nst.web.request_body import MCP_PATHS
from nst.web.server import keep_clean, launch, public_link
from nst.web.upload_folder import use_private_folder

LEFT_TO_A_PROXY = (
    "--hosted leaves https and floods from many network addresses to a reverse proxy: see deploy/nginx.conf."
)
#: What ``--mcp`` needs beyond requirements.txt.
MCP_REQUIREMENT = "mcp>=1.30,<2"
#: Proxies that are trusted to report a visitor's address, on a Space: those inside its network.
SPACE_PROXIES = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,127.0.0.0/8"

MAX_CORES = 1024


def main(argv: Sequence[str] | None = None) -> int:
    """Start the page and stay until Ctrl-C.

    Args:
        argv: the options without the program's name; those of the process when None.

    Returns:
        The exit code: 0, or 2 for a mistake of the user, told in one line on stderr.
    """
    tune_heap_and_openmp()
    options = _parser().parse_args(argv)
    try:
        _adapt(options, os.environ)
        _check(options)
        users = accounts(os.environ) if options.auth else None
        limits = _limits(options)
        uploads = use_private_folder(options.results)
        names = _names(options, os.environ)
        engine = _engine(limits, options)
    except NSTError as error:
        print(f"app.py: {error.sentence(by_flag, whole_paths=True)}", file=sys.stderr)
        return 2
    try:
        visits = Visits(limits.address.tabs)
        steerable = not isinstance(engine, ZeroEngine)
        studio = Studio(engine=engine, limits=limits, visits=visits, steerable=steerable, login=users is not None)
        _serve(studio, options, names, users, uploads)
    finally:
        engine.close()
    return 0


def _adapt(options: argparse.Namespace, environment: MutableMapping[str, str]) -> None:
    """Fill in what the surroundings decide."""
    if environment.get("SPACE_ID"):
        options.hosted = True
        options.host = options.host or "0.0.0.0"
        environment.setdefault("FORWARDED_ALLOW_IPS", SPACE_PROXIES)
        print(f"On a Hugging Face Space: --hosted is on, and the studio listens on {options.host}.", flush=True)
    options.host = options.host or "127.0.0.1"


def _names(options: argparse.Namespace, environment: Mapping[str, str]) -> OwnNames:
    """The names of the command line, and on a Space its own."""
    space = environment.get("SPACE_HOST")
    return OwnNames(options.host, [*options.allow_host, *([space] if space else [])])


def _engine(limits: Limits, options: argparse.Namespace) -> LocalEngine:
    if options.cluster is not None:
        return _cluster_engine(limits, options)
    if on_zero_gpu(os.environ):
        return ZeroEngine(options.results, limits=limits, weights=options.weights)
    return LocalEngine(
        options.device, options.results, limits=limits, memory=memory_bytes(options.memory), weights=options.weights
    )


def _cluster_engine(limits: Limits, options: argparse.Namespace) -> LocalEngine:
    """The engine of a cluster, which is connected to, or started, first."""
    if find_spec("ray") is None:
        raise SettingsError("--cluster needs Ray: pip install -r requirements-cluster.txt")
    if options.cluster == "local":
        # Ray then listens on 127.0.0.1 alone, on every system.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    from nst.engines.cluster import ClusterEngine
    from nst.engines.cluster_connection import Cluster

    cluster = Cluster(options.cluster, options.painter_cores, options.weights)
    return ClusterEngine(cluster, options.results, limits=limits, memory=memory_bytes(options.memory))


def _limits(options: argparse.Namespace) -> Limits:
    """Those of a home or of a hosted studio; of a hosted one's own and an option, the smaller."""
    limits = HOSTED if options.hosted else Limits()
    sizes = [size for size in (options.max_size, limits.size) if size is not None]
    seconds, space = kept(options)
    if options.hosted:
        seconds, space = min(seconds, limits.keep_seconds), min(space, limits.keep_bytes)
    grace = limits.grace_seconds if options.grace is None else options.grace
    return replace(limits, size=min(sizes, default=None), keep_seconds=seconds, keep_bytes=space, grace_seconds=grace)


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(
        prog="app.py", description=f"{NAME}: neural style transfer in the browser.", allow_abbrev=False
    )
    add = parser.add_argument
    add("--host", help="address to listen on; 0.0.0.0 lets the network in (default 127.0.0.1)")
    add("--port", type=int, default=7860, help="port to listen on (default 7860)")
    add(
        "--allow-host", metavar="NAME", action="append", default=[],
        help="a public name of the studio, such as studio.example; may be repeated",
    )  # fmt: skip
    add("--hosted", action="store_true", help="for strangers: limits on uploads, sizes and time, nothing is kept")
    add(
        "--auth", action="store_true", help="ask for a login; IMPASTO_AUTH holds user:password, or several, with commas"
    )
    add("--mcp", action="store_true", help="let assistants use it through the Model Context Protocol")
    add("--share", action="store_true", help="make a public link through Gradio's servers")
    add("--device", metavar="NAME", help="auto, cpu, cuda, cuda:N or mps (default auto)")
    add(
        "--cluster", metavar="ADDRESS",
        help="let a Ray cluster paint: host:port of its head, auto for the one that this machine belongs to, or local",
    )  # fmt: skip
    add("--painter-cores", metavar="N", type=int, help="with --cluster: paint on CPUs, on N cores each")
    add(
        "--memory",
        metavar="GB",
        type=float,
        help="GB of memory to take; larger pictures are painted in tiles",
    )
    add("--results", metavar="DIR", type=Path, default=Path("results"), help="folder of the runs (default results)")
    home = Limits()
    add(
        "--grace", metavar="SECONDS", type=float,
        help=f"how long a run goes on without its page (default {home.grace_seconds:g}; "
        f"with --hosted {HOSTED.grace_seconds:g})",
    )  # fmt: skip
    add_keep_flags(parser, f"; with --hosted an hour and {HOSTED.keep_bytes / 10**9:g} GB at most")
    add("--max-size", metavar="N", type=int, help="largest long side that is painted, in pixels (default no limit)")
    add("--weights", metavar="FILE", help="trained weights of your own, .pth or .safetensors")
    return parser


def _check(options: argparse.Namespace) -> None:
    """Refuse at once what would otherwise fail later, for a visitor."""
    size = specs()["size"]
    if options.max_size is not None and not size.minimum <= options.max_size <= size.maximum:
        raise SettingsError(f"--max-size is {options.max_size}; it must be {size.minimum:g} to {size.maximum:g} px.")
    if options.grace is not None and not 1 <= options.grace <= DAY:
        raise SettingsError(f"--grace is {options.grace:g}; it must be 1 to {DAY} seconds.")
    kept(options)
    if options.weights is not None and not os.path.isfile(os.path.expanduser(options.weights)):
        raise WeightsError(f"--weights names {options.weights}; there is no such file.")
    _check_results(options.results)
    _check_port(options.host, options.port)
    if options.cluster is not None and options.device is not None:
        raise SettingsError("--device cannot be used with --cluster: each painter has a GPU, or --painter-cores.")
    if options.painter_cores is not None and not 1 <= options.painter_cores <= MAX_CORES:
        raise SettingsError(f"--painter-cores is {options.painter_cores}; it must be 1 to {MAX_CORES}.")
    if options.device is not None:
        device_name(options.device)
    if options.mcp and find_spec("mcp") is None:
        raise SettingsError(f'--mcp needs a Python package that is not installed: pip install "{MCP_REQUIREMENT}".')


def _check_results(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"--results names {folder}, which cannot be made: {error.strerror}.") from None
    if not os.access(folder, os.W_OK):
        raise OutputError(f"--results names {folder}, which cannot be written.")


def _check_port(host: str, port: int) -> None:
    if not 1 <= port <= 65535:
        raise SettingsError(f"--port is {port}; it must be 1 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OutputError(f"Cannot listen on {host}, port {port}: {error.strerror or error}.") from None


def _serve(
    studio: Studio,
    options: argparse.Namespace,
    names: OwnNames,
    users: list[tuple[str, str]] | None,
    uploads: Path | None,
) -> None:
    """Launch the page, say where it is, and wait."""
    caught = catch_signals("app.py")
    page, address = launch(studio, options.host, options.port, names, users, mcp=options.mcp)
    keep_clean(page, studio.engine, studio.limits, uploads)
    if options.hosted:
        print(LEFT_TO_A_PROXY, flush=True)
    print(f"{NAME} is open at {address}", flush=True)
    if options.mcp:
        print(f"Assistants reach it at {address.rstrip('/')}{MCP_PATHS[0]}", flush=True)
    if options.share:
        try:
            link = public_link(page, options.host, options.port)
            names.allow(urlsplit(link).netloc)
            print(f"Anybody can reach it at {link}", flush=True)
        except OutputError as error:
            print(f"app.py: {error}", file=sys.stderr, flush=True)
    while not caught:
        time.sleep(0.1)
    page.close(verbose=False)
