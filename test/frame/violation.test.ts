import { expect, test } from "vitest";
import { WsctlError } from "../../src/base/errors.js";
import { violations, type ProtocolViolation } from "../../src/frame/violation.js";

const every: Record<keyof typeof violations, ProtocolViolation> = {
  reservedBits: violations.reservedBits(5),
  misplacedRsv1: violations.misplacedRsv1(0),
  reservedOpcode: violations.reservedOpcode(11),
  fragmentedControl: violations.fragmentedControl(9),
  longControl: violations.longControl(9, 126),
  maskedByServer: violations.maskedByServer(),
  unmaskedByClient: violations.unmaskedByClient(),
  nonMinimalLength: violations.nonMinimalLength(5, 8),
  negativeLength: violations.negativeLength(),
  uncountableLength: violations.uncountableLength(),
  payloadTooBig: violations.payloadTooBig(11, 10),
  tooManyFragments: violations.tooManyFragments(10),
  strayContinuation: violations.strayContinuation(),
  interruptedMessage: violations.interruptedMessage(1),
  invalidText: violations.invalidText(255, 3),
  truncatedText: violations.truncatedText(1),
  halfCloseCode: violations.halfCloseCode(),
  closeCode: violations.closeCode(1005, "No Status Received"),
  invalidReason: violations.invalidReason(),
};

test.each(Object.entries(every))("%s is uniform", (_rule, violation) => {
  expect(violation).toBeInstanceOf(WsctlError);
  expect(violation.code).toBe("WSCTL_EPROTOCOL");
  expect(violation.name).toBe("ProtocolViolation");
  expect([1002, 1007, 1009]).toContain(violation.closeCode);
  expect(violation.section).toMatch(/^RFC (6455|7692) §\d+(\.\d+)*$/);
  expect(violation.where).toEqual([violation.section, `close code ${violation.closeCode}`]);
  expect(violation.message).not.toMatch(/[\n.]$|undefined|NaN/);
  expect(violation.message.length).toBeLessThan(160);
});

test("messages say what was seen", () => {
  expect(every.reservedBits.message).toContain("RSV1 and RSV3");
  expect(every.reservedOpcode.message).toContain("0x0b");
  expect(every.nonMinimalLength.message).toContain("5 bytes is announced in 64 bits");
  expect(every.invalidText.message).toContain("0xff at offset 3");
  expect(every.truncatedText.message).toContain("1 byte ends");
  expect(every.payloadTooBig.hint).toContain("--max-payload");
});
