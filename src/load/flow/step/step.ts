/** Owns what a step is: one thing that users do, compiled once, shared by all who do it. */
import type { Incoming } from "../incoming.js";
import type { User } from "../user.js";

/**
 * What comes of a step: it waits, the next one follows, the user's cursor has been put elsewhere, or
 * this round of the flow has failed.
 */
export type Outcome = "wait" | "next" | "jump" | "fail";

/** Where a step stands. */
export interface Place {
  readonly scenario: string;
  /** The step's name. */
  readonly step: string;
}

/** One step. What it remembers of a user it keeps in the user's cursor. */
export abstract class Step {
  readonly place: Place;
  /** Whether it wants to see messages. */
  readonly listens: boolean = false;
  /** Whether it has messages that are due whether or not there is a connection. */
  readonly owes: boolean = false;

  constructor(place: Place) {
    this.place = place;
  }

  /** A user has reached it. */
  abstract begin(user: User, now: number): Outcome;

  /** Its time has come, or the connection can be written to again. */
  look(_user: User, _now: number): Outcome {
    return "wait";
  }

  /** A message came. */
  message(_user: User, _incoming: Incoming, _now: number): Outcome {
    return "wait";
  }

  /** A request sent during this visit has its reply. */
  answered(_user: User, _incoming: Incoming, _now: number): Outcome {
    return "wait";
  }

  /** A request sent during this visit will have no reply in time. */
  unanswered(_user: User, _now: number): Outcome {
    return "wait";
  }

  /** The pong of its ping came. */
  pong(_user: User, _now: number): Outcome {
    return "wait";
  }

  /** The connection is lost; another one may follow. */
  lost(_user: User, _now: number): Outcome {
    return "wait";
  }

  /** Nothing more of it is played, though neither its user's life is over nor its own time. */
  abandoned(_user: User, _now: number): void {
    // Most steps owe nothing.
  }

  /** Another connection is there, after a time without any. */
  back(_user: User, _now: number): void {
    // Most steps have nothing to make up for.
  }

  /** Whether it waits for a message that only the present connection can bring. */
  awaits(_user: User): boolean {
    return false;
  }

  /** What it still awaits will not come: an expectation has failed. */
  undecided(_user: User, _why: string): void {
    // Most steps expect nothing.
  }

  /**
   * The user's time is over, or its connection lost for good: nothing more is sent.
   * @returns whether it waits for something that may still come
   */
  ending(user: User, _now: number): boolean {
    return this.awaits(user);
  }
}
