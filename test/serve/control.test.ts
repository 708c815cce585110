/** Speaks to the control port as its users do, and as those who should not get far. */
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { FaultSet } from "../../src/faults/fault-set.js";
import {
  ask,
  closeCode,
  connect,
  http,
  order,
  start,
  tcp,
  told,
  until,
  upgradeHead,
} from "./running.js";

describe("who may ask", () => {
  test("any name but loopback's is refused: a page may have pointed its own there", async () => {
    const { control } = await start();
    for (const host of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example"]) {
      expect((await http(`${control}/stats`, { headers: { host } })).status).toBe(403);
    }
    for (const host of ["localhost", "LOCALHOST:1", "127.0.0.1:99", "[::1]:5"]) {
      expect((await http(`${control}/stats`, { headers: { host } })).status).toBe(200);
    }
  });

  test("no answer permits another origin, and a preflight gets none", async () => {
    const { control } = await start();
    const headers = { origin: "https://evil.example", "access-control-request-method": "POST" };
    for (const method of ["GET", "OPTIONS"]) {
      const answer = await http(`${control}/stats`, { method, headers });
      expect(answer.status).toBe(method === "GET" ? 200 : 405);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-"))).toEqual([]);
    }
  });

  test("what changes something needs the token", async () => {
    const { control, token } = await start();
    const type = { "content-type": "application/json" };
    for (const authorization of [
      undefined,
      "Bearer",
      `Bearer ${token}x`,
      `Basic ${token}`,
      token,
    ]) {
      for (const [method, path] of [
        ["POST", "/cut"],
        ["POST", "/stall"],
        ["POST", "/faults"],
        ["DELETE", "/faults/1"],
      ] as const) {
        const headers = { ...type, ...(authorization === undefined ? {} : { authorization }) };
        const answer = await http(`${control}${path}`, { method, headers });
        expect(answer.status).toBe(401);
        expect(answer.headers["www-authenticate"]).toBe("Bearer");
      }
    }
  });
});

