/** Shows HS-11 and HS-12: what a server agrees to that was not offered, or not rightly. */
import { describe, expect, test } from "vitest";
import { switching } from "../../e2e/raw-server.js";
import { http, lookWith, rowsOf, startFaulty, valuesIn } from "./exemplary.js";

const offeredIn = (head: string): string | undefined => valuesIn(head, "sec-websocket-protocol")[0];
const choosing = (head: string, value: string): string =>
  switching(head, `Sec-WebSocket-Protocol: ${value}`);

describe("HS-11, subprotocols", () => {
  test.each<[string, (head: string) => string | undefined, string[]]>([
    [
      "it knows none",
      (head) => switching(head),
      ["unknown offered | info | info", "bad name offered | info | info"],
    ],
    [
      "it takes the first",
      (head) => {
        const first = offeredIn(head)?.split(",")[0];
        return first === undefined ? undefined : choosing(head, first);
      },
      [
        "bad name offered | fail | medium",
        "unknown offered | info | info",
        "one offered twice | info | info",
      ],
    ],
    [
      "it copies the list",
      (head) => (offeredIn(head)?.includes(",") ? choosing(head, offeredIn(head)!) : undefined),
      ["two offered | fail | high", "one offered twice | fail | high"],
    ],
    [
      "it answers with its own",
      (head) => choosing(head, "chat"),
      [
        "none offered | fail | high",
        "two offered, unknown offered, one offered twice, bad name offered | fail | high",
      ],
    ],
    [
      "it answers with an empty one",
      (head) => (offeredIn(head) === "wsctl-unknown" ? choosing(head, "") : undefined),
      ["unknown offered | fail | high"],
    ],
    [
      "it answers with two headers",
      (head) =>
        offeredIn(head) === "wsctl-a, wsctl-b"
          ? switching(head, "Sec-WebSocket-Protocol: wsctl-a", "Sec-WebSocket-Protocol: wsctl-b")
          : undefined,
      ["two offered | fail | high"],
    ],
    [
      "a bad name breaks it",
      (head) => (offeredIn(head)?.includes("=") ? http("500 Internal Server Error") : undefined),
      ["bad name offered | fail | medium"],
    ],
    [
      "a bad name gets a page",
      (head) => (offeredIn(head)?.includes("=") ? http("200 OK") : undefined),
      ["bad name offered | warn | low"],
    ],
  ])("%s", async (_what, fault, rows) => {
    const { url } = await startFaulty(fault);
    const { findings } = await lookWith("HS-11", url);
    expect(rowsOf(findings)).toEqual(rows);
  });

  test("one that insists on a subprotocol is legal", async () => {
    const { url, heads } = await startFaulty((head) =>
      offeredIn(head) ? undefined : http("400 Bad Request"),
    );
    const { findings } = await lookWith("HS-11", url, {
      options: { request: { subprotocols: ["chat"] } },
    });
    expect(rowsOf(findings)).toEqual(["none offered | info | info"]);
    expect(heads.map(offeredIn)).toEqual([
      "chat",
      undefined,
      "wsctl-unknown",
      "chat, chat",
      "wsctl=a",
    ]);
  });

  test("a subprotocol that looks like a token is not shown", async () => {
    const token = `bearer.${"x".repeat(50)}`;
    const { url } = await startFaulty((head) =>
      offeredIn(head)?.includes("bearer") ? choosing(head, token) : undefined,
    );
    const { findings } = await lookWith("HS-11", url, {
      options: { request: { subprotocols: [token] } },
    });
    expect(rowsOf(findings)).toEqual(["one offered twice | info | info"]);
    expect(JSON.stringify(findings)).not.toContain("xxxx");
  });
});

describe("HS-12, extensions", () => {
  const extending = (value: string) => (head: string) =>
    switching(head, `Sec-WebSocket-Extensions: ${value}`);
  const offers = (head: string): boolean => valuesIn(head, "sec-websocket-extensions").length > 0;
  test.each<[string, (head: string) => string | undefined, string[]]>([
    [
      "compression is always on",
      extending("permessage-deflate"),
      ["no extension, unknown extension | fail | high"],
    ],
    [
      "the offer is copied",
      (head) => (offers(head) ? extending("x-wsctl-unknown")(head) : undefined),
      ["unknown extension | fail | high"],
    ],
    [
      "the header is empty",
      (head) => (offers(head) ? extending("")(head) : undefined),
      ["unknown extension | warn | low"],
    ],
    [
      "an offer is refused",
      (head) => (offers(head) ? http("400 Bad Request") : undefined),
      ["unknown extension | warn | low"],
    ],
    [
      "an offer breaks it",
      (head) => (offers(head) ? http("500 Internal Server Error") : undefined),
      ["unknown extension | fail | medium"],
    ],
  ])("%s", async (_what, fault, rows) => {
    const { url } = await startFaulty(fault);
    const { findings } = await lookWith("HS-12", url);
    expect(rowsOf(findings)).toEqual(rows);
  });
});
