/** Owns the kinds of traffic that a new scenario can have, one entry each. */
import { parseDuration } from "../../base/quantity.js";
import type { Answers } from "./answers.js";
import { shapes } from "./shapes.js";

/** One kind of traffic. */
export interface Traffic {
  /** For a list to choose from. */
  readonly title: string;
  /** The mode of `wsctl serve` that it can be tried against. */
  readonly mode: string;
  /** Whether users send at a rate. */
  readonly sends: boolean;
  /** Gates that make sense for it. */
  readonly gates: readonly string[];
  /** Lines of `config` beside target, load and thresholds, not indented. */
  readonly config: readonly string[];
  /** The steps, not indented. */
  flow(answers: Answers): string[];
}

const opening = "ws_connecting: p(95)<1s";
const met = "checks: rate>99%";

/**
 * How long a user is at it: of those who come and go, for a while; of all others until their time is
 * over, whatever `-d` makes of that. A flow that ended before would begin again, and join once more.
 */
function lasting({ duration, shape }: Answers): string {
  if (!shapes[shape].comeAndGo) return "24h   # as long as the run lasts";
  return parseDuration(duration) > 30_000 ? "30s" : duration;
}

const trafficsByName = {
  requests: {
    title: "requests: JSON with an id that comes back in the answer",
    mode: "echo",
    sends: true,
    gates: [opening, "ws_msg_rtt: p(99)<500ms", met],
    config: ["correlate: { by: id, request: $.id, response: $.id, timeout: 5s }"],
    flow: (answers) => [
      "- name: hello",
      '  send: { json: { op: hello, id: "{{ $uuid }}" } }',
      "  # Any answer with an id will do, one that tells of an error as well: say what a good one holds,",
      "  # such as expect: { json: $.op, equals: ok, within: 2s }",
      "  expect: { json: $.id, exists: true, within: 2s }",
      "- every:                      # at this rate, whatever the answers do",
      `    rate: ${answers.rate}`,
      `    for: ${lasting(answers)}`,
      '    send: { json: { op: get, id: "{{ $seq }}", item: "{{ $randomInt(1,1000) }}" } }',
    ],
  },
  echo: {
    title: "echo: text that comes back as it was sent, in order",
    mode: "echo",
    sends: true,
    gates: [opening, "ws_msg_rtt: p(99)<500ms"],
    config: ["correlate: { by: order, timeout: 5s }   # the n-th message answers the n-th sent"],
    flow: (answers) => [
      "- every:                      # at this rate, whatever the answers do",
      `    rate: ${answers.rate}`,
      `    for: ${lasting(answers)}`,
      '    send: "hello {{ $seq }} of {{ $index }}"',
    ],
  },
  broadcast: {
    title: "broadcast: rooms, in which everybody hears what one of them says",
    mode: "chat",
    sends: true,
    gates: [opening, "ws_delivery: p(95)<1s", "ws_msg_lost: count==0", met],
    config: [
      "correlate: { by: stamp, timeout: 5s }   # whoever hears a stamp measures how long it took",
      "variables: { room: lobby }              # --var room=other",
    ],
    flow: (answers) => [
      "- name: join",
      '  send: { json: { op: join, room: "{{ room }}", id: "{{ $uuid }}" } }',
      "  expect: { json: $.op, equals: ok, within: 2s }",
      "- every:",
      `    rate: ${answers.rate}`,
      `    for: ${lasting(answers)}`,
      '    send: { json: { op: say, text: "{{ $stamp }}" } }',
    ],
  },
  listen: {
    title: "listen: subscribe, and hear what comes",
    mode: "ticker",
    sends: false,
    gates: [opening, "ws_msgs_received: count>0", met],
    config: [],
    flow: (answers) => [
      "- name: subscribe",
      "  send: { json: { op: subscribe } }",
      "  expect: { json: $.op, equals: snapshot, within: 5s }",
      `- listen: ${lasting(answers)}`,
    ],
  },
  idle: {
    title: "idle: connections that are only held",
    mode: "echo",
    sends: false,
    gates: [opening, "ws_ping: p(99)<1s"],
    config: ["heartbeat: { ping: 20s, timeout: 5s }   # who does not answer is cut, and counted"],
    flow: (answers) => [
      "- ping: 5s                    # does the other side live?",
      `- listen: ${lasting(answers)}`,
    ],
  },
} as const satisfies Readonly<Record<string, Traffic>>;

/** The kinds of traffic by name. */
export const traffics: Readonly<Record<TrafficName, Traffic>> = trafficsByName;

/** The name of a kind of traffic. */
export type TrafficName = keyof typeof trafficsByName;
