"""What a command is asked of a warm process with: its words, folder, environment and streams; see ``warm``."""

import json
import socket


def ask(address: str, words: list[str], folder: str, environment: dict[str, str], streams: list[int]) -> int:
    """Let ``words`` (a program and its arguments) run there with three streams of ours; return the exit code."""
    asked = json.dumps([words, folder, environment]).encode()
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(address)
        socket.send_fds(line, [len(asked).to_bytes(8, "big")], streams)
        line.sendall(asked)
        code = line.recv(4)
    return int.from_bytes(code, "big") if code else 70


def asked_of(caller: socket.socket) -> tuple[list[str], str, dict[str, str], list[int]]:
    """Return what was asked at the other end of the line."""
    size, streams, _, _ = socket.recv_fds(caller, 8, 3)
    asked = b""
    while len(asked) < int.from_bytes(size, "big"):
        asked += caller.recv(1 << 16)
    return *json.loads(asked), streams
