/** Shows which thresholds on profiles and on heartbeats a scenario can have. */
import { afterAll, expect, test } from "vitest";
import { ScenarioFolder } from "./scenario-files.js";

const folder = new ScenarioFolder();
afterAll(() => {
  folder.remove();
});

const file = (threshold: string, more = "", config = ""): string => `config:
  target: ws://127.0.0.1:1/
  load: { connections: 10, duration: 10s }
${config}
  thresholds: { ${threshold} }
${more}
flow: [{ listen: 1s }]
`;
const profiles = "profiles: [{ name: slow link, share: 10%, readRate: 1KB/s }]";
const mute = "profiles: [{ name: mute, share: 10%, pong: never }]";
const heartbeat = "  heartbeat: { ping: 1s }";

test.each([
  [
    "a profile nobody has",
    file('"ws_sessions{profile:slwo link}": "count>0"', profiles),
    /no profile "slwo link".*slow link/s,
  ],
  [
    "a profile where there are none",
    file('"ws_sessions{profile:healthy}": "count>0"'),
    /no profile "healthy"/,
  ],
  [
    "a profile's checks",
    file('"checks{profile:slow link}": "rate>1%"', profiles),
    /not told apart/,
  ],
  ["silent peers that nobody pings", file('ws_dead_detected: "p(99)<1s"'), /there are none/],
  ["pings that nobody sends", file('ws_pings_sent: "count>0"'), /nobody sends one/],
  [
    "the patience of a server that is always answered",
    file('ws_pong_patience: "p(99)<1s"', profiles),
    /leave pings unanswered.*pong: never/s,
  ],
  [
    "a profile by the name of those who have none",
    file('"ws_sessions{profile:healthy}": "count>0"', profiles.replace("slow link", "healthy")),
    /healthy is what those without a profile are called/,
  ],
])("refused: %s", async (_what, text, words) => {
  const [mistake] = await folder.mistakes(text);
  expect(`${mistake?.message}\n${mistake?.hint ?? ""}`).toMatch(words);
});

test.each([
  [
    "profiles, and who has none",
    file(
      '"ws_sessions{profile:slow link}": "count>0", "ws_ping{profile:healthy}": "p(99)<1s"',
      profiles,
      heartbeat,
    ),
  ],
  ["what heartbeats bring about", file('ws_dead_detected: "p(99)<1s"', "", heartbeat)],
  ["the server's pings", file('ws_pings_received: "count>0"')],
  ["the server's patience", file('ws_pong_patience: "p(99)<1s"', mute)],
])("accepted: %s", async (_what, text) => {
  expect(await folder.mistakes(text)).toEqual([]);
});
