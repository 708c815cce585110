/**
 * Owns how people write quantities: counts (`10k`), durations (`250ms`), sizes (`64KiB`) and
 * rates (`200/s`). Parsing is strict; printing is for reading, not for parsing back.
 */
import { WsctlError } from "./errors.js";

const numberAndUnit = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-zA-Zµ]*)$/;

const countUnits: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6, K: 1e3, M: 1e6 };

const durationUnits: Readonly<Record<string, number>> = {
  us: 0.001,
  µs: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
};

const sizeUnits: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

function refuse(text: string, expected: string, example: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", `"${text}" is not ${expected}`, {
    hint: `write it like ${example}`,
  });
}

function parse(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = numberAndUnit.exec(text.trim());
  if (!match) return undefined;
  const factor = Object.hasOwn(units, match[2]!) ? units[match[2]!] : undefined;
  return factor === undefined ? undefined : Number(match[1]) * factor;
}

/**
 * A whole number such as `500`, `10k` or `1m`.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseCount(text: string): number {
  const value = parse(text, countUnits);
  if (value === undefined || !Number.isSafeInteger(Math.round(value * 1e6) / 1e6)) {
    const what = /^\s*-/.test(text) ? "a number from 0 on" : "a whole number";
    throw refuse(text, what, "500, 10k or 1m");
  }
  return Math.round(value);
}

/** Parts of a duration: whole numbers with their units, and a last one that may be a fraction. */
const compound = /^(?:\d{1,15}[a-zµ]{1,3}\s*)*(?:\d+(?:\.\d+)?|\.\d+)\s*[a-zµ]{1,3}$/i;
const part = /(\d*\.?\d+)\s*([a-zµ]+)/gi;

/**
 * A duration such as `250ms`, `30s`, `1m30s` or `1h`, in milliseconds; of several parts each has a
 * smaller unit than the one before. A unit is required, because tools disagree about what a bare
 * number means; only `0` stands alone.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseDuration(text: string): number {
  const trimmed = text.trim();
  if (trimmed === "0") return 0;
  const value = compound.test(trimmed) ? sumOfParts(trimmed) : undefined;
  if (value !== undefined) return value;
  const isBare = /^(?:\d+(?:\.\d+)?|\.\d+)$/.test(trimmed);
  const example = isBare
    ? `${trimmed}s for seconds, ${trimmed}ms for milliseconds`
    : "250ms, 30s, 1m30s or 1h";
  throw refuse(text, "a duration", example);
}

function sumOfParts(text: string): number | undefined {
  let sum = 0;
  let last = Infinity;
  for (const [, amount, unit = ""] of text.matchAll(part)) {
    const factor = Object.hasOwn(durationUnits, unit) ? durationUnits[unit]! : Infinity;
    if (factor >= last) return undefined;
    sum += Number(amount) * factor;
    last = factor;
  }
  return Number.isFinite(sum) ? sum : undefined;
}

/**
 * A size such as `512`, `64KiB` or `1MB`, in bytes. KB is 1000, KiB is 1024.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseSize(text: string): number {
  const match = numberAndUnit.exec(text.trim());
  const value = match ? parse(`${match[1]}${match[2]!.toLowerCase()}`, sizeUnits) : undefined;
  if (value === undefined || !Number.isSafeInteger(value)) {
    throw refuse(text, "a size", "512, 64KiB or 1MB");
  }
  return value;
}

/**
 * A rate such as `200`, `200/s`, `1.5k/s`, `30/m`, in events per second.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseRate(text: string): number {
  const [amount = "", per = "s", ...rest] = text.split("/");
  const value = parse(amount, countUnits);
  const unit = Object.hasOwn(durationUnits, per.trim()) ? durationUnits[per.trim()] : undefined;
  if (value === undefined || unit === undefined || rest.length > 0) {
    throw refuse(text, "a rate", "200/s, 1.5k/s or 30/m");
  }
  return value / (unit / 1000);
}

/** A duration in milliseconds as people read it: `850 µs`, `12.3 ms`, `4.50 s`, `2m 05s`. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return "–";
  if (ms === 0) return "0 ms";
  if (ms < 1) return `${trim(ms * 1000)} µs`;
  if (ms < 1000) return `${trim(ms)} ms`;
  if (ms < 60_000) return `${trim(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}h ${String(m).padStart(2, "0")}m` : `${m}m ${String(s).padStart(2, "0")}s`;
}

/** A size in bytes as people read it: `512 B`, `64.0 KiB`, `1.25 MiB`. */
export function formatSize(bytes: number): string {
  if (!Number.isFinite(bytes)) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${Math.round(value)} B` : `${trim(value)} ${units[unit]}`;
}

/** A count with thin separators: `1 234 567`. */
export function formatCount(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = Math.abs(value) < 100 && !Number.isInteger(value) ? trim(value) : value.toFixed(0);
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, " ");
}

/** Three significant digits, without an exponent. */
function trim(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
