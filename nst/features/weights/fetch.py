"""Brings the weights of a network from the internet into the cache: only the tensors that are needed, where that goes.

What has come of a download that was cut off or given up stays in the cache, and the next one goes on from there.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from nst.errors import WeightsError
from nst.features.weights import cache
from nst.features.weights.catalogue import Entry, Source, sources
from nst.features.weights.plan import LENGTH_BYTES, Plan, header_length, make_plan
from nst.features.weights.progress import Meter, Watch, never, nobody
from nst.features.weights.remote import Patience, Remote, RemoteError
from nst.features.weights.tensors import check_tensors, read_tensors

logger = logging.getLogger(__name__)

#: So many bytes are asked for first: the header of a VGG has a quarter of them.
FIRST_BYTES = 16 * 1024
#: No file of weights is larger; the largest there is has 575 MB.
MAX_BYTES = 2_000_000_000


def fetch(
    entry: Entry,
    *,
    watch: Watch = nobody,
    stopped: Callable[[], bool] = never,
    patience: Patience | None = None,
) -> Path:
    """Bring a network's weights into the cache, unless they are there; one download at a time on this machine.

    Args:
        entry: the network.
        watch: told how far it is, a few times a second, also while another process does the work.
        stopped: asked again and again; when it says yes, ``Stopped`` is raised.
        patience: how long and how often to try.

    Returns:
        The file in the cache, checked: names, shapes, dtypes, finiteness.

    Raises:
        WeightsError: no address gave them; the sentence says what was tried and what to do.
        Stopped: when told to.
    """
    meter = Meter(entry.title, entry.size, watch)
    failures = []
    with cache.locked(entry.name, lambda: meter.at(_arrived(entry)), stopped), cache.writing():
        kept = _intact(entry)
        if kept:
            return kept
        meter.at(0)
        for source in sources(entry):
            logger.info("Fetching %s weights from %s", entry.name, source.origin)
            try:
                with Remote(source.url, patience, stopped) as remote:
                    return _bring(entry, source, remote, watch)
            except RemoteError as error:
                failures.append(f"{source.host} {error}")
            except WeightsError as error:
                failures.append(str(error).rstrip("."))
            logger.warning("No %s weights from %s: %s", entry.name, source.origin, failures[-1])
    raise WeightsError(
        f"{entry.title}'s trained weights could not be fetched: {'; '.join(failures)}. Go online and try again, or "
        "start with --weights FILE; the built-in network, gabor, needs none."
    )


def _bring(entry: Entry, source: Source, remote: Remote, watch: Watch) -> Path:
    """The weights from one address."""
    if not source.url.endswith(".safetensors"):
        return _bring_whole(entry, source, remote, watch)
    beginning = _read_header(source, remote)
    plan = make_plan(
        entry, beginning[LENGTH_BYTES:], f"the file at {source.host}", size=remote.size, origin=source.origin
    )
    growing = cache.partial(entry, _key(source, remote, plan.digest()))
    try:
        found = _bring_features(beginning, plan, growing, remote, Meter(entry.title, plan.size, watch))
        if found:
            _compare(found, source)
        return cache.commit(entry, growing)
    except WeightsError:
        growing.unlink()  # To go on from there would not make it better.
        raise


def _bring_features(beginning: bytes, plan: Plan, growing: Path, remote: Remote, meter: Meter) -> str:
    """Let a file grow by the tensors of a plan; the SHA-256 of the whole file they are in, if all of it was read."""
    whole, hashed = hashlib.sha256(beginning), len(beginning)
    with growing.open(_mode(remote)) as file:
        if file.tell() < len(plan.head):
            file.truncate(0)
            file.write(plan.head)
        have = file.tell()
        meter.at(have)
        for start, stop in _spans(plan, have, len(beginning), remote):
            for position, chunk in _placed(start, remote.read(start, stop)):
                if position == hashed:
                    whole.update(chunk)
                    hashed += len(chunk)
                have += sum(file.write(part) for part in plan.wanted(position, chunk))
                meter.at(have)
    return whole.hexdigest() if hashed == remote.size else ""


def _spans(plan: Plan, have: int, header_end: int, remote: Remote) -> list[tuple[int, int]]:
    """The ranges to read. Where the server knows none, everything passes by, and is read in one go from the header on,
    so that its hash can be told if the last tensor is at the end of the file."""
    spans = plan.spans(have)
    if remote.knows_ranges or not spans:
        return spans
    return [(header_end if have == len(plan.head) else spans[0][0], spans[-1][1])]


def _bring_whole(entry: Entry, source: Source, remote: Remote, watch: Watch) -> Path:
    """The tensors out of a PyTorch file, of which everything has to be read."""
    _read(remote, 1)  # From now on its size is known.
    growing = cache.partial(entry, _key(source, remote))
    meter = Meter(entry.title, remote.size or 0, watch)
    with growing.open(_mode(remote)) as file:
        for position, chunk in _placed(file.tell(), remote.read(file.tell())):
            file.write(chunk)
            meter.at(position + len(chunk))
            if position > MAX_BYTES:
                raise RemoteError(f"sends more than {MAX_BYTES} bytes")
    try:
        with growing.open("rb") as file:
            _compare(hashlib.file_digest(file, "sha256").hexdigest(), source)
        tensors = check_tensors(entry, read_tensors(growing), source=f"the file at {source.host}")
        return cache.keep(entry, tensors, source.origin)
    finally:
        growing.unlink()


def _read_header(source: Source, remote: Remote) -> bytes:
    """The length and the JSON header at the beginning of a safetensors file."""
    beginning = _read(remote, FIRST_BYTES)
    end = LENGTH_BYTES + header_length(beginning, f"the file at {source.host}")
    if end > len(beginning):
        beginning = _read(remote, end)
    return beginning[:end]


def _read(remote: Remote, count: int) -> bytes:
    return b"".join(remote.read(0, count))


def _placed(position: int, chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each chunk with the position of its first byte."""
    for chunk in chunks:
        yield position, chunk
        position += len(chunk)


def _mode(remote: Remote) -> str:
    """How to open a growing file: to go on, or to begin anew where nothing tells that the server's file is the same."""
    return "ab" if remote.etag else "wb"


def _key(source: Source, remote: Remote, more: str = "") -> str:
    """What makes two downloads one and the same."""
    return hashlib.sha256(repr((source.origin, remote.size, remote.etag, more)).encode()).hexdigest()


def _compare(found: str, source: Source) -> None:
    """Hold the SHA-256 of a whole file against the known one, or the known beginning of it."""
    if not found.startswith(source.sha256):
        raise WeightsError(f"the file at {source.host} is damaged: its SHA-256 is not the one it should have.")


def _arrived(entry: Entry) -> int:
    """Bytes that somebody else's download has brought so far."""
    sizes = [path.stat().st_size for path in cache.parts(entry) if path.exists()]
    return min(max(sizes, default=0), entry.size)


def _intact(entry: Entry) -> Path | None:
    """The file in the cache if it is what it was when it was kept; a damaged one is taken away."""
    path = cache.kept_file(entry.name)
    if path is None:
        return None
    try:
        cache.load(entry, path)
    except WeightsError as error:
        logger.warning("%s It is fetched anew.", error)
        path.unlink(missing_ok=True)
        return None
    return path
