/** Owns what is told of secrets while they are taken out. */

/** Who is told. */
export interface Findings {
  /** What they were called: a header, a parameter. */
  name(name: string): void;
  /** What is to be hidden wherever else it stands. */
  secret(value: string): void;
}
