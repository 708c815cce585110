import { describe, expect, test } from "vitest";
import { agreementOf, offerOf } from "../../src/session/compression.js";

test.each([
  [{}, "permessage-deflate"],
  [{ clientMaxWindowBits: true as const }, "permessage-deflate; client_max_window_bits"],
  [
    {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      clientMaxWindowBits: 10,
      serverMaxWindowBits: 9,
    },
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=10",
  ],
])("the offer %j is written %j", (offer, written) => {
  expect(offerOf(offer)).toBe(written);
});

const browsers = "permessage-deflate; client_max_window_bits";

describe("what is agreed", () => {
  test.each([
    [undefined, undefined, undefined],
    [browsers, undefined, undefined],
    [browsers, "x-other; a=b", undefined],
    [browsers, "permessage-deflate", "permessage-deflate"],
    [
      browsers,
      'PerMessage-Deflate ; Client_Max_Window_Bits="12"',
      "permessage-deflate; client_max_window_bits=12",
    ],
    [
      "permessage-deflate",
      "permessage-deflate; server_no_context_takeover;client_no_context_takeover; server_max_window_bits=15",
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=15",
    ],
    // The server does not have to repeat what binds us only.
    [
      "permessage-deflate; client_max_window_bits=9",
      "permessage-deflate",
      "permessage-deflate; client_max_window_bits=9",
    ],
  ])("%j, %j", (offered, agreed, header) => {
    const outcome = agreementOf(offered, agreed);
    expect("agreement" in outcome && outcome.agreement?.header).toBe(header);
  });

  test("a window of 8 bits, which zlib cannot keep to: nothing is compressed by us", () => {
    const outcome = agreementOf(browsers, "permessage-deflate; client_max_window_bits=8");
    expect(outcome).toMatchObject({ agreement: { deflates: false } });
  });

  test.each([
    [browsers, "permessage-deflate, permessage-deflate", /2 times/],
    [browsers, "permessage-deflate; client_max_window_bits", /no window/],
    [browsers, "permessage-deflate; server_max_window_bits=7", /no window/],
    [browsers, "permessage-deflate; server_max_window_bits=16", /no window/],
    [browsers, "permessage-deflate; server_max_window_bits=08", /no window/],
    ["permessage-deflate", "permessage-deflate; client_max_window_bits=9", /not offered/],
    [
      "permessage-deflate; server_max_window_bits=9",
      "permessage-deflate; server_max_window_bits=10",
      /9 was offered/,
    ],
    [browsers, "permessage-deflate; server_no_context_takeover=1", /has a value/],
    [
      browsers,
      "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
      /second time/,
    ],
    [browsers, "permessage-deflate; window=\u001b[31m", /does not have/],
    [browsers, "permessage-deflate; ", /does not have/],
  ])("%j, %j is wrong", (offered, agreed, message) => {
    const outcome = agreementOf(offered, agreed);
    expect("problem" in outcome && outcome.problem.message).toMatch(message);
    // oxlint-disable-next-line no-control-regex -- none must get through
    expect(JSON.stringify(outcome)).not.toMatch(/\u001b/);
  });
});

test.each([
  ["permessage-deflate; server_no_context_takeover", "", ["server_no_context_takeover"]],
  ["permessage-deflate; server_max_window_bits=10", "", ["server_max_window_bits"]],
  [
    "permessage-deflate; server_max_window_bits=10; server_no_context_takeover",
    "; server_max_window_bits=9; server_no_context_takeover",
    [],
  ],
  // What binds us only is a hint, and of several offers the answer may take the one without demands.
  ["permessage-deflate; client_no_context_takeover; client_max_window_bits=9", "", []],
  ["permessage-deflate; server_no_context_takeover, permessage-deflate", "", []],
])("of the demands of %j, the answer %j leaves out %j", (offered, answer, unconfirmed) => {
  const outcome = agreementOf(offered, `permessage-deflate${answer}`);
  expect(outcome).toMatchObject({ agreement: { unconfirmed } });
});
