/** Owns telling by its beginning what a file is that is no recording, and what can be made of it. */

/** Another kind of file. */
interface Foreign {
  /** Such as `it is a HAR`. */
  readonly what: string;
  readonly hint: string;
}

const har: Foreign = {
  what: "it is a HAR",
  hint: "`wsctl recording convert FILE -o chat.wsrec` makes a recording of it, `wsctl scenario from-har FILE` a scenario",
};

const packed: Foreign = {
  what: "it is packed with gzip",
  hint: "unpack it first: gunzip -k FILE",
};

/**
 * What begins so, where that is a kind of file that is often given in place of a recording.
 * @param start the first bytes
 */
export function foreignStart(start: Buffer): Foreign | undefined {
  if (start[0] === 0x1f && start[1] === 0x8b) return packed;
  // A zip archive, as Playwright makes them.
  if (start.toString("latin1", 0, 4) === "PK\u0003\u0004") return har;
  return /^\ufeff?\s*\{\s*"log"\s*:/.test(start.toString("utf8", 0, 200)) ? har : undefined;
}
