/** Owns the opcodes of RFC 6455 §5.2 and §11.8. */

/** The opcodes that RFC 6455 defines; 3–7 and 11–15 are reserved. */
export const Opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** An opcode that starts a message. */
export type DataOpcode = typeof Opcode.text | typeof Opcode.binary;

/** An opcode of a control frame (RFC 6455 §5.5). */
export type ControlOpcode = typeof Opcode.close | typeof Opcode.ping | typeof Opcode.pong;

/** Whether the opcode is a control frame's: its highest bit is set (RFC 6455 §5.5). */
export function isControl(opcode: number): boolean {
  return opcode >= 0x8;
}
