"""Asks whether a port of this machine is free."""

from __future__ import annotations

import errno
import os
import socket

LOOPBACK = "127.0.0.1"


def find_port_trouble(port: int) -> str | None:
    """Why nothing can listen at the port of this machine; None where it is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            # A port that was just left may be taken again at once.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            return _describe_trouble(error)
    return None


def _describe_trouble(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "is used by another program"
    return f"cannot be used: {error.strerror}"
