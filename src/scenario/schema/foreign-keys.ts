/**
 * Owns what is said to those who come from Artillery or k6, or put a key where it does not belong:
 * how what they mean is written here, and where.
 */
import type { YamlPath } from "../../base/yaml-source.js";

/** What a key that is not known was meant to be. */
export interface ForeignKey {
  readonly hint: string;
  /** Where in the document that belongs; undefined when there is no such thing. */
  readonly meantAt?: YamlPath;
}

/** The kinds of maps that such keys are met in. */
type Kind =
  | "document"
  | "config"
  | "load"
  | "tls"
  | "stage"
  | "scenario"
  | "step"
  | "message"
  | "match"
  | "capture";

/** The hint, and the place where that belongs: absolute. */
type Entry = string | readonly [hint: string, at: YamlPath];

const load: YamlPath = ["config", "load"];
const tls: YamlPath = ["config", "connection", "tls"];
const sizeOfLoad: Entry = [
  "how many users there are, and for how long, is config.load: { connections: 100, duration: 1m }",
  load,
];
const inStages: Entry = [
  "users arrive in stages: config.load: { stages: [{ duration: 1m, arrivalRate: 50/s }] }",
  load,
];
const executor: Entry = [
  "the stages of config.load say it: with connections they hold a population, with arrivalRate users arrive",
  load,
];
const iterations: Entry =
  "a flow begins again until the load is over; for a given number: loop: { count: 10, flow: [ … ] }, and repeat: once";
const rampUp =
  "a ramp is a stage: config.load: { stages: [{ duration: 30s, connections: 100 }, { duration: 5m, connections: 100 }] }";
const placed: Entry = "it makes no difference to a user: put what is to be kept into a comment";
const noCode = "scenarios are data and run no code: see set, choose and loop";
const noPlugins = "leave it out: there are no engines and no plugins";
const onlyWebSockets = "leave it out: every user has a WebSocket";
const partOfRun =
  "the load is that of the whole run: config.load; weight says what share of it this scenario gets";
const opening: Entry =
  "connections are opened before the flow begins: see config.target and config.connection";
const content = "a message is text: hello, or json: { op: hello }; bytes are binary: hex:00ff";
const arrivalCount =
  "say it as a rate: 20 users within 10s are { duration: 10s, arrivalRate: 2/s }";

/** Puts one entry under several names. */
function all(names: string, entry: Entry): Readonly<Record<string, Entry>> {
  return Object.fromEntries(names.split(" ").map((name) => [name, entry]));
}

function within(names: string, ...path: readonly string[]): Readonly<Record<string, Entry>> {
  const entries = names.split(" ").map((name): [string, Entry] => {
    const at = [...path, name];
    return [name, [`it belongs into ${path.join(".")}: ${at.join(".")}`, at]];
  });
  return Object.fromEntries(entries);
}

function beside(names: string): Readonly<Record<string, Entry>> {
  const entries = names
    .split(" ")
    .map((name): [string, Entry] => [name, [`it stands beside config, not in it`, [name]]]);
  return Object.fromEntries(entries);
}

const loadKeys = "connectRate lifetime warmup gracefulStop seed maxConnections";

