/** Owns `wsctl proxy`: the man in the middle on a terminal, or as a part of other programs. */
import { randomUUID } from "node:crypto";
import { safeLine } from "../../base/safe-text.js";
import { Random, seedOf } from "../../base/random.js";
import { parseMatchExpression } from "../../message/match-expression.js";
import type { Authority } from "../../proxy/authority.js";
import { ProxyBackends } from "../../proxy/backends.js";
import { openControlPort, ProxyControl } from "../../proxy/control.js";
import type { ProxyEvent, ProxyWatcher } from "../../proxy/events.js";
import { ProxyFaults } from "../../proxy/faults.js";
import { isLoopback } from "../../proxy/host-names.js";
import { type ProxyStats, startProxy } from "../../proxy/proxy.js";
import { RuleHand } from "../../proxy/rules-interference.js";
import { fingerprint } from "../../serve/certificate.js";
import { ExitCode } from "../exit-codes.js";
import type { Host, OutStream } from "../host.js";
import { inkFor } from "../ink.js";
import { Interrupt } from "../interrupt.js";
import type { Redactors } from "../proxy/hidden.js";
import { ProxyJsonView } from "../proxy/json-view.js";
import { letLeave } from "../proxy/leaving.js";
import { Troubles } from "../proxy/troubles.js";
import { ProxyTextView } from "../proxy/text-view.js";
import type { ProxyView } from "../proxy/view.js";
import { withAskedSecrets } from "../secret-prompt.js";
import { aborted, untilEnd } from "../until-end.js";
import { urlWarnings } from "../url-secrets.js";
import { authorityFor, caCommand } from "./proxy-ca.js";
import { type ProxyFlags, proxyOptions } from "./proxy-options.js";
import { forwards, planOf, rulesOf, targetsInWords } from "./proxy-setup.js";
import { faultList } from "./serve-faults.js";
import { faultsFor, givenCertificate } from "./serve-setup.js";

const usualPayload = 16 * 1024 * 1024;

/** The command; `exit` is told its exit code. */
export function proxyCommand(host: Host, exit: (code: number) => void) {
  return proxyOptions()
    .addCommand(caCommand(host, exit))
    .action(async (given) => {
      // Those that say how the server is reached are added one by one, which their types do not show.
      const flags = given as ProxyFlags;
      if (flags.listFaults) {
        host.stdout.write(faultList(flags.json === true, inkFor(host, host.stdout, flags.color)));
        exit(ExitCode.ok);
        return;
      }
      const view = viewOf(host, flags);
      const interrupt = new Interrupt(host, () => view.ending());
      try {
        exit(await run(host, flags, view, interrupt));
      } finally {
        interrupt.dispose();
      }
    });
}

function viewOf(host: Host, flags: ProxyFlags): ProxyView {
  const filter = flags.filter === undefined ? undefined : parseMatchExpression(flags.filter);
  return flags.json
    ? new ProxyJsonView(host, flags, filter)
    : new ProxyTextView(host, flags, filter);
}