describe("what cannot be answered", () => {
  test("unknown paths and methods say what there is", async () => {
    const { control } = await start();
    for (const path of ["/", "/statsx", "/__proto__", "/constructor", "/stats%00", "//stats"]) {
      expect((await http(`${control}${path}`)).status).toBe(404);
    }
    const answer = await http(`${control}/nothing`);
    expect(JSON.parse(answer.body)).toEqual({
      error: "there is /stats, /log, /connections, /metrics, /faults, /cut, /stall",
    });
    const wrong = await http(`${control}/cut`);
    expect([wrong.status, wrong.headers["allow"]]).toEqual([405, "POST"]);
    const stray = await http(`${control}/faults`, { method: "PUT" });
    expect([stray.status, stray.headers["allow"]]).toEqual([405, "GET, POST, DELETE"]);
    expect((await http(`${control}/stats?run=unheard`)).status).toBe(404);
    expect((await http(`${control}/connections?limit=1001`)).status).toBe(400);
  });

  test("bodies that are no JSON object, or too large", async () => {
    const { control, token } = await start();
    const post = async (body: string, type = "application/json") =>
      http(`${control}/cut`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": type },
        body,
      });
    for (const body of ["", "{", "[]", "null", "1", '"x"', "{}{}", "\u0000", "[".repeat(60_000)]) {
      expect((await post(body)).status).toBe(400);
    }
    expect((await post("{}", "text/plain")).status).toBe(415);
    expect((await post("{}", "")).status).toBe(415);
    expect((await post(`{"share":"${" ".repeat(70_000)}"}`)).status).toBe(413);
    const right = '{"share":"0%"}';
    expect((await post(right, "application/json; charset=utf-8")).status).toBe(200);
  });

  test("a key that is misspelt is named, and nothing happens", async () => {
    const server = await start();
    const client = await connect(server.url);
    const errorOf = async (body: unknown) =>
      (JSON.parse((await order(server, "/cut", body)).body) as { error: string }).error;
    expect(await errorOf({ share: "100%", hwo: "reset" })).toBe(
      'there is no "hwo" here: did you mean "how"?',
    );
    expect(await errorOf({ share: "100%", "\u001b[2J": 1 })).toBe(
      'there is no "\\u001b[2J" here: there is "share", "how", "code"',
    );
    expect((await errorOf({ ["x".repeat(60_000)]: 1 })).length).toBeLessThan(200);
    expect(await ask(client, "still there")).toBe("still there");
  });

  test("values that make no sense change nothing", async () => {
    const server = await start();
    const client = await connect(server.url);
    for (const [path, body] of [
      ["/cut", { share: "101%" }],
      ["/cut", { share: "-1%" }],
      ["/cut", { share: 0.3 }],
      ["/cut", { share: "" }],
      ["/cut", {}],
      ["/cut", { how: "close" }],
      ["/cut", { share: "100%", how: "politely" }],
      ["/cut", { share: "100%", how: "__proto__" }],
      ["/cut", { share: "100%", code: 1006 }],
      ["/cut", { share: "100%", code: 1005 }],
      ["/cut", { share: "100%", code: 999 }],
      ["/cut", { share: "100%", code: 1000.5 }],
      ["/cut", { share: "100%", code: "1000" }],
      ["/cut", { share: "100%", how: "reset", code: 1012 }],
      ["/cut", { share: "100%", how: "silent", code: 1012 }],
      ["/cut", { share: "100%", __proto: 1 }],
      ["/stall", { for: "1s", fro: 1 }],
      ["/faults", { fault: "drop", p: "1%" }],
      ["/stall", {}],
      ["/stall", { for: "2" }],
      ["/stall", { for: "1h" }],
      ["/faults", {}],
      ["/faults", { fault: ["drop"] }],
      ["/faults", { fault: "no-such-fault" }],
    ] as const) {
      const { status, body: text } = await order(server, path, body);
      expect([path, body, status]).toEqual([path, body, 400]);
      expect(JSON.parse(text)).toHaveProperty("error");
    }
    for (const id of ["", "x", "1", "99999999999", "1/2", "1e1"]) {
      expect((await order(server, `/faults/${id}`, undefined, "DELETE")).status).toBe(404);
    }
    expect(await ask(client, "still there")).toBe("still there");
  });

  test("garbage and half a request keep nobody else from being answered", async () => {
    const server = await start();
    const { control } = server;
    for (const text of [
      "\r\n\r\n",
      "GET\r\n\r\n",
      "\u0000".repeat(100),
      `GET /${"x".repeat(9000)}`,
    ]) {
      const socket = await tcp(control);
      socket.write(text);
    }
    const broken = await tcp(control);
    broken.write(
      `POST /cut HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${server.token}\r\n` +
        "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
    );
    broken.destroy();
    expect((await http(`${control}/stats`)).status).toBe(200);
  });
});

