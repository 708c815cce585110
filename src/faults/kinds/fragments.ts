/** Owns messages in fragments that are legal, and that few servers send (RFC 6455 §5.4). */
import { parseCount } from "../../base/quantity.js";
import { Opcode } from "../../frame/opcode.js";
import type { FaultKind } from "../fault.js";
import { dataFrames, isCompressed, makeFrame, payloadOf, type Message } from "../outgoing.js";
import type { Stage } from "../stage.js";
import { refuse } from "./value.js";

const nothing = Buffer.alloc(0);

/** The offset of the n-th cut within a character, behind its first byte; how many, if there are less. */
function cutWithin(
  payload: Buffer,
  wanted: number,
): { readonly at: number; readonly count: number } {
  let count = 0;
  for (let at = 1; at < payload.length; at++) {
    if (payload[at - 1]! < 0xc0) continue;
    if (count === wanted) return { at, count };
    count++;
  }
  return { at: 0, count };
}

function splitOnce(message: Message, stage: Stage): void {
  const isText = message.opcode === Opcode.text && !isCompressed(message);
  const payload = isText ? Buffer.concat(dataFrames(message).map(payloadOf)) : nothing;
  const { count } = cutWithin(payload, Infinity);
  if (!stage.fires(count > 0)) return;
  const { at } = cutWithin(payload, stage.random.int(0, count - 1));
  const { opcode, rsv } = message.frames[0]!;
  stage.reframe(message, [
    makeFrame({ opcode, rsv, fin: false }, payload.subarray(0, at)),
    makeFrame({ opcode: Opcode.continuation }, payload.subarray(at)),
  ]);
  stage.injected();
}

export const splitUtf8: FaultKind = {
  summary: "cuts a text into two fragments within a character, which is legal",
  reveals: "garbled text, or a valid message refused: fragments are decoded one by one",
  create: () => ({
    attach: (stage) => ({
      message(message) {
        splitOnce(message, stage);
        stage.pass(message);
      },
      // The fragments are made anew, so what stood between them goes first.
      control: (control) => stage.pass(control),
    }),
  }),
};

const mostEmpty = 1_000_000;

/** The message behind so many fragments of nothing. */
function behindEmpty(message: Message, count: number): Message["frames"] {
  const { opcode, rsv } = message.frames[0]!;
  const empty = makeFrame({ opcode: Opcode.continuation, fin: false }, nothing);
  const frames = dataFrames(message);
  const [first, ...others] = frames;
  const { fin } = first!;
  return [
    makeFrame({ opcode, rsv, fin: false }, nothing),
    ...Array.from({ length: count - 1 }, () => empty),
    makeFrame({ opcode: Opcode.continuation, fin }, payloadOf(first!)),
    ...others,
  ];
}

export const emptyFragments: FaultKind = {
  summary: "sends a message behind many fragments without payload, which is legal",
  reveals: "memory or time for every fragment, where only bytes are bounded",
  value: { what: "how many, at most 1m", example: "100k", default: "1000" },
  create({ value }) {
    const count = parseCount(value);
    if (count < 1 || count > mostEmpty) {
      refuse(`${count} empty fragments are too ${count < 1 ? "few" : "many"}`, "write 1 to 1m");
    }
    return {
      attach: (stage) => ({
        message(message) {
          if (stage.fires()) {
            stage.reframe(message, behindEmpty(message, count));
            stage.injected();
          }
          stage.pass(message);
        },
        control: (control) => stage.pass(control),
      }),
    };
  },
};
