"""Fuzz every reader: `python -m tests.hostile.fuzz --inputs 100000 --seed 1`. Prints how often which outcome came.

Nothing but an outcome may come of any input: what raises, or takes too long, is kept in a file with the words that
make it again. An input follows from seed, reader and number alone, so a run that was stopped goes on with `--start`.
"""

from __future__ import annotations

import argparse
import faulthandler
import pickle
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.hostile.targets import TARGETS, Target

SECONDS = 5  # of processor time, for one input: the clock says nothing on a busy machine
_HARD_SECONDS = 600  # then the interpreter itself hangs, and is ended with a trace


class HungError(BaseException):
    """An input took too long. No exception that a reader might catch."""


@dataclass
class Tally:
    """What came of the inputs of one reader. `failures`: the error and the file with the input."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, Path]] = field(default_factory=list)
    seconds: float = 0.0


def fuzz(target: Target, numbers: range, seed: int, kept: Path) -> Iterator[Tally]:
    """Run inputs of one reader in batches; give the tally after each."""
    tally = Tally()
    for first in range(numbers.start, numbers.stop, target.batch):
        batch = range(first, min(first + target.batch, numbers.stop))
        start = time.perf_counter()
        try:
            tally.outcomes.update(_run(target, batch, seed))
        except (Exception, HungError):  # a finding: run them one by one to see whose it is
            for number in batch:
                _run_alone(target, number, seed, tally=tally, kept=kept)
        tally.seconds += time.perf_counter() - start
        yield tally


def _run(target: Target, numbers: Sequence[int], seed: int) -> list[str]:
    faulthandler.dump_traceback_later(_HARD_SECONDS, exit=True, file=sys.__stderr__)
    signal.setitimer(signal.ITIMER_PROF, SECONDS * (1 + len(numbers) // 10))
    try:
        outcomes = target.read([make(target, number, seed) for number in numbers])
        assert len(outcomes) == len(numbers)
        return outcomes
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        faulthandler.cancel_dump_traceback_later()


def _run_alone(target: Target, number: int, seed: int, *, tally: Tally, kept: Path) -> None:
    try:
        tally.outcomes.update(_run(target, [number], seed))
    except (Exception, HungError) as error:
        kept.mkdir(parents=True, exist_ok=True)
        path = kept / f"{target.name}-{seed}-{number}"
        content = make(target, number, seed)
        path.write_bytes(content if isinstance(content, bytes) else pickle.dumps(content))
        place = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}: {str(error)[:120]}"
        tally.failures.append((told, path))
        tally.outcomes["FAILED"] += 1


def make(target: Target, number: int, seed: int) -> object:
    """Make an input again: it follows from these three alone."""
    return target.make(Random(f"{seed}:{target.name}:{number}"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz, tell, and give 1 where anything failed."""
    parser = argparse.ArgumentParser("python -m tests.hostile.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000, help="of all readers together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0, help="go on with this number of each reader")
    parser.add_argument("--only", choices=[target.name for target in TARGETS], action="append", help="a reader alone")
    parser.add_argument("--keep", type=Path, default=Path("var/fuzz"), help="where failing inputs are put")
    wanted = parser.parse_args(arguments)
    signal.signal(signal.SIGPROF, _hang)
    targets = [target for target in TARGETS if target.name in (wanted.only or [target.name])]
    shares = sum(target.share for target in targets)
    print("| reader | inputs | distinct outcomes | failed | inputs a second |\n|---|--:|--:|--:|--:|", flush=True)
    failures = []
    for target in targets:
        stop = -(-wanted.inputs * target.share // shares)
        tally = Tally()
        for tally in fuzz(target, range(wanted.start, stop), wanted.seed, wanted.keep):
            _show_progress(target, tally, wanted.start, stop)
        failures += tally.failures
        print(_compose_line(target, tally), flush=True)
    for told, path in failures:
        _, seed, number = path.name.rsplit("-", 2)
        print(f"{path.name}: {told}\n  again: --only {path.name.rsplit('-', 2)[0]} --seed {seed} --start {number}")
    return 1 if failures else 0


def _hang(*_: object) -> None:
    raise HungError(f"more than {SECONDS} seconds of the processor")


def _show_progress(target: Target, tally: Tally, start: int, stop: int) -> None:
    done = start + sum(tally.outcomes.values())
    end = "\r" if sys.stderr.isatty() else "\n"
    print(f"{target.name}: {done} of {stop}, {len(tally.failures)} failed", end=end, file=sys.stderr, flush=True)


def _compose_line(target: Target, tally: Tally) -> str:
    inputs = sum(tally.outcomes.values())
    rate = inputs / tally.seconds if tally.seconds else 0
    return f"| {target.name} | {inputs} | {len(tally.outcomes)} | {len(tally.failures)} | {rate:.0f} |"


if __name__ == "__main__":
    sys.exit(main())
