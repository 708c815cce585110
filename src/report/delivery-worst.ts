/** Owns telling who was worst off: senders, receivers and pairs in tables, and examples in words. */
import { formatCount, formatDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import {
  type DeliveryAccount,
  type DeliveryExample,
  type DeliveryFates,
  type DeliveryGroup,
  type DeliveryRow,
  exampleKind,
} from "../metrics/delivery.js";

/** A table: its first column names, the others are figures. */
interface WorstTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** So many characters of a name, or of a pair's two, are shown, be there room for more or not. */
const longestName = 80;
const shortestName = 20;

const arrow = " → ";

const columns: readonly (readonly [fate: keyof DeliveryFates, head: string])[] = [
  ["delivered", "delivered"],
  ["lost", "lost"],
  ["missed", "in a gap"],
  ["duplicate", "duplicate"],
  ["reordered", "reordered"],
  ["corrupt", "corrupt"],
];

/** With how many of whom something is amiss. */
export function worstInWords(account: DeliveryAccount): string[] {
  const { senders, receivers, pairs, others } = account;
  const of = ({ amiss, known }: DeliveryGroup<unknown>, what: string): string =>
    `${formatCount(amiss)} of ${formatCount(known)} ${what}${known === 1 ? "" : "s"}`;
  const all = isEcho(account)
    ? of(receivers, "user")
    : `${of(senders, "sender")}, ${of(receivers, "receiver")}, ${of(pairs, "pair")}`;
  return [
    `something is amiss with ${all}`,
    ...(others > 0
      ? [`${formatCount(others)} messages are of more senders or receivers than are told apart`]
      : []),
  ];
}

/** A row: what it is called, in so many characters, and its figures. */
interface Row {
  readonly called: (longest: number) => string;
  readonly fates: DeliveryFates;
}

/**
 * The worst of each kind; a kind of which there is only one is no different from the whole.
 * @param most rows of each
 * @param width columns that a table may take
 */
export function deliveryTables(
  account: DeliveryAccount,
  most: number,
  width: number,
): WorstTable[] {
  const { senders, receivers, pairs } = account;
  const parties = (rows: readonly DeliveryRow[]): Row[] =>
    rows.slice(0, most).map((row) => ({
      called: (longest) => safeLine(row.who, longest),
      fates: row,
    }));
  const ofReceivers = parties(receivers.worst);
  if (isEcho(account)) return tableOf("user", ofReceivers, receivers.known, width);
  const ofPairs = pairs.worst.slice(0, most).map((row): Row => {
    const half = (longest: number): number => Math.floor((longest - arrow.length) / 2);
    return {
      called: (longest) =>
        `${safeLine(row.from, half(longest))}${arrow}${safeLine(row.to, half(longest))}`,
      fates: row,
    };
  });
  return [
    ...tableOf("sender", parties(senders.worst), senders.known, width),
    ...tableOf("receiver", ofReceivers, receivers.known, width),
    ...tableOf("pair", ofPairs, Math.min(senders.known, receivers.known), width),
  ];
}

function tableOf(what: string, rows: readonly Row[], known: number, width: number): WorstTable[] {
  if (known < 2 || rows.length === 0) return [];
  const shown = columns.filter(
    ([fate]) =>
      fate === "delivered" || fate === "lost" || rows.some(({ fates }) => fates[fate] > 0),
  );
  const figures = rows.map(({ fates }) => shown.map(([fate]) => formatCount(fates[fate])));
  const taken = shown.map(([, head], column) => {
    return Math.max(head.length, ...figures.map((row) => row[column]!.length)) + 2;
  });
  const room = width - taken.reduce((sum, each) => sum + each, 0);
  const longest = Math.max(shortestName, Math.min(longestName, room));
  return [
    {
      head: [what, ...shown.map(([, head]) => head)],
      rows: rows.map(({ called }, index) => [called(longest), ...figures[index]!]),
    },
  ];
}

/** Whether everybody heard nothing but what came back of itself. */
function isEcho({ by, pairs, senders, receivers }: DeliveryAccount): boolean {
  if (by !== "stamp" || senders.known !== pairs.known || receivers.known < 1) return false;
  return pairs.worst.every(({ from, to }) => to.startsWith(`${from} (`));
}

/** The first things that were amiss, one line each: of every kind one before any has a second. */
export function examplesInWords({ examples }: DeliveryAccount, most: number): string[] {
  const seen = new Map<string, number>();
  const ranked = examples.map((example) => {
    const rank = (seen.get(exampleKind(example)) ?? 0) + 1;
    seen.set(exampleKind(example), rank);
    return { rank, example };
  });
  return ranked
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, most)
    .toSorted((a, b) => a.example.at - b.example.at)
    .map(({ example }) => `after ${formatDuration(example.at)} ${sentence(example)}`);
}

function sentence(example: DeliveryExample): string {
  const { what, first, last, count, where } = example;
  const from = safeLine(example.from ?? "", longestName);
  const to = safeLine(example.to, longestName);
  if (what === "corrupt") return `${to} got a damaged one`;
  const gap = where === "reconnect" ? ", in the gap of a reconnect" : ", while connected";
  if (what === "duplicate") return `${to} got number ${first} of ${from} twice`;
  if (what === "reordered") return `${to} got number ${first} of ${from} after a later one`;
  if (count === 1) return `${to} missed number ${first} of ${from}${gap}`;
  const isAll = first !== undefined && last !== undefined && last - first + 1 === count;
  const which = isAll
    ? `numbers ${first} to ${last}`
    : `${formatCount(count)} of ${first} to ${last}`;
  return `${to} missed ${which} of ${from}${gap}`;
}
