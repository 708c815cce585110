/** Holds the flags of `wsctl proxy --help` against the tests that drive them: none may be without one. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { wsctl } from "../cli/fake-host.js";

const [here, whole, own] = ["proxy-flags.test.ts", "proxy.test.ts", "proxy-ca.test.ts"];
const headers = "Host and Origin are";
const tls = "--ca, --cert, --key, --passphrase";
const route = "--resolve, --connect-to, -4";
const kept = "--record keeps what passes";
const view = "--filter, --pretty and -P";

/** Which test drives a flag: its file, and how its title goes. */
const drivenBy: Readonly<Record<string, readonly [file: string, title: string]>> = {
  "--target": [here, headers],
  "--route": [here, "--route leads"],
  "--set-host": [here, headers],
  "--keep-host": [here, headers],
  "--set-origin": [here, headers],
  "--keep-origin": [here, headers],
  "--forward": [here, "--forward leads"],
  "--allow-host": [here, "--forward leads"],
  "--only": [own, "--only names"],
  "--host": [here, "--route leads"],
  "--port": [here, "--route leads"],
  "--tls": [own, "--tls serves"],
  "--tls-cert": [here, "--tls-cert and --tls-key"],
  "--tls-key": [here, "--tls-cert and --tls-key"],
  "--max-payload": [here, "--tls-cert and --tls-key"],
  "--until-stdin-ends": [here, "--until-stdin-ends ends"],
  "--record": [here, kept],
  "--redact": [here, kept],
  "--fsync": [here, kept],
  "--no-pause": [here, kept],
  "--rule": [whole, "changes what passes"],
  "--fault": [here, "--seed makes"],
  "--list-faults": [here, "--list-faults tells"],
  "--seed": [here, "--seed makes"],
  "--control-port": [whole, "says so of a port"],
  "--filter": [here, view],
  "--json": [whole, "says so of a port"],
  "--pretty": [here, view],
  "-P, --show-ping-pong": [here, view],
  "-q, --quiet": [here, "--quiet says nothing"],
  "--no-color": [here, "--no-color has none"],
  "-4, --ipv4": [here, route],
  "-6, --ipv6": [here, route],
  "--timeout": [here, route],
  "-k, --insecure": [here, tls],
  "--ca": [here, tls],
  "--cert": [here, tls],
  "--key": [here, tls],
  "--passphrase": [here, tls],
  "--servername": [here, tls],
  "--resolve": [here, route],
  "--connect-to": [here, route],
  "-h, --help": ["proxy-flags-covered.test.ts", "every flag of --help has a test"],
};

const drivenOfCa: typeof drivenBy = {
  "--print": [own, "--print, --spki and --export"],
  "--spki": [own, "--print, --spki and --export"],
  "--export": [own, "--print, --spki and --export"],
  "-h, --help": ["proxy-flags-covered.test.ts", "every flag of --help has a test"],
};

/** The text of a test, from its title to the next one. */
function testNamed(name: string, title: string): string {
  const source = readFileSync(new URL(name, import.meta.url), "utf8");
  const tests = source.split(/^ *(?=(?:test|describe)\b)/m);
  return tests.find((one) => one.startsWith("test") && one.includes(title)) ?? "";
}

test.each([
  [["proxy"], drivenBy],
  [["proxy", "ca"], drivenOfCa],
])("every flag of --help has a test that drives it: %j", async (words, driven) => {
  const { stdout } = await wsctl([...words, "--help"]);
  const flags = [...stdout.matchAll(/^ {2}((?:-\w, )?--[\w-]+)/gm)].map(([, flag]) => flag!);
  expect(flags.sort()).toEqual(Object.keys(driven).sort());
  for (const [flag, [name, title]] of Object.entries(driven)) {
    const [short, long = short] = flag.split(", ");
    const mentions = new RegExp(`["']${long}["'=]|["']${short}["'=]`);
    expect([flag, testNamed(name, title)]).toEqual([flag, expect.stringMatching(mentions)]);
  }
});
