/** Owns how a secret is written when it is passed on: in JSON, in a URL, in base64. */

/** Of base64, what is shorter is found by chance. */
const shortestBase64 = 8;

function percentEncoded(value: string): string[] {
  // Half a character cannot be encoded; it stands for itself.
  if (/\p{Surrogate}/u.test(value)) return [];
  const encoded = encodeURIComponent(value);
  const form = new URLSearchParams([["", value]]).toString().slice(1);
  const lower = (text: string): string =>
    text.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
  return [encoded, lower(encoded), form, lower(form), encodeURI(value)];
}

function jsonEscaped(value: string): string[] {
  const once = JSON.stringify(value).slice(1, -1);
  const ascii = once.replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return [
    once,
    ascii,
    once.replaceAll("/", "\\/"),
    // JSON within a string of JSON.
    JSON.stringify(once).slice(1, -1),
  ];
}

/**
 * What base64 makes of the bytes wherever they stand: of three bytes it makes four characters, so that
 * there are three ways to be in step. Characters that hold bits of a neighbour are left out.
 */
function base64(bytes: Buffer): string[] {
  const forms: string[] = [];
  for (const before of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const from = before === 0 ? 0 : before + 1;
    const whole = Math.floor(((before + bytes.length) * 8) / 6);
    const middle = text.slice(from, whole);
    if (middle.length < shortestBase64) continue;
    forms.push(middle, middle.replaceAll("+", "-").replaceAll("/", "_"));
  }
  return forms;
}

/** The value in all its spellings, itself among them, none twice. */
export function formsOf(value: string): Set<string> {
  const bytes = Buffer.from(value, "utf8");
  const forms = new Set([
    value,
    ...jsonEscaped(value),
    ...percentEncoded(value),
    ...base64(bytes),
    // UTF-8 that is taken for one character a byte, and the other way round.
    bytes.toString("latin1"),
  ]);
  if (/[\u0080-\u00ff]/.test(value) && !/[^\0-\u00ff]/.test(value)) {
    forms.add(Buffer.from(value, "latin1").toString("utf8"));
  }
  return forms;
}
