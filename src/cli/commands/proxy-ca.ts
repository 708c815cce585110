/** Owns `wsctl proxy ca`: the CA that signs the proxy's certificates, and how it comes to be trusted. */
import { X509Certificate } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import { messageOf, WsctlError } from "../../base/errors.js";
import { shellWord } from "../../base/shell-word.js";
import { Authority } from "../../proxy/authority.js";
import { refusedFile } from "../../recording/file-refusal.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import type { ProxyFlags } from "./proxy-options.js";

const examples = `
Examples:
  $ wsctl proxy ca                        where it is, and how to have it trusted
  $ wsctl proxy ca --export wsctl-ca.pem  a copy, to import it elsewhere
  $ wsctl proxy ca --spki                 for Chrome's --ignore-certificate-errors-spki-list`;

/** Where the CA is kept: in $XDG_DATA_HOME, which must be absolute to count, or ~/.local/share. */
function directoryOf({ env }: Host): string {
  const { XDG_DATA_HOME: xdg, HOME: home } = env;
  if (xdg !== undefined && path.isAbsolute(xdg)) return path.join(xdg, "wsctl", "ca");
  if (home) return path.join(home, ".local", "share", "wsctl", "ca");
  throw new WsctlError("WSCTL_EUSAGE", "there is no place for a CA", {
    hint: "set HOME or XDG_DATA_HOME",
  });
}

/**
 * The CA of a proxy, made where it is needed and is not there: to serve TLS, and for a proxy that
 * leads nowhere else than where its clients ask it to. Where it is there already it is used, if it can
 * be.
 * @throws WsctlError WSCTL_EUSAGE for one that is needed and cannot be read or made
 */
export async function authorityFor(
  host: Host,
  { tls, tlsCert, target, route, forward }: ProxyFlags,
): Promise<Authority | undefined> {
  const isLed = target !== undefined || route !== undefined;
  const isNeeded = (tls && tlsCert === undefined) || !isLed;
  // Without CONNECT there is no TLS to look into.
  if (!isNeeded && !forward) return undefined;
  const { HOME: home, XDG_DATA_HOME: xdg } = host.env;
  if (!isNeeded && home === undefined && xdg === undefined) return undefined;
  const directory = directoryOf(host);
  if (isNeeded) return Authority.open(directory);
  if (!existsSync(directory)) return undefined;
  try {
    return await Authority.open(directory);
  } catch (error) {
    // What does not need it can do without.
    host.stderr.write(`warning: ${messageOf(error)}; what is in TLS passes unseen\n`);
    return undefined;
  }
}

/** The command; `exit` is told its exit code. */
export function caCommand(host: Host, exit: (code: number) => void) {
  return new Command("ca")
    .summary("show the CA of the proxy, and how to have it trusted")
    .description(
      "Show the CA that signs the proxy's certificates, and how browsers and programs come to trust " +
        "it. It is made when it is not there; its key stays on this machine, readable by you alone.",
    )
    .addOption(new Option("--print", "print the certificate (PEM)").conflicts(["spki", "export"]))
    .addOption(
      new Option("--spki", "print the SHA-256 of its public key, in base64").conflicts("export"),
    )
    .option("--export <file>", "write the certificate to this file (PEM)")
    .helpOption("-h, --help", "show this")
    .addHelpText("after", examples)
    .action(async (flags) => {
      const authority = await Authority.open(directoryOf(host));
      const { cert } = authority.certificate;
      if (flags.print) host.stdout.write(cert.endsWith("\n") ? cert : `${cert}\n`);
      else if (flags.spki) host.stdout.write(`${authority.spki}\n`);
      else if (flags.export === undefined) host.stdout.write(adviceOn(authority));
      else write(flags.export, cert);
      exit(ExitCode.ok);
    });
}

function write(file: string, cert: string): void {
  try {
    writeFileSync(file, cert);
  } catch (cause) {
    throw refusedFile("write", file, cause);
  }
}

function adviceOn({ path: file, certificate, spki }: Authority): string {
  const { fingerprint256, validTo, subject } = new X509Certificate(certificate.cert);
  const name = shellWord(file);
  return `${[
    `certificate  ${file}`,
    `name         ${subject.replaceAll("\n", ", ")}`,
    `SHA-256      ${fingerprint256}`,
    `SPKI         ${spki}`,
    `valid to     ${validTo}`,
    "",
    "Whoever has its key can read what you say to any site. Trust it where you debug, and no longer",
    "than you do.",
    "",
    `curl      curl --cacert ${name} -x http://127.0.0.1:8080 https://example.com/`,
    `Node      NODE_EXTRA_CA_CERTS=${name} node app.js`,
    `Python    SSL_CERT_FILE=${name} python app.py`,
    `wsctl     wsctl connect --ca ${name} wss://127.0.0.1:8080/`,
    `Chrome    google-chrome --user-data-dir=/tmp/wsctl-chrome --proxy-server=127.0.0.1:8080 \\`,
    `            '--proxy-bypass-list=<-loopback>' \\`,
    `            --ignore-certificate-errors-spki-list=${spki}`,
    "Firefox   Settings → Privacy & Security → Certificates → View Certificates → Authorities → Import",
    `Debian    sudo cp ${name} /usr/local/share/ca-certificates/wsctl.crt && sudo update-ca-certificates`,
  ].join("\n")}\n`;
}
