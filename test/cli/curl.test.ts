/** Shows which curl commands are understood, what becomes of them, and that they can be printed back. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CurlCommand, parseCurl } from "../../src/cli/curl.js";
import { curlCommand } from "../../src/cli/curl-print.js";
import { commandWords } from "../../src/cli/curl-words.js";

/** What a real shell makes of a command line. */
function shellWords(line: string, cwd?: string): string[] {
  const printed = execFileSync("bash", ["-c", `printf '%s\\0' ${line}`], { cwd }).toString();
  return printed.split("\0").slice(0, -1);
}

describe("words", () => {
  test.each([
    `a 'b c' "d e" f\\ g`,
    `'a'"b"c ''  "" x`,
    `"a \\" \\\\ \\x \\\n b"`,
    `a \\\n  b \\\nc`,
    `$'a\\n\\t\\'\\\\\\x41\\u00e9\\101\\q' b`,
    `'it'\\''s' "it's"`,
    `-H'X: y' -H"Z: w"`,
    `$'' '$HOME' 'a\\b'`,
  ])("%s are those of bash", (line) => {
    expect(commandWords(line).words).toEqual(shellWords(line));
  });

  test("come whole out of single quotes, whatever they are", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" }), { maxLength: 5 }), (words) => {
        const line = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
        expect(commandWords(line).words).toEqual(words);
      }),
      { numRuns: 200 },
    );
  });

  test("never hang or crash", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (line) => {
        try {
          expect(commandWords(line).words.join("").length).toBeLessThanOrEqual(2 * line.length);
        } catch (error) {
          expect(error).toMatchObject({ code: "WSCTL_EUSAGE" });
        }
      }),
      { numRuns: 300 },
    );
  });

  test.each(["'a", '"a', "$'a", `a "b'`])("that are not closed are refused: %s", (line) => {
    expect(() => commandWords(line)).toThrow(/not closed/);
  });

  test("end at a pipe, and nothing is expanded", () => {
    expect(commandWords('a "$TOKEN" `id` $(id) | jq .')).toEqual({
      words: ["a", "$TOKEN", "`id`", "$(id)"],
      unexpanded: ["$TOKEN", "`id`", "$(id)"],
    });
  });

  test("may come from cmd.exe", () => {
    const line = 'curl ^"https://h/^?a=1^&b=2^" ^\r\n  -H ^"X: ^\\^"q^\\^"^"';
    expect(commandWords(line).words).toEqual(["curl", "https://h/?a=1&b=2", "-H", 'X: "q"']);
  });
});

test("what Chrome copies of a WebSocket", () => {
  const { url, flags, notes } = parseCurl(
    String.raw`curl 'wss://api.example.com/chat?room=1' \
  -H 'Upgrade: websocket' \
  -H 'Origin: https://app.example.com' \
  -H 'Cache-Control: no-cache' \
  -H 'Accept-Language: de' \
  -H 'Pragma: no-cache' \
  -b $'sid=a\'b; x=1' \
  -H 'Connection: Upgrade' \
  -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' \
  -H 'User-Agent: Mozilla/5.0' \
  -H 'Sec-WebSocket-Version: 13' \
  -H 'Sec-WebSocket-Protocol: a, b' \
  -H 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits' --compressed`,
    "-x",
  );
  expect(url).toBe("wss://api.example.com/chat?room=1");
  expect(notes).toEqual([]);
  expect(flags).toEqual({
    header: [
      "Cache-Control: no-cache",
      "Accept-Language: de",
      "Pragma: no-cache",
      "Cookie: sid=a'b; x=1",
      "User-Agent: Mozilla/5.0",
    ],
    origin: "https://app.example.com",
    subprotocol: ["a", "b"],
    compress: true,
  });
});

