/** Owns what the processes of one `wsctl serve` say to each other. */
import type { ErrorCode } from "../../base/errors.js";
import type { Certificate } from "../../serve/certificate.js";
import type { Controlled } from "../../serve/controlled.js";
import type { Stats } from "../../serve/counters.js";
import type { ServeEvent } from "../../serve/events.js";
import type { Place } from "./serve-setup.js";

/** Everything that can be asked of a child: the questions of the control port. */
export type Question = keyof Controlled;

/** An error as plain data. */
export interface Trouble {
  /** Absent for what is no WsctlError. */
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly hint: string | undefined;
}

/** From the parent. */
export type ToChild =
  | {
      readonly type: "begin";
      readonly place: Place;
      readonly seed: string;
      readonly tls: Certificate | undefined;
    }
  | {
      readonly type: "ask";
      readonly id: number;
      readonly question: Question;
      readonly args: readonly unknown[];
    }
  | { readonly type: "close" };

/** From a child. */
export type FromChild =
  | { readonly type: "ready" }
  | { readonly type: "listening"; readonly url: string }
  | { readonly type: "failed"; readonly trouble: Trouble }
  /** The last word: what was counted when everything was closed. */
  | { readonly type: "closed"; readonly stats: Stats | undefined }
  | { readonly type: "event"; readonly event: ServeEvent }
  | { readonly type: "answer"; readonly id: number; readonly value: unknown }
  | { readonly type: "refusal"; readonly id: number; readonly trouble: Trouble };
