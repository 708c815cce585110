/**
 * Owns the delivery account: what became of numbered messages, by who sent them and who was to hear
 * them, as plain data of bounded size; and how those of several workers become one.
 */

/** What became of messages on their way. */
export interface DeliveryFates {
  /** Those that came, copies not counted. */
  readonly delivered: number;
  /** Those that never came. */
  readonly lost: number;
  /** Those of the lost that fell into the gap of a reconnect. */
  readonly missed: number;
  readonly duplicate: number;
  readonly reordered: number;
  /** Damaged stamps; whose they were is not known, so that only receivers have any. */
  readonly corrupt: number;
}

/** A sender, or a receiver. */
export interface DeliveryRow extends DeliveryFates {
  /** `user 17 (chat)`, or the name that messages give their sender. Text of the other side: unsafe. */
  readonly who: string;
}

/** What one sender's messages met on their way to one receiver. */
export interface DeliveryPair extends DeliveryFates {
  readonly from: string;
  readonly to: string;
}

/** The worst of many. */
export interface DeliveryGroup<Row> {
  /** How many there are. */
  readonly known: number;
  /** With how many of them anything is amiss. */
  readonly amiss: number;
  /** Of these the worst, most lost first; bounded. */
  readonly worst: readonly Row[];
}

/** One thing that was amiss. */
export interface DeliveryExample {
  readonly what: "lost" | "duplicate" | "reordered" | "corrupt";
  /** Undefined of what is damaged: nobody can tell. */
  readonly from: string | undefined;
  readonly to: string;
  /** The numbers: the same twice of a single message; undefined of what is damaged. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** How many messages. */
  readonly count: number;
  /** When it was noticed, in ms after the start of traffic. */
  readonly at: number;
  /** Whether its receiver was connected all the while, or had lost its connection before. */
  readonly where: "connected" | "reconnect";
}

/** What became of numbered messages over a run. */
export interface DeliveryAccount {
  /** By what messages are known: stamps of our own, or the numbers that the service gives them. */
  readonly by: "stamp" | "sequence";
  readonly senders: DeliveryGroup<DeliveryRow>;
  readonly receivers: DeliveryGroup<DeliveryRow>;
  readonly pairs: DeliveryGroup<DeliveryPair>;
  /** The first of each kind, in the order in which they were noticed. */
  readonly examples: readonly DeliveryExample[];
  /** Messages of senders and receivers that were too many to be told apart. */
  readonly others: number;
}

/** The same of one worker. Senders are heard by several, so that each tells of all that it knows. */
export interface DeliveryPart extends Omit<DeliveryAccount, "senders"> {
  readonly senders: readonly DeliveryRow[];
}

/** So many are kept of each group, and so many examples of each kind. */
export const mostWorst = 20;
export const mostExamples = 5;

/** The order of what is worst: most lost, then most of anything else. */
function worseFirst(a: DeliveryFates, b: DeliveryFates): number {
  return b.lost - a.lost || amissOf(b) - amissOf(a);
}

/** How many messages met anything but being delivered once, whole and in order. */
export function amissOf({ lost, duplicate, reordered, corrupt }: DeliveryFates): number {
  return lost + duplicate + reordered + corrupt;
}

/** Puts the accounts of all workers together; undefined when none keeps one. */
export function mergeDeliveries(parts: readonly DeliveryPart[]): DeliveryAccount | undefined {
  const [first] = parts;
  if (!first) return undefined;
  const senders = new Map<string, DeliveryRow>();
  for (const row of parts.flatMap((part) => part.senders)) {
    const before = senders.get(row.who);
    senders.set(row.who, before ? added(before, row) : row);
  }
  const amiss = [...senders.values()].filter((row) => amissOf(row) > 0);
  return {
    by: first.by,
    senders: {
      known: senders.size,
      amiss: amiss.length,
      worst: worstOf(amiss),
    },
    // Each receiver belongs to one worker.
    receivers: joined(parts.map(({ receivers }) => receivers)),
    pairs: joined(parts.map(({ pairs }) => pairs)),
    examples: earliest(parts.flatMap(({ examples }) => examples)),
    others: parts.reduce((sum, { others }) => sum + others, 0),
  };
}

function added(a: DeliveryRow, b: DeliveryRow): DeliveryRow {
  return {
    who: a.who,
    delivered: a.delivered + b.delivered,
    lost: a.lost + b.lost,
    missed: a.missed + b.missed,
    duplicate: a.duplicate + b.duplicate,
    reordered: a.reordered + b.reordered,
    corrupt: a.corrupt + b.corrupt,
  };
}

function joined<Row extends DeliveryFates>(
  groups: readonly DeliveryGroup<Row>[],
): DeliveryGroup<Row> {
  return {
    known: groups.reduce((sum, { known }) => sum + known, 0),
    amiss: groups.reduce((sum, { amiss }) => sum + amiss, 0),
    worst: worstOf(groups.flatMap(({ worst }) => worst)),
  };
}

/** The worst of them, {@link mostWorst} at most. */
export function worstOf<Row extends DeliveryFates>(rows: readonly Row[]): Row[] {
  return rows.toSorted(worseFirst).slice(0, mostWorst);
}

/** The first few of each kind: of losses, those of reconnects are a kind of their own. */
function earliest(examples: readonly DeliveryExample[]): DeliveryExample[] {
  const kept = new Map<string, number>();
  return examples
    .toSorted((a, b) => a.at - b.at)
    .filter((example) => {
      const kind = exampleKind(example);
      const count = (kept.get(kind) ?? 0) + 1;
      kept.set(kind, count);
      return count <= mostExamples;
    });
}

/** What examples are counted by. */
export function exampleKind({ what, where }: Pick<DeliveryExample, "what" | "where">): string {
  return what === "lost" ? `lost ${where}` : what;
}
