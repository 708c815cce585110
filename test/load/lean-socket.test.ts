/** Shows that one connection that cannot be dealt with takes nothing else down with it. */
import net from "node:net";
import { expect, test } from "vitest";
import { Wire } from "../../src/dial/wire.js";
import { LeanSocket } from "../../src/load/lean-socket.js";
import { Meter } from "../../src/load/meter.js";
import { frame, socketPair, until } from "./pair.js";

test.each(["message", "read"] as const)(
  "what a handler of a %s throws ends its connection",
  async (what) => {
    let wire: Wire | undefined;
    const { far } = await socketPair((port) => {
      wire = new Wire(Buffer.alloc(1024), (onread) =>
        net.connect({ port, host: "127.0.0.1", onread }),
      );
      return wire.socket;
    });
    const meter = new Meter(0);
    const lean = new LeanSocket(wire!, 1000, meter, meter);
    let ends = 0;
    const fail = (): never => {
      throw new RangeError("Maximum call stack size exceeded");
    };
    lean.attach({
      message: what === "message" ? fail : () => {},
      pong: () => {},
      flush: () => {},
      read: what === "read" ? fail : () => {},
      unblocked: () => {},
      ended: () => void ends++,
    });
    lean.listen();
    far.write(Buffer.concat([frame(1, "x"), frame(1, "y")]));
    await until(() => ends > 0);
    expect([ends, lean.open]).toEqual([1, false]);
    meter.cut(0, 1000, {});
    expect(meter.totals()["ws_close{by:client,cause:unhandled,code:1006}"]).toBe(1);
    expect(meter.errors()).toMatchObject([
      {
        what: "message could not be handled",
        count: 1,
        example: "Maximum call stack size exceeded",
      },
    ]);
  },
);
