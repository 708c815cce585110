/** Owns files that are built to take long: each is wrong, and should be refused at once all the same. */
import { Lexer } from "yaml";

/** One file, and what lies beside it. */
export interface SlowFile {
  readonly what: string;
  readonly text: string;
  /** By name. */
  readonly beside: Readonly<Record<string, string>>;
}

const head = "config:\n  target: ws://127.0.0.1:1/\n  load: { connections: 2, duration: 10s }\n";
const wrong = "nobody_knows_this_key: 1\n";

function many(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => make(index)).join("");
}

/** What is repeated as often as there is room. */
interface Endless {
  readonly start: string;
  readonly make: (index: number) => string;
  readonly end: string;
}

function filled(start: string, make: Endless["make"], end = ""): Endless {
  return { start, make, end };
}

/** No larger than a file may be, in characters, and with so many words and signs at most. */
function textOf({ start, make, end }: Endless, mostSigns: number): string {
  let room = 1024 * 1024 - start.length - end.length;
  let signs = mostSigns - signsOf(start) - signsOf(end);
  // Those of one after another differ but little.
  const each = (signsOf(start + many(50, make)) - signsOf(start)) / 50;
  const parts: string[] = [start];
  for (let index = 0; ; index++) {
    const part = make(index);
    room -= part.length;
    signs -= each;
    if (room < 0 || signs < 0) return parts.join("") + end;
    parts.push(part);
  }
}

function signsOf(text: string): number {
  return [...new Lexer().lex(text)].length;
}

/** Each alias stands for ten of the one before. */
function laughs(levels: number): string {
  return many(levels, (level) =>
    level === 0
      ? "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
      : `a${level}: &a${level} [${many(10, () => `*a${level - 1},`)}]\n`,
  );
}

const withData = (order: string): string =>
  `config:\n  target: ws://127.0.0.1:1/\n  load: { connections: 2, duration: 10s }\n  data: { users: { path: users.csv, order: ${order} } }\n${wrong}flow:\n  - send: "{{ users.token }}"\n`;

/** What a file is made of. */
interface Making {
  readonly what: string;
  readonly text: string | Endless;
  readonly beside?: Readonly<Record<string, string>>;
}

