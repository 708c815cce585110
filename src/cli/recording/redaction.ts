/** Owns a recording that is read without its secrets. */
import { type OtherLine, type RecordingHeader } from "../../recording/line.js";
import { parseHeader, parseLine } from "../../recording/parse-line.js";
import { redactLine } from "../../recording/redact-line.js";
import type { Redactor } from "../../recording/redactor.js";
import { jsonOf } from "../../recording/write-line.js";
import type { SourceLine } from "./source.js";

/** What is read. */
interface Read {
  readonly header: RecordingHeader;
  readonly lines: AsyncIterable<SourceLine>;
}

/** What was hidden so far. */
export interface Hiding {
  readonly names: readonly string[];
  /** Lines that are not what they were. */
  readonly lines: number;
}

/**
 * The same without secrets. The first line is read for it, because the header says what was hidden.
 * @param redactor may know secrets already
 */
export async function withoutSecrets(
  { header, lines }: Read,
  redactor: Redactor,
): Promise<Read & { readonly hiding: Hiding }> {
  let changed = 0;
  const hidden = (one: SourceLine): SourceLine => {
    const raw = redactLine(one.raw, one.line, redactor);
    const above = one.above.map((comment) => redactor.text(comment));
    if (raw === one.raw) return { ...one, above };
    changed++;
    return { ...one, raw, line: parseLine(raw), above };
  };
  const url = redactor.url(header.url);
  const source = lines[Symbol.asyncIterator]();
  const first = await source.next();
  const begun = first.done === true ? undefined : hidden(first.value);
  const redacted = [...new Set([...header.redacted, ...redactor.names])];
  async function* rest(): AsyncGenerator<SourceLine, undefined> {
    try {
      if (begun) yield begun;
      for (;;) {
        const { done, value } = await source.next();
        if (done === true) return;
        yield hidden(value);
      }
    } finally {
      await source.return?.();
    }
  }
  return {
    header: hiddenHeader({ ...header, url, redacted }, redactor),
    lines: rest(),
    hiding: {
      get names() {
        return redactor.names;
      },
      get lines() {
        return changed;
      },
    },
  };
}

/** What later versions say in a header is looked at as in any line. */
function hiddenHeader(header: RecordingHeader, redactor: Redactor): RecordingHeader {
  const line: OtherLine = { ...header, t: 0, k: "header" };
  const { t: _t, k: _k, ...shown } = parseLine(redactLine(jsonOf(line), line, redactor));
  return parseHeader(jsonOf({ ...shown, startedAt: header.startedAt }));
}
