"""A WebSocket client that plays a script, to see a server through an implementation of others.

Usage: client.py URL STEPS

STEPS is a JSON list. Each step is an object with one of these keys:
  send         a text, or any other value, which is sent as JSON
  send_hex     bytes for a binary message
  expect       what the next message must be: the text itself or, for an object, members that the
               JSON must have
  expect_hex   the next message is binary, with these bytes
  until        reads on, at most 10,000 messages, until one has these members
  expect_close the code with which the server closes

Prints everything that came, a line of JSON each; ends with 1 and the reason at the first surprise.
"""

import asyncio
import json
import sys

import websockets

PATIENCE = 10


def has(message, members):
    """Whether a message is what was expected; of objects only the members asked for count."""
    if not isinstance(members, dict):
        return message == members
    try:
        value = json.loads(message)
    except ValueError:
        return False
    return all(value.get(name) == wanted for name, wanted in members.items())


async def receive(connection):
    message = await asyncio.wait_for(connection.recv(), PATIENCE)
    shown = message if isinstance(message, str) else {"hex": message.hex()}
    print(json.dumps(shown), flush=True)
    return message


async def play(connection, step):
    if "send" in step:
        value = step["send"]
        await connection.send(value if isinstance(value, str) else json.dumps(value))
    elif "send_hex" in step:
        await connection.send(bytes.fromhex(step["send_hex"]))
    elif "expect" in step:
        message = await receive(connection)
        assert has(message, step["expect"]), f"{message!r} instead of {step['expect']!r}"
    elif "expect_hex" in step:
        message = await receive(connection)
        assert message == bytes.fromhex(step["expect_hex"]), f"{message!r}"
    elif "until" in step:
        for _ in range(10_000):
            if has(await receive(connection), step["until"]):
                return
        raise AssertionError(f"never came: {step['until']!r}")
    elif "expect_close" in step:
        await asyncio.wait_for(connection.wait_closed(), PATIENCE)
        assert connection.close_code == step["expect_close"], f"closed with {connection.close_code}"
    else:
        raise AssertionError(f"unknown step {step!r}")


async def main():
    url, steps = sys.argv[1], json.loads(sys.argv[2])
    async with websockets.connect(url) as connection:
        for step in steps:
            await play(connection, step)


try:
    asyncio.run(main())
except AssertionError as surprise:
    sys.exit(f"surprise: {surprise}")
