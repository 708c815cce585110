/** Owns what makers document of when their products end a connection, to be held beside what is seen. */
import type { IdleLimit, ServerHint } from "../../findings/inspection.js";

interface Known {
  readonly product: string;
  readonly limit: string;
  /** The hint that says that it is on the way, as server-hints has it. */
  readonly hint?: string;
}

const known: readonly Known[] = [
  { product: "nginx", limit: "60 s idle (proxy_read_timeout)", hint: "nginx" },
  { product: "AWS ALB", limit: "60 s idle", hint: "AWS ALB" },
  { product: "Heroku", limit: "55 s idle", hint: "Heroku" },
  { product: "Cloudflare", limit: "100 s idle", hint: "Cloudflare" },
  { product: "Azure Load Balancer", limit: "4 min idle" },
  {
    product: "Azure Front Door",
    limit: "5 min idle, 4 h in all",
    hint: "Azure Front Door",
  },
  { product: "Envoy", limit: "5 min idle (stream_idle_timeout)", hint: "Envoy" },
  { product: "CloudFront", limit: "10 min idle", hint: "CloudFront" },
  {
    product: "AWS API Gateway",
    limit: "10 min idle, 2 h in all; frames of 32 KB, messages of 128 KB, then 1009",
    hint: "AWS API Gateway",
  },
  {
    product: "Google Cloud load balancer",
    limit: "30 s in all, idle or not (timeoutSec of the backend service)",
    hint: "Google Cloud load balancer",
  },
  { product: "HAProxy", limit: "as timeout tunnel says", hint: "HAProxy" },
];

/** The whole table; likely is what a hint speaks for. */
export function idleLimitsOf(hints: readonly ServerHint[]): IdleLimit[] {
  const seen = new Set(hints.map(({ what }) => what));
  return known.map(({ product, limit, hint }) => {
    return { product, limit, likely: hint !== undefined && seen.has(hint) };
  });
}
