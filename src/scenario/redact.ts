/** Owns what of a Plan may be written down: secrets are replaced before it enters a result. */
import type { Plan } from "./plan.js";

const secretHeaders =
  /^(authorization|proxy-authorization|cookie|set-cookie|x-api-key|.*token.*)$/i;
const secretParameters = /token|key|secret|passw|auth|session|jwt|signature/i;

/** What stands in a secret's place. */
export const redacted = "[redacted]";

/** The URL without its password, and without the values of parameters that look like secrets. */
export function redactUrl(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.password) parsed.password = "redacted";
    for (const name of new Set(parsed.searchParams.keys())) {
      if (secretParameters.test(name)) parsed.searchParams.set(name, "redacted");
    }
    return parsed.href;
  } catch {
    return url;
  }
}

/** The plan as it may be stored and shown. Payloads are reduced to opcode and size. */
export function redactPlan(plan: Plan): Readonly<Record<string, unknown>> {
  const { tls, headers } = plan.connection;
  const sizes = (messages: Plan["messages"]): unknown[] =>
    messages.map(({ opcode, payload }) => ({ opcode, size: Buffer.byteLength(payload, "base64") }));
  return {
    ...plan,
    targets: plan.targets.map(redactUrl),
    connection: {
      ...plan.connection,
      headers: headers.map(([k, v]) => [k, secretHeaders.test(k) ? redacted : v]),
      tls: {
        insecure: tls.insecure ?? false,
        servername: tls.servername,
        ca: tls.ca !== undefined,
        clientCertificate: tls.cert !== undefined,
      },
    },
    first: sizes(plan.first),
    messages: sizes(plan.messages),
  };
}
