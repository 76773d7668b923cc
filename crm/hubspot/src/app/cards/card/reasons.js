// Copied from crm/card/reasons.js: change it there, and run `python -m crm`.
/** The reasons of a score, one by one, from the text that leadgauge writes: `+15 Software · −8 Careers page`. */

/**
 * @typedef {object} Reason
 * @property {number | null} points null where the reason gives none, such as `Disqualified: Student`
 * @property {"+" | "−" | ""} sign
 * @property {string} amount the points without their sign
 * @property {string} text
 * @property {"plus" | "minus" | "plain"} tone
 */

const BETWEEN = " · ";
const SIGNED = /^([+\u2212-])(\d[\d.,]*) (.+)$/s;

/** As many as fit on a record page. leadgauge writes six at most; the field may hold anything. */
const MOST = 12;
const LONGEST = 255;

/**
 * Return the reasons in a text, and how many more there are.
 *
 * @param {string} text
 * @returns {{ reasons: Reason[], more: number }}
 */
export function reasonsIn(text) {
  const found = items(text).map(reasonOf);
  return { reasons: found.slice(0, MOST), more: Math.max(0, found.length - MOST) };
}

/**
 * Split a text between its reasons: the name of a rule may hold the separator too.
 *
 * @param {string} text
 * @returns {string[]}
 */
function items(text) {
  /** @type {string[]} */
  const found = [];
  for (const part of text.split(BETWEEN).filter((one) => one.trim() !== "")) {
    const last = found.length - 1;
    if (last >= 0 && SIGNED.test(found[last]) && !SIGNED.test(part)) found[last] += BETWEEN + part;
    else found.push(part);
  }
  return found;
}

/**
 * @param {string} item
 * @returns {Reason}
 */
function reasonOf(item) {
  const [, mark, amount, text] = SIGNED.exec(item) ?? [];
  if (mark === undefined) return { points: null, sign: "", amount: "", text: cut(item), tone: "plain" };
  const takes = mark !== "+";
  const points = Number(amount.replaceAll(",", "")) * (takes ? -1 : 1);
  return { points, sign: takes ? "−" : "+", amount, text: cut(text), tone: takes ? "minus" : "plus" };
}

/**
 * @param {string} text
 * @returns {string}
 */
function cut(text) {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
