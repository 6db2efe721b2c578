"""The load generator of bench/tracking.py: wrk, as installed or unpacked from Debian's packages without installing."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.harness import WrongResultError

PACKAGES = ["wrk", "libluajit2-5.1-2"]
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Load:
    """What one run measured: requests a second and latencies in milliseconds."""

    rate: float
    p50: float
    p99: float


def program(directory: Path) -> tuple[str, dict[str, str]] | None:
    """Return wrk and the environment it needs, fetched into `directory` where it is not installed; None without it."""
    if found := shutil.which("wrk"):
        return found, dict(os.environ)
    unpacked = directory / "usr/bin/wrk"
    if not unpacked.exists():
        directory.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", *PACKAGES], cwd=directory, check=False, capture_output=True)
        for package in directory.glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(package), str(directory)], check=True)
    if not unpacked.exists():
        return None
    libraries = ":".join(map(str, (directory / "usr/lib").glob("*-linux-gnu")))
    return str(unpacked), {**os.environ, "LD_LIBRARY_PATH": libraries}


type Program = tuple[str, dict[str, str]]  # the program and the environment it runs in


def load(wrk: Program, url: str, *, connections: int, seconds: int, script: Path | None = None) -> Load:
    """Ask `url` over so many connections at once. Raises WrongResultError when an answer was an error."""
    command = [
        wrk[0],
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "--latency",
        *(["-s", str(script)] if script else []),
    ]
    told = subprocess.run([*command, url], env=wrk[1], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in told or "Socket errors" in told:
        raise WrongResultError(told)
    return Load(float(re.search(r"Requests/sec:\s+([\d.]+)", told)[1]), _latency(told, 50), _latency(told, 99))


def _latency(told: str, share: int) -> float:
    found = re.search(rf"\b{share}%\s+([\d.]+)(us|ms|s)", told)
    return float(found[1]) * _UNITS[found[2]]


def script(paths: list[str], file: Path) -> Path:
    """Write the script that asks for each of the paths in turn; the requests are built before the clock runs."""
    places = file.with_suffix(".txt")
    places.write_text("\n".join(paths))
    file.write_text(
        f'local requests, n = {{}}, 0\ninit = function() for path in io.lines("{places}") do '
        'requests[#requests + 1] = wrk.format("GET", path) end end\n'
        "request = function() n = n % #requests + 1; return requests[n] end\n"
    )
    return file
