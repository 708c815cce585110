/** Owns what the default tier says of servers without a fault, to be told from by what differs. */

type Verdicts = Readonly<Record<string, string>>;

const noTls: Verdicts = {
  "TLS-1": "skip",
  "TLS-2": "skip",
  "TLS-3": "skip",
  "TLS-4": "skip",
  "TLS-5": "skip",
};
const noHttp2: Verdicts = { "H2-1": "skip", "H2-2": "skip" };

/** A WebSocket opens on plain TCP, and all is well. */
export const faultless: Verdicts = {
  "HS-01": "pass",
  "HS-02": "pass",
  "HS-03": "pass",
  "HS-04": "pass",
  "HS-05": "pass",
  "HS-06": "pass",
  "HS-07": "pass",
  "HS-08": "pass",
  "HS-09": "pass",
  "HS-10": "pass",
  "HS-11": "pass",
  "HS-12": "pass",
  "HS-13": "pass",
  "HS-14": "pass",
  // Nobody asked for credentials.
  "HS-15": "skip",
  // None is set.
  "HS-16": "skip",
  "HS-17": "pass",
  "HS-18": "pass",
  "HS-19": "pass",
  ...noTls,
  ...noHttp2,
  H3: "skip",
  // Nothing is said by itself that tells it.
  FP: "skip",
};

const untried: Verdicts = Object.fromEntries(
  Object.keys(faultless).map((id) => [id, "inconclusive"]),
);

/** There was an answer on plain TCP, and no 101: of the head alone something can be said. */
export const refusing: Verdicts = {
  ...untried,
  "HS-14": "pass",
  "HS-15": "skip",
  "HS-16": "skip",
  ...noTls,
  ...noHttp2,
  H3: "skip",
};

/** On plain TCP nothing came that could be read. HTTP/2 was tried, since a connection stood. */
export const unheard: Verdicts = { ...untried, ...noTls, ...noHttp2 };

/** Of what TLS alone shows. */
export const unverified: Verdicts = untried;
