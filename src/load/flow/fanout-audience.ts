/**
 * Owns who is to hear the broadcasts of a scenario, among a worker's users. With `all` and
 * `scenario:NAME` it is whoever has a connection; with `presence` and `observed` whoever has heard one
 * on that connection before, of anybody or of that very sender: who joined nothing is not missed.
 */
import type { PlanScenario } from "../../scenario/flow-plan.js";
import { Circle, circleBytes, circleName } from "./fanout-circle.js";

/** Senders have circles of their own, up to so many bytes in all. */
const mostBytes = 64 * 1024 ** 2;

const ofScenario = "scenario:";

/** The circles of one worker. */
export class Audiences {
  readonly #users: number;
  /** By the sending scenario's number: its audience; undefined where it has none. */
  readonly #audiences: readonly (string | undefined)[];
  /** By the same: its circle; undefined where every sender has one. */
  readonly #circles: readonly (Circle | undefined)[];
  /** By the same: whether hearing makes one a part of it. */
  readonly #grows: readonly boolean[];
  /** By the receiving scenario's number: what its users hear as soon as they are connected. */
  readonly #admitted: readonly (readonly Circle[])[];
  readonly #all = new Map<string, Circle>();
  readonly #ofSenders = new Map<number, Circle>();

  /** @param users of the worker */
  constructor(scenarios: readonly Pick<PlanScenario, "name" | "audience">[], users: number) {
    this.#users = users;
    this.#audiences = scenarios.map(({ audience }) => audience);
    this.#grows = this.#audiences.map((one) => one === "presence" || one === "observed");
    this.#circles = this.#audiences.map((one) =>
      one === undefined || one === "observed" ? undefined : this.#named(one),
    );
    this.#admitted = scenarios.map(({ name }) =>
      ["all", `${ofScenario}${name}`].flatMap((one) => this.#all.get(one) ?? []),
    );
  }

  /** Whether broadcasts of that scenario are followed. */
  has(scenario: number): boolean {
    return this.#audiences[scenario] !== undefined;
  }

  /** Whether who hears a broadcast of that scenario belongs to its audience from then on. */
  grows(scenario: number): boolean {
    return this.#grows[scenario]!;
  }

  /** Who hears a sender of that scenario; undefined while nobody is known to. */
  circle(scenario: number, sender: number): Circle | undefined {
    return this.#circles[scenario] ?? this.#ofSenders.get(sender);
  }

  /** The same, made if there is none yet; undefined when there is no room for another one. */
  circleFor(scenario: number, sender: number): Circle | undefined {
    const known = this.circle(scenario, sender);
    const bytes = circleBytes * this.#users;
    if (known || (this.#ofSenders.size + 1) * bytes > Math.max(mostBytes, bytes)) return known;
    const circle = this.#named(circleName("observed", sender));
    this.#ofSenders.set(sender, circle);
    return circle;
  }

  /** Somebody of that scenario has a connection. */
  opened(user: number, scenario: number, at: number): void {
    for (const circle of this.#admitted[scenario]!) circle.join(user, at);
  }

  /**
   * Somebody has none any more.
   * @param through nobody asks about that moment, or an earlier one, any more
   */
  ended(user: number, at: number, through: number): void {
    for (const circle of this.#all.values()) circle.leave(user, at, through);
  }

  /** All circles. */
  all(): Iterable<Circle> {
    return this.#all.values();
  }

  #named(name: string): Circle {
    let circle = this.#all.get(name);
    if (!circle) this.#all.set(name, (circle = new Circle(name, this.#users)));
    return circle;
  }
}
