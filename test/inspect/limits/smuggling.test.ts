/** SM-1: what follows on a connection whose upgrade was refused. */
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { type RawServer, startRaw, switching } from "../../e2e/raw-server.js";
import { find, quick } from "./looking.js";

const refusal = "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nno";

function plain(...lines: readonly string[]): string {
  return ["HTTP/1.1 403 Forbidden", "Content-Length: 2", ...lines, "", "no"].join("\r\n");
}

const fronts = plain("Server: front", "Via: 1.1 front");

/** A front that refuses wrong versions, and then does that with what follows on the connection. */
async function startFront(
  follow: (socket: Socket) => void,
  { alone = () => fronts, wrong = refusal } = {},
): Promise<RawServer> {
  return startRaw({
    answer: (head) => {
      if (/^sec-websocket-version: 777\r$/im.test(head)) return wrong;
      return /^upgrade:/im.test(head) ? switching(head) : alone();
    },
    upgraded: follow,
  });
}

const answering = (text: string) => (socket: Socket) =>
  void socket.on("data", () => socket.write(text));

test("a connection that is closed after the refusal passes", async () => {
  const server = await startFront((socket) => socket.end());
  const { first, handshakes } = await find(server.url, quick.smuggling);
  expect(first).toMatchObject({ rule: "SM-1", verdict: "pass" });
  expect(first.message).toContain(
    "426 Upgrade Required to a wrong version, the connection is closed",
  );
  expect(handshakes).toBe(3);
});

test("so does one that is reset, and one that is hung up on without an answer", async () => {
  const reset = await startFront(
    (socket) => void socket.on("data", () => socket.resetAndDestroy()),
  );
  expect((await find(reset.url, quick.smuggling)).first.verdict).toBe("pass");
  const rude = await startFront((socket) => socket.end(), { wrong: "" });
  expect((await find(rude.url, quick.smuggling)).first.verdict).toBe("pass");
});

test("so does one that goes on in the HTTP of the front, however its times change", async () => {
  let count = 0;
  const dated = () =>
    plain("Server: front", "Via: 1.1 front", `Date: ${++count}`, `ETag: ${count}`);
  const server = await startFront(answering(dated()), { alone: dated });
  const { first } = await find(server.url, quick.smuggling);
  expect(first).toMatchObject({ verdict: "pass", confidence: "firm" });
  expect(server.heads.filter((head) => head.includes("777"))).toHaveLength(1);
});

test.each([
  ["another server", plain("Server: backend"), "Server: backend, not Server: front"],
  ["another status", fronts.replace("403 Forbidden", "200 OK"), "status 200, not 403"],
])("an answer of %s is a tunnel", async (_, text, said) => {
  const server = await startFront(answering(text));
  const { first } = await find(server.url, quick.smuggling);
  expect(first).toMatchObject({ verdict: "fail", severity: "high", confidence: "tentative" });
  expect(first.message).toContain(said);
  expect(first.repro).toContain("--only SM-1");
});

test("other headers alone are warned of", async () => {
  const text = plain("Server: front", "Via: 1.1 front", "X-Backend-Node: 7");
  const server = await startFront(answering(text));
  const { first } = await find(server.url, quick.smuggling);
  expect(first).toMatchObject({ verdict: "warn", severity: "medium" });
  expect(first.message).toContain("with x-backend-node");
});

test("frames in answer to HTTP are no HTTP", async () => {
  const server = await startFront(answering("\x88\x02\x03\xea\r\n\r\n"));
  const { first } = await find(server.url, quick.smuggling);
  expect(first).toMatchObject({ verdict: "fail", severity: "medium" });
});

test("silence says nothing, and is no pass", async () => {
  const server = await startFront(() => {});
  const { first } = await find(server.url, quick.smuggling);
  expect(first).toMatchObject({ verdict: "info", confidence: "tentative" });
});

test("where answers differ anyway nothing can be compared; nor after a 101", async () => {
  let count = 0;
  const alone = () => plain(`Server: ${++count}`);
  const balanced = await startFront(answering(fronts), { alone });
  expect((await find(balanced.url, quick.smuggling)).first.verdict).toBe("inconclusive");
  const lax = await startRaw({
    answer: (head) => (/^upgrade:/im.test(head) ? switching(head) : fronts),
  });
  expect((await find(lax.url, quick.smuggling)).first.verdict).toBe("inconclusive");
});
