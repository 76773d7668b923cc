// Copied from crm/card/card.js: change it there, and run `python -m crm`.
/**
 * The card: what a record says about its lead or account, from the fields that leadgauge writes.
 *
 * Both CRMs' components draw the same view and add nothing to it. Everything in it is text, in the reader's language;
 * it must never be read as markup.
 */

import { chance, day, dayAndTime, momentOf, number, numberOf } from "./formats.js";
import { reasonsIn } from "./reasons.js";
import { fill, textsIn } from "./texts.js";

/** @typedef {import("./formats.js").Reader} Reader */
/** @typedef {import("./reasons.js").Reason} Reason */
/** @typedef {import("./texts.js").Texts} Texts */
/** @typedef {"leads" | "accounts"} Of */

/**
 * One output of a scorecard.
 *
 * @typedef {object} Output
 * @property {string} field its name in the CRM
 * @property {string} label
 * @property {boolean} expected whether it is written, so that its absence is worth a warning
 * @property {string[]} [choices] best first; of the stage, the first one first
 * @property {string[]} [sentences] what each choice means; empty where that is not said
 * @property {number | null} [minimum]
 * @property {number | null} [maximum]
 */

/** @typedef {Record<string, Output>} Outputs by their name without `lead_` */

/**
 * One scorecard whose results are on the record.
 *
 * @typedef {object} Scorecard
 * @property {string} prefix
 * @property {string} title empty for the only one
 * @property {number | null} horizonDays the days that the likelihood looks ahead; null if that is not known
 * @property {string} [timeZone] in which its days begin
 * @property {Outputs} leads
 * @property {Outputs | null} accounts null if it does not score accounts
 */

/** @typedef {Record<string, string | null>} Values by the output's name; one that is not visible is absent */

/** @typedef {"scored" | "unscored" | "insufficient" | "disqualified" | "resting" | "outOfScope" | "missing" | "overdue"} State */
/** @typedef {{ tone: "info" | "warning" | "danger", title: string, text: string }} Notice */
/** @typedef {"best" | "good" | "fair" | "low" | "none"} Tone */
/** @typedef {{ key: string, label: string, value: number | null, text: string, minimum: number | null, maximum: number | null, share: number | null }} Points */

/**
 * @typedef {object} View
 * @property {State} state
 * @property {string} title
 * @property {Notice | null} notice
 * @property {string} todo the first line: what to do
 * @property {string} why the second line: why now
 * @property {string} until until when the priority holds; empty if it does not fall
 * @property {{ value: string, sentence: string, tone: Tone, place: string, index: string, since: string } | null} priority
 * @property {{ value: string, tone: Tone, text: string } | null} grade
 * @property {Points | null} score
 * @property {Points[]} parts fit and engagement
 * @property {{ value: string, arrow: string, text: string } | null} trend
 * @property {{ value: string, path: { value: string, status: "past" | "current" | "ahead" }[] } | null} stage
 * @property {{ value: string, text: string, tone: Tone } | null} urgency
 * @property {{ value: number, text: string } | null} likelihood
 * @property {Reason[]} reasons
 * @property {string} moreReasons `and 5 more`, empty if all are shown
 * @property {string} feedback what sales says of the lead, empty if nothing
 * @property {string} updatedAt
 * @property {string[]} missing the labels of what is expected and not visible
 * @property {Texts} words
 */

/** Longer than any pass takes: a priority that should have been checked that long ago is not up to date. */
const GRACE = 36 * 60 * 60 * 1000;
/** @type {Set<State>} */
const OUT = new Set(["disqualified", "resting", "outOfScope"]);
const ASK = "ask about ";
const FEEDBACK = "feedback";
/** @type {Record<string, keyof Texts>} */
const SAID = { Good: "saidGood", "Bad fit": "saidBadFit", "Bad timing": "saidBadTiming", Bot: "saidBot" };
const BETWEEN = " · ";

/** @type {Record<string, State>} */
const STATES = {
  "insufficient data": "insufficient",
  resting: "resting",
  disqualified: "disqualified",
  "out of scope": "outOfScope",
};

