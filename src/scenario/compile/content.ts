/** Owns what a message is made of, once its files are read and its random bytes drawn. */
import { randomBytes } from "node:crypto";
import { WsctlError } from "../../base/errors.js";
import { formatSize, parseCount, parseSize } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import type { PlanSend } from "../flow-plan.js";
import { expectsReply } from "../reply.js";
import { parseBytes } from "../schema/binary.js";
import type { StepMap } from "../schema/step.js";
import type { Compiling } from "./compiling.js";
import { withEnv, withEnvWithin } from "./env-holes.js";
import { within } from "./limits.js";

/** In base64 a larger payload would be longer than a string of JavaScript can be. */
const largestPayload = 256 * 1024 ** 2;

/** The message with every number resolved. @throws WsctlError WSCTL_EUSAGE */
export function sendOf(written: NonNullable<StepMap["send"]>, compiling: Compiling): PlanSend {
  const message = typeof written === "string" ? { text: written } : written;
  const opcode =
    (message.as ?? (message.binary === undefined ? "text" : "binary")) === "binary" ? 2 : 1;
  return {
    opcode,
    payload: payloadOf(message, opcode, compiling),
    fragments: parseCount(String(message.fragments ?? 1)),
    reply: expectsReply(written, compiling.scenario.config?.correlate),
  };
}

function payloadOf(
  message: Exclude<NonNullable<StepMap["send"]>, string>,
  opcode: 1 | 2,
  { env, files }: Compiling,
): PlanSend["payload"] {
  if (message.json !== undefined) {
    return { kind: "json", template: withEnvWithin(message.json, env) };
  }
  if (message.binary !== undefined) {
    return { kind: "bytes", base64: bytesOf(message.binary, files).toString("base64") };
  }
  if (message.size !== undefined) {
    const size = within("the size", parseSize(String(message.size)), 0, largestPayload, formatSize);
    const bytes = opcode === 2 ? randomBytes(size) : randomText(size);
    return { kind: "bytes", base64: bytes.toString("base64") };
  }
  return { kind: "text", template: withEnv(message.text ?? "", env) };
}

/** @throws WsctlError WSCTL_EUSAGE for a file that was not read */
function bytesOf(written: string, files: ReadonlyMap<string, Buffer>): Buffer {
  const found = parseBytes(written);
  if ("bytes" in found) return found.bytes;
  const bytes = files.get(found.file);
  if (bytes) return bytes;
  throw new WsctlError("WSCTL_EUSAGE", `binary: ${safeLine(found.file, 80)} was not read`);
}

/** Letters and digits: text that no compression or escaping makes smaller or larger by accident. */
function randomText(size: number): Buffer {
  const bytes = randomBytes(size);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (let i = 0; i < bytes.length; i++) bytes[i] = alphabet.charCodeAt(bytes[i]! & 63);
  return bytes;
}
