import { describe, expect, test, vi } from "vitest";
import { control, head, lineOf, openRig, rig, setOf, text, useFakeClock } from "./rig.js";

useFakeClock();

const accept = /Sec-WebSocket-Accept: (.*)\r\n/;

describe("the accept value", () => {
  test("accept-wrong: another value of the same form, from the seed", () => {
    const [one, two, other] = [
      rig("accept-wrong"),
      rig("accept-wrong"),
      lineOf(setOf(["accept-wrong"], "x")),
    ];
    for (const each of [one, two, other]) each.line.outgoing(head);
    const value = accept.exec(one.bytes().toString())?.[1] ?? "";
    expect(Buffer.from(value, "base64")).toHaveLength(20);
    expect(value).not.toBe(accept.exec(head.toString())?.[1]);
    expect(two.bytes()).toEqual(one.bytes());
    expect(other.bytes()).not.toEqual(one.bytes());
    expect(one.bytes().toString().replace(accept, "")).toBe(head.toString().replace(accept, ""));
    expect(one.injected).toEqual(new Map([["accept-wrong", 1]]));
  });

  test("accept-missing: the field is gone, the rest stays", () => {
    const { line, bytes } = rig("accept-missing");
    line.outgoing(head);
    expect(bytes().toString()).toBe(head.toString().replace(accept, ""));
  });

  test("accept-static: the value of the RFC's example", () => {
    const { line, bytes } = rig("accept-static");
    line.outgoing(Buffer.from(head.toString().replace(accept, "sec-websocket-accept:x\r\n")));
    expect(bytes().toString()).toContain("sec-websocket-accept:s3pPLMBiTxaQ9kYGzzhZgRcKULk=\r\n");
  });
});

describe("a status in place of the 101", () => {
  test.each([
    [
      "upgrade-200",
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 7\r\nConnection: close\r\n\r\n200 OK\n",
    ],
    ["upgrade-301", "Location: /elsewhere\r\n"],
    ["upgrade-307=http://127.0.0.1:1/x", "Location: http://127.0.0.1:1/x\r\n"],
    ["upgrade-401", 'WWW-Authenticate: Bearer realm="wsctl"\r\n'],
    ["upgrade-426", "Sec-WebSocket-Version: 13\r\n"],
    ["upgrade-503", "Retry-After: 5\r\n"],
    ["upgrade-429=1500ms", "Retry-After: 2\r\n"],
    ["upgrade-599", "HTTP/1.1 599 Unknown\r\n"],
  ])("%s", (spec, expected) => {
    const { line, left, bytes, injected } = rig(spec);
    line.outgoing(head);
    line.outgoing(text("lost"));
    expect(bytes().toString()).toContain(expected);
    expect(bytes().toString()).not.toContain("lost");
    expect(bytes().toString()).not.toContain(" 101 ");
    expect(left).toEqual([expect.any(Buffer), "FIN"]);
    expect([...injected.values()]).toEqual([1]);
  });

  test("a client that does not go is reset", () => {
    const { line, left } = rig("upgrade-503");
    line.outgoing(head);
    vi.advanceTimersByTime(60_000);
    expect(left.slice(1)).toEqual(["FIN", "RST"]);
  });

  test("every=3 counts connections", () => {
    const set = setOf(["upgrade-503,every=3"]);
    const said = Array.from({ length: 7 }, (_, index) => {
      const { line, said: tell } = lineOf(set, index);
      line.outgoing(head);
      return tell()[0];
    });
    expect(said).toEqual(["101", "101", "503", "101", "101", "503", "101"]);
    expect(set.list()[0]?.fired).toBe(2);
  });

  test("count=1 is for all connections together", () => {
    const set = setOf(["upgrade-503,count=1"]);
    const rigs = [lineOf(set, 0), lineOf(set, 1)];
    for (const { line } of rigs) line.outgoing(head);
    expect(rigs.map((each) => each.said()[0])).toEqual(["503", "101"]);
  });
});

describe("an answer that is late", () => {
  test("slow-101 holds it and what follows", () => {
    const { line, said } = rig("slow-101=3s");
    line.outgoing(head);
    line.outgoing(text("first"));
    vi.advanceTimersByTime(2999);
    expect(said()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(said()).toEqual(["101", "text first"]);
  });

  test("never-101 says nothing, and a host that gives up is let go", () => {
    const { line, said } = rig("never-101");
    line.outgoing(head);
    line.outgoing(text("first"));
    vi.advanceTimersByTime(3_600_000);
    expect(said()).toEqual([]);
    line.finish();
    vi.advanceTimersByTime(30_000);
    expect(said()).toEqual(["RST"]);
  });

  test("taken away, never-101 lets go what it held", () => {
    const { set, line, said } = rig("never-101");
    line.outgoing(Buffer.concat([head, text("first")]));
    set.remove(1);
    line.outgoing(text("second"));
    expect(said()).toEqual(["101", "text first", "text second"]);
  });
});

test("glued-frame: the 101 and a message in one write", () => {
  const { line, left, injected } = rig("glued-frame=hi");
  line.outgoing(head);
  expect(left).toEqual([Buffer.concat([head, text("hi")])]);
  expect(injected.get("glued-frame")).toBe(1);
});

test("flap: the 101, then the end, whatever the server says", () => {
  const { line, said } = rig("flap");
  line.outgoing(Buffer.concat([head, text("lost")]));
  expect(said()).toEqual(["101", "FIN"]);
});

test("flap leaves connections alone that were open before", () => {
  const { set, line, said } = openRig();
  set.add("flap");
  line.outgoing(text("on"));
  expect(said()).toEqual(["101", "text on"]);
});

describe("faults do not touch", () => {
  test.each([
    [
      "a refusal of the host's own",
      "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\n\x81\x02no",
    ],
    ["what is not HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["a head without end", "HTTP/1.1 101 Switching"],
  ])("%s", (_name, answer) => {
    const { line, bytes, left, injected } = rig("upgrade-503", "drop", "glued-frame");
    for (const byte of Buffer.from(answer, "latin1")) line.outgoing(Buffer.from([byte]));
    line.finish();
    expect(bytes().toString("latin1")).toBe(answer);
    expect(left.at(-1)).toBe("FIN");
    expect(injected.size).toBe(0);
  });
});

test("what comes before the answer is not taken for frames", () => {
  const { line, said } = rig("close-no-echo");
  line.incoming(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
  line.outgoing(head);
  line.outgoing(control(8, "\x03\xe8"));
  expect(said()).toEqual(["101", "close 1000"]);
});
