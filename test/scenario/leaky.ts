/**
 * Owns malformed scenarios with a secret, `s3cret…`, where it is hard to tell that it is one; the sign
 * ¦ stands before the mistake.
 */

const head = "config:\n  target: ws://127.0.0.1:1/\n";
const load = "  load: { connections: 10, duration: 1m }\n";
const flow = "flow: [{ send: hello }]\n";
const headers = (lines: string): string => `${head}  connection:\n    headers:\n${lines}\n`;
const variables = (lines: string): string => `${head}  variables:\n${lines}\n`;
const sound = (lines: string): string =>
  `${head}${load}  connection:\n    headers:${lines}\n${flow}`;

const noList = /list of lines; it is a string$/m;

/** What is malformed, the text with the sign, and what is said of it. */
export const leaky: readonly (readonly [string, string, RegExp])[] = [
  // Files that can be read
  ["a header without its colon", sound('\n      ¦authorization "Bearer s3cretA"'), noList],
  ["a header with = for its colon", sound("\n      ¦authorization = s3cretB"), noList],
  ["a header as a list", sound("\n      - ¦[authorization, s3cretC]"), /it is a list/],
  [
    "a header as name and value",
    sound("\n      - ¦{ name: authorization, value: s3cretD }"),
    /it is a map/,
  ],
  [
    "a cookie for all cookies",
    `${head}${load}  connection: { cookies: ¦sid=s3cretE }\n${flow}`,
    /it is a string/,
  ],
  [
    "a header without its colon, in braces",
    `${head}${load}  connection: { headers: { ¦authorization Bearer s3cretX } }\n${flow}`,
    /^authorization …: this cannot be the name of a header/,
  ],
  [
    "a cookie without its colon, in braces",
    `${head}${load}  connection: { cookies: { ¦sid=s3cretY } }\n${flow}`,
    /^sid …: this cannot be/,
  ],
  [
    "a key with its value, where no such key is",
    `${head}${load}  ¦token s3cretZ:\n${flow}`,
    /config has no key "token …"/,
  ],
  [
    "a header under another name",
    `${head}${load}  connection: { ¦header: [authorization, s3cretZ] }\n${flow}`,
    /did you mean headers/,
  ],
  // Files that cannot
  ["a secret behind a tab", headers("      authorization:\n¦\t  Bearer s3cretF"), /tab/],
  [
    "a secret behind its text block",
    `${headers("      authorization: >\n        x\n      ¦Bearer s3cretG")}scenarios: []\n`,
    /no colon/,
  ],
  [
    "a secret behind a list",
    headers("      authorization:\n        - a\n       ¦Bearer s3cretH: x: y"),
    /another column/,
  ],
  ["a secret with a tail", variables('    password:\n      "s3cretI" ¦x'), /closing quote/],
  [
    "a secret in an open quote",
    `${variables('    password: &p\n      ¦"s3cretJ')}  load: 3\n`,
    /never closed/,
  ],
  ["a secret of an explicit key", variables('    ? password\n    : "s3cretK" ¦x'), /closing quote/],
  [
    "a secret on another line of a map",
    `${head}  variables: { password:\n     "s3cretL", x: ¦[1 }\n`,
    /never closed/,
  ],
  [
    "a secret that leaves its text block",
    `${variables("    password: |\n      line1\n     ¦s3cretM")}  b: c: d\n`,
    /another column/,
  ],
  ["a secret on the line of its text block", variables("    password: ¦| s3cretN"), /next line/],
  ["a secret of an escaped name", variables('    "pass\\u0077ord": s3cretO¦: x'), /colon/],
  [
    "a secret behind a dash",
    variables("    password: |\n      first: {{ x }}\n     ¦- s3cretP"),
    /dash/,
  ],
  [
    "a secret below its name",
    headers("      authorization:\n      ¦Bearer s3cretQ\n      x: y"),
    /no colon/,
  ],
  ["a secret in a list", headers('    - [authorization, "Bearer s3cretR" ¦x]'), /closing quote/],
  [
    "a secret beside its name",
    headers('      - { name: authorization, value: "s3cretS" ¦x }'),
    /closing quote/,
  ],
  [
    "a secret before its name",
    headers('      - { value: "s3cretT" ¦x, name: authorization }'),
    /closing quote/,
  ],
  [
    "a secret that goes on",
    headers("      cookie: sid=1\n       ¦session=s3cretU: x"),
    /indented more/,
  ],
  [
    "a secret that only its scheme tells",
    headers('      x-tenant: "Basic s3cretV" ¦x'),
    /closing quote/,
  ],
  [
    "a secret in brackets of several lines",
    variables('    password: ¦{\n  a: "s3cretW" x,\n    b: c }'),
    /never closed/,
  ],
];