describe("connections", () => {
  test("are told, the oldest first, at most as many as asked for", async () => {
    const server = await start();
    await connect(`${server.url}a?b=c`, {
      headers: { "Wsctl-Run": "r" },
      origin: "https://o.test",
    });
    await connect(server.url);
    expect(await told(server, "/connections?limit=1")).toEqual({
      total: 2,
      connections: [
        {
          connection: 1,
          run: "r",
          remote: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
          path: "/a",
          origin: "https://o.test",
          subprotocol: "",
          open: expect.any(Number) as number,
          buffered: 0,
        },
      ],
    });
  });

  test("are cut with a close frame, for whom the lot falls on", async () => {
    const server = await start();
    const clients = await Promise.all(Array.from({ length: 10 }, () => connect(server.url)));
    const codes: number[] = [];
    for (const client of clients) client.on("close", (code) => void codes.push(code));
    const answer = await order(server, "/cut", { share: "30%", code: 4321 });
    expect(JSON.parse(answer.body)).toEqual({ cut: 3 });
    await until("three are gone", () => codes.length === 3);
    expect(codes).toEqual([4321, 4321, 4321]);
    expect(await told(server, "/connections")).toMatchObject({ total: 7 });
    expect(JSON.parse((await order(server, "/cut", { share: "100%" })).body)).toEqual({ cut: 7 });
    await until("all are gone", () => codes.length === 10);
    expect(codes.slice(3)).toEqual(Array.from({ length: 7 }, () => 1012));
  });

  test("are cut without a close frame, by TCP's end or a reset", async () => {
    const server = await start();
    for (const [how, expected] of [
      ["fin", ["end", "close"]],
      ["reset", ["ECONNRESET", "close"]],
    ] as const) {
      const socket = await tcp(server.url);
      socket.write(upgradeHead);
      await once(socket, "data");
      const heard: (string | undefined)[] = [];
      socket.on("end", () => void heard.push("end"));
      socket.on("error", (error: NodeJS.ErrnoException) => void heard.push(error.code));
      socket.on("close", () => void heard.push("close"));
      await order(server, "/cut", { share: "100%", how });
      await until("it is gone", () => heard.includes("close"));
      expect(heard).toEqual(expected);
    }
    const counted = async () => (await server.controlled.stats())?.closes["1006"];
    await until("they are counted", async () => (await counted()) === 2);
  });

  test.each(["fin", "silent"])(
    "are cut by %s before and after faults are switched",
    async (how) => {
      const server = await start();
      const clients = [await connect(server.url), await connect(server.url)];
      const heard: string[] = [];
      for (const client of clients) client.on("message", () => void heard.push("message"));
      const post = async (path: string, body: unknown): Promise<number> =>
        (await order(server, path, body)).status;
      expect(await post("/cut", { how, share: "50%" })).toBe(200);
      expect(await post("/faults", { fault: "delay=1ms" })).toBe(201);
      expect(await post("/cut", { how, share: "100%" })).toBe(200);
      for (const client of clients) if (client.readyState === client.OPEN) client.send("hello");
      for (const client of clients) client.terminate();
      await until("their end is heard", () => server.truth.total.open === 0);
      expect(heard).toEqual([]);
      expect(await ask(await connect(server.url), "well")).toBe("well");
    },
  );

  test("are cut silently: nothing comes any more, and they are not cut again", async () => {
    const server = await start();
    const client = await connect(server.url);
    const other = await connect(server.url);
    const heard: string[] = [];
    for (const each of [client, other]) {
      each.on("message", (data) => void heard.push((data as Buffer).toString()));
      each.on("close", () => void heard.push("close"));
    }
    expect(JSON.parse((await order(server, "/cut", { how: "silent", share: "50%" })).body)).toEqual(
      {
        cut: 1,
      },
    );
    client.send("one");
    other.send("two");
    await until("the other was answered", () => heard.length === 1);
    expect(JSON.parse((await order(server, "/cut", { share: "100%" })).body)).toEqual({ cut: 1 });
    await until("the other was closed", () => heard.length === 2);
    expect(heard[1]).toBe("close");
    expect((await server.controlled.connections(10)).total).toBe(1);
    const silent = client.readyState === client.OPEN ? client : other;
    silent.terminate();
    await until(
      "its end is heard",
      async () => (await server.controlled.connections(9)).total === 0,
    );
  });
});

test("who was cut silently can still be ended", async () => {
  const server = await start();
  const clients = await Promise.all([connect(server.url), connect(server.url)]);
  const cut = async (body: object) =>
    (JSON.parse((await order(server, "/cut", body)).body) as { cut: number }).cut;
  expect(await cut({ share: "100%", how: "silent" })).toBe(2);
  expect(await cut({ share: "100%", how: "silent" })).toBe(0);
  expect(await cut({ share: "100%", how: "close" })).toBe(0);
  const closed = clients.map((client) => once(client, "close"));
  expect(await cut({ share: "50%", how: "reset" })).toBe(1);
  expect(await cut({ share: "100%", how: "fin" })).toBe(1);
  expect((await Promise.all(closed)).map(([code]) => code as number)).toEqual([1006, 1006]);
  await until("none is left", () => server.truth.total.open === 0);
});

