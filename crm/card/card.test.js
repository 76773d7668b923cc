// The view of a record, in every state and with every kind of odd value. Run by `node --test`.

import assert from "node:assert/strict";
import { test } from "node:test";

import { view } from "./card.js";

const NOW = new Date("2026-11-28T12:00:00Z");
const READER = { now: NOW, locale: "en-GB", timeZone: "UTC" };

const output = (more = {}) => ({ field: "any", label: "Label", expected: true, ...more });
const LEADS = {
  priority: output({ label: "Lead priority", choices: ["P1", "P2", "P3", "P4"], sentences: ["Call today", "", "", ""] }),
  priority_index: output({ expected: false }),
  score: output({ minimum: 0, maximum: 100 }),
  fit: output({ minimum: -10, maximum: 40 }),
  engagement: output({ minimum: null, maximum: null }),
  grade: output({ choices: ["A+", "A", "B", "F"] }),
  readiness: output({ choices: ["Aware", "Engaged", "Ready"] }),
  urgency: output({ choices: ["now", "soon", "later", "none"] }),
  likelihood: output({ expected: false }),
  score_trend: output(),
  score_reasons: output(),
  score_status: output(),
  why_now: output(),
  next_step: output(),
  expires_at: output(),
  scored_at: output(),
  feedback: output({ expected: false }),
};
const SCORECARD = { prefix: "", title: "", horizonDays: null, timeZone: "UTC", leads: LEADS, accounts: null };
const FULL = {
  priority: "P2",
  priority_index: "84",
  score: "95",
  fit: "35",
  engagement: "60",
  grade: "B",
  readiness: "Engaged",
  urgency: "now",
  likelihood: "12.5",
  score_trend: "rising",
  score_reasons: "+18 Demo request (27 Nov 2026) · −8 Careers page · +4 others",
  score_status: "scored",
  why_now: "Asked for a demo on 27 Nov",
  next_step: "Call by 4 Dec · ask about industry and size",
  expires_at: "2026-12-05T00:00:00.000Z",
  scored_at: "2026-11-28T11:00:00.000Z",
};
const NOTHING = Object.fromEntries(Object.keys(FULL).map((name) => [name, null]));

const shown = (values, reader = {}, scorecard = SCORECARD) => view(values, scorecard, "leads", { ...READER, ...reader });
const without = (name) => Object.fromEntries(Object.entries(FULL).filter(([key]) => key !== name));

test("a scored lead says what to do, why, and until when, in its first lines", () => {
  const { state, todo, why, until, notice } = shown(FULL);
  assert.deepEqual(
    [state, todo, why, until, notice],
    ["scored", FULL.next_step, FULL.why_now, "P2 until 4 Dec 2026 if nothing happens", null],
  );
});

test("what sales says is shown in the reader's language, and a choice of the company's own as it is", () => {
  assert.equal(shown({ ...FULL, feedback: "Bad fit" }).feedback, "Bad fit");
  assert.equal(shown({ ...FULL, feedback: "Bad fit" }, { locale: "de-DE" }).feedback, "Passt nicht");
  assert.equal(shown({ ...FULL, feedback: "Competitor" }, { locale: "fr" }).feedback, "Competitor");
  assert.equal(shown(FULL).feedback, "");
});

test("what sales says is no result: a lead with nothing else has no score yet", () => {
  assert.equal(shown({ ...NOTHING, feedback: "Good" }).state, "unscored");
  assert.equal(shown({ feedback: "Good" }).state, "missing");
});

test("every number has its unit or scale", () => {
  const { score, parts, likelihood, priority, grade } = shown(FULL);
  assert.deepEqual(
    [score.text, ...parts.map((part) => part.text), likelihood.text, priority.place, priority.index, grade.text],
    [
      "95 of 100 points",
      "35 of 40 points",
      "60 points",
      "12.5% chance of becoming a customer",
      "Number 2 of 4 priorities · stage Engaged",
      "84 within this priority; 100 comes first",
      "from A+ (best) to F",
    ],
  );
});

