/** Owns JSON Web Tokens as an attacker makes them of a good one: with another signature, or with none. */

/** A signed one (RFC 7515 §3.1): header, payload, signature. */
const signed = /eyJ[\w-]+\.eyJ[\w-]*\.[\w-]*/;

/** The token within a text, such as behind `Bearer` or a prefix; undefined when there is none. */
export function jwtIn(text: string): string | undefined {
  return signed.exec(text)?.[0];
}

/** The same header and payload with a signature that does not fit; undefined when it has none. */
export function forged(jwt: string): string | undefined {
  const at = jwt.lastIndexOf(".") + 1;
  const signature = jwt.slice(at);
  if (signature === "") return undefined;
  // The last letter may have bits that mean nothing; the first has none.
  return `${jwt.slice(0, at)}${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
}

/** The same payload, said to be unsigned: `alg` none and an empty signature (RFC 7519 §6.1). */
export function unsigned(jwt: string): string | undefined {
  const [header = "", payload = ""] = jwt.split(".");
  try {
    const known: unknown = JSON.parse(Buffer.from(header, "base64url").toString());
    if (typeof known !== "object" || known === null) return undefined;
    const text = JSON.stringify({ ...known, alg: "none" });
    return `${Buffer.from(text).toString("base64url")}.${payload}.`;
  } catch {
    return undefined;
  }
}
