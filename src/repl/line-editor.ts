/** Owns the editing of a line: its text, its cursor, and what was cut from it last. */

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** No character that people see is made of more units. */
const longestCharacter = 40;

const isWord = /[\p{L}\p{N}_]/u;

/** One line, which may have line breaks in it. */
export class LineEditor {
  text = "";
  /** In UTF-16 units. */
  cursor = 0;
  #cut = "";

  /** Puts another text in place of all, the cursor at its end. */
  set(text: string, cursor = text.length): void {
    this.text = text;
    this.cursor = cursor;
  }

  insert(text: string): void {
    this.replace(this.cursor, this.cursor, text);
  }

  /** Puts `text` in place of what lies between, the cursor behind it. */
  replace(from: number, to: number, text: string): void {
    this.text = this.text.slice(0, from) + text + this.text.slice(to);
    this.cursor = from + text.length;
  }

  left(): void {
    this.cursor = this.#before();
  }

  right(): void {
    this.cursor = this.#after();
  }

  home(): void {
    this.cursor = this.#lineStart();
  }

  end(): void {
    this.cursor = this.#lineEnd();
  }

  wordLeft(): void {
    this.cursor = this.#wordStart();
  }

  wordRight(): void {
    this.cursor = this.#wordEnd();
  }

  backspace(): void {
    this.replace(this.#before(), this.cursor, "");
  }

  deleteRight(): void {
    const from = this.cursor;
    this.replace(from, this.#after(), "");
  }

  cutToStart(): void {
    this.#take(this.#lineStart(), this.cursor);
  }

  cutToEnd(): void {
    this.#take(this.cursor, this.#lineEnd());
  }

  cutWordLeft(): void {
    this.#take(this.#wordStart(), this.cursor);
  }

  cutWordRight(): void {
    this.#take(this.cursor, this.#wordEnd());
  }

  /** Puts in what was cut last. */
  yank(): void {
    this.insert(this.#cut);
  }

  /** Swaps the character before the cursor with the one under it. */
  transpose(): void {
    if (this.cursor === this.text.length) this.left();
    const [from, here, to] = [this.#before(), this.cursor, this.#after()];
    if (from === here) return;
    this.replace(from, to, this.text.slice(here, to) + this.text.slice(from, here));
  }

  /** Moves a line up or down; false when there is none. */
  vertical(by: -1 | 1): boolean {
    const start = this.#lineStart();
    const column = this.cursor - start;
    if (by < 0) {
      if (start === 0) return false;
      const above = this.text.lastIndexOf("\n", start - 2) + 1;
      this.cursor = Math.min(above + column, start - 1);
      return true;
    }
    const end = this.#lineEnd();
    if (end === this.text.length) return false;
    this.cursor = end + 1;
    this.cursor = Math.min(this.cursor + column, this.#lineEnd());
    return true;
  }

  #take(from: number, to: number): void {
    if (from === to) return;
    this.#cut = this.text.slice(from, to);
    this.replace(from, to, "");
  }

  #before(): number {
    const from = Math.max(0, this.cursor - longestCharacter);
    let last = from;
    for (const { index } of segmenter.segment(this.text.slice(from, this.cursor))) {
      last = from + index;
    }
    return last;
  }

  #after(): number {
    const near = this.text.slice(this.cursor, this.cursor + longestCharacter);
    for (const { segment } of segmenter.segment(near)) return this.cursor + segment.length;
    return this.cursor;
  }

  #lineStart(): number {
    return this.cursor === 0 ? 0 : this.text.lastIndexOf("\n", this.cursor - 1) + 1;
  }

  #lineEnd(): number {
    const end = this.text.indexOf("\n", this.cursor);
    return end < 0 ? this.text.length : end;
  }

  #wordStart(): number {
    let at = this.cursor;
    while (at > 0 && !isWord.test(this.text[at - 1]!)) at--;
    while (at > 0 && isWord.test(this.text[at - 1]!)) at--;
    return at;
  }

  #wordEnd(): number {
    let at = this.cursor;
    while (at < this.text.length && !isWord.test(this.text[at]!)) at++;
    while (at < this.text.length && isWord.test(this.text[at]!)) at++;
    return at;
  }
}
