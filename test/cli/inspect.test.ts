/** Shows what the flags of `wsctl inspect` choose, what they refuse, and where everything goes. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readBaseline } from "../../src/findings/baseline.js";
import type { Inspection } from "../../src/findings/inspection.js";
import { catalogue } from "../../src/inspect/catalogue.js";
import { inspectOptions } from "../../src/cli/commands/inspect-options.js";
import { givenOf } from "../../src/cli/commands/inspect-target.js";
import { run } from "../../src/cli/run.js";
import {
  closeInKind,
  onFrames,
  type RawBehaviour,
  refusingPort,
  startRaw,
  switching,
} from "../e2e/raw-server.js";
import { fakeHost, wsctl } from "./fake-host.js";

const nowhere = "ws://127.0.0.1:1/";

interface Plan {
  readonly url: string;
  readonly runs: number;
  readonly authorize?: string;
  readonly cost: { readonly handshakes: number };
  readonly checks: readonly { readonly id: string; readonly tier: string }[];
}

/** What those flags plan; nothing is opened for it. */
async function planOf(...args: string[]): Promise<Plan> {
  const ran = await wsctl(["inspect", nowhere, "--dry-run", "--json", ...args]);
  expect([ran.code, ran.stderr]).toEqual([0, ""]);
  return JSON.parse(ran.stdout) as Plan;
}

function inspected(stdout: string): Inspection {
  expect(stdout).toMatch(/^\{.*\}\n$/);
  return JSON.parse(stdout) as Inspection;
}

/** A directory of its own, gone after the test. */
function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), "wsctl-inspect-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

/** A server that answers pings and closes as it should, so that nobody waits for it. */
function startKind(behaviour: RawBehaviour = {}) {
  return startRaw({
    upgraded: (socket) =>
      onFrames(socket, (code, payload) => {
        if (code === 9) socket.write(Buffer.concat([Buffer.of(0x8a, payload.length), payload]));
        else closeInKind(socket, code, payload);
      }),
    ...behaviour,
  });
}

