/** Owns guessing what a server is, and what stands before it: by what only they say. */
import { safeLine } from "../../base/safe-text.js";
import type { ServerHint } from "../../findings/inspection.js";
import type { Header } from "../../frame/upgrade.js";

type Confidence = ServerHint["confidence"];

/** What there is to guess by. */
export interface Traces {
  readonly headers: readonly Header[];
  /** Of a refusal. */
  readonly body?: string | undefined;
  /** Of a close frame. */
  readonly closeReason?: string | undefined;
}

interface Sign {
  readonly what: string;
  readonly pattern: RegExp;
  readonly confidence?: Confidence;
}

/** Characters of a value, and of a body, that are looked at. */
const longestValue = 500;
const longestBody = 4096;

/** Values of Server and X-Powered-By; a proxy may have put its own there. Firm unless told. */
const products: readonly Sign[] = [
  { what: "nginx", pattern: /^(?:nginx|openresty|tengine)\b/i },
  { what: "Cloudflare", pattern: /^cloudflare\b/i },
  { what: "AWS ALB", pattern: /^awselb\b/i },
  { what: "CloudFront", pattern: /^CloudFront$/i },
  { what: "Envoy", pattern: /^(?:istio-)?envoy$/i },
  { what: "HAProxy", pattern: /^haproxy\b/i },
  { what: "Caddy", pattern: /^Caddy\b/i },
  { what: "Apache httpd", pattern: /^Apache(?:\/[\d.]+)?\b(?! ?-?Coyote)/i },
  { what: "Tomcat", pattern: /^Apache-Coyote\b/i },
  { what: "IIS", pattern: /^Microsoft-IIS\b/i },
  { what: "HTTP.sys (Windows)", pattern: /^Microsoft-HTTPAPI\b/i },
  { what: "Azure Application Gateway", pattern: /^Microsoft-Azure-Application-Gateway\b/i },
  { what: "Kestrel (.NET)", pattern: /^Kestrel\b/i },
  { what: "ASP.NET", pattern: /^ASP\.NET\b/i },
  { what: "Google Cloud load balancer", pattern: /^Google Frontend$/i },
  { what: "Heroku", pattern: /^(?:Heroku|Cowboy)$/i, confidence: "tentative" },
  { what: "Cowboy (Erlang)", pattern: /^Cowboy$/i, confidence: "tentative" },
  { what: "Fly.io", pattern: /^Fly\//i },
  { what: "Vercel", pattern: /^Vercel\b/i },
  { what: "Netlify", pattern: /^Netlify\b/i },
  { what: "Akamai", pattern: /^AkamaiG/i },
  { what: "Varnish", pattern: /^Varnish\b/i },
  { what: "LiteSpeed", pattern: /^(?:Open)?LiteSpeed\b/i },
  { what: "lighttpd", pattern: /^lighttpd\b/i },
  { what: "uvicorn (Python)", pattern: /^uvicorn\b/i },
  { what: "Hypercorn (Python)", pattern: /^hypercorn\b/i },
  { what: "Daphne (Python)", pattern: /^daphne\b/i },
  { what: "gunicorn (Python)", pattern: /^gunicorn\b/i },
  { what: "websockets (Python)", pattern: /\bwebsockets\/\d/i },
  { what: "aiohttp (Python)", pattern: /\baiohttp\/\d/i },
  { what: "Autobahn (Python)", pattern: /^Autobahn/i },
  { what: "Tornado (Python)", pattern: /^TornadoServer\b/i },
  { what: "Werkzeug (Python)", pattern: /^Werkzeug\b/i },
  { what: "Jetty (Java)", pattern: /^Jetty\b/i },
  { what: "Undertow (Java)", pattern: /^(?:WildFly|JBoss|Undertow)\b/i },
  { what: "uWebSockets", pattern: /^uWebSockets\b/i },
  { what: "libwebsockets", pattern: /^libwebsockets\b/i },
  { what: "WebSocket++", pattern: /^WebSocket\+\+/i },
  { what: "Express (Node.js)", pattern: /^Express$/i },
  { what: "Phusion Passenger", pattern: /^Phusion Passenger\b/i },
  { what: "PHP", pattern: /^PHP\b/i },
];

/** Names of headers that only they send. Firm unless told. */
const names: readonly Sign[] = [
  { what: "Cloudflare", pattern: /^cf-(?:ray|cache-status)$/i },
  { what: "CloudFront", pattern: /^x-amz-cf-(?:id|pop)$/i },
  { what: "AWS API Gateway", pattern: /^(?:x-amz-apigw-id|x-amzn-errortype)$/i },
  { what: "AWS", pattern: /^x-amzn-(?:requestid|trace-id)$/i },
  { what: "Envoy", pattern: /^x-envoy-/i },
  { what: "Azure Front Door", pattern: /^x-azure-(?:ref|fdid)$/i },
  {
    what: "Azure App Service",
    pattern: /^x-ms-(?:request-id|middleware-request-id)$/i,
    confidence: "tentative",
  },
  { what: "Fly.io", pattern: /^fly-request-id$/i },
  { what: "Vercel", pattern: /^x-vercel-/i },
  { what: "Netlify", pattern: /^x-nf-request-id$/i },
  { what: "Varnish", pattern: /^x-varnish$/i },
  { what: "Kong", pattern: /^x-kong-/i },
  { what: "Render", pattern: /^rndr-id$/i },
  { what: "Railway", pattern: /^x-railway-/i },
];

/** Names of cookies that only they set. */
const cookieNames: readonly Sign[] = [
  { what: "AWS ALB", pattern: /^AWSALB(?:APP|TG)?(?:CORS)?(?:-\d+)?$/ },
  { what: "AWS Classic ELB", pattern: /^AWSELB(?:CORS)?$/ },
  { what: "Cloudflare", pattern: /^(?:__cf_bm|__cflb|_cfuvid|cf_clearance)$/ },
  { what: "Azure App Service", pattern: /^ARRAffinity(?:SameSite)?$/ },
  { what: "Azure Application Gateway", pattern: /^ApplicationGatewayAffinity(?:CORS)?$/ },
  { what: "Google Cloud load balancer", pattern: /^GCLB$/ },
  { what: "Heroku", pattern: /^heroku-session-affinity$/ },
  { what: "HAProxy", pattern: /^SERVERID$/, confidence: "tentative" },
  { what: "F5 BIG-IP", pattern: /^BIGipServer/ },
  { what: "Java servlets", pattern: /^JSESSIONID$/ },
  { what: "PHP", pattern: /^PHPSESSID$/ },
  { what: "Express (Node.js)", pattern: /^connect\.sid$/ },
];

/** What proxies write into Via. */
const vias: readonly Sign[] = [
  { what: "Heroku", pattern: /\bvegur\b|\bheroku-router\b/i },
  { what: "CloudFront", pattern: /\bCloudFront\b/i },
  { what: "Google Cloud load balancer", pattern: /^1\.1 google$/i },
  { what: "Fly.io", pattern: /\bfly\.io\b/i },
  { what: "Varnish", pattern: /\bvarnish\b/i },
  { what: "Squid", pattern: /\bsquid\b/i },
  { what: "Caddy", pattern: /\bCaddy\b/ },
];

/** What stands in the pages and lines of a refusal. Firm unless told. */
const bodies: readonly Sign[] = [
  { what: "nginx", pattern: /<center>(?:nginx|openresty)\b/i },
  { what: "HAProxy", pattern: /No server is available to handle this request\./ },
  {
    what: "HAProxy",
    pattern: /<h1>400 Bad request<\/h1>\s{0,9}Your browser sent an invalid request\./,
  },
  {
    what: "HAProxy",
    pattern: /<h1>403 Forbidden<\/h1>\s{0,9}Request forbidden by administrative rules\./,
  },
  {
    what: "Envoy",
    pattern: /upstream connect error or disconnect\/reset before headers|no healthy upstream/,
  },
  { what: "Apache httpd", pattern: /<address>Apache/ },
  { what: "Cloudflare", pattern: /<center>cloudflare<\/center>|\bcf-error-details\b/i },
  { what: "Heroku", pattern: /herokucdn\.com\/error-pages/ },
  {
    what: "AWS API Gateway",
    pattern: /^\s{0,9}\{"message": ?"(?:Forbidden|Missing Authentication Token)", ?"connectionId"/,
  },
  { what: "Azure Front Door", pattern: /\bAzure Front Door\b/ },
  { what: "Azure App Service", pattern: /\bazurewebsites\.net\b|\bMicrosoft Azure App Service\b/ },
  {
    what: "gorilla/websocket (Go)",
    pattern:
      /websocket: the client is not using the websocket protocol|websocket: request origin not allowed/,
  },
  { what: "coder/websocket (Go)", pattern: /WebSocket protocol violation: / },
  { what: "websockets (Python)", pattern: /Failed to open a WebSocket connection: / },
  { what: "ws (Node.js)", pattern: /Missing or invalid Sec-WebSocket-(?:Key|Version) header/ },
  { what: "Tornado (Python) or Spring (Java)", pattern: /Can "Upgrade" only to "WebSocket"\./ },
  {
    what: "Socket.IO",
    pattern:
      /^\{"code":\d,"message":"(?:Transport unknown|Session ID unknown|Bad handshake method|Bad request|Forbidden|Unsupported protocol version)"/,
  },
  { what: "Express (Node.js)", pattern: /<pre>Cannot (?:GET|POST) \// },
  { what: "Jetty (Java)", pattern: /Powered by Jetty/ },
  { what: "Go net/http", pattern: /^404 page not found\n?$/, confidence: "tentative" },
];

/** Reasons of close frames that stand in the source of one product: no proxy rewrites them. */
const reasons: readonly Sign[] = [
  { what: "websockets (Python)", pattern: /^keepalive ping timeout$/ },
  { what: "Tornado (Python)", pattern: /^ping timed out$/ },
  { what: "Tomcat (Java)", pattern: /^The WebSocket session \[.{0,200}\] timeout expired$/ },
  { what: "Jetty (Java)", pattern: /^(?:Connection )?Idle Timeout$/ },
  { what: "Autobahn (Python)", pattern: /^WebSocket ping timeout \(peer did not respond/ },
  {
    what: "gorilla/websocket (Go)",
    pattern: /^(?:bad opcode \d{1,2}|bad MASK|MASK not set|RSV[123] set(?:, RSV[123] set){0,2})\b/,
  },
  { what: "Kestrel (.NET)", pattern: /^The WebSocket (?:received a frame|client sent)/ },
  { what: "AWS API Gateway", pattern: /^Going away$/, confidence: "tentative" },
  { what: "SockJS", pattern: /^Go away!$/, confidence: "firm" },
  {
    what: "graphql-ws",
    pattern: /^(?:Connection initialisation timeout|Too many initialisation requests)$/,
    confidence: "firm",
  },
];

function* matches(
  signs: readonly Sign[],
  text: string,
  usual: Confidence,
  from: string,
): Generator<ServerHint> {
  for (const { what, pattern, confidence = usual } of signs) {
    if (pattern.test(text)) yield { what, confidence, from: safeLine(from, 200) };
  }
}

function* fromHeader(name: string, value: string): Generator<ServerHint> {
  const from = `${name}: ${value}`;
  if (/^(?:server|x-powered-by)$/i.test(name)) yield* matches(products, value, "firm", from);
  else if (/^via$/i.test(name)) yield* matches(vias, value, "firm", from);
  else if (/^set-cookie$/i.test(name)) {
    const cookie = value.split(/[=;]/, 1)[0]!.trim();
    yield* matches(cookieNames, cookie, "firm", `the cookie ${cookie}`);
  } else yield* matches(names, name, "firm", `the header ${name}`);
}

function* allOf({ headers, body, closeReason }: Traces): Generator<ServerHint> {
  if (closeReason) {
    const reason = closeReason.slice(0, longestValue);
    yield* matches(reasons, reason, "certain", `closed with "${reason}"`);
  }
  for (const [name, value] of headers) {
    yield* fromHeader(name.slice(0, longestValue), value.slice(0, longestValue));
  }
  if (body !== undefined) {
    yield* matches(bodies, body.slice(0, longestBody), "firm", "what the body of the refusal says");
  }
}

const order: readonly Confidence[] = ["certain", "firm", "tentative"];

/** What is probably there, the surest first, each once. */
export function hintsOf(traces: Traces): ServerHint[] {
  const found = [...allOf(traces)].toSorted(
    (a, b) => order.indexOf(a.confidence) - order.indexOf(b.confidence),
  );
  const first = new Map<string, ServerHint>();
  for (const hint of found) if (!first.has(hint.what)) first.set(hint.what, hint);
  return [...first.values()];
}