describe("a flag", () => {
  test.each<[string, Partial<CurlCommand["flags"]>]>([
    ["-u me:p@w", { header: ["Authorization: Basic bWU6cEB3"] }],
    ["-u me", { user: "me" }],
    ["-u @/etc/passwd", { header: ["Authorization: Basic QC9ldGMvcGFzc3dk"] }],
    ["-ume:pw -sSk", { header: ["Authorization: Basic bWU6cHc="], insecure: true }],
    ["--oauth2-bearer T", { header: ["Authorization: Bearer T"] }],
    ["-A agent", { header: ["User-Agent: agent"] }],
    ["-H 'Host: H'", {}],
    ["-H 'Host: other'", { header: ["Host: other"] }],
    ["-H 'Accept:' -H 'X-Empty;'", { header: ["X-Empty:"] }],
    ["-H @file", { header: ["@file"] }],
    [
      "--cacert ca.pem -E me.pem:pw --key k",
      { ca: "ca.pem", cert: "me.pem", passphrase: "text:pw", key: "k" },
    ],
    ["-x proxy", { proxy: "http://proxy:1080" }],
    ["-x env:SECRET", { proxy: "http://env:SECRET:1080" }],
    ["-x http://proxy:3128 -U me:p@w", { proxy: "http://me:p%40w@proxy:3128" }],
    ["--socks5-hostname p:1", { proxy: "socks5h://p:1" }],
    ["-x ''", { proxy: false }],
    ["--noproxy '*'", { proxy: false }],
    [
      "--resolve h:80:1.2.3.4 --resolve +h:81:1.2.3.4",
      { resolve: ["h:80:1.2.3.4", "h:81:1.2.3.4"] },
    ],
    ["--connect-to ::h:1", { connectTo: ["::h:1"] }],
    ["--unix-socket /s", { unix: "/s" }],
    ["-4 --connect-timeout 2.5", { ipv4: true, timeout: "2.5s" }],
    ["-o /dev/null -w '%{http_code}' --http1.1 -NiX GET", {}],
  ])("%s", (text, flags) => {
    const command = parseCurl(`curl http://h/ ${text}`, "-x");
    expect(command).toEqual({ url: "ws://h/", flags, notes: [] });
  });

  test.each([
    ["-L", /redirects/],
    ["--brand-new", /--brand-new is not known/],
    ["-X POST", /-X POST is left out/],
    ["-b cookies.txt", /cookies of the file/],
    ["--http2", /HTTP\/1\.1/],
    ['-H "X: $TOKEN"', /\$TOKEN is not expanded/],
  ])("%s is noted", (text, note) => {
    const { notes } = parseCurl(`curl https://h/ ${text}`, "-x");
    expect(notes).toEqual([expect.stringMatching(note)]);
  });

  test.each([
    ["-d x", /-d cannot be done/],
    ["--json {}", /--json cannot/],
    ["-I", /-I cannot/],
    ["--digest", /--digest cannot/],
    ["-K f", /-K cannot/],
    ["--next", /--next cannot/],
    ["-H", /-H has no value/],
    ["http://other/", /several URLs/],
  ])("%s is refused", (text, message) => {
    expect(() => parseCurl(`curl http://h/ ${text}`, "-x")).toThrow(message);
  });
});

describe("the URL", () => {
  test.each([
    ["curl https://h/x#frag", "wss://h/x"],
    ["curl h:8080/x", "ws://h:8080/x"],
    ["curl --url ws://h/", "ws://h/"],
    ["/usr/bin/curl -s ws://h/", "ws://h/"],
    ["-s ws://h/", "ws://h/"],
    ["curl --unknown value ws://h/", "ws://h/"],
  ])("of %s", (text, url) => {
    expect(parseCurl(text, "-x").url).toBe(url);
  });

  test("gives up its credentials to a header", () => {
    expect(parseCurl("curl http://u:p@h/", "-x")).toMatchObject({
      url: "ws://h/",
      flags: { header: ["Authorization: Basic dTpw"] },
    });
  });

  test.each(["", "curl", "curl -s", "curl ftp://h/"])("must be there: %j", (text) => {
    expect(() => parseCurl(text, "-x")).toThrow(expect.objectContaining({ code: "WSCTL_EUSAGE" }));
  });
});