/** How the texts begin that leadgauge writes for leads without a score, for CRMs without the field of the status. */
const BEGINNINGS = /** @type {const} */ ([
  ["Disqualified", "disqualified"],
  ["Resting until", "resting"],
  ["Too little is known", "insufficient"],
]);

/**
 * Return what to show of a record.
 *
 * @param {Values} values
 * @param {Scorecard} scorecard
 * @param {Of} of
 * @param {Reader} reader
 * @returns {View}
 */
export function view(values, scorecard, of, reader) {
  return new Card(values, scorecard, of, reader).view();
}

class Card {
  /**
   * @param {Values} values
   * @param {Scorecard} scorecard
   * @param {Of} of
   * @param {Reader} reader
   */
  constructor(values, scorecard, of, reader) {
    this.values = values;
    this.scorecard = scorecard;
    this.of = of;
    this.reader = reader;
    this.outputs = scorecard[of] ?? {};
    this.words = textsIn(reader.locale);
    this.expires = momentOf(values.expires_at);
    this.state = this.stateOf();
  }

  /** @returns {View} */
  view() {
    const { reasons, more } = reasonsIn(this.text("score_reasons"));
    // Nobody is to call it, so a stage such as Ready or an urgency would only contradict that.
    const out = OUT.has(this.state);
    const why = this.text("why_now") || (reasons[0]?.text ?? "");
    return {
      state: this.state,
      title: this.scorecard.title || (this.of === "leads" ? this.words.lead : this.words.account),
      notice: this.notice(),
      todo: this.todo(),
      why,
      until: this.until(),
      priority: this.priority(),
      grade: this.grade(),
      score: this.points("score", this.words.score),
      parts: [this.points("fit", this.words.fit), this.points("engagement", this.words.engagement)].filter(isThere),
      trend: out ? null : this.trend(),
      stage: out ? null : this.stage(),
      urgency: out ? null : this.urgency(),
      likelihood: out ? null : this.likelihood(),
      reasons: reasons.filter(({ points, text }) => points !== null || text !== why), // the second line says it already
      moreReasons: more ? fill(this.words.more, { count: more }) : "",
      feedback: this.feedback(),
      updatedAt: this.updatedAt(),
      missing: this.missing(),
      words: this.words,
    };
  }

  /**
   * Return a field's text; empty if it is empty or not there.
   *
   * @param {string} name
   */
  text(name) {
    return (this.values[name] ?? "").trim();
  }

  /** @returns {State} */
  stateOf() {
    const names = Object.keys(this.values).filter((name) => name !== FEEDBACK); // which people fill, not we
    if (!names.some((name) => name in this.outputs)) return "missing";
    if (names.every((name) => this.text(name) === "")) return "unscored";
    const state = STATES[this.text("score_status")] ?? this.deduced();
    return (state === "scored" || state === "insufficient") && this.isOverdue() ? "overdue" : state;
  }

  /**
   * Return the state of a record whose CRM has no field for the status, or holds a value there that is not ours.
   *
   * @returns {State}
   */
  deduced() {
    if (this.text("score_status") === "scored") return "scored";
    const said = this.text("why_now") || this.text("score_reasons");
    const begun = BEGINNINGS.find(([beginning]) => said.startsWith(beginning));
    if (begun) return begun[1];
    return "grade" in this.values && this.text("grade") === "" ? "insufficient" : "scored";
  }

  isOverdue() {
    return this.expires !== null && this.expires.getTime() + GRACE < this.reader.now.getTime();
  }

