/** Owns one process of several that share a port: it serves, and answers what its parent asks. */
import { messageOf, WsctlError } from "../../base/errors.js";
import type { Controlled } from "../../serve/controlled.js";
import { serve } from "../../serve/server.js";
import type { Host } from "../host.js";
import { EventRelay } from "./serve-event-relay.js";
import type { FromChild, ToChild, Trouble } from "./serve-messages.js";
import type { ServeFlags } from "./serve-options.js";
import { setUp } from "./serve-setup.js";

/** Serves until the parent says that it is over. */
export async function runServeChild(host: Host, name: string, flags: ServeFlags): Promise<void> {
  // Ctrl-C reaches the whole process group, but it is the parent who decides when to stop.
  const undo = host.onSignal(() => {});
  try {
    await obey(host, name, flags);
  } catch (error) {
    await said({ type: "failed", trouble: troubleOf(error) });
  } finally {
    undo();
  }
}

async function obey(host: Host, name: string, flags: ServeFlags): Promise<void> {
  const begin = await new Promise<Extract<ToChild, { type: "begin" }>>((resolve) => {
    const listen = (message: ToChild): void => {
      if (message.type !== "begin") return;
      process.off("message", listen);
      resolve(message);
    };
    process.on("message", listen);
    void said({ type: "ready" });
  });
  const { place, seed, tls } = begin;
  const watcher = new EventRelay(Number(flags.verbose), (event) => said({ type: "event", event }));
  const { options } = await setUp(host, { name, flags, seed, tls }, watcher, { place });
  const server = await serve(options);
  const over = new Promise<void>((resolve) => {
    process.on("message", (message: ToChild) => {
      if (message.type === "close") resolve();
      if (message.type === "ask") void reply(server.controlled, message);
    });
  });
  await said({ type: "listening", url: server.url });
  await over;
  await server.close();
  await said({ type: "closed", stats: await server.controlled.stats() });
}

async function reply(
  server: Controlled,
  { id, question, args }: Extract<ToChild, { type: "ask" }>,
): Promise<void> {
  try {
    // The parent's own types guarantee that the arguments belong to the question.
    const ask = server[question] as (...given: readonly unknown[]) => Promise<unknown>;
    await said({ type: "answer", id, value: await ask.apply(server, [...args]) });
  } catch (error) {
    await said({ type: "refusal", id, trouble: troubleOf(error) });
  }
}

function said(message: FromChild): Promise<void> {
  return new Promise((resolve) => {
    // Without a parent nobody hears; Node ends a child that lost it.
    if (!process.connected || !process.send) resolve();
    else process.send(message, undefined, {}, () => resolve());
  });
}

function troubleOf(error: unknown): Trouble {
  const known = error instanceof WsctlError ? error : undefined;
  return { code: known?.code, message: messageOf(error), hint: known?.hint };
}