/** A server whose Sec-WebSocket-Accept is always that of the key of RFC 6455. */
function startStatic() {
  return startKind({
    answer: (head) => switching(head).replace(/(?<=Accept: ).*/, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
  });
}

test("a command that shows a finding again names where the passphrase is, and not what", async () => {
  const { url } = await startStatic();
  const [cert, secret] = [path.join(folder(), "client.pem"), path.join(folder(), "pass word")];
  writeFileSync(cert, "none");
  writeFileSync(secret, "op3n-sesame");
  const reproOf = async (passphrase: string): Promise<string> => {
    const args = ["--cert", cert, "--key", cert, "--passphrase", passphrase, "--only", "HS-05"];
    const ran = await wsctl(["inspect", url, "--json", ...args], { env: { PASS: "op3n-sesame" } });
    expect(ran.stdout + ran.stderr).not.toContain("op3n-sesame");
    return inspected(ran.stdout)
      .findings.map(({ repro = "" }) => repro)
      .join();
  };
  expect(await reproOf("env:PASS")).toContain(' --pass "$PASS"');
  expect(await reproOf(`@${secret}`)).toContain(` --pass "$(cat '${secret}')"`);
  expect(await reproOf("op3n-sesame")).toContain(" --pass SECRET");
});

test("commands leave only secrets open, and look up those that are kept elsewhere", async () => {
  const { url } = await startStatic();
  const env = { COOK: "sid=c00kie-value; b=2", TOK: "t0ken-value" };
  const reprosOf = async (...args: string[]): Promise<string> => {
    const ran = await wsctl(["inspect", url, "--json", "--only", "HS-05,HS-06", ...args], { env });
    expect(ran.stdout + ran.stderr).not.toMatch(/c00kie-value|t0ken-value/);
    return inspected(ran.stdout)
      .findings.map(({ repro = "" }) => repro)
      .join("\n");
  };
  const kept = await reprosOf("--cookie", "env:COOK", "--bearer", "env:TOK");
  expect(kept).toContain('-H "Cookie: $COOK"');
  expect(kept).toContain('-H "Authorization: Bearer $TOK"');
  const open = await reprosOf("--cookie", env.COOK, "-H", `Authorization: Bearer ${env.TOK}`);
  expect(open).toContain("-H 'Cookie: sid=SECRET; b=SECRET'");
  expect(open).toContain("-H 'Authorization: Bearer SECRET'");
});

test("the CA of a proxy is named to curl and to wsctl", () => {
  const command = inspectOptions().exitOverride();
  command.parse(["--proxy", "https://p:1", "--proxy-ca", "/ca.pem"], { from: "user" });
  const { way } = givenOf(command.opts(), {});
  expect(way?.curl.join(" ")).toContain("--proxy https://p:1/ --proxy-cacert /ca.pem");
  expect(way?.wsctl.join(" ")).toContain("--proxy https://p:1/ --proxy-ca /ca.pem");
});

test("a command of wsctl says who asks", () => {
  const flagsOf = (...args: string[]) => {
    const command = inspectOptions().exitOverride();
    command.parse(args, { from: "user" });
    const said = givenOf(command.opts(), { COOK: "a=b" }).way?.said;
    return said?.join(" ");
  };
  expect(flagsOf("--cookie", "env:COOK", "--origin", "https://a")).toBe(
    "--cookie env:COOK --origin https://a",
  );
  expect(flagsOf("--cookie", "sid=abc", "--bearer", "abc", "-s", "chat", "-H", "X-A: b")).toBe(
    "--cookie sid=SECRET --bearer SECRET -H X-A: b --subprotocol chat",
  );
  expect(flagsOf("--user", "ann:pw")).toBe("--user SECRET:SECRET");
});

test("exchanges that are timed are announced, and not without end", async () => {
  const { url } = await startKind();
  const ran = await wsctl(["inspect", url, "-n", "2", "--only", "HS-05"]);
  expect(ran.stderr).toContain("budget: at most 3 handshakes");
  const many = await wsctl(["inspect", nowhere, "-n", "10001"]);
  expect(many.code).toBe(2);
  expect(many.stderr).toMatch(/10001 exchanges are too many to time[^]*the most is 10000;/);
  expect((await planOf("-n", "10000")).runs).toBe(10_000);
});

describe("the catalogue", () => {
  test("has each id once, in the order of its families", () => {
    const ids = catalogue.map(({ rule }) => rule.id);
    expect(new Set(ids).size).toBe(ids.length);
    const families = ids.map((id) => id.replace(/-[^-]*$/, ""));
    expect([...new Set(families)]).toEqual([
      "HS",
      "TLS",
      "H2",
      "H3",
      "FP",
      "OR",
      "AU",
      "TR",
      "PS",
      "SM",
      "RL",
      "SZ",
      "SL",
    ]);
    const handshakes = ids.filter((id) => id.startsWith("HS-"));
    expect(handshakes).toEqual(handshakes.toSorted());
    expect(handshakes).toHaveLength(19);
  });

  test("says of every check where it stands, why it matters and what to do", () => {
    for (const { rule } of catalogue) {
      const texts = [rule.title, rule.source, rule.why, rule.fix];
      expect([rule.id, texts.every((text) => text.length > 3)]).toEqual([rule.id, true]);
    }
  });
});

describe("--list", () => {
  test.each([80, 120])(
    "is a table of every check, no row broken at %d columns",
    async (columns) => {
      const host = fakeHost(["inspect", "--list"]);
      Object.assign(host.stdout, { columns });
      expect(await run(host)).toBe(0);
      const lines = host.stdout.text.trimEnd().split("\n");
      expect(lines).toHaveLength(catalogue.length + 1);
      for (const [index, { rule, tier }] of catalogue.entries()) {
        expect(lines[index + 1]).toMatch(new RegExp(`^${rule.id} +${rule.severity} +${tier} +\\S`));
      }
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    },
  );

  test("is a document with --json", async () => {
    const { stdout, code } = await wsctl(["inspect", "--list", "--json"]);
    expect(code).toBe(0);
    const { checks } = JSON.parse(stdout) as { checks: { rule: { id: string } }[] };
    expect(checks.map(({ rule }) => rule.id)).toEqual(catalogue.map(({ rule }) => rule.id));
  });
});

describe("what is looked at", () => {
  test.each([
    [[], ["default"]],
    [["--origins"], ["origins"]],
    [["--origins", "https://app.example"], ["origins"]],
    [["--security"], ["origins", "security"]],
    [["--all"], ["default", "origins", "security"]],
    [["--active"], ["origins", "security", "active"]],
    [["--intrusive"], ["origins", "security", "active", "intrusive"]],
    [
      ["--all", "--active"],
      ["default", "origins", "security", "active"],
    ],
  ])("with %j is of the tiers %j", async (args, tiers) => {
    const { checks } = await planOf(...args);
    expect(new Set(checks.map(({ tier }) => tier))).toEqual(new Set(tiers));
    const wanted = catalogue.filter(({ tier }) => tiers.includes(tier));
    expect(checks.map(({ id }) => id)).toEqual(wanted.map(({ rule }) => rule.id));
  });

  test.each([
    [
      ["--only", "hs-05,TR"],
      ["HS-05", "TR-1"],
    ],
    [
      ["--only", "TLS", "--only", "HS-05", "--skip", "TLS-1, TLS-2"],
      ["HS-05", "TLS-3", "TLS-4", "TLS-5"],
    ],
  ])("with %j is %j", async (args, ids) => {
    expect((await planOf(...args)).checks.map(({ id }) => id)).toEqual(ids);
  });

  test("with --health is what one exchange shows, unless told", async () => {
    const brief = await planOf("--health");
    expect(brief.cost.handshakes).toBe(1);
    expect(brief.checks.length).toBeGreaterThan(3);
    expect((await planOf("--health", "--security")).cost.handshakes).toBeGreaterThan(1);
    expect((await planOf("--health", "--only", "HS-06")).checks).toHaveLength(1);
  });

  test("a plan is for people without --json, and says what it needs", async () => {
    const { stdout } = await wsctl([
      "inspect",
      "ws://shop.example/",
      "--dry-run",
      "--only",
      "RL-1,HS-05",
    ]);
    expect(stdout).toMatch(/^plan for ws:\/\/shop\.example\/: at most \d+ handshakes, \d+ conn/);
    expect(stdout).toContain("needs --i-am-authorized shop.example");
    expect(stdout).toMatch(/^HS-05 +default +– /m);
  });

  test("a plan shows no secrets, and puts the same word in their place as the page does", async () => {
    const url = "ws://someone:s3cr3t@shop.example/chat?access_token=s3cr3t&room=1";
    for (const more of [[], ["--json"]]) {
      const { stdout } = await wsctl(["inspect", url, "--dry-run", ...more]);
      expect(stdout).toContain("ws://SECRET@shop.example/chat?access_token=SECRET&room=1");
      expect(stdout).not.toMatch(/s3cr3t|someone|redacted/);
    }
  });

  test("the usual plan is 40 handshakes at most, and less without TLS", async () => {
    const secure = await wsctl(["inspect", "wss://shop.example/", "--dry-run", "--json"]);
    const { handshakes } = (JSON.parse(secure.stdout) as Plan).cost;
    expect(handshakes).toBeLessThanOrEqual(40);
    const plain = await planOf();
    expect(plain.cost.handshakes).toBeLessThan(handshakes);
    expect((await planOf("--only", "TLS")).cost.handshakes).toBe(1);
  });

  test("a look that two checks share is planned once", async () => {
    const of = async (only: string): Promise<number> => {
      const args = ["wss://shop.example/", "-k", "--dry-run", "--json", "--only", only];
      const ran = await wsctl(["inspect", ...args]);
      return (JSON.parse(ran.stdout) as Plan).cost.handshakes;
    };
    expect([await of("TLS-1"), await of("TLS-3"), await of("TLS-1,TLS-3")]).toEqual([2, 2, 2]);
    expect(await of("TLS-1,TLS-2,TLS-3")).toBe(3);
  });

  test("timed exchanges count into the plan", async () => {
    const one = await planOf("--only", "HS-05");
    expect((await planOf("--only", "HS-05", "-n", "20")).cost.handshakes).toBe(
      one.cost.handshakes + 20,
    );
  });
});

describe("what is refused before anything is opened", () => {
  test.each([
    [["inspect"], /no URL was given/],
    [["inspect", nowhere, "--serve"], /a URL and --serve exclude each other/],
    [["inspect", nowhere, "--only", "HS-5"], /there is no check "HS-5"[^]*did you mean HS-05\?/],
    [["inspect", nowhere, "--fail-on", "bad"], /--fail-on: "bad" is none of/],
    [["inspect", nowhere, "-n", "1.5"], /--runs: "1\.5" is not a whole number/],
    [["inspect", nowhere, "--spacing", "5"], /--spacing: "5" is not a duration/],
    [["inspect", nowhere, "--health=xml"], /--health=xml is none of plain, nagios, prometheus/],
    [["inspect", nowhere, "--health", "--json"], /--health and -o json=- both go to stdout/],
    [["inspect", nowhere, "--json", "-o", "sarif"], /both go to stdout/],
    [["inspect", nowhere, "-o", "csv"], /there is no output "csv"/],
    [["inspect", nowhere, "--junit", "/nonexistent/x.xml"], /cannot write \/nonexistent\/x\.xml/],
    [["inspect", nowhere, "--write-baseline", "/nonexistent/b"], /cannot write/],
    [["inspect", nowhere, "--baseline", "/nonexistent/b"], /cannot read/],
    [["inspect", nowhere, "--other-path", "x"], /"x" is not a path/],
    [
      ["inspect", nowhere, "--origins", "https://a.example", "--allow-origin", "https://b.example"],
      /two right Origins/,
    ],
    [["inspect", nowhere, "--key", "client.pem"], /--key without --cert[^]*--ws-key/],
    [
      ["inspect", nowhere, "--key", "dGhlIHNhbXBsZSBub25jZQ==", "--ws-key", "x"],
      /exclude each other/,
    ],
    [["inspect", nowhere, "--cert", "client.pem"], /--cert and --key go together/],
    [
      ["inspect", "ws://shop.example/", "--active"],
      /RL-1.* put load on shop\.example[^]*--i-am-authorized shop\.example/,
    ],
    [["inspect", "ws://shop.example/", "--only", "SZ-2"], /SZ-2 put load on shop\.example/],
    [
      ["inspect", "ws://shop.example/", "--intrusive", "--i-am-authorized", "other.example"],
      /names other\.example, and the server is shop\.example/,
    ],
    [["inspect", nowhere, "--active", "--connect-to", "::shop.example:80"], /put load on/],
  ])("%j", async (args, words) => {
    const ran = await wsctl(args);
    expect(ran.stderr).toMatch(words);
    expect([ran.code, ran.stdout]).toEqual([2, ""]);
  });

  test("a baseline that is none", async () => {
    const file = path.join(folder(), "b.json");
    writeFileSync(file, "[]");
    const ran = await wsctl(["inspect", nowhere, "--baseline", file]);
    expect(ran.stderr).toMatch(/is no baseline/);
    expect(ran.code).toBe(2);
  });

  test("and no authorization is needed to see the plan", async () => {
    const plan = await wsctl(["inspect", "ws://shop.example/", "--active", "--dry-run", "--json"]);
    expect(JSON.parse(plan.stdout)).toMatchObject({ authorize: "shop.example" });
    expect(plan.code).toBe(0);
  });
});

describe("what is sent", () => {
  test("is what a browser offers, unless told, and the key that was given", async () => {
    const server = await startKind();
    await wsctl(["inspect", server.url, "--only", "HS-05", "--key", "dGhlIHNhbXBsZSBub25jZQ=="]);
    await wsctl(["inspect", server.url, "--only", "HS-05", "--no-compress", "--ws-key", "short"]);
    expect(server.heads[0]).toContain(
      "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n",
    );
    expect(server.heads[0]).toContain("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    expect(server.heads[1]).not.toContain("Sec-WebSocket-Extensions");
    expect(server.heads[1]).toContain("Sec-WebSocket-Key: short\r\n");
  });

  test("begins with the right Origin, if one is named", async () => {
    const server = await startKind();
    await wsctl([
      "inspect",
      server.url,
      "--only",
      "HS-05",
      "--allow-origin",
      "https://app.example",
    ]);
    await wsctl([
      "inspect",
      server.url,
      "--only",
      "HS-05",
      "--origins",
      "https://b.example",
      "--origin",
      "https://c.example",
    ]);
    expect(server.heads[0]).toContain("Origin: https://app.example\r\n");
    expect(server.heads[1]).toContain("Origin: https://c.example\r\n");
  });

  test("goes to the URL, though a flag before it may have a value", async () => {
    const server = await startKind();
    for (const flag of ["--health", "--origins"]) {
      const ran = await wsctl(["inspect", "--only", "HS-05", flag, server.url]);
      expect([flag, ran.code]).toEqual([flag, 0]);
    }
    expect(server.heads).toHaveLength(2);
  });

  test("is so many exchanges, with -n", async () => {
    const server = await startKind();
    const { stdout } = await wsctl(["inspect", server.url, "--only", "HS-05", "-n", "4", "--json"]);
    expect(server.heads).toHaveLength(5);
    expect(inspected(stdout).timing?.runs?.count).toBe(4);
  });
});

describe("the exit code", () => {
  const of = async (...args: string[]): Promise<number> =>
    (await wsctl(["inspect", "--only", "HS-03,HS-05", ...args])).code;

  test("is 0 where all is well", async () => {
    expect(await of((await startKind()).url)).toBe(0);
  });

  test("is 3 where nothing listens, and 4 where the upgrade is refused", async () => {
    const refusing = await startKind({
      answer: () => "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    });
    expect(await of(`ws://127.0.0.1:${await refusingPort()}/`)).toBe(3);
    expect(await of(refusing.url)).toBe(4);
  });

  test("is 6 where the 101 is invalid, whatever the limit", async () => {
    const { url } = await startStatic();
    expect(await of(url)).toBe(6);
    expect(await of(url, "--fail-on", "never")).toBe(6);
  });

  test("goes by --fail-on, and by what is accepted", async () => {
    const server = await startKind({
      answer: (head) => switching(head, "Set-Cookie: sid=abcdefgh12345678"),
    });
    const cookies = ["inspect", server.url, "--only", "HS-16"];
    const seen = inspected((await wsctl([...cookies, "--json"])).stdout);
    const { severity } = seen.findings[0]!;
    expect(["low", "medium"]).toContain(severity);
    expect((await wsctl(cookies)).code).toBe(0);
    expect((await wsctl([...cookies, "--fail-on", severity])).code).toBe(6);
    const file = path.join(folder(), "known.json");
    expect((await wsctl([...cookies, "--fail-on", "low", "--write-baseline", file])).code).toBe(0);
    expect(readBaseline(readFileSync(file, "utf8"), file).size).toBeGreaterThan(0);
    const after = await wsctl([...cookies, "--fail-on", "low", "--baseline", file]);
    expect(after.stdout).toMatch(/accepted .*HS-16/);
    expect(after.code).toBe(0);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("is that of %s, which ends it with what is known", async (signal, code) => {
    const server = await startKind({ answer: () => undefined });
    const host = fakeHost(["inspect", server.url, "--timeout", "0", "--json"]);
    const running = run(host);
    await expect.poll(() => server.heads.length, { timeout: 10_000 }).toBe(1);
    host.signal(signal);
    expect(await running).toBe(code);
    const inspection = inspected(host.stdout.text);
    expect(inspection).toMatchObject({ interrupted: true });
    // What was sent is shown, as after a timeout.
    expect(inspection.request?.first).toBe("GET / HTTP/1.1");
    expect(inspection.request?.headers).toHaveLength(
      server.heads[0]!.trim().split("\r\n").length - 1,
    );
    const tls = inspection.checks.filter(({ rule }) => rule.id.startsWith("TLS"));
    expect(new Set(tls.map(({ verdict }) => verdict))).toEqual(new Set(["skip"]));
    expect(host.listeners()).toBe(0);
  });
});

describe("a baseline", () => {
  /** A server that does with other versions what it is told, by the version. */
  const versioned = (taken: Readonly<Record<string, string>>) =>
    startKind({
      answer: (head) => {
        const version = /^Sec-WebSocket-Version: (.*?)\r?$/m.exec(head)?.[1] ?? "missing";
        const said = version === "13" ? "101" : (taken[version] ?? "426");
        if (said === "101") return switching(head);
        return `HTTP/1.1 ${said} X\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n`;
      },
    });
  const look = async (url: string, ...args: string[]) => {
    const ran = await wsctl(["inspect", url, "--only", "HS-07", "--fail-on", "low", ...args]);
    return ran.code;
  };

  test("that is being written accepts on every page, heading and counts alike", async () => {
    const { url } = await versioned({ "8, 13": "101", 8: "101", 14: "500" });
    const file = (name: string) => path.join(folder(), name);
    const [known, markdown, prometheus] = [file("known.json"), file("m.md"), file("p.prom")];
    const pages = ["--markdown", markdown, "-o", `prometheus=${prometheus}`];
    const args = ["--only", "HS-07", "--write-baseline", known, ...pages];
    const ran = await wsctl(["inspect", url, ...args]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/✔ OK +the WebSocket opens\n +\d accepted/);
    expect(readFileSync(markdown, "utf8")).toMatch(/^## ✅ wsctl inspect: the WebSocket opens\n/);
    expect(readFileSync(markdown, "utf8")).not.toMatch(/❌/);
    expect(readFileSync(markdown, "utf8")).toContain("- accepted: HS-07");
    const gauges = readFileSync(prometheus, "utf8");
    expect(gauges).toMatch(/^wsctl_inspect_ok\{.*\} 1$/m);
    expect(gauges.match(/^wsctl_inspect_findings\{.*\} [1-9]/gm)).toBeNull();
    expect(readBaseline(readFileSync(known, "utf8"), known).size).toBeGreaterThan(0);
  });

  test("holds while the server mends what it accepts, and not where it does worse", async () => {
    const file = path.join(folder(), "known.json");
    const { url } = await versioned({ "8, 13": "101", 8: "101", 14: "500" });
    expect(await look(url, "--write-baseline", file)).toBe(0);
    expect(await look(url, "--baseline", file)).toBe(0);
    for (const [taken, code] of [
      [{ "8, 13": "101", 14: "500" }, 0],
      [{}, 0],
      [{ "8, 13": "101", 8: "101", 14: "101" }, 6],
      [{ "8, 13": "500" }, 6],
      [{ 8: "101", missing: "101" }, 6],
    ] as const) {
      const other = await versioned(taken);
      expect([taken, await look(other.url, "--baseline", file)]).toEqual([taken, code]);
    }
  });

  test("is not written where the server was not looked at: the old one stays", async () => {
    const file = path.join(folder(), "known.json");
    const refusing = await startKind({
      answer: () => "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    });
    for (const [url, code, why] of [
      [`ws://127.0.0.1:${await refusingPort()}/`, 3, "no answer came"],
      [refusing.url, 4, "the server refused the upgrade"],
      [(await startStatic()).url, 6, "the answer breaks RFC 6455"],
    ] as const) {
      writeFileSync(file, "kept");
      const ran = await wsctl(["inspect", url, "--only", "HS-05", "--write-baseline", file]);
      expect(ran.stderr).toContain(`no baseline was written: ${why}`);
      expect([ran.code, readFileSync(file, "utf8")]).toEqual([code, "kept"]);
    }
  });

  /** The first that comes has its one connection, and nobody after it. */
  const startLeaving = async (): Promise<string> => {
    const server = net.createServer((socket) => {
      server.close();
      socket.once("data", (head) => socket.write(switching(head.toString("latin1"))));
      socket.on("error", () => socket.destroy());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };

  test.each([
    // That it went away is found, and accepted by nobody.
    ["HS-07,HS-19", "high", 6],
    ["HS-07,HS-19", "never", 1],
    ["HS-07", "low", 1],
  ])("is not written where the server went away on the way: %s, --fail-on %s", async (...given) => {
    const [only, failOn, code] = given;
    const file = path.join(folder(), "known.json");
    const args = ["--only", only, "--fail-on", failOn, "--write-baseline", file];
    const ran = await wsctl(["inspect", await startLeaving(), ...args]);
    expect(ran.stderr).toMatch(/no baseline was written: HS-\d+ could not be tried/);
    expect([ran.code, readdirSync(path.dirname(file))]).toEqual([code, []]);
  });
});

describe("with --health=nagios", () => {
  const of = async (...args: string[]) => {
    const { code, stdout } = await wsctl(["inspect", "--health=nagios", ...args]);
    return [code, stdout.split(" - ")[0]];
  };

  test("exit codes are those of Nagios", async () => {
    expect(await of((await startKind()).url)).toEqual([0, "WEBSOCKET OK"]);
    expect(await of((await startStatic()).url)).toEqual([2, "WEBSOCKET CRITICAL"]);
    expect(await of(`ws://127.0.0.1:${await refusingPort()}/`)).toEqual([2, "WEBSOCKET CRITICAL"]);
    expect(await of()).toEqual([3, "WEBSOCKET UNKNOWN"]);
  });

  test.each([
    [["--health=nagios", "--fail-on", "b|d"]],
    [["--health=nagios", "--no-such-flag"]],
    [["--health", "nagios", "-n", "0"]],
    [["--health=nagios", "a", "b"]],
    [["--health=nagios", nowhere, "--baseline", "/nonexistent/b"]],
    [["--health=nagios", "@nobody"]],
    [["--health=nagois", nowhere]],
    [["--health", "Nagios", nowhere]],
  ])("%j is one line of UNKNOWN, and 3", async (args) => {
    const { code, stdout } = await wsctl(["inspect", ...args]);
    expect(stdout).toMatch(/^WEBSOCKET UNKNOWN - [^|\n]+\n$/);
    expect(code).toBe(3);
  });

  test.each([["--health", "nagios.example.com:1"], ["--health=nagios.example.com:1"]])(
    "%s %s is an address, and no form",
    async (...flags) => {
      const { code, stdout } = await wsctl(["inspect", ...flags.filter(Boolean), "--no-such-flag"]);
      expect(stdout).toBe("");
      expect(code).toBe(2);
    },
  );

  test("what breaks in wsctl itself is UNKNOWN too", async () => {
    const host = fakeHost(["inspect", "--health=nagios", (await startKind()).url]);
    const broken = (): never => {
      throw new TypeError("a bug | of ours");
    };
    expect(await run({ ...host, date: broken })).toBe(3);
    expect(host.stdout.text).toBe("WEBSOCKET UNKNOWN - a bug / of ours\n");
    expect(host.stderr.text).toContain("this is a bug of wsctl");
  });

  test("help is help, and other commands have their own codes", async () => {
    expect((await wsctl(["inspect", "--health=nagios", "--help"])).code).toBe(0);
    expect((await wsctl(["connect", "--health=nagios"])).code).toBe(2);
  });
});

describe("where everything goes", () => {
  test("the page to stdout, the rest to files", async () => {
    const at = folder();
    const server = await startKind();
    const file = (name: string): string => path.join(at, name);
    const ran = await wsctl(
      ["inspect", server.url, "--only", "HS-05", "--junit", file("j"), "--sarif", file("s")].concat(
        ["--markdown", file("m"), "-o", `json=${file("o")}`, "-o", `prometheus=${file("p")}`],
      ),
    );
    expect([ran.code, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toContain("✔ OK");
    const read = (name: string): string => readFileSync(file(name), "utf8");
    expect(readdirSync(at).toSorted()).toEqual(["j", "m", "o", "p", "s"]);
    expect(read("j")).toMatch(/^<\?xml/);
    expect(JSON.parse(read("s"))).toMatchObject({ version: "2.1.0" });
    expect(read("m")).toMatch(/^## ✅/);
    expect(inspected(read("o")).kind).toBe("wsctl.inspection");
    expect(read("p")).toMatch(/^# HELP wsctl_inspect_up/);
  });

  test("the course to a terminal alone, and it is taken away again", async () => {
    const { url } = await startKind();
    const live = await wsctl(["inspect", url, "--only", "HS-05"], { stderrTTY: true });
    expect(live.stderr).toContain("1/1 ");
    expect(live.stderr.endsWith("\r\u001b[2K")).toBe(true);
    expect(live.stdout).not.toContain("1/1");
    for (const [args, options] of [
      [["-q"], { stderrTTY: true }],
      [[], {}],
    ] as const) {
      expect((await wsctl(["inspect", url, "--only", "HS-05", ...args], options)).stderr).toBe("");
    }
  });

  test("the budget is told first, where more is asked than usual", async () => {
    const { url } = await startKind();
    const { stderr } = await wsctl(["inspect", url, "--only", "OR-2"]);
    expect(stderr).toMatch(/^budget: at most \d+ handshakes, 1 connection at once\n$/);
  });
});

test("no secret gets out, though the server says all of them back", async () => {
  const secrets = [
    "s3cr3t-cookie-value",
    "s3cr3t-bearer-value",
    "s3cr3t-query-value",
    "s3cr3t-expired",
  ];
  const at = folder();
  for (const status of ["101 Switching Protocols", "403 Forbidden"]) {
    const server = await startKind({
      answer: (head) => {
        const said = `X-Said: ${secrets.join(" ")}`;
        if (status.startsWith("101")) return switching(head, said, `Set-Cookie: a=${secrets[0]}`);
        const body = `you sent ${head}`;
        return `HTTP/1.1 ${status}\r\n${said}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      },
    });
    const kinds = ["json", "junit", "sarif", "markdown", "prometheus"];
    const target = ["inspect", `${server.url}?token=${secrets[2]}`, "--timeout", "1s", "-v"];
    const known = ["--cookie", `sid=${secrets[0]}`, "--bearer", secrets[1]!];
    const chosen = ["--only", "HS,OR-1,AU,TR,PS", "--expired-token", secrets[3]!];
    const outputs = kinds.flatMap((kind) => ["-o", `${kind}=${at}/${kind}`]);
    const baseline = ["--write-baseline", `${at}/baseline`];
    const ran = await wsctl([...target, ...known, ...chosen, ...outputs, ...baseline]);
    const files = readdirSync(at).map(
      (name) => [name, readFileSync(path.join(at, name), "utf8")] as const,
    );
    expect(files).toHaveLength(6);
    for (const [name, text] of [
      ...files,
      ["stdout", ran.stdout] as const,
      ["stderr", ran.stderr] as const,
    ]) {
      for (const secret of secrets)
        expect([status, name, text.includes(secret)]).toEqual([status, name, false]);
    }
  }
}, 60_000);