  /** @returns {Notice | null} */
  notice() {
    const words = this.words;
    switch (this.state) {
      case "missing":
        return { tone: "warning", title: words.missingTitle, text: words.missingText };
      case "unscored":
        return { tone: "info", title: words.unscoredTitle, text: words.unscoredText };
      case "insufficient":
        return { tone: "info", title: words.insufficientTitle, text: this.unknown() };
      case "disqualified":
        return { tone: "danger", title: words.disqualifiedTitle, text: words.disqualifiedText };
      case "resting":
        return { tone: "info", title: words.restingTitle, text: words.restingText };
      case "outOfScope":
        return { tone: "info", title: words.outOfScopeTitle, text: words.outOfScopeText };
      case "overdue":
        return { tone: "warning", title: words.overdueTitle, text: fill(words.overdueText, { date: this.dayOfFall() }) };
      default:
        return this.someMissing();
    }
  }

  /** @returns {Notice | null} */
  someMissing() {
    const missing = this.missing();
    const text = fill(this.words.someMissingText, { fields: missing.join(", ") });
    return missing.length ? { tone: "warning", title: this.words.someMissingTitle, text } : null;
  }

  /** Return what to find out first, which the next step ends with. */
  unknown() {
    const asked = this.text("next_step").split(BETWEEN).find((part) => part.startsWith(ASK));
    if (asked === undefined) return this.words.insufficientText;
    return fill(this.words.insufficientAsk, { fields: asked.slice(ASK.length) });
  }

  todo() {
    switch (this.state) {
      case "missing":
        return this.words.missingTodo;
      case "unscored":
        return this.words.unscoredTodo;
      case "disqualified":
        return this.words.disqualifiedTodo;
      case "resting":
        return this.words.restingTodo;
      case "outOfScope":
        return this.words.outOfScopeTodo;
      default:
        return this.text("next_step") || this.sentence() || this.words.untold;
    }
  }

  until() {
    if (this.expires === null || this.state === "overdue" || this.text("priority") === "") return "";
    return fill(this.words.falls, { priority: this.text("priority"), date: this.lastDay() });
  }

  /** Return the last day of the priority, which is that by which the next step says to act. */
  lastDay() {
    return this.expires ? day(new Date(this.expires.getTime() - 1), this.reader, this.scorecard.timeZone) : "";
  }

  dayOfFall() {
    return this.expires ? day(this.expires, this.reader, this.scorecard.timeZone) : "";
  }

  priority() {
    const value = this.text("priority");
    if (value === "") return null;
    const since = momentOf(this.values.priority_since);
    return {
      value,
      sentence: this.sentence(),
      tone: toneOf(this.placeOf("priority"), this.choices("priority").length),
      place: this.place(),
      index: this.index(),
      since: since ? fill(this.words.since, { date: day(since, this.reader) }) : "",
    };
  }

  sentence() {
    return this.outputs.priority?.sentences?.[this.placeOf("priority")] ?? "";
  }

  /**
   * Return where the priority stands among the others, and the stage that it comes from: without it, the lowest
   * priority beside the best grade of a customer is a riddle. Empty for one that is not among the choices.
   */
  place() {
    const [place, count] = [this.placeOf("priority"), this.choices("priority").length];
    if (place < 0) return "";
    const text = place === 0 ? this.words.highest : place === count - 1 ? this.words.lowest : this.words.place;
    const stage = this.text("readiness");
    const parts = [fill(text, { place: place + 1, count }), stage && fill(this.words.stageOf, { stage })];
    return parts.filter((part) => part !== "").join(BETWEEN);
  }

  index() {
    const index = numberOf(this.values.priority_index);
    if (index === null) return "";
    return fill(this.words.index, { index: number(index, this.reader) });
  }

  grade() {
    const value = this.text("grade");
    if (value === "") return null;
    const [best, worst] = [this.choices("grade").at(0), this.choices("grade").at(-1)];
    const text = best && worst ? fill(this.words.scale, { best, worst }) : "";
    return { value, tone: toneOfGrade(value), text };
  }

  /**
   * @param {string} key
   * @param {string} label
   * @returns {Points | null}
   */
  points(key, label) {
    const written = this.text(key);
    if (written === "") return null;
    const { minimum = null, maximum = null } = this.outputs[key] ?? {};
    const value = numberOf(written);
    const share = value === null || maximum === null || maximum <= 0 ? null : Math.min(1, Math.max(0, value / maximum));
    return { key, label, value, text: value === null ? written : this.amount(value, maximum), minimum, maximum, share };
  }

