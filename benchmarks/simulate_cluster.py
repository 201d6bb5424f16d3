"""How long visitors wait before 1 to 1000 painters: the studio's own line, with simulated time.

``python -m benchmarks.simulate_cluster`` prints the tables of ``benchmarks/notes/cluster_simulation.md`` and draws its
plots; it takes some minutes. ``--check`` compares the line with Erlang's formula for M/M/c instead. The seed is fixed.
"""

import itertools
import math
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.plot import save
from benchmarks.simulated_studio import HOUR, KINDS, PICTURES, PROGRAM, Clock, Crowd, Run, Studio, ask_without_end
from nst.engines.line import Visitor
from nst.limits import DAY, HOSTED, Limits

PLOTS = Path(__file__).parent / "plots"
PAINTERS = (1, 2, 4, 10, 30, 100, 300, 1000)
#: Painters are machines B and A by turns; A is about 2.5 times as fast.
SPEEDS = (1.0, 2.5)
#: Shares of the pictures.
MIX = {"draft": 0.70, "standard": 0.25, "fine": 0.05}

Profile = Callable[[float], float]


def waking(hour: float) -> float:
    """Visitors by the hour of a usual day: nine times as many at 3 pm as at 3 am."""
    return 1 + 0.8 * math.sin((hour - 9) / 12 * math.pi)


def front_page(hour: float) -> float:
    """A usual day, and from 2 pm on six times as many visitors, whom a front page sends; by e fewer every 3 hours."""
    return waking(hour) / 24 + (2 * math.exp((14 - hour) / 3) if hour >= 14 else 0)


def steady(_hour: float) -> float:
    """As many at any time."""
    return 1.0


@dataclass(frozen=True)
class Case:
    """What is simulated: ``visitors`` come to ``painters`` within ``hours``; ``programs`` never stop asking.

    A painter is lost once in ``lifetime`` seconds of work. If not ``fair``, the line is first come, first served.
    """

    painters: int
    visitors: int
    profile: Profile = steady
    hours: float = 24
    mix: Mapping[str, float] = field(default_factory=MIX.copy)
    limits: Limits = HOSTED
    lifetime: float = DAY
    programs: int = 0
    fair: bool = True
    seed: int = 1


class Outcome:
    """What became of a case."""

    def __init__(self, case: Case, studio: Studio, crowd: Crowd) -> None:
        own = [run for run in studio.begun if run.visitor.address != PROGRAM]
        self.waits = {kind: sorted(run.wait for run in own if run.kind == kind) for kind in KINDS}
        self.waits["all"] = sorted(run.wait for run in own)
        self.pictures, self.losses, self.failures = len(own), studio.losses, studio.failures
        self.utilisation = sum(studio.busy.values()) / (case.painters * case.hours * HOUR)
        self.programs = 1 - len(own) / len(studio.begun)
        self.refused = crowd.refused.total() / crowd.asked.total()
        self.refused_shared = crowd.refused[True] / crowd.asked[True]
        self.empty_handed = 1 - len(crowd.painted) / crowd.came
        self.jain = jain(mean_waits(own))

    def wait(self, percent: float, kind: str = "all") -> float:
        """The percentile of the waits of those who were painted, in seconds."""
        waits = self.waits[kind]
        return waits[int((len(waits) - 1) * percent / 100)] if waits else math.nan


def mean_waits(runs: Iterable[Run]) -> list[float]:
    """The mean wait of every visitor, in seconds."""
    waits: dict[Visitor, list[float]] = {}
    for run in runs:
        waits.setdefault(run.visitor, []).append(run.wait)
    return [sum(own) / len(own) for own in waits.values()]


