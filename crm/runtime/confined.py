"""Starts one program: dies with its parent, and never as root. Run as a script by crm.runtime.postgres, stdlib only.

    confined.py PARENT_PID|0 SIGNAL plain|namespace|UID PROGRAM ARGUMENT...

PostgreSQL refuses to run as root. `namespace` gives it a user namespace in which this user is number 1000, so no user
is made and no file changes hands; a number drops to that user instead.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1


def drop_root(how: str) -> None:
    """Give up the rights of root as `how` says; `plain` keeps who we are."""
    if how == "namespace":
        user, group = os.geteuid(), os.getegid()
        os.unshare(os.CLONE_NEWUSER)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"1000 {user} 1")
        Path("/proc/self/gid_map").write_text(f"1000 {group} 1")
    elif how != "plain":
        os.setgroups([])
        os.setgid(int(how))
        os.setuid(int(how))


def die_with(parent: int, number: int) -> None:
    """Ask Linux to signal this process when its parent ends; leave at once if it already has."""
    if not parent or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)


if __name__ == "__main__":
    parent, number, how, *command = sys.argv[1:]
    drop_root(how)
    die_with(int(parent), signal.Signals[number])
    os.execv(command[0], command)  # noqa: S606
