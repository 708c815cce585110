/** Owns how recorded text stands in a template: what looks like a hole is none, and holes are put beside it. */

/** A piece of a template: text as it was recorded, or a hole with its braces. */
export type Piece = string | { readonly hole: string };

/** A hole of nothing: beside it, what would keep its type in JSON becomes text. */
export const emptyHole = '{{ "" }}';

/** Recorded text as a template that renders to it. */
export function literal(text: string): string {
  return text.replaceAll("{{", "\\{{");
}

/** The pieces as one template. */
export function joined(pieces: readonly Piece[]): string {
  let template = "";
  for (const [index, piece] of pieces.entries()) {
    if (typeof piece !== "string") {
      template += piece.hole;
      continue;
    }
    // Right before a hole, these two would be taken for a part of it.
    const [run = ""] = typeof pieces[index + 1] === "object" ? (/[\\{]+$/.exec(piece) ?? []) : [];
    template += literal(piece.slice(0, piece.length - run.length));
    if (run !== "") template += `{{ "${run.replaceAll("\\", "\\\\")}" }}`;
  }
  return template;
}

/** The text with a hole wherever `mark` stands in it. */
export function holesFor(mark: string, hole: string, text: string): Piece[] {
  return text
    .split(mark)
    .flatMap((part, at): Piece[] => (at > 0 ? [{ hole }, part] : [part]))
    .filter((piece) => piece !== "");
}
