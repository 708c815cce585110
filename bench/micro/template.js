/** Owns the contest of templates: a JSON message with holes, filled for each message. */
import { Random, seedOf } from "../../dist/base/random.js";
import { Prepared } from "../../dist/load/flow/prepared.js";
import { compileJsonTemplate } from "../../dist/message/json-template.js";

const names = new Map([["room", { per: "connection" }]]);
const template = compileJsonTemplate(
  { op: "say", id: "{{ $seq }}", stamp: "{{ $stamp }}", room: "{{ room }}", text: "hello" },
  { names },
);
const context = {
  run: 42,
  index: 7,
  seq: 0,
  lastSeq: 0,
  now: 1_790_000_000_000,
  micros: 123_456_789,
  random: new Random(seedOf(42, 7)),
  version: 1,
  variable: () => "lobby",
};

/** Numbers of six digits: a patch is as wide as what it covers. */
const first = 100_000;
const span = 900_000;

function next(i) {
  context.seq = first + (i % span);
  context.micros++;
}

next(0);
const prepared = new Prepared(template.prepare(context), context.version);

/** @type {import("./contest.js").Contest} */
export const templateContest = {
  name: "fill a JSON template of two changing holes",
  subjects: [
    {
      name: "patched in place",
      run: (times) => {
        let bytes = 0;
        for (let i = 0; i < times; i++) {
          next(i);
          if (!prepared.fits(context) || !prepared.patch(context)) throw new Error("does not fit");
          bytes += prepared.bytes.length;
        }
        return bytes;
      },
    },
    {
      name: "rendered to text",
      run: (times) => {
        let letters = 0;
        for (let i = 0; i < times; i++) {
          next(i);
          letters += template.render(context).length;
        }
        return letters;
      },
    },
    {
      name: "JSON.stringify of an object, no stamp",
      run: (times) => {
        let letters = 0;
        for (let i = 0; i < times; i++) {
          next(i);
          const message = { op: "say", id: context.seq, room: context.variable(), text: "hello" };
          letters += JSON.stringify(message).length;
        }
        return letters;
      },
    },
  ],
};
