/** Owns how the pages make elements: server text only ever becomes text. */

/** The element with that id. */
export const $ = (id) => document.getElementById(id);

/** A new element with classes and children; children that are strings become text. */
export function make(tag, classes = "", ...children) {
  const element = document.createElement(tag);
  if (classes !== "") element.className = classes;
  element.append(...children);
  return element;
}

/** The hue of a name: the same name is always the same colour. */
export function hueOf(name) {
  let hash = 7;
  for (const char of name) hash = (Math.imul(hash, 31) + char.codePointAt(0)) >>> 0;
  // Spread by the golden angle, so that names alike get colours apart.
  return Math.round((hash * 137.508) % 360);
}

let countdown;

/** Shows how the connection stands in the pill at the top of every page. */
export function showState(name, detail) {
  const pill = $("state");
  pill.dataset.state = name;
  $("cut").disabled = name !== "live";
  clearInterval(countdown);
  if (name !== "waiting") {
    pill.textContent = name === "live" ? "live" : "connecting…";
    return;
  }
  const until = performance.now() + detail.wait;
  const tick = () => {
    const left = Math.max(0, until - performance.now());
    pill.textContent = `back in ${(left / 1000).toFixed(1)} s`;
  };
  countdown = setInterval(tick, 100);
  tick();
}

/** A count as people read it. */
export const count = new Intl.NumberFormat("en", { useGrouping: true });
