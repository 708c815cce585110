/** Owns the messages that tests look at. */
import { Opcode } from "../../src/frame/opcode.js";
import { MessageView } from "../../src/message/view.js";

/** A text message. */
export function text(payload: string): MessageView {
  return new MessageView(Opcode.text, Buffer.from(payload));
}

/** A text message that holds this value as JSON. */
export function json(value: unknown): MessageView {
  return text(JSON.stringify(value));
}

/** A binary message of these bytes, in hexadecimal. */
export function binary(hex: string): MessageView {
  return new MessageView(Opcode.binary, Buffer.from(hex, "hex"));
}

/** A control frame. */
export function control(name: "close" | "ping" | "pong", payload = ""): MessageView {
  return new MessageView(Opcode[name], Buffer.from(payload, "latin1"));
}