test("the likelihood names its horizon where that is known", () => {
  const { likelihood } = shown(FULL, {}, { ...SCORECARD, horizonDays: 90 });
  assert.equal(likelihood.text, "12.5% chance of becoming a customer within 90 days");
});

test("the share of a scale stays between 0 and 1, and is null without one", () => {
  const shares = (values) => {
    const { score, parts } = shown({ ...FULL, ...values });
    return [score.share, parts[0].share, parts[1].share];
  };
  assert.deepEqual(shares({ score: "130", fit: "-10" }), [1, 0, null]);
});

test("the stages run from the first to the last, with the lead on its way", () => {
  const path = shown(FULL).stage.path.map(({ value, status }) => `${value} ${status}`);
  assert.deepEqual(path, ["Aware past", "Engaged current", "Ready ahead"]);
});

test("an urgent lead has no date, as it should not wait for one", () => {
  assert.equal(shown(FULL).urgency.text, "Now");
  assert.equal(shown({ ...FULL, urgency: "later" }).urgency.text, "Later, by 4 Dec 2026");
  assert.equal(shown({ ...FULL, urgency: "none" }).urgency.text, "None");
});

test("a field that is not there is named once it is expected", () => {
  const { notice, missing } = shown(without("priority"));
  assert.deepEqual([missing, notice.tone], [["Lead priority"], "warning"]);
  assert.deepEqual(shown(without("likelihood")).missing, []);
});

const STATES = [
  ["missing", {}, "Ask your CRM administrator"],
  ["unscored", NOTHING, "No score yet: use your own judgement"],
  ["insufficient", { ...FULL, score_status: "insufficient data", grade: null }, FULL.next_step],
  ["disqualified", { ...NOTHING, score_status: "disqualified", why_now: "Disqualified: Student" }, "No call: disqualified"],
  ["resting", { ...NOTHING, score_status: "resting" }, "No call for now: resting"],
  ["outOfScope", { ...NOTHING, score_status: "out of scope" }, "Nothing to do: it is not scored any more"],
  ["overdue", { ...FULL, expires_at: "2026-11-26T00:00:00Z" }, FULL.next_step],
];
for (const [state, values, todo] of STATES) {
  test(`a record that is ${state} says so, and what to do`, () => {
    const got = shown(values);
    assert.deepEqual([got.state, got.todo, got.notice !== null], [state, todo, true]);
  });
}

test("a lead of which too little is known says what to find out first", () => {
  const { notice } = shown({ ...FULL, score_status: "insufficient data", grade: null });
  assert.equal(notice.text, "Ask about industry and size first.");
});

test("without the field of the status, the state comes from what the texts begin with", () => {
  const state = (values) => shown({ ...without("score_status"), ...values }).state;
  assert.deepEqual(
    [state({}), state({ grade: null }), state({ why_now: "Disqualified: Student", priority: null }), state({ why_now: "Resting until 3 Dec 2026: Returned" })],
    ["scored", "insufficient", "disqualified", "resting"],
  );
});

test("a priority is out of date a day and a half after it should have been checked, and not before", () => {
  const state = (now) => shown({ ...FULL, expires_at: "2026-11-28T00:00:00Z" }, { now: new Date(now) }).state;
  assert.deepEqual([state("2026-11-29T12:00:00Z"), state("2026-11-29T12:00:01Z")], ["scored", "overdue"]);
});

test("a reason without points that the second line gives is not given again", () => {
  const values = { ...NOTHING, score_status: "disqualified", score_reasons: "Disqualified: Student · −5 Free mailbox" };
  const { why, reasons } = shown(values);
  assert.deepEqual([why, reasons.map(({ text }) => text)], ["Disqualified: Student", ["Free mailbox"]]);
});

test("a disqualified lead is not out of date", () => {
  assert.equal(shown({ ...FULL, score_status: "disqualified", expires_at: "2020-01-01T00:00:00Z" }).state, "disqualified");
});

