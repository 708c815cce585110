/** Shows what a node counts as published when its connection breaks, and Redis took it all the same. */
import { expect, test } from "vitest";
import type { Link } from "../../src/serve/backplane-link.js";
import { Outbox } from "../../src/serve/backplane-outbox.js";
import { type Envelope, opened } from "../../src/serve/backplane-envelope.js";

/** An outbox, what it handed to Redis, and how that answers. */
function outbox() {
  const sent: Envelope[] = [];
  const answers: { readonly done: () => void; readonly fail: (error: Error) => void }[] = [];
  const publish = (_channel: string, data: Buffer): Promise<number> => {
    sent.push(opened(data)!);
    return new Promise((resolve, reject) => {
      answers.push({ done: () => resolve(2), fail: reject });
    });
  };
  const refusals: string[] = [];
  const box = new Outbox({
    link: { redis: { publish } } as unknown as Link,
    isUp: () => true,
    channel: "c",
    life: "0123456789abcdef",
    node: "a",
    refused: (why) => void refusals.push(why),
  });
  const counts = (): number[] => [box.published, box.undelivered];
  return { box, sent, answers, refusals, counts };
}

const broken = new Error("Connection is closed.");

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test.each(["before", "behind"])(
  "a message that the node heard %s the loss of its connection was published",
  async (when) => {
    const { box, sent, answers, counts } = outbox();
    box.publish("said", 1);
    box.publish("said", 2);
    if (when === "before") box.heard(sent[0]!);
    for (const { fail } of answers) fail(broken);
    await settled();
    if (when === "behind") {
      expect(counts()).toEqual([0, 2]);
      box.heard(sent[0]!);
    }
    expect(counts()).toEqual([1, 1]);
    expect(box.owes).toBe(true);
    // Once it is back, nothing of before comes any more.
    box.settle();
    box.heard(sent[1]!);
    expect(counts()).toEqual([1, 1]);
  },
);

test("what Redis refuses was not published, whatever was heard since; it is told once", async () => {
  const { box, sent, answers, refusals, counts } = outbox();
  box.publish("said", 1);
  box.publish("said", 2);
  const refusal = Object.assign(new Error("NOPERM no"), { name: "ReplyError" });
  box.heard(sent[1]!);
  answers[0]!.fail(refusal);
  answers[1]!.done();
  await settled();
  expect(counts()).toEqual([1, 1]);
  expect(refusals).toEqual(["NOPERM no"]);
});

test("what is too much at once is not published", () => {
  const { box, sent, counts } = outbox();
  const payload = Buffer.alloc(4 * 1024 ** 2);
  for (let count = 0; count < 6; count++) box.publish("binary", null, { payload });
  expect(sent).toHaveLength(4);
  expect(counts()).toEqual([0, 2]);
  expect(box.owes).toBe(true);
});
