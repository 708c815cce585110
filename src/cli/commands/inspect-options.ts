/** Owns the flags of `wsctl inspect`. */
import { Argument, Command, Option } from "@commander-js/extra-typings";
import { WsctlError } from "../../base/errors.js";
import { parseCount, parseDuration } from "../../base/quantity.js";
import { severities } from "../../findings/severity.js";
import { inspectionPages } from "../../report/inspection/pages.js";
import { modes } from "../../serve/modes.js";
import { withConnectionOptions } from "../connection-options.js";
import { checked, collect } from "../options.js";

const examples = `
Examples:
  $ wsctl inspect wss://example.test/chat            the exchange, its phases, TLS, and what is wrong
  $ wsctl inspect --serve                            the same of a server that needs nothing else
  $ wsctl inspect @staging --origins                 which Origins are let in, and by which trick
  $ wsctl inspect URL --all --cookie env:SESSION     all that is safe: default, origins and security
  $ wsctl inspect URL -n 20                          twenty exchanges after it: p50, p95 of each phase
  $ wsctl inspect URL --only HS-05,TLS               some checks alone; --list shows them all
  $ wsctl inspect URL --sarif inspect.sarif --junit inspect.xml --fail-on medium
  $ wsctl inspect URL --write-baseline known.json    accept what is found; later --baseline known.json
  $ wsctl inspect URL --health nagios                one line for a monitor

Exit codes: 0 all is well; 2 usage; 3 could not connect; 4 the upgrade was refused; 6 a finding at or
above --fail-on that the baseline does not accept, or an invalid answer; 130 interrupted.
With --health=nagios those of Nagios: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.`;

/** Exchanges: more of them say no more of percentiles, and are a load test. */
const mostRuns = 10_000;

/** How many exchanges are timed. @throws WsctlError WSCTL_EUSAGE for more than that */
function runsOf(text: string): number {
  const runs = parseCount(text);
  if (runs <= mostRuns) return runs;
  throw new WsctlError("WSCTL_EUSAGE", `${runs} exchanges are too many to time`, {
    hint: `the most is ${mostRuns}; for load there is wsctl load`,
  });
}

/** The command without what it does. */
export function inspectOptions() {
  return withConnectionOptions(new Command("inspect"))
    .summary("explain a handshake: the exchange, its phases, TLS, and what is wrong with it")
    .description(
      "Explain a handshake: the exact exchange, its phases, TLS, and what is wrong with it. Unless told,\n" +
        "it opens some 40 connections at most, one after the other, and sends no messages.",
    )
    .addArgument(new Argument("[url]", "what to inspect: a URL, host:port, or @profile"))
    .addHelpText("after", examples)
    .optionsGroup("Target:")
    .option("--serve", "start an embedded server and inspect that")
    .addOption(
      new Option("--serve-mode <mode>", "the embedded server's mode")
        .choices([...modes.keys()])
        .implies({ serve: true }),
    )
    .option("--ws-key <key>", "send this Sec-WebSocket-Key; --key KEY without --cert is the same")
    .optionsGroup("What is looked at:")
    .option(
      "--origins [allowed]",
      "which Origins are let in; the right one, if not that of the URL",
    )
    .option("--allow-origin <origin>", "the right Origin, as with --origins")
    .option("--security", "origins, credentials, transport and leaks")
    .option("--all", "the default checks, origins and security")
    .option("--active", "security, and what puts a little load on it: limits of rate and size")
    .option("--intrusive", "active, and what may bring a weak server down")
    .option("--only <ids>", "these checks alone, such as HS-05,TLS (repeatable)", collect)
    .option("--skip <ids>", "not these checks (repeatable)", collect)
    .option("--list", "list the checks, and open nothing")
    .option("--dry-run", "tell what would be asked of the server, and open nothing")
    .option("-n, --runs <n>", "exchanges that are timed, after the first", checked(runsOf), 0)
    .option("--expired-token <token>", "a token that has expired, for AU-1; @file or env:NAME")
    .option("--logout-url <url>", "is fetched to log out, for AU-4")
    .option("--other-path <path>", "where no WebSocket is, for HS-10 (default: a random one)")
    .option(
      "--spacing <duration>",
      "between two connections (default: 100ms, none on this machine)",
      checked(parseDuration),
    )
    .option("--i-am-authorized <host>", "for active and intrusive checks of another machine")
    .optionsGroup("What it comes to:")
    .addOption(
      new Option("--fail-on <severity>", "exit with 6 for findings from this severity on")
        .choices([...severities, "never"] as const)
        .default("high" as const),
    )
    .option("--baseline <file>", "findings that are known and accepted")
    .option("--write-baseline <file>", "accept all that is found, in this file")
    .optionsGroup("Output:")
    .option("--health [form]", "one line of what one exchange shows: plain, nagios or prometheus")
    .option("--json", "print one JSON document: -o json=-")
    .option("--junit <file>", "write JUnit: -o junit=FILE")
    .option("--sarif <file>", "write SARIF: -o sarif=FILE")
    .option("--markdown <file>", "write Markdown: -o markdown=FILE")
    .option(
      "-o, --output <kind=path>",
      `write it, - is stdout (repeatable): ${Object.keys(inspectionPages).join(", ")}`,
      collect,
    )
    .addOption(
      new Option("-v, --verbose", "show all headers, and what showed that checks passed").default(
        false,
      ),
    )
    .option("-q, --quiet", "nothing on stderr but errors")
    .option("--no-color", "no colours");
}

/** The values of those flags. */
export type InspectFlags = ReturnType<ReturnType<typeof inspectOptions>["opts"]>;
