/** Owns what to configure in the proxies people have, so that a request to upgrade passes. */
import { headerValues, type UpgradeResponse } from "../../frame/upgrade.js";

/** One proxy. */
export interface Intermediary {
  readonly name: string;
  /** In lower case: what its Server or Via begins with, or holds as a word. */
  readonly signs: readonly string[];
  readonly fix: string;
}

/**
 * The block of nginx by which Connection: upgrade goes to the server only where it came, in HTTP/1.1:
 * the value "upgrade" would ask for an upgrade that nobody wanted.
 */
const nginxMap =
  'map $server_protocol:$http_connection $connection_upgrade { default close; "~*^HTTP/1.1:.*upgrade" upgrade; }';

/** What makes nginx keep from its server what is no request to upgrade. */
export const nginxRemedy = `nginx: in http: ${nginxMap} and beside proxy_pass: proxy_set_header Connection $connection_upgrade;`;

const nginxFix = `nginx: in http: ${nginxMap} and beside proxy_pass: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;`;
const apacheFix =
  'Apache: ProxyPass "/ws" "http://backend/ws" upgrade=websocket (2.4.47 and later), before it mod_proxy_wstunnel and ProxyPass "/ws" "ws://backend/ws"';
const albFix =
  "AWS ALB: passes WebSockets by itself where the target group's protocol version is HTTP1, not HTTP2 or gRPC";
const byDefaultFix =
  "HAProxy, Traefik and Caddy: pass upgrades by themselves; look for a rule or middleware that deletes Upgrade or Connection";

const intermediaries: readonly Intermediary[] = [
  { name: "nginx", signs: ["nginx", "openresty", "tengine"], fix: nginxFix },
  { name: "Apache", signs: ["apache"], fix: apacheFix },
  { name: "an AWS load balancer", signs: ["awselb"], fix: albFix },
  {
    name: "CloudFront",
    signs: ["cloudfront"],
    fix: "CloudFront: an origin request policy that forwards the Sec-WebSocket-* headers, such as AllViewer",
  },
  {
    name: "Cloudflare",
    signs: ["cloudflare"],
    fix: "Cloudflare: Network → WebSockets has to be on; then look at the proxy behind it",
  },
  {
    name: "Envoy",
    signs: ["envoy", "istio-envoy"],
    fix: "Envoy: upgrade_configs: [{ upgrade_type: websocket }] in the HTTP connection manager or the route",
  },
  { name: "Caddy", signs: ["caddy"], fix: byDefaultFix },
  {
    name: "IIS",
    signs: ["microsoft-iis"],
    fix: "IIS: install the feature WebSocket Protocol; with ARR it forwards upgrades then",
  },
  {
    name: "Varnish",
    signs: ["varnish"],
    fix: 'Varnish: in vcl_recv: if (req.http.upgrade ~ "(?i)websocket") { return (pipe); }, and in vcl_pipe: set bereq.http.upgrade = req.http.upgrade; set bereq.http.connection = req.http.connection;',
  },
];

/** What to do where it is not known what is on the way; short enough for one line of a finding. */
export const anyFix = [
  nginxFix,
  'Apache: ProxyPass "/ws" "http://backend/ws" upgrade=websocket',
  byDefaultFix,
].join("  ");

/** What shows itself on the way, and the header by which it does. */
export function intermediaryOf({ headers }: UpgradeResponse):
  | {
      readonly intermediary: Intermediary;
      readonly from: string;
    }
  | undefined {
  for (const name of ["Server", "Via"]) {
    for (const value of headerValues(headers, name)) {
      const words = value.slice(0, 200).toLowerCase();
      const found = intermediaries.find(({ signs }) => signs.some((sign) => words.includes(sign)));
      if (found) return { intermediary: found, from: `${name}: ${value.slice(0, 200)}` };
    }
  }
  return undefined;
}
