/** Owns the question whether an address is on this machine. */

/** Whether the host name or address is on this machine by its very name. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "");
  return bare === "localhost" || bare === "::1" || /^127\.\d+\.\d+\.\d+$/.test(bare);
}

/** Whether all of these URLs lead to this machine. */
export function isOnLoopback(urls: readonly string[]): boolean {
  return urls.every((url) => {
    if (!URL.canParse(url)) return false;
    const { hostname } = new URL(url);
    // A socket file has no host: it is on this machine.
    return hostname === "" || isLoopback(hostname);
  });
}
