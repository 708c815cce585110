/** Shows that a parent that takes nothing costs its children nothing, and misses nothing unawares. */
import { expect, test } from "vitest";
import { EventRelay } from "../../src/cli/commands/serve-event-relay.js";
import type { ServeEvent } from "../../src/serve/events.js";

/** A parent that takes events when it is told to. */
class Parent {
  readonly sent: ServeEvent[] = [];
  #waiting: (() => void)[] = [];

  readonly send = (event: ServeEvent): Promise<void> => {
    this.sent.push(event);
    return new Promise((resolve) => this.#waiting.push(resolve));
  };

  async take(count = Infinity): Promise<void> {
    for (const taken of this.#waiting.splice(0, count)) taken();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function message(connection: number, bytes = 1): ServeEvent {
  const data = Buffer.alloc(bytes);
  return { event: "message", connection, direction: "in", binary: false, data };
}

function numbers(sent: readonly ServeEvent[]): unknown[] {
  return sent.map((event) => ("connection" in event ? event.connection : event));
}

test("only so many events are under way, and how many were left out is told", async () => {
  const parent = new Parent();
  const relay = new EventRelay(2, parent.send);
  for (let n = 0; n < 5000; n++) relay.tell(message(n));
  expect(parent.sent).toHaveLength(1000);
  await parent.take(400);
  relay.tell(message(5000));
  expect(parent.sent).toHaveLength(1000);
  await parent.take(200);
  relay.tell(message(5001));
  expect(numbers(parent.sent.slice(999))).toEqual([999, { event: "skipped", count: 4001 }, 5001]);
});

test("what was left out is told when nothing else comes", async () => {
  const parent = new Parent();
  const relay = new EventRelay(2, parent.send);
  for (let n = 0; n < 1003; n++) relay.tell(message(n));
  await parent.take();
  expect(parent.sent.slice(1000)).toEqual([{ event: "skipped", count: 3 }]);
  await parent.take();
  expect(parent.sent).toHaveLength(1001);
});

test("large payloads are fewer", async () => {
  const parent = new Parent();
  const relay = new EventRelay(2, parent.send);
  for (let n = 0; n < 100; n++) relay.tell(message(n, 16 * 1024 * 1024));
  expect(parent.sent).toHaveLength(4);
  await parent.take();
  expect(parent.sent.at(-1)).toEqual({ event: "skipped", count: 96 });
});

test("without -v only failures are told", () => {
  const parent = new Parent();
  const relay = new EventRelay(0, parent.send);
  relay.tell(message(1));
  relay.tell({ event: "failed", connection: 2, error: "a bug" });
  expect(numbers(parent.sent)).toEqual([2]);
  expect([relay.messages, new EventRelay(1, parent.send).messages]).toEqual([false, false]);
});
