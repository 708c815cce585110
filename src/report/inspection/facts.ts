/** Owns what is plain from the first exchange, in a line or two each: TLS, what was agreed, who is there. */
import { safeLine } from "../../base/safe-text.js";
import type { InspectedCertificate, Inspection } from "../../findings/inspection.js";
import { type Ink, warn } from "../ink.js";
import { factLines, type Section } from "../section.js";
import { isExpired } from "./certificate.js";
import { counted } from "./judgement.js";

const mostNames = 5;
const mostCertificates = 8;
const soon = 30;
const dot = " · ";

/** Its last day, and how far off it is. */
function expiry(certificate: InspectedCertificate, inspection: Inspection, { chalk }: Ink): string {
  const { daysLeft, to } = certificate;
  const date = to.slice(0, 10);
  const days = counted(Math.abs(daysLeft), "day");
  if (isExpired(certificate, inspection)) return chalk.red(`expired ${days} ago (${date})`);
  const words = `expires in ${days} (${date})`;
  return daysLeft < soon ? warn({ chalk }, words) : words;
}

/** The certificates behind the server's own, each signed by the next; who signed the last one. */
function issuerLines(inspection: Inspection, { chalk, width }: Ink): string[] {
  const chain = inspection.tls?.chain ?? [];
  const others = chain.slice(1, mostCertificates);
  const left = chain.length - 1 - others.length;
  const lines = others.flatMap((certificate) => {
    const { subject, key } = certificate;
    const facts = [
      `signed by ${safeLine(subject, 120)}`,
      safeLine(key, 60),
      expiry(certificate, inspection, { chalk, width }),
    ];
    return factLines(facts, width);
  });
  const last = chain[others.length];
  if (left > 0) return [...lines, `… and ${counted(left, "certificate")} more`];
  if (!last) return lines;
  return [...lines, issuerWords(last, inspection)];
}

/** Who signed the last certificate that was sent; a root that is known here need not be. */
function issuerWords({ issuer, subject }: InspectedCertificate, { tls }: Inspection): string {
  if (issuer === subject) return "signed by itself";
  return `signed by ${safeLine(issuer, 120)}, ${tls?.authorized ? "known here" : "not sent"}`;
}

/** What TLS came to, and the server's certificate. */
export function tlsSection(inspection: Inspection, ink: Ink): Section {
  const { tls } = inspection;
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
  const [leaf] = chain;
  if (!leaf) return { title: "tls", lines };
  const names = leaf.names.slice(0, mostNames).map((name) => safeLine(name, 80));
  const more = leaf.names.length - names.length;
  const forNames = `for ${names.join(", ") || "no name"}${more > 0 ? ` and ${more} more` : ""}`;
  const certificate = [
    safeLine(forNames, 400),
    safeLine(leaf.key, 60),
    expiry(leaf, inspection, ink),
  ];
  lines.push(...factLines(certificate, ink.width));
  lines.push(...issuerLines(inspection, ink).map((line) => chalk.dim(line)));
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
export function serverSection({ hints, idleLimits }: Inspection, { chalk }: Ink): Section {
  // What was not seen is no statement about this server.
  const limits = idleLimits.filter(({ likely }) => likely);
  return {
    title: "server",
    lines: [
      ...hints.slice(0, 10).map(({ what, confidence, from }) => {
        const sure = confidence === "certain" ? "is" : confidence === "firm" ? "likely" : "perhaps";
        return `${sure} ${chalk.bold(safeLine(what, 80))}${chalk.dim(`  ${safeLine(from, 200)}`)}`;
      }),
      ...limits.map(
        ({ product, limit }) =>
          `${safeLine(product, 80)} ends connections: ${safeLine(limit, 200)}`,
      ),
    ],
  };
}