test("a lead that nobody is to call has no stage, urgency or trend that says otherwise", () => {
  for (const score_status of ["disqualified", "resting", "out of scope"]) {
    const { stage, urgency, trend, likelihood } = shown({ ...FULL, score_status });
    assert.deepEqual([stage, urgency, trend, likelihood], [null, null, null, null]);
  }
});

test("values outside the known ones are shown as they are", () => {
  const got = shown({ ...FULL, priority: "Now!", grade: "Z", readiness: "Elsewhere", urgency: "asap", score_trend: "up", score_status: "odd" });
  assert.deepEqual(
    [got.state, got.priority.value, got.priority.tone, got.priority.place, got.grade.tone, got.stage.path, got.urgency.text, got.trend.text],
    ["scored", "Now!", "none", "", "none", [{ value: "Elsewhere", status: "current" }], "asap, by 4 Dec 2026", "up"],
  );
});

test("a number that is none is shown as it is, without a share", () => {
  const { score, likelihood } = shown({ ...FULL, score: "many", likelihood: "unknown" });
  assert.deepEqual([score.text, score.share, likelihood], ["many", null, null]);
});

test("moments come as ISO 8601, as Salesforce's offset without a colon, and as milliseconds", () => {
  const at = (scored_at) => shown({ ...FULL, scored_at }).updatedAt;
  const same = [at("2026-11-28T11:00:00Z"), at("2026-11-28T12:00:00.000+0100"), at("1795863600000")];
  assert.deepEqual(same, Array(3).fill("Last updated 28 Nov 2026, 11:00"));
  assert.equal(at("yesterday"), "");
});

test("days are those of the scorecard's zone, the moment of the update that of the reader", () => {
  const card = { ...SCORECARD, timeZone: "America/New_York" };
  const got = shown({ ...FULL, urgency: "soon", expires_at: "2026-12-05T05:00:00Z" }, { timeZone: "Asia/Tokyo" }, card);
  assert.deepEqual([got.until, got.urgency.text], ["P2 until 4 Dec 2026 if nothing happens", "Soon, by 4 Dec 2026"]);
  assert.match(got.updatedAt, /20:00/);
});

test("reasons have their sign, and the name of a rule may hold the separator", () => {
  const { reasons } = shown({ ...FULL, score_reasons: "Disqualified: Student · +1,250 Deal · won · −8 Careers page" });
  assert.deepEqual(
    reasons.map(({ points, sign, amount, text, tone }) => [points, sign, amount, text, tone]),
    [
      [null, "", "", "Disqualified: Student", "plain"],
      [1250, "+", "1,250", "Deal · won", "plus"],
      [-8, "−", "8", "Careers page", "minus"],
    ],
  );
});

test("of 5,000 characters of reasons twelve are shown, each cut, and the others counted", () => {
  const many = Array.from({ length: 100 }, (_, place) => `+${place + 1} ${"x".repeat(45)}`).join(" · ");
  const got = shown({ ...FULL, score_reasons: many });
  assert.deepEqual([got.reasons.length, got.moreReasons], [12, "and 88 more"]);
  const [only] = shown({ ...FULL, score_reasons: `+1 ${"x".repeat(5000)}` }).reasons;
  assert.equal(only.text.length, 255);
});

test("markup and right-to-left text go through untouched", () => {
  const why = "<img src=x onerror=alert(1)> طلب عرض";
  assert.equal(shown({ ...FULL, why_now: why }).why, why);
});

test("an unknown language, locale or time zone falls back instead of failing", () => {
  const got = shown(FULL, { locale: "not a locale", timeZone: "Mars/Olympus" });
  assert.equal(got.words.priority, "Priority");
});

test("accounts have their own title, and a scorecard with a title shows it", () => {
  const both = { ...SCORECARD, accounts: LEADS };
  assert.equal(view(FULL, both, "accounts", READER).title, "Account scoring");
  assert.equal(shown(FULL, {}, { ...SCORECARD, title: "Partners" }).title, "Partners");
});

test("a card without accounts shows that the fields are missing, and does not fail", () => {
  assert.equal(view({}, SCORECARD, "accounts", READER).state, "missing");
});
