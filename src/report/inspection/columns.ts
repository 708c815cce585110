/** Owns columns of text, each as wide as it has to be and no row wider than the page. */

/** The text, cut off with an ellipsis where it is longer. */
export function clipped(text: string, width: number): string {
  if (text.length <= width) return text;
  const kept = text.slice(0, Math.max(0, width - 1));
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}

const gap = 2;

/** No column is made narrower. */
const least = 6;

/** The widest column gives way until all fit, or nothing is left to give. */
function fitted(widths: readonly number[], page: number): number[] {
  const fits = widths.map((width) => Math.min(width, page));
  let excess = fits.reduce((total, width) => total + width, 0) + gap * (fits.length - 1) - page;
  for (; excess > 0; excess--) {
    const widest = Math.max(0, ...fits);
    if (widest <= least) break;
    fits[fits.indexOf(widest)] = widest - 1;
  }
  return fits;
}

/**
 * Rows as lines, all to the left.
 * @param width of the page
 * @param paint colours a cell once it has its width
 */
export function columns(
  rows: readonly (readonly string[])[],
  width: number,
  paint: (cell: string, row: number, column: number) => string = (cell) => cell,
): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = fitted(
    Array.from({ length: count }, (_, column) =>
      Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)),
    ),
    width,
  );
  return rows.map((row, index) =>
    row
      .map((cell, column) => {
        const shown = clipped(cell, widths[column]!);
        const isLast = column === row.length - 1;
        return paint(isLast ? shown : shown.padEnd(widths[column]!), index, column);
      })
      .join(" ".repeat(gap))
      .trimEnd(),
  );
}
