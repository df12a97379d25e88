"""The doctor's figures for a monitor that listens to StatsD: a gauge each, over UDP, sent and forgotten."""

import re
import socket
from collections.abc import Iterable, Iterator

from etl.errors import ConfigError
from etl.health.doctor import Line
from etl.health.found import State

PREFIX = "ward_reports"
_LEVELS = {State.WELL: 0, State.LOOK: 1, State.BROKEN: 2}


def compose_gauges(lines: Iterable[Line]) -> Iterator[bytes]:
    """Compose a gauge for the state of each check (0 well, 1 look, 2 broken), and one for each of its figures."""
    for line in lines:
        name = line.check.replace("-", "_")
        yield f"{PREFIX}.check.{name}:{_LEVELS[line.found.state]}|g".encode()
        for figure, value in line.found.figures.items():
            yield f"{PREFIX}.{figure}:{value:.15g}|g".encode()


def send_gauges(lines: Iterable[Line], address: str) -> int:
    """Send the gauges to HOST:PORT; give how many. *Raises*: ConfigError where it is no address."""
    found = re.fullmatch(r"\[?([^\]]+?)\]?:(\d{1,5})", address)
    if not found or not 0 < int(found[2]) < 65_536:
        raise ConfigError(f"--statsd {address!r} must be HOST:PORT, like 127.0.0.1:8125")
    (family, kind, protocol, _, place), *_ = socket.getaddrinfo(found[1], int(found[2]), type=socket.SOCK_DGRAM)
    sent = 0
    with socket.socket(family, kind, protocol) as sender:
        for gauge in compose_gauges(lines):
            sender.sendto(gauge, place)
            sent += 1
    return sent