async function run(
  host: Host,
  flags: ProxyFlags,
  view: ProxyView,
  interrupt: Interrupt,
): Promise<number> {
  const { seed = randomUUID(), maxPayload = usualPayload } = flags;
  const { redactors, ...plan } = planOf(host, await withAskedPassphrase(host, flags));
  const rules = rulesOf(host, flags, seed);
  const backends = new ProxyBackends(plan);
  const faults = new ProxyFaults(faultsFor(flags.fault ?? [], seed, { backends }), backends);
  const certificate = givenCertificate(flags);
  const authority = await authorityFor(host, flags);
  if (!flags.quiet) warn(host, flags);
  const hand = new RuleHand(rules);
  // Whoever has something hidden in the recording does not want it in the log of the terminal either.
  const watcher = new OpenWatch(view, redactors, flags.quiet ? host.stderr : undefined);
  const proxy = await startProxy({
    ...plan,
    host: flags.host,
    port: flags.port,
    tls: certificate ?? (flags.tls ? "authority" : undefined),
    authority,
    only: flags.only,
    maxPayload,
    forward: flags.forward,
    // A name that is not this machine's own leads here by mistake, or by malice (DNS rebinding).
    allowHosts: isLoopback(flags.host) ? (flags.allowHost ?? []) : undefined,
    watcher,
    interfere: flags.rule ? (facts) => hand.interfere(facts) : undefined,
    divert: (index, client, usual) => faults.divert(index, client, usual),
    onLink(link) {
      hand.meet(link);
      faults.meet(link);
    },
  });
  const random = new Random(seedOf(seed, "cut"));
  const controlled = new ProxyControl({ proxy, faults, rules, random });
  watcher.onOpen = () => controlled.opened();
  // Only recordings have to be brought to their end when nobody reads any more.
  const readerGone = new AbortController();
  const forget =
    flags.record === undefined ? () => {} : host.onReaderGone(() => readerGone.abort());
  let isLost = false;
  host.onOutputLost((error) => {
    if (isLost) return;
    isLost = true;
    const what = "what passes is not shown any more, and goes on passing";
    host.stderr.write(`error: cannot write the output: ${safeLine(error.message)}; ${what}\n`);
  });
  try {
    const port = await openControlPort(controlled, flags.controlPort);
    proxy.shun(Number(new URL(port.url).port));
    view.begin({
      url: proxy.url,
      forward: forwards(flags),
      control: port.url,
      token: port.token,
      seed,
      targets: targetsInWords(plan),
      record: flags.record,
      fingerprint: fingerprintOf(certificate?.cert, flags.tls ? authority : undefined),
    });
    await Promise.race([
      untilEnd(host, interrupt, flags.untilStdinEnds === true),
      fired(readerGone.signal),
    ]);
    await port.close();
  } finally {
    await Promise.race([proxy.close(), aborted(interrupt)]);
    faults.close();
  }
  const stats = proxy.stats();
  view.end(stats);
  await letLeave(host.stdout, interrupt.abort);
  forget();
  watcher.end(stats);
  return isLost || stats.recordingsInTrouble > 0 ? ExitCode.failed : ExitCode.ok;
}

function fired(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}

async function withAskedPassphrase(host: Host, flags: ProxyFlags): Promise<ProxyFlags> {
  if (flags.passphrase === undefined) return flags;
  // The others are no flags of a proxy, and are asked for nothing.
  const asking = { passphrase: flags.passphrase, timeout: flags.timeout, maxPayload: "" };
  const { passphrase } = await withAskedSecrets(asking, host);
  return { ...flags, passphrase };
}

/** Hears of connections that open, before the view does, which hears of no secrets. */
class OpenWatch implements ProxyWatcher {
  readonly messages: boolean;
  onOpen: () => void = () => {};
  readonly #view: ProxyView;
  readonly #redactors: Redactors | undefined;
  readonly #troubles: Troubles | undefined;

  /** @param errors where trouble is told, if the view tells of nothing */
  constructor(view: ProxyView, redactors: Redactors | undefined, errors: OutStream | undefined) {
    this.#troubles = errors && new Troubles(errors);
    this.messages = view.messages;
    this.#view = view;
    this.#redactors = redactors;
  }

  tell(event: ProxyEvent): void {
    if (event.event === "open") this.onOpen();
    const shown = this.#redactors?.shown(event) ?? event;
    this.#troubles?.tell(shown);
    this.#view.tell(shown);
  }

  end(stats: ProxyStats): void {
    this.#troubles?.end(stats.recordingsInTrouble);
  }
}

function fingerprintOf(
  cert: string | undefined,
  authority: Authority | undefined,
): string | undefined {
  const shown = cert ?? authority?.certificate.cert;
  return shown === undefined ? undefined : fingerprint(shown);
}

function warn(host: Host, flags: ProxyFlags): void {
  const { target, route = [] } = flags;
  if (forwards(flags) && !isLoopback(flags.host)) {
    host.stderr.write(
      `warning: whoever reaches ${flags.host} can have this proxy lead to any host, this machine's own ports too\n`,
    );
  }
  const urls = [...(target === undefined ? [] : [target]), ...route.map(urlOfRoute)];
  for (const warning of urlWarnings(urls)) host.stderr.write(`warning: ${warning}\n`);
}

function urlOfRoute(route: string): string {
  return route.slice(route.indexOf("=") + 1);
}
