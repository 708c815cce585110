/** Owns the schema of how connections are opened. */
import { z } from "zod";
import { localAddresses } from "../../base/local-addresses.js";
import { isToken } from "../../frame/http-head.js";
import { checkedBy, duration, filled, integer, oneOrMore, size, text, truth } from "./kinds.js";

const endsLine = {
  error: "the value of a header is one line",
  params: { hint: "take the line feeds out of it; `key: >-` of YAML makes one line of several" },
};

// oxlint-disable-next-line no-control-regex -- control characters are the subject here
const isOneLine = (value: string): boolean => !/[\0\r\n]/.test(value);

const headerValue = oneOrMore(
  z
    .string()
    .refine(isOneLine, endsLine)
    .meta({ title: "text", description: "A template: {{ users.token }}.", examples: ["blue"] }),
  "text, or a list for several lines",
  "The header's value; a template.",
);

const cookieValue = z
  .string()
  .refine(isOneLine, endsLine)
  .meta({ title: "text", description: "A template.", examples: ["{{ users.session }}"] });

/** The name of a header. */
export const headerName = z.string().refine(isToken, {
  error: "this cannot be the name of a header",
});

const headerLine = z
  .string()
  .refine((line) => isToken(line.slice(0, Math.max(0, line.indexOf(":"))).trim()), {
    error: "this is not a header",
    params: { hint: 'write it like "X-Tenant: blue"' },
  })
  .refine(isOneLine, endsLine)
  .meta({ title: 'a line such as "X-Tenant: blue"' });

/** In order: a map by name, or lines. */
const headers = z.union([z.record(headerName, headerValue), z.array(headerLine)]).meta({
  title: "headers such as { x-tenant: blue }, or a list of lines",
  description: "Sent with the upgrade, in this order. Values are templates.",
});

const windowBits = (description: string) => integer(description, 8, 15, 15);

const compression = z
  .union([
    truth("Whether compression is offered."),
    z.strictObject({
      serverNoContextTakeover: truth("RFC 7692 §7.1.1.1").optional(),
      clientNoContextTakeover: truth("RFC 7692 §7.1.1.2").optional(),
      serverMaxWindowBits: windowBits("RFC 7692 §7.1.2.1").optional(),
      clientMaxWindowBits: z
        .union([z.literal(true), windowBits("RFC 7692 §7.1.2.2")])
        .meta({ title: "true, or 8 to 15", description: "RFC 7692 §7.1.2.2" })
        .optional(),
    }),
  ])
  .meta({
    title: "true, false, or { serverNoContextTakeover: true, … }",
    description: "permessage-deflate (RFC 7692). Load runs go without.",
    examples: [false],
  });

const tls = z
  .strictObject({
    insecure: truth("Take any certificate.").optional(),
    ca: filled("File with the certificates that are trusted.", "./ca.pem").optional(),
    cert: filled("File with the client's certificate.", "./client.pem").optional(),
    key: filled("File with the client's private key.", "./client.key").optional(),
    passphrase: text("Of the private key; write {{ $env.NAME }}.", "{{ $env.PASS }}").optional(),
    servername: filled("The name that is asked for (SNI).", "example.com").optional(),
  })
  .meta({ title: "TLS settings such as { ca: ./ca.pem }", description: "How TLS is done." });

const localAddress = filled(
  "An address of this machine, or a block or range of them.",
  "127.0.0.0/28",
).superRefine(checkedBy((written: string) => localAddresses([written])));

/** How connections are opened. */
export const connection = z
  .strictObject({
    headers: headers.optional(),
    subprotocols: oneOrMore(
      text("A template.", "chat.v1"),
      "a list such as [chat.v1]",
      "Subprotocols that are offered, in order of preference.",
    ).optional(),
    cookies: z
      .record(headerName, cookieValue)
      .meta({
        title: "cookies such as { session: abc }",
        description: "Sent as one Cookie header. Values are templates.",
      })
      .optional(),
    origin: filled("The Origin header.", "https://app.example.com").optional(),
    compression: compression.optional(),
    handshakeTimeout: duration("How long opening may take; 10s unless told.", {
      from: 1,
      to: 86_400_000,
    }).optional(),
    maxPayload: size("The largest message that is accepted; 16MiB unless told.", {
      from: 1,
      to: 2 ** 31 - 1,
    }).optional(),
    family: z
      .union([z.literal(4), z.literal(6)])
      .meta({ title: "4 or 6", description: "Only IPv4, or only IPv6.", examples: [4] })
      .optional(),
    localAddress: oneOrMore(
      localAddress,
      "an address, a block or a range, or a list",
      "Where connections leave from, in turn.",
    ).optional(),
    tls: tls.optional(),
  })
  .meta({
    id: "connection",
    title: "connection settings",
    description: "How connections are opened.",
  });