const keys: Readonly<Record<Kind, Readonly<Record<string, Entry>>>> = {
  document: {
    ...within(
      "target connection data variables load reconnect onReconnect heartbeat correlate sequence thresholds",
      "config",
    ),
    ...all("vus duration stages connections", sizeOfLoad),
    ...all("url uri server endpoint address", ["it is config.target here", ["config", "target"]]),
    ...all("phases arrivalRate", inStages),
    ...all("executor options", executor),
    iterations,
    ...all("name description version", placed),
    ...all("before after setup teardown", noCode),
    ...all("steps", ["a list of steps is called flow", ["flow"]]),
  },
  config: {
    ...all("phases arrivalRate rampTo", inStages),
    ...all("vus duration connections stages", sizeOfLoad),
    ...within(loadKeys, "config", "load"),
    ...within("headers cookies subprotocols origin compression tls", "config", "connection"),
    ...beside("scenarios flow profiles events"),
    ...all("executor", executor),
    ...all("iterations", iterations),
    ...all("url uri server endpoint address", ["it is target here", ["config", "target"]]),
    ...all("rampUp rampup ramp", [rampUp, load]),
    ...all("maxVusers", ["it is config.load.maxConnections", [...load, "maxConnections"]]),
    ...all("engines plugins", noPlugins),
    ...all("engine", onlyWebSockets),
    ...all("processor", noCode),
    ...all("ws socketio", [
      "headers, subprotocols and TLS are config.connection",
      ["config", "connection"],
    ]),
    ...all("payload", [
      "rows for users are config.data: data: { users: users.csv }",
      ["config", "data"],
    ]),
    ...all("ensure apdex", [
      'what must hold are config.thresholds: { ws_msg_rtt: ["p(99)<200"] }',
      ["config", "thresholds"],
    ]),
    environments: "give another target on the command line, and variables with --var",
  },
  load: {
    ...all("phases arrivalRate rampTo", inStages),
    ...all("vus users startVUs virtualUsers", ["it is connections here", [...load, "connections"]]),
    ...all("maxVusers maxVUs preAllocatedVUs", [
      "it is maxConnections here, and goes with arrivalRate",
      [...load, "maxConnections"],
    ]),
    ...all("gracefulRampDown", ["it is gracefulStop here", [...load, "gracefulStop"]]),
    ...all("rampUp rampup ramp rampDown", rampUp),
    ...all("executor timeUnit startTime", executor),
    iterations,
    arrivalCount,
  },
  tls: {
    ...all(
      "rejectUnauthorized verify strictSSL",
      "to take any certificate is insecure: true here; otherwise leave it out",
    ),
    ...all("skipVerify insecureSkipTLSVerify", ["it is insecure here", [...tls, "insecure"]]),
    ...all(
      "pfx p12",
      "certificate and key are two files here: cert: ./client.pem, key: ./client.key",
    ),
    ...all("cacert", ["it is ca here", [...tls, "ca"]]),
  },
  stage: {
    ...all(
      "target vus users startVUs",
      "it is connections here: { duration: 30s, connections: 100 }",
    ),
    ...all("maxVusers maxVUs maxConnections", [
      "it holds for all stages: config.load.maxConnections",
      [...load, "maxConnections"],
    ]),
    rate: "it is arrivalRate here: { duration: 1m, arrivalRate: 50/s }",
    pause: "a stage in which nobody comes is { duration: 10s, arrivalRate: 0 }",
    executor,
    arrivalCount,
  },
  scenario: {
    ...all("engine", onlyWebSockets),
    ...all(
      "executor vus duration stages arrivalRate rate startTime maxVUs preAllocatedVUs timeUnit phases load connections",
      partOfRun,
    ),
    ...all("exec beforeScenario afterScenario beforeRequest afterResponse", noCode),
    ...all("steps", "a list of steps is called flow"),
    ...all("connect", opening),
    ...all("iterations", iterations),
    description: placed,
  },
  step: {
    ...all("sleep delay pause", "it is think here: think: 1s"),
    ...all("connect open", opening),
    ...all("emit message request", "it is send here: send: { json: { op: hello } }"),
    ...all(
      "receive recv onMessage response",
      "it is wait here: wait: { json: $.op, equals: done }",
    ),
    ...all("match assert check", "it is expect here: expect: { json: $.ok, equals: true }"),
    ...all("function js beforeRequest afterResponse", noCode),
    ...all(
      "ifTrue whileTrue while",
      "write it like loop: { while: { var: more, equals: true }, flow: [ … ] }",
    ),
    ...all("count over for repeat", "it belongs into loop: loop: { count: 10, flow: [ … ] }"),
    ...all("payload data", content),
    ...all("get post http", "there is no HTTP here: users talk over WebSockets only"),
  },
  message: {
    ...all("payload data message body content", content),
    ...all("type", "the kind of frame is as: text, or as: binary"),
    ...all("match", "it is expect here, beside send: expect: { json: $.ok, equals: true }"),
    ...all("expect capture", "it stands beside send, not in it"),
  },
  match: {
    ...all("value eq is", "it is equals here: { json: $.op, equals: done }"),
    ...all("jsonpath jsonPath path", "it is json here: json: $.op"),
    ...all("regexp regex pattern", "it is matches here: matches: ^done"),
    ...all("timeout", "it is within here: within: 5s"),
  },
  capture: {
    ...all("jsonpath jsonPath path", "it is json here: { json: $.token, as: token }"),
    ...all("regexp regex pattern", "it is matches here: { matches: 'id=(\\d+)', as: id }"),
    ...all("name var to", "it is as here: { json: $.token, as: token }"),
  },
};

/** What a key of the map at the path was meant to be; undefined when nobody calls anything so. */
export function foreignKey(parent: YamlPath, key: string): ForeignKey | undefined {
  const kind = kindOf(parent);
  const entries = kind === undefined ? {} : keys[kind];
  const entry = Object.hasOwn(entries, key) ? entries[key]! : undefined;
  if (entry === undefined) return undefined;
  if (typeof entry === "string") return { hint: entry };
  return { hint: entry[0], meantAt: entry[1] };
}

function kindOf(path: YamlPath): Kind | undefined {
  if (path.length === 0) return "document";
  const last = path.at(-1);
  if (typeof last === "string") return kinds.get(last);
  const list = path.at(-2);
  if (list === "flow" || list === "onReconnect") return "step";
  if (list === "stages") return "stage";
  if (list === "scenarios" && path.length === 2) return "scenario";
  return list === "send" || list === "capture" ? kinds.get(list) : undefined;
}

const kinds: ReadonlyMap<string, Kind> = new Map([
  ["config", "config"],
  ["load", "load"],
  ["tls", "tls"],
  ["send", "message"],
  ["expect", "match"],
  ["wait", "match"],
  ["match", "match"],
  ["capture", "capture"],
]);
