/** Owns the table of curl's flags: which we translate, which change nothing for us, which cannot work. */
import type { ConnectionFlags } from "./connection-options.js";

/** What is gathered from a curl command. */
export type CurlDraft = {
  -readonly [Key in keyof ConnectionFlags]?: ConnectionFlags[Key];
} & {
  url?: string;
  header: string[];
  notes: string[];
  /** `user:password` for the proxy, where it stands apart from the proxy's URL. */
  proxyUser?: string;
};

/** One flag of curl; a table key starts with its dashes. */
export type CurlFlag =
  | { readonly kind: "switch"; readonly apply: (draft: CurlDraft) => void }
  | { readonly kind: "value"; readonly apply: (draft: CurlDraft, value: string) => void }
  /** Changes nothing for a WebSocket, worth a note or not. */
  | { readonly kind: "ignored"; readonly takesValue: boolean; readonly note?: string }
  | { readonly kind: "refused"; readonly why: string }
  /** Makes a body, of which the request of a WebSocket has none. */
  | { readonly kind: "body" };

const table = new Map<string, CurlFlag>();

function define(names: string, flag: CurlFlag): void {
  for (const name of names.split(" ")) table.set(name, flag);
}

function on(names: string, apply: (draft: CurlDraft) => void): void {
  define(names, { kind: "switch", apply });
}

function taking(names: string, apply: (draft: CurlDraft, value: string) => void): void {
  define(names, { kind: "value", apply });
}

function basic(pair: string): string {
  return `Authorization: Basic ${Buffer.from(pair).toString("base64")}`;
}

function seconds(value: string): string {
  return /^[\d.]+$/.test(value) ? `${value}s` : value;
}

taking("-H --header", (draft, value) => draft.header.push(value));
taking("-A --user-agent", (draft, value) => draft.header.push(`User-Agent: ${value}`));
taking("-e --referer", (draft, value) => draft.header.push(`Referer: ${value.split(";")[0]}`));
taking("-b --cookie", (draft, value) => {
  if (value.includes("=")) draft.header.push(`Cookie: ${value}`);
  else draft.notes.push(`the cookies of the file "${value}" are not sent: use --cookie`);
});
taking("-u --user", (draft, value) => {
  // A user alone is asked for the password; nothing here must be read as a reference to a file.
  if (/^@|:/.test(value)) draft.header.push(basic(value));
  else draft.user = value;
});
taking("--oauth2-bearer", (draft, value) => draft.header.push(`Authorization: Bearer ${value}`));
taking("-r --range", (draft, value) => draft.header.push(`Range: bytes=${value}`));
taking("--url", (draft, value) => (draft.url = value));
on("-k --insecure", (draft) => (draft.insecure = true));
taking("--cacert", (draft, value) => (draft.ca = value));
taking("-E --cert", (draft, value) => {
  const [, file = value, passphrase] = /^((?:[a-z]:\\)?[^:]*):(.*)$/i.exec(value) ?? [];
  draft.cert = file;
  if (passphrase !== undefined) draft.passphrase = `text:${passphrase}`;
});
taking("--key", (draft, value) => (draft.key = value));
taking("--pass", (draft, value) => (draft.passphrase = `text:${value}`));
on("-4 --ipv4", (draft) => (draft.ipv4 = true));
on("-6 --ipv6", (draft) => (draft.ipv6 = true));
taking("--connect-timeout -m --max-time", (draft, value) => (draft.timeout = seconds(value)));
taking("--resolve", (draft, value) => {
  draft.resolve = [...(draft.resolve ?? []), value.replace(/^\+/, "")];
});
taking("--connect-to", (draft, value) => {
  draft.connectTo = [...(draft.connectTo ?? []), value];
});
taking("--unix-socket", (draft, value) => (draft.unix = value));
taking("--interface", (draft, value) => {
  draft.localAddress = [value.replace(/^host!/, "")];
});
taking("-x --proxy --preproxy", (draft, value) => (draft.proxy = value === "" ? false : value));
taking("--socks5", (draft, value) => (draft.proxy = `socks5://${value}`));
taking("--socks5-hostname", (draft, value) => (draft.proxy = `socks5h://${value}`));
taking("-U --proxy-user", (draft, value) => (draft.proxyUser = value));
taking("--proxy-cacert", (draft, value) => (draft.proxyCa = value));
on("--proxy-insecure", (draft) => (draft.proxyInsecure = true));
taking("--noproxy", (draft, value) => {
  if (value.trim() === "*") draft.proxy = false;
  else draft.notes.push("--noproxy with a list is left out: use the variable NO_PROXY");
});
taking("-X --request", (draft, value) => {
  if (value.toUpperCase() !== "GET") {
    draft.notes.push(`-X ${value} is left out: a WebSocket opens with GET`);
  }
});

const silent = { kind: "ignored", takesValue: false } as const;
const silentValue = { kind: "ignored", takesValue: true } as const;
define(
  "-s --silent -S --show-error -v --verbose -i --include -N --no-buffer -# --progress-bar -f --fail --fail-with-body -g --globoff -q --disable --http1.1 --http1.0 --compressed --no-progress-meter --tcp-nodelay --no-keepalive --no-alpn --basic --tlsv1 --tlsv1.2 --tlsv1.3 -1 --path-as-is --raw -p --proxytunnel --proxy-basic --no-sessionid -O --remote-name -J -G --get -a --styled-output -j --junk-session-cookies --ssl-no-revoke --suppress-connect-headers",
  silent,
);
define(
  "-o --output -w --write-out --stderr --trace --trace-ascii -D --dump-header -c --cookie-jar --retry --retry-delay --retry-max-time --keepalive-time --limit-rate -y -Y --speed-limit --speed-time --max-redirs --ciphers --tls13-ciphers --curves --cert-type --key-type --capath --tls-max --happy-eyeballs-timeout-ms --dns-servers --local-port --expect100-timeout",
  silentValue,
);
define("-L --location --location-trusted", {
  ...silent,
  note: "redirects are not followed (-L)",
});
define("--http2 --http3", { ...silent, note: "HTTP/1.1 is spoken, whatever the command says" });

function refused(names: string, why: string): void {
  define(names, { kind: "refused", why });
}

define(
  "-d --data --data-raw --data-binary --data-urlencode --data-ascii --json -F --form --form-string -T --upload-file",
  { kind: "body" },
);
refused("-I --head", "a WebSocket opens with GET, not with HEAD");
refused("--http2-prior-knowledge --http3-only --http0.9", "only HTTP/1.1 is spoken here");
refused(
  "--digest --ntlm --negotiate --anyauth --aws-sigv4 --proxy-digest --proxy-ntlm --proxy-negotiate --proxy-anyauth",
  "only Basic and Bearer are spoken here; a ready header can be given with -H",
);
refused("-K --config", "the file with further flags is not read: paste what it says");
refused("-: --next", "only one request can be translated");
refused("--abstract-unix-socket", "sockets without a file are not spoken to");
refused("--socks4 --socks4a --proxy1.0 --doh-url", "that way to the server is not known here");

/** What a flag of curl means, by its name with the dashes; undefined for one that is not known. */
export function curlFlag(name: string): CurlFlag | undefined {
  return table.get(name);
}
