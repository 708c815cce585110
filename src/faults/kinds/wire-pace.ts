/** Owns bytes that arrive late, slowly or in crumbs: what networks do, and knows no frames. */
import { parseDuration, parseSize } from "../../base/quantity.js";
import { inSlices } from "../drip.js";
import type { FaultKind } from "../fault.js";
import { bytesOf } from "../outgoing.js";
import { draw, parseByteRate, parsePause, parseSpread, refuse } from "./value.js";

export const latency: FaultKind = {
  summary: "holds every chunk of bytes back, with jitter if you like; the order stays",
  reveals: "impatient timeouts, and round trips that could be saved",
  value: { what: "how long", example: "100ms±20ms", default: "100ms" },
  counts: "chunks",
  layer: "bytes",
  create({ value }) {
    const spread = parseSpread(value, parseDuration);
    return {
      attach: (stage) => ({
        chunk(chunk) {
          if (!stage.fires()) return stage.pass(chunk);
          stage.injected();
          stage.pass(chunk, draw(spread, stage.random));
        },
      }),
    };
  },
};

/** Bytes leave so often a second, however slow the line. */
const ticks = 50;
const largestSlice = 256 * 1024;

export const bandwidth: FaultKind = {
  summary: "lets no more bytes per second pass",
  reveals: "impatient timeouts, and no bound on what waits",
  value: { what: "bytes per second", example: "64KiB/s", default: "10KiB/s" },
  counts: "chunks",
  layer: "bytes",
  create({ value }) {
    const rate = parseByteRate(value);
    if (rate < 1) refuse("a bandwidth of 0 lets nothing pass", "that is timeout=0");
    const slice = Math.min(largestSlice, Math.max(1, Math.floor(rate / ticks)));
    return {
      attach: (stage) => ({
        chunk(chunk) {
          if (!stage.fires()) return stage.pass(chunk);
          stage.injected();
          const wait = (size: number): number => (size / rate) * 1000;
          stage.drip(
            chunk,
            inSlices(bytesOf(chunk), () => slice, wait),
          );
        },
      }),
    };
  },
};

export const slicer: FaultKind = {
  summary: "cuts every chunk of bytes into slices, with a pause behind each",
  reveals: "takes a read for a frame, or a head for one read",
  value: {
    what: "size of a slice, with a spread if you like, and the pause of 1ms or more",
    example: "16B±8B 5ms",
    default: "16B 10ms",
  },
  counts: "chunks",
  layer: "bytes",
  create({ value }) {
    const [sizes = "", pause = "10ms", ...more] = value.split(/\s+/);
    if (more.length > 0) refuse("that is more than a size and a pause", "write slicer=16B±8B 5ms");
    const spread = parseSpread(sizes, parseSize);
    const ms = parsePause(pause);
    if (spread.middle < 1) refuse("a slice has a byte at least", "write it like slicer=16B 10ms");
    return {
      attach: (stage) => ({
        chunk(chunk) {
          if (!stage.fires()) return stage.pass(chunk);
          stage.injected();
          const size = (): number => Math.max(1, Math.round(draw(spread, stage.random)));
          stage.drip(
            chunk,
            inSlices(bytesOf(chunk), size, () => ms),
          );
        },
      }),
    };
  },
};
