/**
 * Owns what a case comes to: a table of what was measured, and what was wanted beside what it is. It is
 * plain data, and the two ways to write it down: as text, and as it is.
 */

/**
 * Something that is wanted of a figure.
 * @typedef {object} Check
 * @property {string} what
 * @property {import("./statistics.js").Spread} measured
 * @property {number} [atLeast] the median is to be no less than that
 * @property {number} [atMost] or no more
 * @property {number} [aim] what would be even better
 * @property {string} [unit]
 */

/**
 * @typedef {object} Result
 * @property {string} name
 * @property {string} title
 * @property {string[]} columns
 * @property {string[][]} rows
 * @property {Check[]} checks
 * @property {string[]} notes what went wrong or was left out
 */

/** Whether a check holds; undefined where nothing is wanted or nothing was measured. */
export function holds({ measured, atLeast, atMost }) {
  if (Number.isNaN(measured.median)) return undefined;
  if (atLeast !== undefined) return measured.median >= atLeast;
  if (atMost !== undefined) return measured.median <= atMost;
  return undefined;
}

/** A figure with as many digits as it deserves. */
export function figure(value) {
  if (Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3);
}

/** A share, as per cent. */
export function percent(share) {
  return Number.isNaN(share) ? "–" : `${Math.round(share * 100)} %`;
}

/** Lowest to highest. */
export function range({ min, max }, write = figure) {
  return `${write(min)} to ${write(max)}`;
}

function checkText(check) {
  const { what, measured, atLeast, atMost, aim, unit = "" } = check;
  const value = `${figure(measured.median)}${unit}`;
  const spread = measured.rounds.length > 1 ? ` (${range(measured)})` : "";
  const ok = holds(check);
  const mark = ok === undefined ? " " : ok ? "✔" : "✘";
  const wanted =
    atLeast !== undefined
      ? `, wanted ≥ ${atLeast}${unit}`
      : atMost !== undefined
        ? `, wanted ≤ ${atMost}${unit}`
        : "";
  return `${mark} ${what}: ${value}${spread}${wanted}${aim === undefined ? "" : ` (aim ${aim})`}`;
}

function tableText(columns, rows) {
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...rows.map((row) => row[i].length)),
  );
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  return [line(columns), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`].concat(
    rows.map(line),
  );
}

/** A result as lines for people, which are Markdown at the same time. @param {Result} result */
export function resultText({ name, title, columns, rows, checks, notes }) {
  return [
    `## ${name}: ${title}`,
    "",
    ...(rows.length > 0 ? [...tableText(columns, rows), ""] : []),
    ...checks.map((check) => `- ${checkText(check)}`),
    ...notes.map((text) => `- ${text}`),
    "",
  ].join("\n");
}
