/**
 * Owns what is compared: the same small message over the same connections, sent by the bare closed
 * loop and by virtual users with ever more to do for it.
 */

/** What every message is but for its id, so that all are about as long. */
const body = { op: "echo", text: "hello" };
const constant = { op: "echo", id: 123456, text: "hello" };
const matched = { json: "$.op", equals: "echo" };
const byId = { by: "id", request: "$.id", response: "$.id", timeout: "5s" };
const byOrder = { by: "order", timeout: "5s" };
const byStamp = { by: "stamp", timeout: "5s" };

const seq = { ...body, id: "{{ $seq }}" };
const uuid = { ...body, id: "{{ $uuid }}" };
const stamp = { ...body, id: "{{ $stamp }}" };

/** A closed loop; one with a name of its own is played by virtual users, whatever it holds. */
const loop = (inFlight, json, more = {}) => [
  { name: "loop", loop: { over: "1h", inFlight, send: { json } }, ...more },
];
const ruleFor = (op) => ({ match: { json: "$.op", equals: op }, send: { json: { op } } });
const bare = (inFlight) => [{ loop: { over: "1h", inFlight, send: { json: constant } } }];
/** A heartbeat's rules look at every message; none of them is for it. */
const ruled = (inFlight) => [
  byOrder,
  loop(inFlight, { ...constant, text: "x".repeat(1000) }),
  { heartbeat: { autoReply: ["ping", "close", "slow", "redirect"].map(ruleFor) } },
];
const step = (json) => [{ name: "step", send: { json }, expect: matched }];

/** By name: how many are in flight, how replies are told, and the flow. */
const cases = {
  bare: (inFlight) => [byOrder, bare(inFlight)],
  order: (inFlight) => [byOrder, loop(inFlight, constant)],
  "id $seq": (inFlight) => [byId, loop(inFlight, seq)],
  "id $uuid": (inFlight) => [byId, loop(inFlight, uuid)],
  stamp: (inFlight) => [byStamp, loop(inFlight, stamp)],
  "order, 4 rules, 1 KB": ruled,
  "order, expect": (inFlight) => [byOrder, inFlight === 1 ? step(constant) : expecting(constant)],
  "id $seq, expect": (inFlight) => [byId, inFlight === 1 ? step(seq) : expecting(seq)],
};
const expecting = (json) => [
  { name: "loop", loop: { over: "1h", inFlight: 10, send: { json }, expect: matched } },
];

/** The names; the first is what the others are held against. */
export const names = Object.keys(cases);

/** The text of a scenario file. */
export function scenarioOf(name, { url, connections, inFlight, seconds }) {
  const [correlate, flow, more] = cases[name](inFlight);
  const load = { connections, duration: `${seconds}s` };
  return JSON.stringify({ config: { target: url, load, correlate, ...more }, flow });
}
