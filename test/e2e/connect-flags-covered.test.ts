/** Holds the flags of `wsctl connect --help` against the tests that drive them: none may be without one. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runWsctl } from "../support/wsctl.js";

const here = "connect-flags.test.ts";
const way = "connect-flags-route.test.ts";
const [request, route] = ["has its headers in order", "lead elsewhere, and the request stays"];
const [pipe, reach] = ["connect.test.ts", "connect-reach.test.ts"];
const goals = "--count, --until and --expect end";
const delimiters = "delimiters stand between messages";
const clientCertificate = "TLS with a client certificate";
const talk = "--verbose, --frames and --quiet";
const record = "record.test.ts";

/** Which test drives a flag: its file, and how its title goes. */
const drivenBy: Readonly<Record<string, readonly [file: string, title: string]>> = {
  "-H, --header": [here, request],
  "--cookie": [here, request],
  "--origin": [here, request],
  "-s, --subprotocol": [here, request],
  "--bearer": [here, "carries secrets that are kept elsewhere"],
  "--user": [here, request],
  "-4, --ipv4": [way, "-4 and -6 choose"],
  "-6, --ipv6": [way, "-4 and -6 choose"],
  "--timeout": ["connect-exit.test.ts", "3: --timeout bounds the dial"],
  "--max-payload": ["connect-exit.test.ts", "5: a message is larger than --max-payload"],
  "--compress": [here, "offers compression"],
  "--no-compress": [here, "offers compression"],
  "--compress-params": [here, "offers compression"],
  "-k, --insecure": [way, "--insecure and --servername"],
  "--ca": [reach, clientCertificate],
  "--cert": [reach, clientCertificate],
  "--key": [reach, clientCertificate],
  "--passphrase": [way, "--passphrase opens"],
  "--servername": [way, "--insecure and --servername"],
  "--proxy": [reach, "through an HTTP proxy and a SOCKS proxy"],
  "--no-proxy": [way, "--no-proxy goes past"],
  "--proxy-ca": [way, "--proxy-ca and --proxy-insecure say"],
  "--proxy-insecure": [way, "--proxy-ca and --proxy-insecure say"],
  "--resolve": [way, route],
  "--connect-to": [way, route],
  "--unix": [way, route],
  "--local-address": [way, "--local-address is the address"],
  "--curl": [reach, "a curl command of a browser"],
  "-c, --connect": [reach, "fingers that know wscat"],
  "-n, --no-check": [reach, clientCertificate],
  "--serve": [pipe, "every line is a message"],
  "--serve-mode": [here, "--serve-mode starts"],
  "--reconnect": [pipe, "a lost connection is opened again"],
  "--no-reconnect": ["../cli/connect-failure.test.ts", "--no-reconnect ends with"],
  "--no-templates": ["../cli/connect-lens.test.ts", "--no-templates sends braces"],
  "--first-message": [pipe, "a lost connection is opened again"],
  "--ping": [here, "--ping sends pings"],
  "--auto-reply": [pipe, "heartbeats of the application"],
  "--lens": [pipe, "a lens decodes"],
  "-x, --execute": [pipe, "messages of -x are sent in order"],
  "--expect": [pipe, goals],
  "--until": [pipe, goals],
  "--count": [pipe, goals],
  "-w, --wait": [pipe, "it waits until the other side"],
  "--binary": [pipe, delimiters],
  "--delimiter": [pipe, delimiters],
  "--null": [pipe, delimiters],
  "--record": [record, "connect --record keeps"],
  "--redact": [record, "a parameter and --redact"],
  "--fsync": [record, "--fsync says"],
  "--append": [record, "--append goes on"],
  "--json": [pipe, "JSON lines tell of everything"],
  "--frames": [here, talk],
  "-P, --show-ping-pong": [pipe, "heartbeats of the application"],
  "--pretty": [here, "--pretty indents JSON"],
  "--no-pretty": [here, "--no-color and --no-pretty leave"],
  "--raw": [pipe, "what a server says cannot steer"],
  "--no-history": ["connect-prompt.test.ts", "--no-history keeps none"],
  "-v, --verbose": [here, talk],
  "-q, --quiet": [here, talk],
  "--no-color": [here, "--no-color and --no-pretty leave"],
  "-h, --help": ["connect-flags-covered.test.ts", "every flag of --help has a test"],
};

/** The text of a test, from its title to the next one. */
function testNamed(name: string, title: string): string {
  const source = readFileSync(new URL(name, import.meta.url), "utf8");
  const tests = source.split(/^ *(?=(?:test|describe)\b)/m);
  // A list of cases comes before the title, and is part of the test.
  return tests.find((one) => one.startsWith("test") && one.includes(title)) ?? "";
}

test("every flag of --help has a test that drives it", async () => {
  const { stdout } = await runWsctl(["connect", "--help"]);
  const flags = [...stdout.matchAll(/^ {2}((?:-\w, )?--[\w-]+)/gm)].map(([, flag]) => flag!);
  expect(flags.sort()).toEqual(Object.keys(drivenBy).sort());
  for (const [flag, [name, title]] of Object.entries(drivenBy)) {
    const [short, long = short] = flag.split(", ");
    const mentions = new RegExp(`["']${long}["'=]|["']${short}["'=]`);
    expect([flag, testNamed(name, title)]).toEqual([flag, expect.stringMatching(mentions)]);
  }
});