test("the query of a request, which may hold credentials, is not told", async () => {
  const server = await start({ paths: ["/chat"] });
  const client = await connect(`${server.url}?token=s3cret`);
  await expect(connect(server.url.replace("chat", "x?token=s3cret"))).rejects.toThrow("404");
  expect(await told(server, "/connections")).toMatchObject({ connections: [{ path: "/chat" }] });
  client.terminate();
  await until("it is over", () => server.truth.total.open === 0);
  expect(server.events).toMatchObject([
    { event: "open", path: "/chat" },
    { event: "refused", path: "/x" },
    { event: "close" },
  ]);
  expect(JSON.stringify(server.events)).not.toContain("s3cret");
});

describe("metrics", () => {
  test("are Prometheus' text, equal to the counters", async () => {
    const server = await start();
    const client = await connect(server.url);
    await ask(client, "12345");
    client.close(1000);
    await closeCode(client);
    for (let scrape = 0; scrape < 2; scrape++) {
      const { body, headers } = await http(`${server.control}/metrics`);
      expect(headers["content-type"]).toContain("text/plain; version=0.0.4");
      for (const line of [
        "wsctl_connections_open 0",
        "wsctl_connections_peak 1",
        "wsctl_connections_total 1",
        'wsctl_messages_total{direction="received"} 1',
        'wsctl_messages_total{direction="delivered"} 1',
        'wsctl_payload_bytes_total{direction="sent"} 5',
        'wsctl_closes_total{code="1000"} 1',
      ]) {
        expect(body.split("\n")).toContain(line);
      }
      expect(body).toMatch(/^wsctl_process_resident_memory_bytes \d+$/m);
    }
  });
});

describe("faults", () => {
  test("are added, told and taken away while the server runs", async () => {
    const server = await start();
    const client = await connect(server.url, { headers: { "Wsctl-Run": "r" } });
    expect(await ask(client, "before")).toBe("before");
    const added = await order(server, "/faults", { fault: "drop,count=2" });
    expect(added.status).toBe(201);
    const { id } = JSON.parse(added.body) as { id: number };
    for (const text of ["lost", "lost too"]) client.send(text);
    expect(await ask(client, "after")).toBe("after");
    expect(await told(server, "/faults")).toEqual([
      { id, name: "drop", spec: "drop,count=2", fired: 2 },
    ]);
    expect(await told(server, "/stats?run=r")).toMatchObject({
      messages: { received: 4, sent: 4, delivered: 2 },
      injected: { drop: 2 },
    });
    expect((await http(`${server.control}/metrics`)).body).toContain(
      'wsctl_faults_injected_total{fault="drop"} 2',
    );
    expect((await order(server, `/faults/${id}`, undefined, "DELETE")).status).toBe(200);
    expect(await told(server, "/faults")).toEqual([]);
  });

  test("that are there from the start meet every new connection", async () => {
    const faults = new FaultSet({ seed: "s", now: () => performance.now() });
    faults.add("dup");
    const server = await start({ faults });
    const client = await connect(server.url);
    const heard: string[] = [];
    client.on("message", (data) => void heard.push((data as Buffer).toString()));
    client.send("a");
    await until("it came twice", () => heard.length === 2);
    expect(heard).toEqual(["a", "a"]);
    expect(await told(server, "/stats")).toMatchObject({
      messages: { sent: 1, delivered: 2 },
      injected: { dup: 1 },
    });
  });

  test("a stall of 0 ends the one that goes on", async () => {
    const server = await start();
    const client = await connect(server.url);
    await order(server, "/stall", { for: "10m" });
    const heard = once(client, "message");
    client.send("held back");
    await until("it came", () => server.truth.total.received === 1);
    expect(JSON.parse((await order(server, "/stall", { for: "0" })).body)).toEqual({ stalled: 0 });
    expect(String((await heard)[0])).toBe("held back");
    expect(await ask(client, "soon")).toBe("soon");
  });

  test("a stall holds back what leaves, and lets it go", async () => {
    const server = await start();
    const client = await connect(server.url);
    const began = performance.now();
    const answer = await order(server, "/stall", { for: "300ms" });
    expect(JSON.parse(answer.body)).toEqual({ stalled: 300 });
    const heard = once(client, "message");
    client.send("late");
    await heard;
    expect(performance.now() - began).toBeGreaterThan(290);
    expect(await ask(client, "soon")).toBe("soon");
  });
});
