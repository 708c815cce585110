/** Owns `wsctl proxy`: the man in the middle on a terminal, or as a part of other programs. */
import { randomUUID } from "node:crypto";
import { Random, seedOf } from "../../base/random.js";
import { parseMatchExpression } from "../../message/match-expression.js";
import type { Authority } from "../../proxy/authority.js";
import { ProxyBackends } from "../../proxy/backends.js";
import { openControlPort, ProxyControl } from "../../proxy/control.js";
import type { ProxyEvent, ProxyWatcher } from "../../proxy/events.js";
import { ProxyFaults } from "../../proxy/faults.js";
import { startProxy } from "../../proxy/proxy.js";
import { RuleHand } from "../../proxy/rules-interference.js";
import { fingerprint } from "../../serve/certificate.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor } from "../ink.js";
import { Interrupt } from "../interrupt.js";
import { ProxyJsonView } from "../proxy/json-view.js";
import { ProxyTextView } from "../proxy/text-view.js";
import type { ProxyView } from "../proxy/view.js";
import { withAskedSecrets } from "../secret-prompt.js";
import { aborted, untilEnd } from "../until-end.js";
import { urlWarnings } from "../url-secrets.js";
import { authorityFor, caCommand } from "./proxy-ca.js";
import { type ProxyFlags, proxyOptions } from "./proxy-options.js";
import { planOf, rulesOf, targetsInWords } from "./proxy-setup.js";
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
  const plan = planOf(host, await withAskedPassphrase(host, flags));
  const rules = rulesOf(host, flags, seed);
  const backends = new ProxyBackends(plan);
  const faults = new ProxyFaults(faultsFor(flags.fault ?? [], seed, { backends }), backends);
  const certificate = givenCertificate(flags);
  const authority = await authorityFor(host, flags);
  if (!flags.quiet) warn(host, flags);
  const hand = new RuleHand(rules);
  const watcher = new OpenWatch(view);
  const proxy = await startProxy({
    ...plan,
    host: flags.host,
    port: flags.port,
    tls: certificate ?? (flags.tls ? "authority" : undefined),
    authority,
    only: flags.only,
    maxPayload,
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
  try {
    const port = await openControlPort(controlled, flags.controlPort);
    view.begin({
      url: proxy.url,
      control: port.url,
      token: port.token,
      seed,
      targets: targetsInWords(plan),
      record: flags.record,
      fingerprint: fingerprintOf(certificate?.cert, flags.tls ? authority : undefined),
    });
    await untilEnd(host, interrupt, flags.untilStdinEnds === true);
    await port.close();
  } finally {
    await Promise.race([proxy.close(), aborted(interrupt)]);
    faults.close();
  }
  const stats = proxy.stats();
  view.end(stats);
  return stats.recordingsInTrouble > 0 ? ExitCode.failed : ExitCode.ok;
}

async function withAskedPassphrase(host: Host, flags: ProxyFlags): Promise<ProxyFlags> {
  if (flags.passphrase === undefined) return flags;
  // The others are no flags of a proxy, and are asked for nothing.
  const asking = { passphrase: flags.passphrase, timeout: flags.timeout, maxPayload: "" };
  const { passphrase } = await withAskedSecrets(asking, host);
  return { ...flags, passphrase };
}

/** Hears of connections that open, before the view does. */
class OpenWatch implements ProxyWatcher {
  readonly messages: boolean;
  onOpen: () => void = () => {};
  readonly #view: ProxyView;

  constructor(view: ProxyView) {
    this.messages = view.messages;
    this.#view = view;
  }

  tell(event: ProxyEvent): void {
    if (event.event === "open") this.onOpen();
    this.#view.tell(event);
  }
}

function fingerprintOf(
  cert: string | undefined,
  authority: Authority | undefined,
): string | undefined {
  const shown = cert ?? authority?.certificate.cert;
  return shown === undefined ? undefined : fingerprint(shown);
}

function warn(host: Host, { target, route = [] }: ProxyFlags): void {
  const urls = [...(target === undefined ? [] : [target]), ...route.map(urlOfRoute)];
  for (const warning of urlWarnings(urls)) host.stderr.write(`warning: ${warning}\n`);
}

function urlOfRoute(route: string): string {
  return route.slice(route.indexOf("=") + 1);
}
