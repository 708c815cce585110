/** Owns the flags that say how connections are opened; they mean the same for every command. */
import { type Command, Option } from "@commander-js/extra-typings";
import { parseDuration, parseSize } from "../base/quantity.js";
import { checkedBy, collect } from "./options.js";

/** Adds those flags. What is secret may be `@file`, `env:NAME` or `prompt`. */
export function withConnectionOptions(command: Command) {
  return command
    .optionsGroup("Connection:")
    .option("-H, --header <line>", "send a header, 'Name: value' or @file (repeatable)", collect)
    .option("--cookie <pairs>", "send a Cookie header, 'a=1; b=2', @file or env:NAME")
    .option("--origin <url>", "send an Origin header")
    .option("-s, --subprotocol <name>", "offer a subprotocol (repeatable)", collect)
    .option("--bearer <token>", "send Authorization: Bearer; the token, @file, env:NAME or prompt")
    .option(
      "--user <user:password>",
      "send Authorization: Basic; the pair, @file, env:NAME; a user alone is asked for the password",
    )
    .addOption(new Option("-4, --ipv4", "only IPv4 addresses").conflicts("ipv6"))
    .addOption(new Option("-6, --ipv6", "only IPv6 addresses"))
    .option(
      "--timeout <duration>",
      "for the whole handshake; 0: any time",
      checkedBy(parseDuration),
      "10s",
    )
    .option(
      "--max-payload <size>",
      "largest message that is accepted",
      checkedBy(parseSize),
      "16MiB",
    )
    .option("--compress", "offer permessage-deflate")
    .option("--no-compress", "offer no compression")
    .option(
      "--compress-params <list>",
      "of that offer, such as 'client_max_window_bits=10; server_no_context_takeover'",
    )
    .optionsGroup("TLS:")
    .option("-k, --insecure", "do not verify the server's certificate")
    .option("--ca <file>", "trust this CA (PEM)")
    .option("--cert <file>", "present this client certificate (PEM)")
    .option("--key <file>", "its private key (PEM)")
    .option("--passphrase <text>", "of the private key; the text, @file, env:NAME or prompt")
    .option("--servername <name>", "name for SNI and for checking the certificate")
    .optionsGroup("Route:")
    .option(
      "--proxy <url>",
      "go through http://, https://, socks5:// or socks5h://, with user:password@ if need be; the URL, @file or env:NAME (default: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY)",
    )
    .option("--no-proxy", "go without, whatever the environment says")
    .option("--proxy-ca <file>", "trust this CA for an https:// proxy (PEM)")
    .option("--proxy-insecure", "do not verify the certificate of an https:// proxy")
    .option(
      "--resolve <host:port:addr>",
      "take this address for the name (repeatable; * is any)",
      collect,
    )
    .option(
      "--connect-to <h1:p1:h2:p2>",
      "connect to h2:p2 in place of h1:p1, request unchanged (repeatable)",
      collect,
    )
    .option("--unix <path>", "connect to this socket file; also as ws+unix:/path.sock:/request")
    .option(
      "--local-address <ip>",
      "leave from this address, or those of 127.0.0.0/28 or 127.0.0.1-127.0.0.20 (repeatable: taken in turn)",
      collect,
    );
}

/** The values of those flags. */
export type ConnectionFlags = ReturnType<ReturnType<typeof withConnectionOptions>["opts"]>;
