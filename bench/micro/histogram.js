/** Owns the contest of histograms: recording one round trip. */
import { build } from "hdr-histogram-js";
import { Random, seedOf } from "../../dist/base/random.js";
import { Recorder } from "../../dist/metrics/recorder.js";

const mask = 4095;
const random = new Random(seedOf("histogram"));
/** Times in ms as runs have them: mostly around one, some a hundred times as long. */
const times = Float64Array.from({ length: mask + 1 }, () => Math.exp(random.float() * 6 - 2));
const recorder = new Recorder();
const hdr = build({
  bitBucketSize: 32,
  lowestDiscernibleValue: 1,
  highestTrackableValue: 3_600_000_000,
  numberOfSignificantValueDigits: 3,
});

/** @type {import("./contest.js").Contest} */
export const histogramContest = {
  name: "record a time",
  subjects: [
    {
      name: "Recorder",
      run: (count) => {
        for (let i = 0; i < count; i++) recorder.record(times[i & mask]);
        return recorder.empty;
      },
    },
    {
      name: "hdr-histogram-js, 32 bit",
      run: (count) => {
        for (let i = 0; i < count; i++) hdr.recordValue(Math.round(times[i & mask] * 1000));
        return hdr.totalCount;
      },
    },
  ],
};