describe("printed", () => {
  const flags: CurlCommand["flags"] = {
    header: ["X-Api-Key: c4n4ry", "X-Quote: it's $5", "X-Empty:"],
    bearer: "text:c4n4ry",
    origin: "https://a.test",
    proxy: "http://me:c4n4ry@p:1",
    subprotocol: ["a", "b"],
    insecure: true,
  };
  const url = "wss://h/x?token=c4n4ry&room=1";

  test("it hides secrets unless told", () => {
    const text = curlCommand(url, flags, { secrets: false });
    expect(text).not.toContain("c4n4ry");
    expect(text).toContain("room=1");
    expect(text).toContain("[redacted]");
    expect(curlCommand(url, flags, { secrets: true }).match(/c4n4ry/g)).toHaveLength(4);
  });

  test("it leaves references to the shell", () => {
    const text = curlCommand("ws://h/", { bearer: "env:TOKEN", user: "@a b" }, { secrets: true });
    expect(text).toContain('-H "Authorization: Bearer ${TOKEN}"');
    expect(text).toContain(`-u "$(cat 'a b')"`);
  });

  test("it hides subprotocols that carry a secret, and headers that are said to be secret", () => {
    const carriers = { subprotocol: ["chat", "token.c4n4ry"], header: ["X-Pin: c4n4ry", "X-A: b"] };
    const secretHeaders = new Set(["x-pin"]);
    const text = curlCommand("ws://h/", carriers, { secrets: false, secretHeaders });
    expect(text).not.toContain("c4n4ry");
    expect(text).toContain("X-A: b");
    expect(text).toContain("Sec-WebSocket-Protocol: chat, [redacted]");
    expect(
      curlCommand("ws://h/", carriers, { secrets: true, secretHeaders }).match(/c4n4ry/g),
    ).toHaveLength(2);
  });

  test("it lets the shell read a file, whatever the file is called", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "wsctl-curl-"));
    try {
      for (const name of [
        "it's",
        "a b",
        "$HOME",
        String.raw`back\slash`,
        "semi;colon",
        '"',
        "`x`",
        "-n",
      ]) {
        writeFileSync(path.join(folder, name), `<${name}>`);
        for (const file of [path.join(folder, name), name]) {
          const text = curlCommand("ws://h/", { bearer: `@${file}` }, { secrets: true });
          const words = shellWords(text, folder);
          expect(words).toContain(`Authorization: Bearer <${name}>`);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each<[string, CurlCommand["flags"], string[]]>([
    [
      "wss://h/x",
      { servername: "other.test" },
      ["https://other.test/x", "Host: h", "other.test:443:h:443"],
    ],
    [
      "wss://[::1]:8443/",
      { servername: "other.test" },
      ["https://other.test:8443/", "Host: [::1]:8443", "other.test:8443:[::1]:8443"],
    ],
    [
      "wss://h/",
      { servername: "other.test", connectTo: ["h:443:10.0.0.1:1"], header: ["Host: mine"] },
      ["https://other.test/", "Host: mine", "other.test:443:10.0.0.1:1"],
    ],
  ])("%s with %j has the name of the certificate", (address, given, expected) => {
    const words = shellWords(curlCommand(address, given, { secrets: true }));
    expect(words).toEqual(expect.arrayContaining(expected));
    expect(words.filter((word) => /^host:/i.test(word))).toHaveLength(1);
  });

  test("a name for TLS means nothing without TLS", () => {
    const text = curlCommand("ws://h/", { servername: "other.test" }, { secrets: true });
    expect(text).not.toContain("other.test");
  });

  test("it is a command that bash and we read as the same", () => {
    const text = curlCommand(url, flags, { secrets: true, key: "k" });
    expect(commandWords(text).words).toEqual(shellWords(text));
    const back = parseCurl(text, "-x");
    expect(back.url).toBe(url);
    expect(back.notes).toEqual([]);
    expect(back.flags).toMatchObject({
      origin: "https://a.test",
      subprotocol: ["a", "b"],
      insecure: true,
      proxy: "http://me:c4n4ry@p:1",
      header: ["X-Api-Key: c4n4ry", "X-Quote: it's $5", "X-Empty:", "Authorization: Bearer c4n4ry"],
    });
  });
});
