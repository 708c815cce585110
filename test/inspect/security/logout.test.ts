/** Whether logging out closes what the session has open, and to whom credentials are sent for that. */
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { logoutCheck } from "../../../src/inspect/security/logout.js";
import {
  closeInKind,
  frame,
  onFrames,
  type RawServer,
  startRaw,
  switching,
} from "../../e2e/raw-server.js";
import { lookAt } from "../looking.js";

const patience = 300;
const ok = "HTTP/1.1 204 No Content\r\n\r\n";

/** An app whose /logout does that to the WebSockets that are open. */
async function startApp(
  ends: (socket: Socket) => void,
  answer = ok,
  after: (head: string) => string = () => "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n",
): Promise<RawServer> {
  const open: Socket[] = [];
  let isOut = false;
  return startRaw({
    answer: (head) => {
      if (!/^\w+ \/logout/.test(head)) return isOut ? after(head) : switching(head);
      isOut = true;
      for (const socket of open) ends(socket);
      return answer;
    },
    upgraded: (socket) => {
      open.push(socket);
      onFrames(socket, (opcode, payload) => void closeInKind(socket, opcode, payload));
    },
  });
}

async function logOut(server: RawServer, logoutUrl: string | undefined) {
  return lookAt(server.url, [logoutCheck(patience)], {
    options: { request: { cookie: "sid=alice" } },
    given: { logoutUrl },
  });
}

test("a server that closes with 1008 passes; the request has the same credentials and no upgrade", async () => {
  const server = await startApp((socket) => socket.end(frame(8, Buffer.from([0x03, 0xf0]))));
  const seen = await logOut(server, `POST http://127.0.0.1:${server.port}/logout`);
  expect(seen.verdicts).toEqual({ "AU-4": "pass" });
  expect(seen.findings[0]!.message).toContain("closed with 1008");
  expect(seen.handshakes).toBe(3);
  const head = server.heads[2]!;
  expect(head).toMatch(/^POST \/logout HTTP\/1\.1\r\n/);
  expect(head).toContain("Cookie: sid=alice");
  expect(head).not.toMatch(/upgrade|websocket/i);
});

test("so does one that ends it in another way, which is said", async () => {
  const server = await startApp((socket) => socket.destroy());
  const seen = await logOut(server, `http://127.0.0.1:${server.port}/logout`);
  expect(seen.verdicts).toEqual({ "AU-4": "pass" });
  expect(seen.findings[0]!.message).toContain("1008 would tell");
});

test("a WebSocket that outlives its session fails", async () => {
  const server = await startApp(() => {});
  const seen = await logOut(server, `http://127.0.0.1:${server.port}/logout`);
  expect(seen.findings[0]).toMatchObject({ verdict: "fail", severity: "medium", rule: "AU-4" });
});

test("where the same credentials still open one, nobody was logged out", async () => {
  const server = await startApp(() => {}, ok, switching);
  const seen = await logOut(server, `http://127.0.0.1:${server.port}/logout`);
  expect(seen.verdicts).toEqual({ "AU-4": "inconclusive" });
  expect(seen.findings[0]!.message).toContain("nobody was logged out");
  expect(seen.handshakes).toBe(4);
});

test("nor is anything known where the server does not say", async () => {
  const server = await startApp(
    () => {},
    ok,
    () => "HTTP/1.1 503 No\r\n\r\n",
  );
  const seen = await logOut(server, `http://127.0.0.1:${server.port}/logout`);
  expect(seen.verdicts).toEqual({ "AU-4": "inconclusive" });
});

test("another port of the host gets no credentials", async () => {
  const [server, other] = [await startApp(() => {}), await startRaw()];
  const seen = await logOut(server, `http://127.0.0.1:${other.port}/logout`);
  expect(seen.verdicts).toEqual({ "AU-4": "inconclusive" });
  expect(seen.findings[0]!.message).toContain("another port");
  expect(other.heads).toHaveLength(0);
});

test("where logging out fails nothing is said of the WebSocket", async () => {
  const server = await startApp(() => {}, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  const seen = await logOut(server, `http://127.0.0.1:${server.port}/logout`);
  expect(seen.verdicts).toEqual({ "AU-4": "inconclusive" });
});

test.each(["http://127.0.0.2:1/logout", "ftp://127.0.0.1/", "http://[/", "nonsense"])(
  "%s gets no credentials",
  async (logoutUrl) => {
    const server = await startApp(() => {});
    const seen = await logOut(server, logoutUrl);
    expect(seen.verdicts).toEqual({ "AU-4": "inconclusive" });
    expect(seen.handshakes).toBe(1);
  },
);

test("it is left alone unless asked for", async () => {
  const server = await startApp(() => {});
  expect((await logOut(server, undefined)).verdicts).toEqual({ "AU-4": "skip" });
});
