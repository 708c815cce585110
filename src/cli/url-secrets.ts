/** Owns the warning about secrets that ride in a URL, where logs and the shell's history keep them. */
import { queryParts } from "../base/query-parts.js";
import { safeLine } from "../base/safe-text.js";

/** What is to be said of each URL that carries a secret: a line without the secret. */
export function urlWarnings(urls: readonly string[]): string[] {
  return urls.flatMap((url) => {
    const query = url.split("?").slice(1).join("?");
    const names = queryParts(query).flatMap(({ secret }) =>
      secret && secret.value !== "" ? [safeLine(secret.name, 40)] : [],
    );
    const warnings: string[] = [];
    if (names.length > 0) {
      warnings.push(
        `a secret rides in the URL (${[...new Set(names)].join(", ")}): logs and the shell's history keep URLs; ` +
          "if the server takes it in a header, use --bearer env:NAME or -H @file",
      );
    }
    if (/^[^/?#]*\/\/[^/?#@]*:[^/?#@]+@/.test(url)) {
      warnings.push(
        "a password rides in the URL: `ps` and the shell's history show it; use --user env:NAME or --user @file",
      );
    }
    return warnings;
  });
}
