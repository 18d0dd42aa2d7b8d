"""What a customer has today: the vendors' own samples, and httpx-sse with orjson. Each prints what it reads."""

from __future__ import annotations

import asyncio
import json
import sys


def vendor_sse(url: str) -> None:
    """The vendor's sample: requests, sseclient-py, json, print."""
    import requests
    import sseclient

    response = requests.get(url, stream=True, headers={"X-Api-Key": "demo"}, timeout=30)
    for event in sseclient.SSEClient(response).events():  # type: ignore[arg-type, unused-ignore]
        if event.event == "odds":
            print(json.loads(event.data))


def httpx_sse(url: str) -> None:
    """httpx-sse, with orjson both ways."""
    import httpx
    import orjson
    from httpx_sse import aconnect_sse

    async def main() -> None:
        out = sys.stdout.buffer
        async with httpx.AsyncClient(timeout=30) as client, aconnect_sse(client, "GET", url) as source:
            async for event in source.aiter_sse():
                if event.event == "odds":
                    out.write(orjson.dumps(orjson.loads(event.data)) + b"\n")

    asyncio.run(main())


def vendor_ws(url: str) -> None:
    """The vendor's sample: websockets, json, print."""
    from websockets.asyncio.client import connect

    async def main() -> None:
        async with connect(url, max_size=None) as socket:
            async for message in socket:
                print(json.loads(message))

    asyncio.run(main())


def websockets_orjson(url: str) -> None:
    """websockets, with orjson both ways."""
    import orjson
    from websockets.asyncio.client import connect

    async def main() -> None:
        out = sys.stdout.buffer
        async with connect(url, max_size=None) as socket:
            async for message in socket:
                out.write(orjson.dumps(orjson.loads(message)) + b"\n")

    asyncio.run(main())


if __name__ == "__main__":
    {"vendor-sse": vendor_sse, "httpx-sse": httpx_sse, "vendor-ws": vendor_ws, "websockets": websockets_orjson}[
        sys.argv[1]
    ](sys.argv[2])
