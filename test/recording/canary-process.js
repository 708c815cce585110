/**
 * Owns a session with secrets everywhere, which say themselves again wherever they can, recorded by a
 * process of its own.
 *
 *     node canary-process.js FILE CANARIES
 *
 * CANARIES is JSON: what each secret is, by where it comes from.
 */
import { Recorder } from "../../dist/recording/recorder.js";
import { Redactor } from "../../dist/recording/redactor.js";

const [path, given] = process.argv.slice(2);
const canaries = JSON.parse(given);
const recorder = await Recorder.open({
  path,
  url: `ws://user:${encodeURIComponent(canaries.password)}@h/a?token=${encodeURIComponent(canaries.parameter)}`,
  tool: "test",
  startedAt: new Date(),
  now: () => performance.now(),
  redactor: new Redactor({ patterns: ["$..password", `/code is (\\S+)/`] }),
});
recorder.learn(canaries.told);

const basic = Buffer.from(`someone:${canaries.basic}`).toString("base64");
for (let attempt = 0; attempt < 3; attempt++) {
  recorder.upgrade({
    status: 101,
    target: `/a?token=${encodeURIComponent(canaries.parameter)}&room=1`,
    request: [
      ["Host", "h"],
      ["Authorization", `Bearer ${canaries.bearer}`],
      ["Proxy-Authorization", `Basic ${basic}`],
      ["Cookie", `a=1; sid=${canaries.cookie}`],
      ["X-Api-Key", canaries.header],
      ["Sec-WebSocket-Protocol", `chat, access_token, ${canaries.subprotocol}`],
      ["Referer", `https://h/?code=${encodeURIComponent(canaries.referer)}`],
      ["X-Echo", `${canaries.bearer} and ${canaries.cookie}`],
    ],
    response: [
      ["Set-Cookie", `sid=${canaries.setCookie}; Path=/; HttpOnly`],
      ["Sec-WebSocket-Protocol", canaries.subprotocol],
      ["Location", `/b?token=${encodeURIComponent(canaries.location)}`],
    ],
  });
  recorder.gap({ why: `reconnect ${canaries.bearer}`, attempt });
}

const { declared, matched, ...known } = canaries;
for (const op of [1, 2, 9]) {
  for (const direction of ["in", "out"]) {
    const say = (text) => recorder.message({ direction, op, payload: Buffer.from(text) });
    say(JSON.stringify({ user: { password: declared }, list: [{ password: [declared] }] }));
    say(`42["login",{"password":"${declared}"}]`);
    say(`the code is ${matched} now`);
    for (const secret of Object.values(known)) {
      say(secret);
      say(JSON.stringify({ a: secret, b: [secret], [secret]: 1, c: JSON.stringify({ secret }) }));
      const percent = encodeURIComponent(secret);
      say(`?a=${percent}&b=${percent.replace(/%../g, (escape) => escape.toLowerCase())}`);
      for (const before of ["", "x", "yz", "abc"]) {
        say(Buffer.from(`${before}${secret}.`).toString("base64"));
        say(Buffer.from(`${before}${secret}.`).toString("base64url"));
      }
      recorder.message({
        direction,
        op,
        payload: Buffer.concat([Buffer.from([0xff, 0]), Buffer.from(secret), Buffer.from([0xc3])]),
      });
    }
  }
}
for (const secret of Object.values(known)) {
  recorder.mark(`about ${secret}`);
  recorder.close({ by: "server", code: 1008, reason: `who is ${secret}?` });
}
// What was declared, where a close and a mark say it: in words, as JSON, and in a message's place.
const login = JSON.stringify({ password: declared });
for (const said of [login, `the code is ${matched} now`]) {
  recorder.close({ by: "server", code: 1008, reason: said });
  for (const op of [1, 2, 9]) recorder.mark(`of ${said}`, { op, payload: Buffer.from(said) });
  const closing = Buffer.concat([Buffer.from([3, 240]), Buffer.from(said)]);
  recorder.mark("rule 1: replaced", { op: 8, payload: closing });
  recorder.mark("rule 1: edited", { op: 1, payload: Buffer.from(`${"x".repeat(5000)} ${said}`) });
}
await recorder.finish();