  /**
   * Return points with their unit, and their scale if there is one.
   *
   * @param {number} value
   * @param {number | null} maximum
   */
  amount(value, maximum) {
    const points = number(value, this.reader);
    if (maximum === null) return fill(this.words.points, { points });
    return fill(this.words.pointsOf, { points, maximum: number(maximum, this.reader) });
  }

  trend() {
    const value = this.text("score_trend");
    if (value === "") return null;
    const arrow = { rising: "↑", steady: "→", falling: "↓" }[value] ?? "";
    return { value, arrow, text: this.ours(value, ["rising", "steady", "falling"]) };
  }

  /** @returns {View["stage"]} */
  stage() {
    const value = this.text("readiness");
    if (value === "") return null;
    const stages = this.choices("readiness");
    const now = stages.indexOf(value);
    if (now < 0) return { value, path: [{ value, status: "current" }] };
    const path = stages.map((stage, place) => ({ value: stage, status: statusOf(place, now) }));
    return { value, path };
  }

  /** @returns {View["urgency"]} */
  urgency() {
    const value = this.text("urgency");
    if (value === "") return null;
    const said = this.ours(value, ["now", "soon", "later", "none"]);
    const tones = /** @type {Record<string, Tone>} */ ({ now: "best", soon: "good", later: "fair", none: "low" });
    // Who should act at once does not wait for the day on which the priority falls.
    const waits = value !== "now" && value !== "none" && this.until() !== "";
    const date = waits ? this.lastDay() : "";
    return { value, text: date ? fill(this.words.by, { urgency: said, date }) : said, tone: tones[value] ?? "none" };
  }

  likelihood() {
    const value = numberOf(this.values.likelihood);
    if (value === null) return null;
    const days = this.scorecard.horizonDays;
    const text = days === null ? this.words.chance : this.words.chanceWithin;
    return { value, text: fill(text, { chance: chance(value, this.reader), days: days ?? "" }) };
  }

  /** Return what sales says in the reader's language; a choice of the company's own as it is. */
  feedback() {
    const said = this.text(FEEDBACK);
    const key = SAID[said];
    return key ? this.words[key] : said;
  }

  updatedAt() {
    const moment = momentOf(this.values.scored_at);
    return moment ? fill(this.words.updated, { moment: dayAndTime(moment, this.reader) }) : "";
  }

  missing() {
    const expected = Object.entries(this.outputs).filter(([, output]) => output.expected);
    return expected.filter(([name]) => !(name in this.values)).map(([, output]) => output.label);
  }

  /**
   * Return a value of ours in the reader's language, another one as it is.
   *
   * @param {string} value
   * @param {(keyof Texts)[]} known
   */
  ours(value, known) {
    const key = known.find((one) => one === value);
    return key ? this.words[key] : value;
  }

  /** @param {string} name */
  choices(name) {
    return this.outputs[name]?.choices ?? [];
  }

  /** @param {string} name */
  placeOf(name) {
    return this.choices(name).indexOf(this.text(name));
  }
}

/**
 * @template T
 * @param {T | null} value
 * @returns {value is T}
 */
function isThere(value) {
  return value !== null;
}

/**
 * @param {number} place
 * @param {number} count
 * @returns {Tone}
 */
function toneOf(place, count) {
  if (place < 0) return "none";
  if (place === 0) return "best";
  if (place === count - 1) return "low";
  return place === 1 ? "good" : "fair";
}

/**
 * @param {string} grade
 * @returns {Tone}
 */
function toneOfGrade(grade) {
  return /** @type {Record<string, Tone>} */ ({ A: "best", B: "good", C: "fair", D: "low", F: "low" })[grade[0]] ?? "none";
}

/**
 * @param {number} place
 * @param {number} now
 * @returns {"past" | "current" | "ahead"}
 */
function statusOf(place, now) {
  if (place === now) return "current";
  return place < now ? "past" : "ahead";
}
