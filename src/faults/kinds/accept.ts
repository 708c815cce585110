/** Owns answers whose Sec-WebSocket-Accept proves nothing (RFC 6455 §4.2.2, item 5.4). */
import type { FaultKind } from "../fault.js";
import type { Stage } from "../stage.js";

const field = /^(sec-websocket-accept[ \t]*:[ \t]*)([^\r\n]*)(\r?\n)/im;

/** A kind that puts another value in place, or takes the header out where there is none to put. */
function accept(summary: string, value: (stage: Stage) => string | undefined): FaultKind {
  return {
    summary,
    reveals: "the answer to the handshake is not validated",
    counts: "connections",
    create: () => ({
      attach: (stage) => ({
        answer(answer) {
          if (stage.fires()) {
            const text = answer.head.toString("latin1");
            const other = value(stage);
            const changed = text.replace(field, (_all, name: string, _old, end: string) =>
              other === undefined ? "" : `${name}${other}${end}`,
            );
            answer.head = Buffer.from(changed, "latin1");
            stage.injected();
          }
          stage.pass(answer);
        },
      }),
    }),
  };
}

/** 20 bytes in base64, like a SHA-1 digest, but of nothing. */
function madeUp(stage: Stage): string {
  return Buffer.from(Array.from({ length: 20 }, () => stage.random.int(0, 255))).toString("base64");
}

export const acceptWrong = accept("answers with an accept value for another key", madeUp);

export const acceptMissing = accept("answers without an accept value", () => undefined);

// The example of RFC 6455 §1.3, which servers copied from it answer to any key.
export const acceptStatic = accept(
  "answers with the accept value of the RFC's example",
  () => "s3pPLMBiTxaQ9kYGzzhZgRcKULk=",
);
