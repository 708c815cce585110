"""A WebSocket echo server on a free loopback port, which it prints as one line of JSON.

Usage: echo.py [--tls CERT KEY]
"""

import argparse
import asyncio
import json
import ssl

import websockets


async def echo(connection, *_path):
    async for message in connection:
        await connection.send(message)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    arguments = parser.parse_args()
    context = None
    if arguments.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*arguments.tls)
    async with websockets.serve(echo, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        print(json.dumps({"port": port}), flush=True)
        await asyncio.Future()


asyncio.run(main())
