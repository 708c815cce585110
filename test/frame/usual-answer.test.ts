/** Shows that only an answer that reading would find the same, and right, passes for the usual one. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acceptFor, checkUpgrade, newKey } from "../../src/frame/handshake.js";
import { ResponseHeadReader, serialiseRequest } from "../../src/frame/http-head.js";
import type { UpgradeRequest, UpgradeResponse } from "../../src/frame/upgrade.js";
import { UsualAnswer } from "../../src/frame/usual-answer.js";

const keyIndex = 1;

function requestOf(key = newKey()): UpgradeRequest {
  const headers = [
    ["Host", "h"],
    ["Sec-WebSocket-Key", key],
    ["Sec-WebSocket-Protocol", "a, b"],
  ] as const;
  return serialiseRequest({ method: "GET", target: "/", headers });
}

const keyOf = ({ headers }: UpgradeRequest): string => headers[keyIndex]![1];

function headFor(request: UpgradeRequest, more = "Server: s\r\n"): string {
  const accept = acceptFor(keyOf(request));
  return `HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${more}\r\n`;
}

const bytesOf = (text: string): Buffer => Buffer.from(text, "latin1");

function read(head: string): UpgradeResponse {
  return new ResponseHeadReader().push(bytesOf(head))!.response;
}

function learn(usual: UsualAnswer, headOf: (request: UpgradeRequest) => string): void {
  const request = requestOf();
  usual.learn(request, read(headOf(request)));
}

/** One that has learned the answer to such requests, which takes two. */
function learned(headOf: (request: UpgradeRequest) => string = (one) => headFor(one)): UsualAnswer {
  const usual = new UsualAnswer(keyIndex);
  learn(usual, headOf);
  learn(usual, headOf);
  return usual;
}

function recognised(usual: UsualAnswer, request: UpgradeRequest, head: string) {
  const bytes = bytesOf(head);
  return usual.recognise(request, bytes, 0, bytes.length);
}

describe("the usual answer", () => {
  test("is what reading it says, byte by byte and header by header, wherever it stands", () => {
    const usual = learned();
    for (let padding = 0; padding < 20; padding++) {
      const request = requestOf();
      const head = headFor(request);
      const bytes = bytesOf(`${"x".repeat(padding)}${head}\x81\x02hi`);
      const response = usual.recognise(request, bytes, padding, bytes.length);
      // The memory is shared by all reads.
      bytes.fill(0);
      expect(response).toEqual(read(head));
      expect(checkUpgrade(request, response!)).toEqual([]);
    }
  });

  test("is not known before it was learned, nor while it is not whole", () => {
    const request = requestOf();
    expect(recognised(new UsualAnswer(keyIndex), request, headFor(request))).toBeUndefined();
    expect(recognised(learned(), request, headFor(request).slice(0, -1))).toBeUndefined();
  });

  test("is not what was answered once: of many dials nobody knows yet", () => {
    const usual = new UsualAnswer(keyIndex);
    learn(usual, (one) => headFor(one));
    const request = requestOf();
    expect(recognised(usual, request, headFor(request))).toBeUndefined();
    learn(usual, (one) => headFor(one));
    expect(recognised(usual, request, headFor(request))).toEqual(read(headFor(request)));
  });

  test("is given up where each answer differs from the one before, unless one was recognised", () => {
    const dated = (day: number) => (request: UpgradeRequest) =>
      headFor(request, `Date: ${day}\r\n`);
    const [usual, request] = [learned(), requestOf()];
    for (let day = 0; day < 6; day++) learn(usual, dated(day));
    expect(recognised(usual, request, dated(5)(request))).toBeDefined();
    for (let day = 0; day < 7; day++) learn(usual, dated(day));
    expect(recognised(usual, request, dated(6)(request))).toBeDefined();
    for (let day = 0; day < 8; day++) learn(usual, dated(day));
    expect(recognised(usual, request, dated(7)(request))).toBeUndefined();
    learn(usual, (one) => headFor(one));
    expect(recognised(usual, request, headFor(request))).toBeUndefined();
  });

  test("leaves answers alone that were given before", () => {
    const usual = learned();
    const requests = [requestOf(), requestOf()];
    const [first] = requests.map((request) => recognised(usual, request, headFor(request)));
    expect(first).toEqual(read(headFor(requests[0]!)));
  });

  test("is not one with the accept value of another key, be it the one before", () => {
    const usual = learned();
    const before = requestOf();
    expect(recognised(usual, before, headFor(before))).toBeDefined();
    expect(recognised(usual, requestOf(), headFor(before))).toBeUndefined();
  });

  test("is the one that was learned last", () => {
    const usual = learned();
    const dated = (request: UpgradeRequest) => headFor(request, "Date: now\r\n");
    const request = requestOf();
    expect(recognised(usual, request, dated(request))).toBeUndefined();
    usual.learn(request, read(dated(request)));
    const next = requestOf();
    expect(recognised(usual, next, headFor(next))).toBeUndefined();
    expect(recognised(usual, next, dated(next))).toEqual(read(dated(next)));
  });

  test("is none where the accept value stands twice: it could be the wrong one that is looked at", () => {
    for (const name of ["X-Echo", "X-Much-Longer-Than-The-Others"]) {
      const twice = (request: UpgradeRequest, accept = acceptFor(keyOf(request))) =>
        headFor(request).replace("Upgrade: ", `${name}: ${accept}\r\nUpgrade: `);
      const usual = learned(twice);
      const request = requestOf();
      expect(recognised(usual, request, twice(request))).toBeUndefined();
      expect(recognised(usual, request, twice(request, acceptFor("old")))).toBeUndefined();
    }
  });

  test("differs when any byte does", () => {
    const usual = learned();
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (position, change) => {
        const request = requestOf();
        const bytes = bytesOf(headFor(request));
        bytes[position % bytes.length]! ^= change;
        expect(usual.recognise(request, bytes, 0, bytes.length)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});
