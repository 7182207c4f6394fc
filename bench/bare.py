"""The bare reference: an asyncio server without framework and database. A POST sends as many bytes as ours to every reader.

python -m bench.bare PORT   (the size of a frame stands in the request: X-Size)
"""

import asyncio
import re
import sys
from typing import Any

import uvloop

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
readers: set[Any] = set()
seq = 0


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


class Server(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        self.transport, self.buffer = transport, b""

    def connection_lost(self, exc: Any) -> None:
        readers.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        global seq
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        if head.startswith(b"GET"):
            readers.add(self.transport)
            self.transport.write(HEAD + chunk(b"event: beat\ndata: {}\n\n"))
        else:
            length = re.search(rb"(?i)content-length: (\d+)", head)
            if length and len(body) < int(length[1]):
                return
            seq += 1
            start = b"id: %d\nevent: change\ndata: " % seq
            size = int(re.search(rb"X-Size: (\d+)", head)[1])  # type: ignore[index]
            frame = chunk(start + b"x" * (size - len(start) - 2) + b"\n\n")
            for reader in readers:
                reader.write(frame)
            self.transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        self.buffer = b""


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", int(sys.argv[1]), backlog=1000)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
