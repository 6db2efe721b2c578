"""How the embedded PostgreSQL is set, by the size of this machine. Durability stays on."""

import os
import shutil
from pathlib import Path


def memory() -> int:
    """Return the machine's memory in bytes."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def tuned() -> dict[str, str]:
    """Return the server settings of an embedded install, sized by this machine's memory; durability stays on."""
    mib = memory() // 2**20
    room = shutil.disk_usage("/dev/shm").total if Path("/dev/shm").is_dir() else 0  # noqa: S108
    return {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "shared_buffers": f"{min(1024, max(128, mib // 8))}MB",
        "effective_cache_size": f"{max(512, mib // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{min(256, max(64, mib // 16))}MB",
        "max_wal_size": "4GB",
        "min_wal_size": "256MB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # Containers often have 64 MB of shared memory, too little for a parallel hash join.
        "dynamic_shared_memory_type": "posix" if room >= 2**28 else "mmap",
    }
