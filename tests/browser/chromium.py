"""Finds a Chromium for the browser tests, or brings one: `python -m tests.browser.chromium` (make test calls it)."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
FLAGS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
REASON = (
    Path(__file__).resolve().parents[2] / "var" / "no-browser.txt"
)  # why there is none; read when tests are skipped


def flags() -> list[str]:
    """Return the command line flags of a quiet browser; root has no sandbox."""
    return [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def playwrights_own() -> str | None:
    """Return the browser that `playwright install chromium` brought, if it did."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        place = Path(driver.chromium.executable_path)
    return str(place) if place.exists() else None


def installed() -> str | None:
    """Return the machine's own browser, if it has one."""
    named = os.environ.get("CHROMIUM")
    return named or next((place for name in NAMES if (place := shutil.which(name))), None)


def find() -> str | None:
    """Return the program to run, or None."""
    return installed() or playwrights_own()


def bring() -> str | None:
    """Install a browser where there is none: Debian's package as root, else Playwright's. Return why that failed."""
    attempts = []
    if os.geteuid() == 0 and shutil.which("apt-get"):
        attempts.append(["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium", "fonts-noto-cjk"])
    attempts.append([sys.executable, "-m", "playwright", "install", "chromium"])
    failures = []
    for command in attempts:
        tried = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
        if tried.returncode == 0 and find():
            return None
        words = (tried.stderr or tried.stdout).strip().splitlines()
        failures.append(f"{' '.join(command[:3])}: {words[-1] if words else tried.returncode}")
    return "; ".join(failures)


if __name__ == "__main__":
    REASON.parent.mkdir(parents=True, exist_ok=True)
    REASON.unlink(missing_ok=True)
    if not find() and (why := bring()):
        REASON.write_text(why)
        sys.stdout.write(f"No Chromium can be had here ({why}); the browser tests will be skipped.\n")
