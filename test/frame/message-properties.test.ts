import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeFrame } from "../../src/frame/encode.js";
import { Opcode } from "../../src/frame/opcode.js";
import { ProtocolViolation } from "../../src/frame/violation.js";
import { anyCuts, anyMask, feedCut, messageRecorder, type Seen } from "./recorder.js";

describe("properties", () => {
  const anyControl = fc.record({
    opcode: fc.constantFrom(Opcode.ping, Opcode.pong),
    payload: fc.uint8Array({ maxLength: 125 }),
  });
  // A message, where to cut it into frames, and what to say between two of them.
  const anyMessage = fc.record({
    message: fc.oneof(
      fc
        .string({ unit: "binary", maxLength: 200, size: "max" })
        .map((value) => ({ opcode: Opcode.text, payload: Buffer.from(value) })),
      fc
        .uint8Array({ maxLength: 400, size: "max" })
        .map((value) => ({ opcode: Opcode.binary, payload: Buffer.from(value) })),
    ),
    fragments: fc.array(fc.nat(400), { maxLength: 5 }),
    controls: fc.array(anyControl, { maxLength: 3 }),
  });

  test("any messages, fragmented anyhow, cut anyhow, in both roles", () => {
    fc.assert(
      fc.property(
        fc.array(anyMessage, { maxLength: 5 }),
        fc.option(anyMask, { nil: undefined }),
        anyCuts,
        (messages, mask, cuts) => {
          const stream: Buffer[] = [];
          const expected: Seen[] = [];
          for (const { message, fragments, controls } of messages) {
            const { opcode, payload } = message;
            const edges = [0, ...fragments.map((cut) => cut % (payload.length + 1))];
            edges.push(payload.length);
            edges.sort((a, b) => a - b);
            let wire = 0;
            for (let index = 1; index < edges.length; index++) {
              const frame = encodeFrame(
                { opcode: index === 1 ? opcode : 0, fin: index === edges.length - 1, mask },
                payload.subarray(edges[index - 1], edges[index]),
              );
              wire += frame.length;
              stream.push(frame);
              const control = index < edges.length - 1 ? controls[index - 1] : undefined;
              if (control !== undefined) {
                stream.push(encodeFrame({ opcode: control.opcode, mask }, control.payload));
                expected.push([control.opcode, Buffer.from(control.payload).toString("hex"), 0]);
              }
            }
            expected.push([opcode, payload.toString("hex"), wire]);
          }
          const role = mask === undefined ? "client" : "server";
          const { reader, seen } = messageRecorder({ role });
          feedCut(reader, Buffer.concat(stream), cuts);
          expect(seen).toEqual(expected);
        },
      ),
    );
  });

  // Headers that are mostly legal lead deeper than noise does.
  const nearlyFrame = fc
    .tuple(
      fc.constantFrom(0x81, 0x01, 0x00, 0x80, 0x82, 0x02, 0x88, 0x89, 0x8a, 0xc1, 0x83),
      fc.uint8Array({ maxLength: 10 }),
      fc.integer({ min: -1, max: 1 }),
    )
    .map(([first, payload, lie]) =>
      Buffer.from([first, Math.max(0, payload.length + (Math.abs(lie) < 1 ? 0 : lie)), ...payload]),
    );
  const nearlyStream = fc.oneof(
    fc.array(nearlyFrame, { maxLength: 8 }).map((frames) => Buffer.concat(frames)),
    fc.uint8Array({ maxLength: 60, size: "max" }).map((bytes) => Buffer.from(bytes)),
  );

  test("any bytes give messages or a violation, the same however they were cut", () => {
    const run = (bytes: Buffer, cuts: number[], role: "client" | "server") => {
      const { reader, seen } = messageRecorder({ role, maxPayload: 200, maxFragments: 5 });
      try {
        feedCut(reader, bytes, cuts);
        return { seen, closeCode: 0 };
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(ProtocolViolation);
        return { seen, closeCode: (thrown as ProtocolViolation).closeCode };
      }
    };
    const anyRole = fc.constantFrom("client" as const, "client" as const, "server" as const);
    fc.assert(
      fc.property(nearlyStream, anyCuts, anyRole, (bytes, cuts, role) => {
        expect(run(bytes, cuts, role)).toEqual(run(bytes, [], role));
      }),
      { numRuns: 1000 },
    );
  });
});
