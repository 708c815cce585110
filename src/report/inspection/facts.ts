/** Owns what is plain from the first exchange, in a line or two each: TLS, what was agreed, who is there. */
import { safeLine } from "../../base/safe-text.js";
import type { InspectedCertificate, Inspection } from "../../findings/inspection.js";
import { type Ink, warn } from "../ink.js";
import { factLines, type Section } from "../section.js";

const mostNames = 5;
const soon = 30;
const dot = " · ";

function expiry({ daysLeft, to }: InspectedCertificate, { chalk }: Ink): string {
  const date = to.slice(0, 10);
  if (daysLeft < 0) return chalk.red(`expired ${-daysLeft} days ago (${date})`);
  const words = `expires in ${daysLeft} days (${date})`;
  return daysLeft < soon ? warn({ chalk }, words) : words;
}

/** What TLS came to, and the server's certificate. */
export function tlsSection({ tls }: Inspection, ink: Ink): Section {
  if (!tls) return { title: "tls", lines: [] };
  const { chalk } = ink;
  const { protocol, cipher, alpn, authorized, authorizationError, servername, chain } = tls;
  const verified = authorized
    ? chalk.green("verified")
    : chalk.red(`not verified: ${safeLine(authorizationError ?? "unknown")}`);
  const facts = [
    protocol,
    cipher,
    alpn === undefined ? "no ALPN" : `ALPN ${alpn}`,
    servername === "" ? "no SNI" : `SNI ${servername}`,
  ];
  const lines = factLines([...facts.map((fact) => safeLine(fact)), verified], ink.width);
  const [leaf, ...others] = chain;
  if (!leaf) return { title: "tls", lines };
  const names = leaf.names.slice(0, mostNames).map((name) => safeLine(name, 80));
  const more = leaf.names.length - names.length;
  const forNames = `for ${names.join(", ") || "no name"}${more > 0 ? ` and ${more} more` : ""}`;
  const certificate = [safeLine(forNames, 400), safeLine(leaf.key, 60), expiry(leaf, ink)];
  lines.push(...factLines(certificate, ink.width));
  const by = leaf.issuer === leaf.subject ? "signed by itself" : `by ${safeLine(leaf.issuer, 120)}`;
  lines.push(chalk.dim(`${by}${dot}${others.length + 1} in the chain`));
  return { title: "tls", lines };
}

/** Subprotocol, extensions, and the cookies that were set. */
export function agreedSection(inspection: Inspection, { chalk }: Ink): Section {
  const { outcome, subprotocol, extensions, cookies } = inspection;
  const agreed = [
    subprotocol === undefined ? "no subprotocol" : `subprotocol ${safeLine(subprotocol)}`,
    extensions === undefined ? "no compression" : safeLine(extensions, 300),
  ];
  const cookieLines = cookies.slice(0, 10).map(({ name, secure, httpOnly, sameSite }) => {
    const flags = [
      secure ? "Secure" : warn({ chalk }, "not Secure"),
      httpOnly ? "HttpOnly" : warn({ chalk }, "not HttpOnly"),
      sameSite === undefined ? warn({ chalk }, "no SameSite") : `SameSite=${sameSite}`,
    ];
    return `sets the cookie ${safeLine(name, 60)}${dot}${flags.join(dot)}`;
  });
  const isSwitched = outcome === "open" || outcome === "invalid";
  return { title: "agreed", lines: [...(isSwitched ? [agreed.join(dot)] : []), ...cookieLines] };
}

/** What is probably there, and how long it lets a connection be silent. */
export function serverSection(
  { hints, idleLimits }: Inspection,
  { chalk }: Ink,
  verbose: boolean,
): Section {
  const limits = idleLimits.filter(({ likely }) => likely || verbose);
  return {
    title: "server",
    lines: [
      ...hints.slice(0, 10).map(({ what, confidence, from }) => {
        const sure = confidence === "certain" ? "is" : confidence === "firm" ? "likely" : "perhaps";
        return `${sure} ${chalk.bold(safeLine(what, 80))}${chalk.dim(`  ${safeLine(from, 200)}`)}`;
      }),
      ...limits.map(({ product, limit, likely }) => {
        const text = `${safeLine(product, 80)} ends connections: ${safeLine(limit, 200)}`;
        return likely ? text : chalk.dim(text);
      }),
    ],
  };
}

/** Why the first exchange came to nothing. */
export function failureSection({ failure, outcome }: Inspection, { chalk }: Ink): Section {
  if (!failure || outcome === "open") return { title: "failure", lines: [] };
  const { code, phase, where, hint } = failure;
  // Where there was an answer, it is shown as it came.
  const details =
    outcome === "failed"
      ? [
          chalk.dim(`${safeLine(code, 60)} in the phase ${safeLine(phase, 20)}`),
          ...where.map((line) => safeLine(line, 500)),
        ]
      : [];
  return {
    title: "failure",
    lines: [...details, ...(hint === "" ? [] : [`${chalk.cyan("hint:")} ${safeLine(hint, 500)}`])],
  };
}
