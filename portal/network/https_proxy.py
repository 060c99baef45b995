"""An HTTPS proxy that connects every request to this emulator.

It serves clients that have the addresses of Bitrix24's servers built in. With `HTTPS_PROXY` set to it, a client that
calls https://oauth.bitrix24.tech/ or https://acme.bitrix24.com/ reaches the emulator instead, without changes in its
code or in the name resolution of the machine. It connects to nothing else.
"""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress

HOST = "127.0.0.1"
MAX_LENGTH = 8192
"""Longest CONNECT request in bytes."""
PIECE = 65536
_CONNECT = re.compile(rb"CONNECT [\w.\-\[\]:]{1,255} HTTP/1\.[01]\r\n")
ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
REFUSED = b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Tunnel:
    """Accepts CONNECT requests and connects them to the port of the emulator."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, port: int = 0) -> str:
        """Start listening on a loopback port (0 selects a free one), and return the address for HTTPS_PROXY."""
        self._server = await asyncio.start_server(self._accept, HOST, port, limit=MAX_LENGTH)
        return f"http://{HOST}:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Stop listening and abort open connections."""
        if self._server is not None:
            self._server.close()
        for end in self._ends:
            end.transport.abort()
        await asyncio.gather(*self._tasks)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with self._track(writer), suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            asked = await reader.readuntil(b"\r\n\r\n")
            # Any target leads to this portal, so the requested name is not used.
            if not _CONNECT.match(asked):
                writer.write(REFUSED)
                return
            from_portal, to_portal = await asyncio.open_connection(HOST, self._port)
            with self._track(to_portal):
                writer.write(ESTABLISHED)
                await asyncio.gather(copy(reader, to_portal), copy(from_portal, writer))

    @contextmanager
    def _track(self, end: asyncio.StreamWriter) -> Iterator[None]:
        """Count a connection as open until the block ends, and close it then."""
        self._ends.add(end)
        try:
            yield
        finally:
            self._ends.discard(end)
            end.close()


async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Copy bytes from one connection to the other until the end, then close the other one for writing."""
    with suppress(ConnectionError):
        while piece := await source.read(PIECE):
            target.write(piece)
            await target.drain()
    # A client that has reset its connection cannot be told the end: the system says ENOTCONN, which is a plain OSError.
    with suppress(OSError):
        target.write_eof()
