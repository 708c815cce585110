/**
 * Owns malformed scenarios, each with the place of its mistake: the sign ¦ stands right before it,
 * and is taken out before the scenario is read.
 */

import { leaky } from "./leaky.js";

/** One malformed scenario. */
export interface Malformed {
  readonly what: string;
  /** With the sign. */
  readonly text: string;
  /** What the message, or its hint, has to say. */
  readonly words: RegExp;
}

const config = (lines: string, flow = "flow: [{ send: hello }]"): string =>
  `config:\n  target: ws://127.0.0.1:1/\n${lines.includes("load:") ? "" : "  load: { connections: 10, duration: 1m }\n"}${lines}\n${flow}\n`;
const flow = (steps: string, more = ""): string => config(more, `flow:\n${steps}`);
const step = (text: string, more = ""): string => flow(`  - ${text}`, more);
const byId = "  correlate: { by: id, request: $.id }";
const byOrder = "  correlate: { by: order }";

const cases: readonly (readonly [string, string, RegExp])[] = [
  // YAML itself
  ["an empty file", "¦", /empty/],
  ["only a comment", "¦# nothing\n", /empty/],
  ["a tab that indents", "config:\n¦\ttarget: ws://x/\n", /[Tt]ab/],
  ["a bracket that is not closed", "flow: ¦[{ send: hello }", /never closed/],
  ["a key twice", config("  ¦target: ws://y/"), /twice/],
  ["__proto__ as a key", step("{ send: { json: { ¦__proto__: { a: 1 } } } }"), /__proto__/],
  ["an alias of nothing", step("send: ¦*nobody"), /nobody|alias/i],
  ["an anchor that holds itself", step("send: { json: &a [¦*a] }"), /anchor|alias/i],
  ["a second document", `${step("send: x")}¦---\nflow: []\n`, /second document/],
  ["infinity", step("send: { json: { n: ¦.inf } }"), /JSON/],
  ["digits that a number loses", step("send: { json: { id: ¦12345678901234567890 } }"), /quotes/],
  ["a map as a key", step("send: { json: { ¦{ a: 1 }: 2 } }"), /name/],
  ["a tag nobody knows", step("send: ¦!secret x"), /tag/],
  // The document
  ["a list", "¦- send: hello\n", /must be a scenario of wsctl; it is a list/],
  ["a text", "¦hello\n", /must be/],
  ["an unknown key at the top", `${step("send: x")}¦flows: []\n`, /"flows".*flow/s],
  [
    "neither flow nor scenarios",
    "¦config:\n  target: ws://x/\n  load: { connections: 1, duration: 1s }\n",
    /needs scenarios, or a flow/,
  ],
  [
    "both flow and scenarios",
    `${config("", "¦flow: [{ listen: 1s }]")}scenarios: [{ name: a, flow: [{ listen: 1s }] }]\n`,
    /exclude each other/,
  ],
  ["a flow without steps", config("", "flow: ¦[]"), /flow is empty/],
  [
    "a flow that is a map",
    config("", "flow: ¦{ send: hello }"),
    /flow must be a list of steps; it is a map/,
  ],
  ["a flow of nothing", config("", "¦flow:"), /flow must be a list of steps; it is empty/],
  // Load
  [
    "connections as a list",
    config("  load: { connections: ¦[1], duration: 1m }"),
    /connections must be a count such as 100 or 10k; it is a list/,
  ],
  [
    "no connections at all",
    config("  load: { connections: ¦0, duration: 1m }"),
    /range.*1 to 1 000 000/s,
  ],
  [
    "connections that are no count",
    config("  load: { connections: ¦lots, duration: 1m }"),
    /"lots" is not a whole number/,
  ],
  [
    "a duration without a unit",
    config("  load: { connections: 1, duration: ¦30 }"),
    /"30" is not a duration.*30s/s,
  ],
  [
    "a mistyped key of load",
    config("  load: { ¦conections: 1, duration: 1m }"),
    /"conections".*connections/s,
  ],
  ["connections without a duration", config("  ¦load: { connections: 1 }"), /load needs duration/],
  [
    "stages beside connections",
    config("  load: { ¦connections: 1, stages: [{ duration: 1s, connections: 1 }] }"),
    /exclude/,
  ],
  [
    "a stage without figures",
    config("  load: { stages: [¦{ duration: 1s }] }"),
    /needs connections or arrivalRate/,
  ],
  [
    "a stage without a duration",
    config("  load: { stages: [¦{ connections: 1 }] }"),
    /needs duration/,
  ],
  [
    "stages of both kinds",
    config(
      "  load: { stages: [{ duration: 1s, connections: 1 }, ¦{ duration: 1s, arrivalRate: 1/s }] }",
    ),
    /all of one kind/,
  ],
  [
    "a load that is all warm-up",
    config("  load: { connections: 1, duration: 5s, warmup: ¦5s }"),
    /all of the load, which lasts 5\.00 s/,
  ],
  [
    "a threshold on a time of a stage that is all warm-up",
    config(
      `  load: { warmup: 2s, stages: [{ name: ramp, duration: 2s, connections: 1 }, { duration: 1s, connections: 1 }] }\n  thresholds: { ¦"ws_msg_rtt{stage:ramp}": ["p(95)<1s"] }\n${byOrder}`,
    ),
    /ramp is over after 2\.00 s, in the warm-up/,
  ],
  ["nobody ever", config("  load: { ¦stages: [{ duration: 1s, connections: 0 }] }"), /nobody ever/],
  [
    "maxConnections for a population",
    config("  load: { stages: [{ duration: 1s, connections: 1 }], ¦maxConnections: 5 }"),
    /goes with arrivals/,
  ],
  [
    "too many arrivals",
    config("  load: { ¦stages: [{ duration: 1h, arrivalRate: 1k/s }] }"),
    /3 600 000 users/,
  ],
  [
    "a span that runs backwards",
    config("  load: { connections: 1, duration: 1m, lifetime: ¦5m-2m }"),
    /ends before it begins/,
  ],
  [
    "a seed that is none",
    config("  load: { connections: 1, duration: 1m, seed: ¦many }"),
    /seed must be a whole number/,
  ],
  [
    "a seed below zero",
    config("  load: { connections: 1, duration: 1m, seed: ¦-1 }"),
    /seed must be at least 0/,
  ],
  ["no load", "¦config: { target: ws://x/ }\nflow: [{ send: hello }]\n", /how many users/],
  // Connections
  [
    "a target of another kind",
    "config:\n  target: ¦ftp://x/\n  load: { connections: 1, duration: 1s }\nflow: [{ send: x }]\n",
    /not a WebSocket address/,
  ],
  [
    "a template in a target",
    'config:\n  target: ¦"ws://x/{{ room }}"\n  load: { connections: 1, duration: 1s }\nflow: [{ send: x }]\n',
    /no templates/,
  ],
  [
    "a header that cannot be",
    config('  connection: { headers: { ¦"a b": c } }'),
    /name of a header/,
  ],
  [
    "a header line without a colon",
    config("  connection: { headers: [¦nothing] }"),
    /not a header/,
  ],
  [
    "headers that are a number",
    config("  connection: { headers: ¦5 }"),
    /headers must be headers such as/,
  ],
  ["compression", config("  connection: { compression: ¦true }"), /without compression/],
  [
    "a certificate that is not there",
    config("  connection: { tls: { ca: ¦ca.pem } }"),
    /not there/,
  ],
  [
    "a family that is none",
    config("  connection: { family: ¦5 }"),
    /family must be 4 or 6; it is 5/,
  ],
  [
    "an unknown name in a header",
    config('  connection: { headers: { x: "¦{{ tenant }}" } }'),
    /unknown name tenant/,
  ],
  // Data
  ["a data file that is not there", config("  data: { users: ¦nobody.csv }"), /not there/],
  [
    "a data file outside of the folder",
    config("  data: { users: { path: ¦../users.csv } }"),
    /outside of the scenario's folder/,
  ],
  ["a data file by its whole path", config("  data: { users: ¦/etc/hosts.csv }"), /outside/],
  ["a data file of no format", config("  data: { users: ¦users.txt }"), /does not say its format/],
  [
    "an order that is none",
    config("  data: { users: { path: users.csv, order: ¦randon } }"),
    /order must be one of.*random/s,
  ],
  [
    "fewer rows than users",
    config("  data: { users: { path: users.csv, order: ¦unique } }"),
    /2 rows for 10 users/,
  ],
  [
    "a column that is not there",
    step('send: "¦{{ users.tokn }}"', "  data: { users: users.csv }"),
    /users\.tokn.*users\.token/s,
  ],
  ["a variable that cannot be one", config("  variables: { ¦a.b: 1 }"), /cannot be a variable/],
  // Steps
  ["a step that is nothing", step("¦{}"), /does nothing/],
  [
    "a step that is two things",
    flow("  - send: hello\n    ¦wait: {}"),
    /one thing, not send and wait/,
  ],
  ["a mistyped step", step("¦sned: hello"), /"sned".*did you mean send/s],
  ["a mistyped word", step("¦reconect"), /must be a step.*did you mean reconnect/s],
  ["a step that is a list", step("¦[send]"), /must be a step.*it is a list/],
  ["a message without content", step("{ ¦send: { fragments: 2 } }"), /needs a content/],
  ["a message with two contents", step("{ ¦send: { text: a, size: 5 } }"), /not text and size/],
  ["a message that is a number", step("send: ¦5"), /send must be a message.*it is 5/],
  ["bytes that are no hexadecimal", step('send: { binary: ¦"hex:0g" }'), /hexadecimal/],
  ["bytes of no kind", step("send: { binary: ¦abc }"), /does not say how/],
  ["bytes from elsewhere", step('send: { binary: ¦"@../x.bin" }'), /outside/],
  ["a size that is too large", step("send: { size: ¦300MiB }"), /range.*256 MiB/s],
  ["no frames", step("send: { text: a, fragments: ¦0 }"), /range/],
  ["a template that is not closed", step('send: "¦{{ room"'), /not closed/],
  [
    "a name nobody knows",
    step('send: "¦{{ rom }}"', "  variables: { room: x }"),
    /unknown name rom.*room/s,
  ],
  [
    "a built-in that is none",
    step('send: { json: { id: "¦{{ $uid }}" } }'),
    /no built-in \$uid.*\$uuid/s,
  ],
  ["a variable of the environment", step('send: "¦{{ $env.NOPE }}"'), /no NOPE/],
  [
    "a name that comes later",
    flow('  - send: "¦{{ token }}"\n  - wait: { capture: { json: $.t, as: token } }'),
    /only in a later step/,
  ],
  ["a JSONPath that is none", step('wait: { json: ¦"$.[" }'), /JSONPath/],
  ["a regular expression that is none", step('wait: { matches: ¦"(" }'), /regular expression/],
  ["a condition without a path", step("¦wait: { gt: 5 }"), /needs a JSONPath/],
  [
    "a condition of the wrong kind",
    step("wait: { json: $.n, gt: ¦five }"),
    /gt must be a number; it is "five"/,
  ],
  ["a mistyped condition", step("wait: { json: $.n, ¦equal: 5 }"), /"equal".*equals/s],
  [
    "a template in a matcher",
    step('wait: { json: $.n, equals: ¦"{{ room }}" }', "  variables: { room: x }"),
    /no templates/,
  ],
  ["a capture without a name", step("¦capture: { json: $.x }"), /capture needs as: a name/],
  [
    "a capture of two things",
    step("¦capture: { json: $.x, matches: y, as: z }"),
    /one of json and matches/,
  ],
  [
    "a capture into what is no name",
    step("capture: { json: $.x, as: ¦a.b }"),
    /cannot be a variable/,
  ],
  ["every without a rate", step("¦every: { for: 1m, send: x }"), /needs a rate/],
  [
    "every with two rates",
    step("¦every: { rate: 1/s, totalRate: 1/s, for: 1m, send: x }"),
    /exclude/,
  ],
  ["every without an end", step("¦every: { rate: 1/s, send: x }"), /every needs for: a duration/],
  ["a rate that is none", step("every: { rate: ¦fast, for: 1m, send: x }"), /"fast" is not a rate/],
  ["no rate at all", step("every: { rate: ¦0/s, for: 1m, send: x }"), /not in range.*1 a day/s],
  [
    "a total rate of those who come and go",
    "config:\n  target: ws://x/\n  load: { stages: [{ duration: 1m, arrivalRate: 1/s }] }\nflow:\n  - every: { ¦totalRate: 5/s, for: 1m, send: x }\n",
    /shared by a population/,
  ],
  ["a loop of nothing", step("¦loop: { count: 5 }"), /either a flow or a send/],
  [
    "a loop in flight without send",
    step("¦loop: { inFlight: 5, flow: [{ listen: 1s }] }"),
    /inFlight goes with send/,
  ],
  ["a closed loop without replies", step("loop: { over: 1m, send: ¦hello }"), /goes by replies/],
  [
    "a while that asks nothing",
    step("loop: { ¦while: { var: a }, flow: [{ listen: 1s }] }", "  variables: { a: 1 }"),
    /asks nothing/,
  ],
  [
    "a while of nobody",
    step("loop: { while: { var: ¦more, equals: 1 }, flow: [{ listen: 1s }] }"),
    /unknown name more/,
  ],
  ["a barrier without a timeout", step("¦barrier: { name: all }"), /barrier needs timeout/],
  [
    "a barrier of two minds",
    flow("  - barrier: { name: all, timeout: 1s }\n  - barrier: { name: all, timeout: ¦2s }"),
    /another timeout/,
  ],
  ["a choice among none", step("choose: ¦[]"), /choose is empty/],
  [
    "a choice that never falls",
    step("¦choose: [{ weight: 0, flow: [{ listen: 1s }] }]"),
    /weight above 0/,
  ],
  [
    "a weight below 0",
    step("choose: [{ weight: ¦-1, flow: [{ listen: 1s }] }]"),
    /weight must be at least 0/,
  ],
  ["a step after close", flow("  - close: 1000\n  - ¦send: x"), /never reached/],
  [
    "a step after an endless loop",
    flow("  - loop: { flow: [{ listen: 1s }] }\n  - ¦send: x"),
    /never reached.*no end/,
  ],
  [
    "a step after choices that all close",
    flow("  - choose: [{ flow: [close: 1000] }, { flow: [close: 4000] }]\n  - ¦send: x"),
    /never reached/,
  ],
  ["a code that may not be sent", step("close: ¦1006"), /1006 must not be sent/],
  ["a code out of range", step("close: ¦99"), /at least 1000/],
  ["thinking for no time", step("think: ¦a while"), /not a duration/],
  ["a listen without a unit", step("listen: ¦5"), /listen: "5" is not a duration/],
  // Correlation
  [
    "a correlation that is none",
    step("send: x", "  correlate: { by: ¦ids }"),
    /by must be one of.*did you mean id/s,
  ],
  ["id without a path", step("send: x", "  ¦correlate: { by: id }"), /needs request/],
  [
    "a path without id",
    step("send: x", "  correlate: { by: order, ¦request: $.id }"),
    /goes with by: id/,
  ],
  [
    "id, and no message has one",
    step("send: x", "  correlate: { by: id, request: ¦$.id }"),
    /no message has anything at \$\.id/,
  ],
  [
    "stamp, and no message has one",
    step("send: x", "  correlate: { by: ¦stamp }"),
    /no message holds a stamp/,
  ],
  [
    "an expect that waits for nothing",
    flow("  - send: { json: { id: 1 } }\n  - send: x\n    ¦expect: { text: y }", byId),
    /waits for a reply/,
  ],
  [
    "an expect and no reply",
    flow("  - send: { text: x, reply: false }\n    ¦expect: { text: y }", byOrder),
    /reply: false/,
  ],
  // Thresholds
  [
    "a metric that is none",
    step("send: x", '  thresholds: { ¦ws_msg_rt: "p(99)<1" }'),
    /no metric "ws_msg_rt".*ws_msg_rtt/s,
  ],
  [
    "a threshold that is none",
    step("send: x", `${byOrder}\n  thresholds: { ws_msg_rtt: [¦"p(99)"] }`),
    /not a threshold/,
  ],
  [
    "a figure that is not there",
    step("send: x", `${byOrder}\n  thresholds: { ws_msg_rtt: ¦"rate<1" }`),
    /trend: it has no rate/,
  ],
  [
    "losses under order",
    step("send: x", `${byOrder}\n  thresholds: { ¦ws_msg_lost: "count==0" }`),
    /order cannot see ws_msg_lost/,
  ],
  [
    "losses without stamps",
    step("send: { json: { id: 1 } }", `${byId}\n  thresholds: { ¦ws_msg_lost: "count==0" }`),
    /stamps only/,
  ],
  [
    "times without correlation",
    step("send: x", '  thresholds: { ¦ws_msg_rtt: "p(99)<1" }'),
    /nothing is correlated/,
  ],
  [
    "a threshold on nobody",
    step(
      "send: x",
      '  thresholds: { "¦ws_connecting{scenario:chta}": "p(99)<1" }'.replace('"¦', '¦"'),
    ),
    /no scenario "chta"/,
  ],
  [
    "a threshold with a mistyped key",
    step("send: x", '  thresholds: { ws_sessions: { threshold: "count>0", ¦abortOnfail: true } }'),
    /abortOnFail/,
  ],
  // What happens to connections
  [
    "a policy that is none",
    step("send: x", "  reconnect: { policy: ¦expotential }"),
    /did you mean exponential/,
  ],
  [
    "a fixed policy with a longest wait",
    step("send: x", "  reconnect: { policy: fixed, ¦max: 5s }"),
    /has no max/,
  ],
  [
    "a longest wait that is shorter",
    step("send: x", "  reconnect: { policy: exponential, base: 10s, max: ¦5s }"),
    /shorter than the first one, base: 10s/,
  ],
  [
    "keys of a policy that there is none of",
    step("send: x", "  reconnect: { policy: none, ¦base: 5s, jitter: full }"),
    /nothing reconnects with policy: none, so that base means nothing/,
  ],
  [
    "onReconnect without reconnect",
    step("send: x", "  ¦onReconnect: [{ send: again }]"),
    /never played/,
  ],
  [
    "a barrier after a reconnect",
    step(
      "send: x",
      "  reconnect: { policy: fixed }\n  onReconnect: [{ ¦barrier: { name: a, timeout: 1s } }]",
    ),
    /no barrier within onReconnect/,
  ],
  ["a timeout without a ping", step("send: x", "  heartbeat: { ¦timeout: 5s }"), /goes with ping/],
  [
    "an answer to nothing",
    step("send: x", "  heartbeat: { autoReply: [¦{ send: pong }] }"),
    /needs match/,
  ],
  [
    "shares of more than all",
    `${step("send: x")}profiles: [{ name: a, share: 60% }, { name: b, share: ¦50% }]\n`,
    /110%/,
  ],
  [
    "a share that is none",
    `${step("send: x")}profiles: [{ name: a, share: ¦150% }]\n`,
    /not a share/,
  ],
  [
    "a profile twice",
    `${step("send: x")}profiles: [{ name: a, share: 6% }, { name: ¦a, share: 5% }]\n`,
    /twice/,
  ],
  [
    "an event after the end",
    `${step("send: x")}events: [{ at: ¦1m, drop: 30% }]\n`,
    /after the end/,
  ],
  ["an event without a share", `${step("send: x")}events: [¦{ at: 1s }]\n`, /needs drop/],
  [
    "an event in another way",
    `${step("send: x")}events: [{ at: 1s, drop: 30%, how: ¦rest }]\n`,
    /did you mean reset/,
  ],
  // Scenarios
  [
    "a scenario without a name",
    config("", "scenarios: [¦{ flow: [{ listen: 1s }] }]"),
    /needs name/,
  ],
  [
    "a scenario twice",
    config(
      "",
      "scenarios:\n  - { name: a, flow: [{ listen: 1s }] }\n  - { name: ¦a, flow: [{ listen: 1s }] }",
    ),
    /twice/,
  ],
  [
    "a scenario's name that breaks tags",
    config("", 'scenarios: [{ name: ¦"a,b", flow: [{ listen: 1s }] }]'),
    /letters, digits/,
  ],
  [
    "weights of nothing",
    config("", "¦scenarios: [{ name: a, weight: 0, flow: [{ listen: 1s }] }]"),
    /weight above 0/,
  ],
  [
    "a repeat that is none",
    config("", "scenarios: [{ name: a, repeat: ¦twice, flow: [{ listen: 1s }] }]"),
    /repeat must be one of/,
  ],
  [
    "an audience of nobody",
    config(
      "",
      'scenarios: [{ name: a, fanout: { audience: ¦"scenario:b" }, flow: [{ send: "{{ $stamp }}" }] }]',
    ),
    /no scenario "b"/,
  ],
  [
    "an audience that nobody plays",
    config(
      "",
      'scenarios: [{ name: a, fanout: { audience: ¦"scenario:b" }, flow: [{ send: "{{ $stamp }}" }] }, { name: b, weight: 0, flow: [{ listen: 1s }] }]',
    ),
    /nobody plays the scenario b/,
  ],
  [
    "a fan-out without a stamp of its own",
    config(
      "",
      'scenarios: [{ name: a, ¦fanout: { audience: all }, flow: [{ listen: 1s }] }, { name: b, flow: [{ send: "{{ $stamp }}" }] }]',
    ),
    /no message of this scenario holds one/,
  ],
  [
    "a fan-out without stamps",
    config("", "scenarios: [{ name: a, ¦fanout: { audience: all }, flow: [{ listen: 1s }] }]"),
    /stamps only/,
  ],
  [
    "a fan-out under a correlation that sees no stamps",
    config(
      "  correlate: { by: order }",
      'scenarios: [{ name: a, ¦fanout: { audience: presence }, flow: [{ send: "{{ $stamp }}" }] }]',
    ),
    /by: order takes every message for a reply/,
  ],
];

/** All of them. */
export const malformed: readonly Malformed[] = [...cases, ...leaky].map(([what, text, words]) => ({
  what,
  text,
  words,
}));