/** One for each way to be slow. */
const makings: readonly Making[] = [
  { what: "lists within lists, never closed", text: "[".repeat(1_000_000) },
  { what: "maps within maps", text: "{a: ".repeat(250_000) },
  { what: "maps that go in line by line", text: many(1400, (i) => `${" ".repeat(i)}a:\n`) },
  { what: "aliases of aliases", text: `${laughs(12)}${wrong}` },
  {
    what: "aliases of aliases in a message",
    text: `${head}${laughs(12)}flow:\n  - send: { json: *a11 }\n`,
  },
  { what: "an alias within itself", text: `a: &a [*a, *a, *a]\n${wrong}` },
  {
    what: "a long text by many aliases",
    text: `a: &a "${"{{ x }}".repeat(70_000)}"\nb: [${"*a,".repeat(100_000)}]\n`,
  },
  { what: "anchors", text: filled("", (i) => `k${i}: &n${i} 1\n`) },
  { what: "aliases of nothing", text: filled("a: [", (i) => `*n${i},`, "]\n") },
  { what: "unknown keys", text: filled("", (i) => `key_number_${i}: 1\n`) },
  { what: "keys that are maps", text: filled("", () => "{a}: 1\n") },
  { what: "tabs line by line", text: filled("a:\n", () => "\tb: 1\n") },
  { what: "quotes that are never closed", text: filled("a: ", () => '"x ') },
  { what: "one quote, never closed", text: filled('a: "', () => "x\n") },
  { what: "escapes", text: filled('a: "', () => "\\q", '"') },
  {
    what: "texts with escapes",
    text: filled("a:\n", () => `- "${"\\q".repeat(99)}"\n`),
  },
  { what: "brackets that close nothing", text: filled("a: [", () => "]") },
  { what: "tags in a row", text: filled("a: ", () => "!a ") },
  { what: "anchors in a row", text: filled("a: ", () => "&a ") },
  { what: "directives", text: filled("", () => "%a\n") },
  { what: "maps of nothing", text: filled("a: [", () => "{,},", "]\n") },
  { what: "members without commas", text: filled("a: [", () => "'b' c\n", "]\n") },
  { what: "texts behind texts", text: filled("", () => "a: 'b' c\n") },
  { what: "a block text", text: filled("a: |\n", () => "  x\n", wrong) },
  { what: "commas", text: filled("a: [", () => ",", "]") },
  { what: "braces", text: filled("a: ", () => "}") },
  { what: "a long line of mistakes", text: filled(`${head}flow: [`, () => "{ sned: x },", "]\n") },
  { what: "a long key", text: `${"k".repeat(1_000_000)}: 1\n` },
  { what: "a long wrong value", text: `config: { target: "${"x".repeat(1_000_000)}" }\n` },
  {
    what: "a long line of controls",
    text: `config: { target: "${"\u202e".repeat(1_000_000)}" }\n`,
  },
  {
    what: "steps that are not known",
    text: filled(`${head}flow:\n`, (i) => `  - sen${i.toString(36)}: x\n`),
  },
  { what: "steps that are texts", text: filled(`${head}flow:\n`, () => "  - x\n") },
  {
    what: "loops within loops",
    text: `${head}flow: ${"[{ loop: { count: 2, flow: ".repeat(90)}x${" } }]".repeat(90)}\n`,
  },
  {
    what: "loops and choices within each other",
    text: `${head}flow: ${"[{ choose: [{ weight: 1, flow: [{ loop: { count: 2, flow: ".repeat(20)}x${" } }] }] }]".repeat(20)}\n`,
  },
  {
    what: "steps that are all right, but for one",
    text: filled(`${head}flow:\n`, () => "  - send: x\n", "  - sned: x\n"),
  },
  { what: "durations", text: filled(`${head}flow:\n`, () => "  - listen: 5parsecs\n") },
  {
    what: "a duration of many digits",
    text: `${head}flow:\n  - listen: ${"1".repeat(900_000)}s-\n`,
  },
  {
    what: "a rate of many digits",
    text: `${head}flow:\n  - every: { rate: "${"1".repeat(900_000)}/x", for: 1s, send: x }\n`,
  },
  {
    what: "stages",
    text: filled(
      "config:\n  target: ws://127.0.0.1:1/\n  load:\n    stages:\n",
      () => "      - { duration: 1s }\n",
    ),
  },
  {
    what: "stages that are all right",
    text: `config:\n  target: ws://127.0.0.1:1/\n  load:\n    stages: [${"{duration: 1,connections: 1},".repeat(12_000)}]\n${wrong}flow: [{ send: x }]\n`,
  },
  {
    what: "stages in short, a hundred thousand",
    text: `config:\n  load:\n    stages: [${"{},".repeat(100_000)}]\n`,
  },
  {
    what: "targets",
    text: filled(
      "config:\n  target:\n",
      (i) => `    - ws://h${i}/\n`,
      `flow: [{ send: x }]\n${wrong}`,
    ),
  },
  {
    what: "huge weights",
    text: `${head}scenarios:\n${many(900, (i) => `  - { name: s${i}, weight: ${1_000_000_000 - i}, flow: [{ send: "{{ x }}" }] }\n`)}`,
  },
  {
    what: "a huge population",
    text: `config:\n  target: ws://127.0.0.1:1/\n  load: { stages: [{ duration: 100000h, connections: 999999999999 }] }\n${wrong}flow: [{ send: x }]\n`,
  },
  {
    what: "huge arrivals",
    text: `config:\n  target: ws://127.0.0.1:1/\n  load: { stages: [{ duration: 20h, arrivalRate: 9999999/s, rampTo: 1/s }] }\n${wrong}flow: [{ send: x }]\n`,
  },
  {
    what: "arrivals of users that are unique",
    text: `config:\n  target: ws://127.0.0.1:1/\n  load: { stages: [${"{duration: 1s,arrivalRate: 999/s},".repeat(5000)}] }\n  data: { users: { path: users.csv, order: unique } }\nflow: [{ send: "{{ users.name }}" }]\n`,
    beside: { "users.csv": "name\nann\n" },
  },
  {
    what: "thresholds on what is not there",
    text: filled(
      `${head}  thresholds:\n`,
      (i) => `    ws_msg_rt${i}: ["p(99)<1"]\n`,
      "flow: [{ send: x }]\n",
    ),
  },
  {
    what: "thresholds on steps that are not there",
    text: `${head}  thresholds:\n${many(9000, (i) => `    "checks{step:s${i}}": ["rate>0"]\n`)}flow:\n${many(9000, (i) => `  - { name: step${i}, send: x }\n`)}`,
  },
  {
    what: "a threshold of many digits",
    text: `${head}  thresholds: { ws_connecting: "p(${"9".repeat(900_000)})<1" }\nflow: [{ send: x }]\n`,
  },
  {
    what: "a threshold with many tags",
    text: `${head}  thresholds: { "ws_connecting{${"scenario:a,".repeat(80_000)}}": "p(99)<1" }\nflow: [{ send: x }]\n`,
  },
  { what: "braces of templates", text: `${head}flow:\n  - send: "${"{{".repeat(450_000)}"\n` },
  {
    what: "holes of nobody in one text",
    text: filled(`${head}flow:\n  - send: "`, (i) => `{{ n${i} }}`, '"\n'),
  },
  { what: "a hole of spaces", text: `${head}flow:\n  - send: "{{${" ".repeat(900_000)}x y }}"\n` },
  {
    what: "a huge random text",
    text: `${head}flow:\n  - send: "{{ $randomString(99999999999) }}{{ x }}"\n`,
  },
  {
    what: "a choice of many",
    text: `${head}flow:\n  - send: "{{ $pick(${"a,".repeat(400_000)}) }}{{ x }}"\n`,
  },
  {
    what: "a deep message",
    text: `${head}flow:\n  - send: { json: ${"[".repeat(90)}"{{ x }}"${"]".repeat(90)} }\n`,
  },
  {
    what: "a wide message",
    text: filled(`${head}flow:\n  - send: { json: [`, () => '"{{ x }}",', "] }\n"),
  },
  {
    what: "a deep path",
    text: `${head}flow:\n  - send: x\n    expect: { json: "$${".a".repeat(400_000)}[", exists: true }\n`,
  },
  {
    what: "a path of filters",
    text: `${head}flow:\n  - send: x\n    expect: { json: "$${"[?@.a".repeat(150_000)}", exists: true }\n`,
  },
  {
    what: "a path of denials",
    text: `${head}flow:\n  - send: x\n    expect: { json: "$[?${"!".repeat(400_000)}@.a]", exists: true }\n`,
  },
  {
    what: "paths that are all right",
    text: filled(
      `${head}${wrong}flow:\n`,
      (i) => `  - wait: { json: "$.a[?@.b == ${i}]..c", exists: true, within: 1s }\n`,
    ),
  },
  {
    what: "messages in turn",
    text: filled(`${head}flow:\n  - loop: { over: 1s, send: [`, () => "{text: 1},", "] }\n"),
  },
  {
    what: "paths without filters",
    text: `${head}${wrong}flow:\n${many(4990, (i) => `  - wait: { json: "$.a.b.n${i}", exists: true, within: 1s }\n`)}`,
  },
  {
    what: "thousands of steps that are all right",
    text: `${head}${wrong}flow:\n${many(1400, () => "  - send: { json: { op: sub, id: 12 } }\n    expect: { json: $.ok, equals: true, within: 2s }\n")}`,
  },
  {
    what: "wrong paths",
    text: filled(`${head}flow:\n`, () => '  - wait: { json: "$.[", exists: true, within: 1s }\n'),
  },
  {
    what: "patterns within patterns",
    text: `${head}flow:\n  - wait: { matches: "${"(".repeat(400_000)}", within: 1s }\n`,
  },
  {
    what: "a pattern of stars",
    text: `${head}flow:\n  - wait: { matches: "${"(a*)*".repeat(150_000)}(", within: 1s }\n`,
  },
  {
    what: "a pattern of repeats",
    text: `${head}flow:\n  - wait: { matches: "${"(".repeat(20)}a${"{1000})".repeat(20)}", within: 1s }\n`,
  },
  {
    what: "patterns of repeats",
    text: filled(
      `${head}${wrong}flow:\n`,
      () => '  - wait: { matches: "((a{10}){10}){10}", within: 1s }\n',
    ),
  },
  {
    what: "a pattern of many repeats",
    text: `${head}${wrong}flow:\n  - wait: { matches: "${"a{1000}".repeat(580)}", within: 1s }\n`,
  },
  {
    what: "a path with a pattern of many repeats",
    text: `${head}${wrong}flow:\n  - wait: { json: "$[?search(@.a, '${"a{1000}".repeat(280)}')]", within: 1s }\n`,
  },
  {
    what: "patterns of stars",
    text: filled(
      `${head}${wrong}flow:\n`,
      () => `  - wait: { matches: "${"(a*)*".repeat(800)}", within: 1s }\n`,
    ),
  },
  {
    what: "patterns that are all right",
    text: filled(
      `${head}${wrong}flow:\n`,
      (i) => `  - wait: { matches: "^done ${i}$", within: 1s }\n`,
    ),
  },
  {
    what: "a pattern of classes without case",
    text: `${head}${wrong}flow:\n  - wait: { matches: "(?i)${"[^\\\\pL\\\\pN]".repeat(60_000)}", within: 1s }\n`,
  },
  {
    what: "a pattern with many groups",
    text: `${head}flow:\n  - wait: { matches: "${"(a)".repeat(300_000)}", within: 1s, capture: { matches: "(a)", group: 3, as: b } }\n`,
  },
  {
    what: "bytes in hexadecimal",
    text: `${head}flow:\n  - send: { binary: "hex:${"0g".repeat(450_000)}" }\n`,
  },
  { what: "a huge message", text: `${head}${wrong}flow:\n  - send: { size: 9007199254740991 }\n` },
  {
    what: "a huge loop",
    text: `${head}${wrong}flow:\n  - loop: { count: 9007199254740991, flow: [{ loop: { count: 9007199254740991, flow: [{ set: { a: b } }] } }] }\n`,
  },
  {
    what: "a long header",
    text: `${head}  connection: { headers: { authorization: "Bearer ${"a ".repeat(450_000)}{{ x }}" } }\nflow: [{ send: x }]\n`,
  },
  {
    what: "files that are not there",
    text: filled(`${head}flow:\n`, (i) => `  - send: { binary: "@f${i}" }\n`),
  },
  {
    what: "feeders of one file",
    text: `${head}${wrong}  data:\n${many(900, (i) => `    d${i}: users.csv\n`)}flow: [{ send: x }]\n`,
    beside: { "users.csv": `name\n${"a\n".repeat(50_000)}` },
  },
  {
    what: "a CSV file of columns",
    text: withData("sequence"),
    beside: { "users.csv": `${many(100_000, (i) => `c${i},`)}z\n1\n` },
  },
  {
    what: "a CSV file of columns without a name",
    text: withData("sequence"),
    beside: { "users.csv": `${",".repeat(1_000_000)}\n` },
  },
  {
    what: "a CSV file without an end of a line",
    text: withData("sequence"),
    beside: { "users.csv": "a".repeat(8_000_000) },
  },
  {
    what: "a CSV file of empty lines",
    text: withData("sequence"),
    beside: { "users.csv": `name\n${"\n".repeat(4_000_000)}` },
  },
  {
    what: "a JSON array within arrays",
    text: withData("sequence").replace("users.csv", "users.json"),
    beside: { "users.json": "[".repeat(4_000_000) },
  },
  {
    what: "lines of JSON without an end",
    text: withData("sequence").replace("users.csv", "users.jsonl"),
    beside: { "users.jsonl": `{"a":"${"x".repeat(8_000_000)}` },
  },
  {
    what: "steps that are never reached",
    text: filled(`${head}flow:\n  - close: 1000\n`, () => "  - send: x\n"),
  },
  {
    what: "names that are set, and used before",
    text: `${head}flow:\n${many(9000, (i) => `  - send: "{{ v${i} }}"\n`)}${many(9000, (i) => `  - set: { v${i}: a }\n`)}`,
  },
  {
    what: "keys that look like secrets",
    text: filled("config:\n  connection:\n    headers: [", () => "token: x "),
  },
  { what: "addresses that look like secrets", text: filled('a: ["', () => "//a?token=", "\n") },
  { what: "words of schemes", text: filled("a: [", () => "bearer ", "\n") },
  { what: "lone surrogates", text: filled('a: "', () => "\ud800") },
];

/** With as much as is read of those that can go on without end. */
export const slowFiles: readonly SlowFile[] = makings.map(({ what, text, beside = {} }) => {
  return { what, text: typeof text === "string" ? text : textOf(text, 99_500), beside };
});
