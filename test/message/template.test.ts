import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random, seedOf } from "../../src/base/random.js";
import { Stamp, readStamp, stampLength } from "../../src/message/stamp.js";
import { compileTemplate } from "../../src/message/template.js";
import { context, scope } from "./contexts.js";
import { mistakeOf, succeedsOrRefuses } from "./mistake.js";

function rendered(source: string, ...args: Parameters<typeof context>): string {
  return compileTemplate(source, scope).render(context(...args));
}

describe("compileTemplate", () => {
  test.each([
    ["", ""],
    ["plain", "plain"],
    ["{{ room }}", "lobby"],
    ["{{room}}{{room}}", "lobbylobby"],
    ['{"a":{"n":{{ $seq }}}}', '{"a":{"n":5}}'],
    ["{{ count }}", "3"],
    ["{{ rooms }}", '["red","green","blue"]'],
    ["{{ config.deep.er }}", "true"],
    ["{{ config.deep }}", '{"er":true}'],
    ["Bearer {{ users.token }}", "Bearer t-7"],
    ["{{ $index }}/{{ $seq }}/{{ $lastSeq }}/{{ $now }}", "7/5/3/1790000000000"],
    ["{{ $env.API_TOKEN }}{{ $env.EMPTY }}", "s3cret"],
    ["{{ 'it''s' }}", undefined],
    ['{{ "a }} b" }}', "a }} b"],
    ['{{ "say \\"hi\\"" }}', 'say "hi"'],
    ["{{ 1.5 }}{{ -2 }}", "1.5-2"],
    ["\\{{ room }}", "{{ room }}"],
    ["\\{{{{ room }}", "{{lobby"],
    ['C:{{ "\\\\" }}{{ room }}', "C:\\lobby"],
    ["C:\\temp {{ room }}", "C:\\temp lobby"],
    ["{ { room } }", "{ { room } }"],
    ["}} {{ room }}", "}} lobby"],
    ["{{\n\troom\n}}", "lobby"],
    ["ä🙂{{ room }}ä🙂", "ä🙂lobbyä🙂"],
  ])("%j → %j", (source, expected) => {
    if (expected === undefined) mistakeOf(() => rendered(source));
    else expect(rendered(source)).toBe(expected);
  });

  test.each([
    ["$uuid", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ["$randomInt(1, 6)", /^[1-6]$/],
    ["$randomInt(-3,-3)", /^-3$/],
    ["$randomString(16)", /^[A-Za-z0-9]{16}$/],
    ["$pick(rooms)", /^(red|green|blue)$/],
    ["$pick('x', \"y\", 1)", /^[xy1]$/],
    ["$stamp", /^ws1~[0-9a-v]{39}$/],
  ])("{{ %s }} is %s, every time", (name, shape) => {
    const template = compileTemplate(`{{ ${name} }}`, scope);
    const here = context();
    const seen = new Set<string>();
    for (let i = 0; i < 50; i++) {
      const text = template.render(here);
      expect(text).toMatch(shape);
      seen.add(text);
    }
    if (name === "$uuid" || name === "$randomString(16)") expect(seen.size).toBe(50);
  });

  test("draws the same for the same run and connection, whoever renders it", () => {
    const source =
      "{{ $uuid }} {{ $randomInt(1, 1000000) }} {{ $randomString(8) }} {{ $pick(rooms) }}";
    const draw = (index: number): string =>
      compileTemplate(source, scope).render(context({}, { random: new Random(seedOf(42, index)) }));
    expect(draw(7)).toBe(draw(7));
    expect(draw(7)).not.toBe(draw(8));
  });

  test.each([
    ["no holes", "constant"],
    ["{{ room }} {{ $env.API_TOKEN }} {{ 5 }} {{ config.deep.er }}", "constant"],
    ["{{ users.token }} {{ room }} {{ $index }}", "connection"],
    ["{{ users.token }} {{ $seq }} {{ $index }}", "message"],
    ["{{ session }}", "message"],
    ["{{ $pick(rooms) }}", "message"],
  ])("knows how often %j changes: %s", (source, cadence) => {
    expect(compileTemplate(source, scope).cadence).toBe(cadence);
  });

  test("has its constant text ready, without a context", () => {
    expect(compileTemplate("to {{ room }}", scope).constant).toBe("to lobby");
    expect(compileTemplate("to {{ $index }}", scope).constant).toBeUndefined();
  });

  test("says which names it uses", () => {
    const { uses } = compileTemplate(
      "{{ room }} {{ $stamp }} {{ users.token }} {{ $env.EMPTY }}",
      scope,
    );
    expect([...uses].sort()).toEqual(["$env.EMPTY", "$stamp", "room", "users.token"]);
  });

  test("leaves text without holes as it is", () => {
    const text = fc.string({ unit: "binary" }).filter((each) => !each.includes("{{"));
    fc.assert(
      fc.property(text, (source) => {
        const template = compileTemplate(source, scope);
        expect(template.constant).toBe(source);
        expect(template.render(context())).toBe(source);
      }),
      { numRuns: 300 },
    );
  });

  test("does not look for holes in values", () => {
    expect(rendered("{{ session }}", { session: "{{ room }}" })).toBe("{{ room }}");
  });

  test.each([
    ["{{ rom }}", "column 4 ", "did you mean room?"],
    ["hello {{ users.tokn }}", "column 10 ", "did you mean users.token?"],
    ["{{ users }}", "column 4 ", "did you mean users.token or users.name?"],
    ["{{ uuid }}", "column 4 ", "did you mean $uuid?"],
    ["{{ wibble }}", "unknown name wibble", "there are room, count"],
    ["{{ $uid }}", "no built-in $uid", "did you mean $uuid?"],
    ["{{ $frobnicate }}", "no built-in $frobnicate", "$randomInt(min, max)"],
    ["{{ $ }}", "no built-in $", "hint"],
    ["{{ room", "column 1 ", "is not closed"],
    ["a{{", "column 4 ", "expected a name"],
    ["{{ }}", "nothing between", "\\{{"],
    ["{{ room room }}", "column 9 ", 'unexpected "room }}"'],
    ["{{ 'x }}", "column 4 ", "is not closed"],
    ["{{ 12x }}", "unknown name 12x", "hint"],
    ["{{ {} }}", "column 4 ", "expected a name"],
    ["{{ $uuid(1) }}", "takes no arguments", "hint"],
    ["{{ $uuid.x }}", "has no member x", "hint"],
    ["{{ $randomInt }}", "takes 2 whole numbers", "$randomInt(1, 6)"],
    ["{{ $randomInt(1) }}", "takes 2 whole numbers", "hint"],
    ["{{ $randomInt(1, 2.5) }}", "takes 2 whole numbers", "hint"],
    ["{{ $randomInt(1, room) }}", "takes 2 whole numbers", "hint"],
    ["{{ $randomInt(6, 1) }}", "there is nothing", "hint"],
    ["{{ $randomInt(0, 9007199254740991) }}", "too large", "hint"],
    ["{{ $randomInt(1 2) }}", "column 17 ", "expected , or )"],
    ["{{ $randomInt(1, 2 }}", "expected , or )", "hint"],
    ["{{ $randomString(0) }}", "1 to 65536", "hint"],
    ["{{ $randomString(1000000) }}", "1 to 65536", "hint"],
    ["{{ $pick() }}", "needs a list", "hint"],
    ["{{ $pick(room) }}", "room is not a list", "hint"],
    ["{{ $pick(empty) }}", "is not a list with items", "hint"],
    ["{{ $pick(room, 'x') }}", "one list", "hint"],
    ["{{ $pick(rom) }}", "unknown name rom", "did you mean room?"],
    ["{{ $env }}", "needs the name", "$env.API_TOKEN"],
    ["{{ $env.API_TOKN }}", "has no API_TOKN", "did you mean $env.API_TOKEN?"],
    ["{{ $env.PATH }}", "has no PATH", "hint"],
    ["{{ config.wrong }}", "config has no wrong", "hint"],
    ["{{ config.__proto__ }}", "unknown name", "hint"],
    ["{{ __proto__ }}", "unknown name __proto__", "hint"],
    ["{{ constructor }}", "unknown name constructor", "hint"],
    ["{{ $constructor }}", "no built-in $constructor", "hint"],
    ["{{ $env.__proto__ }}", "has no __proto__", "hint"],
    ["{{ config.toString }}", "config has no toString", "hint"],
    ["{{ a..b }}", "column 5 ", "hint"],
  ])("refuses %j: %s", (source, where, why) => {
    const mistake = mistakeOf(() => compileTemplate(source, scope));
    expect(mistake).toContain(where);
    expect(mistake).toContain(why);
  });

  test("refuses a name without a value rather than sending nothing", () => {
    expect(mistakeOf(() => rendered("{{ session }}"))).toContain("session has no value yet");
    expect(mistakeOf(() => rendered("{{ session.id }}", { session: {} }))).toContain(
      "no value yet",
    );
    expect(mistakeOf(() => rendered("{{ session.toString }}", { session: {} }))).toContain(
      "no value",
    );
    expect(rendered("{{ session.id }}", { session: { id: 9 } })).toBe("9");
    expect(rendered("{{ session }}", { session: null })).toBe("null");
    expect(mistakeOf(() => rendered("{{ $pick(session) }}", { session: "x" }))).toContain(
      "not a list",
    );
    expect(rendered("{{ $pick(session) }}", { session: [8] })).toBe("8");
  });

  test("has no environment when it was given none", () => {
    const names = new Map();
    expect(mistakeOf(() => compileTemplate("{{ $env.HOME }}", { names }))).toContain("has no HOME");
  });

  test("never throws anything but a mistake, whatever is written", () => {
    const bits =
      "{{ }} \\{{ room users.token $uuid $pick $env . ( ) , 1 -2 ' \" \\ $ __proto__ é".split(" ");
    const soup = fc
      .array(fc.constantFrom(...bits, " "), { maxLength: 12 })
      .map((all) => all.join(""));
    fc.assert(
      fc.property(fc.oneof(fc.string(), soup), (source) =>
        succeedsOrRefuses(() => compileTemplate(source, scope).render(context())),
      ),
      { numRuns: 2000 },
    );
  });

  test("refuses a megabyte of braces without delay", () => {
    expect(succeedsOrRefuses(() => compileTemplate("{{".repeat(500_000), scope))).toBe(true);
    expect(mistakeOf(() => compileTemplate("{{room}}".repeat(100_000), scope))).toContain("holes");
  });
});

describe("a prepared message", () => {
  test("is bytes alone when nothing changes on this connection", () => {
    const prepared = compileTemplate("ä {{ room }} {{ users.token }}", scope).prepare(context())!;
    expect(prepared.bytes.toString()).toBe("ä lobby t-7");
    expect(prepared.patches).toEqual([]);
    const constant = compileTemplate("hi", scope);
    expect(constant.prepare(context())).toBe(constant.prepare(context()));
  });

  test("says where and how wide its changing parts are, in bytes", () => {
    const source = "ä{{ users.token }} {{ $stamp }} {{ $uuid }} {{ $randomString(4) }} {{ $seq }}";
    const { bytes, patches } = compileTemplate(source, scope).prepare(context())!;
    expect(patches.map(({ name, offset, width }) => [name, offset, width])).toEqual([
      ["$stamp", 6, stampLength],
      ["$uuid", 50, 36],
      ["$randomString", 87, 4],
      ["$seq", 92, 1],
    ]);
    expect(bytes).toHaveLength(93);
  });

  test("patched is what rendering gives", () => {
    const source =
      "{{ $seq }}|{{ $stamp }}|{{ $now }}|{{ $randomInt(10, 99) }}|{{ $uuid }}|{{ users.name }}";
    const template = compileTemplate(source, scope);
    const [one, two] = [context(), context()];
    let prepared = template.prepare(one)!;
    expect(prepared.bytes.toString()).toBe(template.render(two));
    for (let seq = 6; seq < 120; seq++) {
      for (const here of [one, two])
        Object.assign(here, { seq, micros: seq * 1000, now: here.now + 1 });
      const frame = Buffer.concat([Buffer.from("head"), prepared.bytes]);
      const fits = prepared.patches.every((patch) => patch.apply(frame, 4, one));
      // One digit more at 10 and at 100: the place is too small, and the message is made anew.
      expect(fits).toBe(seq !== 10 && seq !== 100);
      if (fits) expect(frame.toString("utf8", 4)).toBe(template.render(two));
      else {
        prepared = template.prepare(one)!;
        expect(prepared.bytes.toString()).toBe(template.render(two));
      }
    }
  });

  test("is not to be had when a hole may have any width", () => {
    for (const hole of ["session", "$pick(rooms)", "$randomInt(1, 100)", "$randomInt(-5, 5)"]) {
      const template = compileTemplate(`{{ ${hole} }}`, scope);
      expect(template.prepare(context({ session: "x" }))).toBeUndefined();
    }
  });

  test("carries a stamp that is found again, patched or rendered", () => {
    const around = fc.string().map((each) => each.replaceAll(/[{~\\]/g, "-"));
    fc.assert(
      fc.property(around, around, fc.nat(), fc.maxSafeNat(), (before, after, seq, micros) => {
        const template = compileTemplate(`${before}{{ $stamp }}${after}`, scope);
        const { bytes, patches } = template.prepare(context())!;
        const now = context({}, { seq, micros });
        expect(patches[0]!.apply(bytes, 0, now)).toBe(true);
        expect(bytes.toString()).toBe(template.render(now));
        const found = new Stamp();
        expect(readStamp(bytes, 0, bytes.length, found)).toBe("ok");
        expect(found).toMatchObject({ run: 42, sender: 7, sequence: seq, micros });
      }),
    );
  });
});