def jain(values: Sequence[float]) -> float:
    """Jain's index of fairness: 1 if all are equal, 1 / n if one has everything."""
    squares = sum(value**2 for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 1.0


def simulate(case: Case) -> Outcome:
    """Let the visitors of a case come, and paint until the last of them has gone."""
    random, clock = Random(case.seed), Clock()
    speeds = [speed for speed, _ in zip(itertools.cycle(SPEEDS), range(case.painters), strict=False)]
    studio = Studio(clock, speeds, case.limits, random, case.lifetime, fair=case.fair)
    crowd = Crowd(clock, studio, case.mix, random)
    minutes = range(round(case.hours * 60))
    for minute in random.choices(minutes, [case.profile(minute / 60) for minute in minutes], k=case.visitors):
        clock.after(60 * (minute + random.random()), crowd.arrive)
    for number in range(case.programs):
        ask_without_end(clock, studio, Visitor(session=f"program{number}", address=PROGRAM), case.hours * HOUR)
    clock.run()
    return Outcome(case, studio, crowd)


def steady_case(painters: int, load: float, *, pictures: int = 6000, **more: Any) -> Case:
    """Visitors who ask, at a steady rate, for a ``load`` of what painters can paint, for 15 minutes at least."""
    mix = more.get("mix", MIX)
    pace = sum(itertools.islice(itertools.cycle(SPEEDS), painters))
    seconds = sum(share * KINDS[kind] for kind, share in mix.items())
    hours = max(0.25, pictures * seconds / (load * pace * HOUR))
    visitors = round(load * pace * hours * HOUR / (PICTURES * seconds))
    return Case(painters, visitors, hours=hours, **more)


def erlang_wait(painters: int, load: float) -> float:
    """The mean wait of M/M/c, in mean times of service: Erlang's C formula."""
    offered = load * painters
    terms = [1.0]
    for number in range(1, painters):
        terms.append(terms[-1] * offered / number)
    last = terms[-1] * offered / painters / (1 - load)
    return last / (sum(terms) + last) / (painters * (1 - load))


def simulated_wait(painters: int, load: float, pictures: int, seed: int = 1) -> float:
    """The same from the simulation of that many pictures, each of another visitor."""
    random, clock = Random(seed), Clock()
    studio = Studio(clock, [1.0] * painters, Limits(waiting=pictures), random, math.inf, saving=0)
    gaps, lengths = exponentials(pictures, random), exponentials(pictures, random)
    for number, (time, length) in enumerate(zip(itertools.accumulate(gaps), lengths, strict=True)):
        visitor = Visitor(session=str(number), address=str(number))
        clock.after(time / (load * painters), partial(studio.submit, Run("draft", visitor, length)))
    clock.run()
    return sum(run.wait for run in studio.begun) / pictures


def exponentials(count: int, random: Random) -> list[float]:
    """Numbers with an exponential distribution, whose mean is exactly 1: the load is then exact too."""
    numbers = [random.expovariate(1) for _ in range(count)]
    mean = sum(numbers) / count
    return [number / mean for number in numbers]


def check() -> None:
    """The simulation beside Erlang's formula."""
    for painters, load in ((1, 0.5), (1, 0.8), (4, 0.7), (10, 0.7)):
        ours, theirs = simulated_wait(painters, load, 100_000), erlang_wait(painters, load)
        print(f"M/M/{painters}, load {load}: {ours:.4f}, Erlang {theirs:.4f}, {ours / theirs - 1:+.1%}", flush=True)


DAYS = {"calm, 200": (200, waking), "busy, 2000": (2000, waking), "front page, 20,000": (20_000, front_page)}
#: As many places in the line for each painter as a hosted studio has for its one.
PLACES = "front page, 16 places a painter"


def row(name: str, outcome: Outcome) -> str:
    """A line of a table."""
    waits = " | ".join(f"{outcome.wait(percent):.0f}" for percent in (50, 90, 99))
    drafts = f"{outcome.wait(90, 'draft'):.0f} | {outcome.wait(90, 'fine'):.0f}"
    shares = f"{outcome.utilisation:.1%} | {outcome.refused:.1%} | {outcome.empty_handed:.1%}"
    jain = f"{outcome.jain:.2f}" if outcome.wait(50) else ""  # Where most do not wait, it says nothing.
    return f"| {name} | {outcome.pictures} | {waits} | {drafts} | {shares} | {jain} |".replace("nan", "")


def table(title: str, cases: Mapping[str, Case]) -> dict[str, Outcome]:
    """Simulate cases and print a table of them."""
    print(f"\n| {title} | pictures | wait 50 % | 90 % | 99 % | drafts 90 % | fine 90 % | at work | refused |"
          " without a picture | Jain |\n|---|---|---|---|---|---|---|---|---|---|---|")  # fmt: skip
    outcomes = {}
    for name, case in cases.items():
        outcomes[name] = simulate(case)
        print(row(name, outcomes[name]), flush=True)
    return outcomes


def days() -> None:
    """Three days, and the most crowded one with a longer line, before every number of painters."""
    lines: dict[str, list[Outcome]] = {}
    for day, (visitors, profile) in DAYS.items():
        lines[day] = list(table(day, {str(count): Case(count, visitors, profile) for count in PAINTERS}).values())
    longer = {count: replace(HOSTED, waiting=HOSTED.waiting * count) for count in PAINTERS}
    visitors, profile = DAYS["front page, 20,000"]
    cases = {str(count): Case(count, visitors, profile, limits=longer[count]) for count in PAINTERS}
    lines[PLACES] = list(table(PLACES, cases).values())
    waits = {
        f"{day}: {percent} %": [(count, max(0.1, own.wait(percent))) for count, own in zip(PAINTERS, line, strict=True)]
        for day, line in lines.items() if day != "calm, 200" for percent in (50, 99)
    }  # fmt: skip
    words = {
        "across": "painters, machines A and B by turns",
        "caption": "Simulated days, by number of visitors",
    }
    print(save(PLOTS / "waits.png", waits, up="seconds in line (0.1: none); 50 and 99 of 100 runs wait less", **words))
    without = {
        day: [(count, max(0.1, 100 * own.empty_handed)) for count, own in zip(PAINTERS, line, strict=True)]
        for day, line in lines.items()
    }
    print(save(PLOTS / "without_picture.png", without, up="% of the visitors who leave without a picture", **words))


def loads() -> None:
    """The same load for every number of painters; drafts among themselves."""
    table("load 0.9", {str(count): steady_case(count, 0.9) for count in PAINTERS})
    drafts = {"draft": 1.0}
    table("load 0.9, drafts only", {str(count): steady_case(count, 0.9, mix=drafts) for count in (1, 4, 10, 100)})


def programs() -> None:
    """Visitors beside programs that ask without end, and the same without turns and limits for each."""
    unfair = {"fair": False, "limits": replace(HOSTED, waiting_each=None, waiting_address=None)}
    for painters in (1, 4, 30):
        cases = {f"{count} programs": {"programs": count} for count in (0, 1, 16)}
        cases |= {"1 program, first come": {"programs": 1, **unfair}}
        own = table(
            f"load 0.5 on {painters}",
            {name: steady_case(painters, 0.5, pictures=1000, **more) for name, more in cases.items()},
        )
        print("Shares of the runs that are the programs':", [f"{outcome.programs:.0%}" for outcome in own.values()])


def losses() -> None:
    """Painters that are lost."""
    lifetimes = {"never": math.inf, "a day": DAY, "an hour": HOUR, "ten minutes": 600.0}
    cases = {f"lost: {name}": steady_case(30, 0.8, lifetime=seconds) for name, seconds in lifetimes.items()}
    for name, outcome in table("load 0.8 on 30", cases).items():
        print(f"{name}: {outcome.losses} losses, {outcome.failures} of {outcome.pictures} runs failed")


if __name__ == "__main__":
    if "--check" in sys.argv:
        check()
    else:
        for part in (days, loads, programs, losses):
            part()
