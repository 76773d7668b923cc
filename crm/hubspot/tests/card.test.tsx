import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Scorecard } from "../src/app/cards/card/card.js";
import { SCORECARDS } from "../src/app/cards/card/outputs.js";
import { EMPTY, FULL, rendered } from "./rendering.js";

const [BOARD] = SCORECARDS;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-11-29T12:00:00Z") });
});

afterEach(() => {
  vi.useRealTimers();
});

test("the first two lines say what to do, why, and until when", () => {
  const card = rendered({ values: FULL });
  expect(card.heading()).toBe("Call by 1 Dec · ask about budget");
  expect(card.texts()[0]).toBe(
    "Asked for a demo on 27 Nov · owner, Software, 12 employees · P1 until Dec 1, 2026 if nothing happens",
  );
});

test("priority and grade are large, and each says on which scale it is", () => {
  expect(rendered({ values: FULL }).statistics()).toEqual([
    ["Priority", "P1", "Highest of 4 priorities · stage Ready · since Nov 27, 2026"],
    ["Grade", "B-", "from A+ (best) to F"],
  ]);
});

test("score, fit and engagement stand on their own scales", () => {
  expect(rendered({ values: FULL }).bars()).toEqual([
    ["Score", 69, "69 of 100 points"],
    ["Fit: who they are", 75, "30 of 40 points"],
    ["Engagement: what they did", 65, "39 of 60 points"],
  ]);
});

test("points without a known maximum are told, not drawn", () => {
  const scorecard: Scorecard = { ...BOARD, leads: { ...BOARD.leads, score: { ...BOARD.leads.score, maximum: null } } };
  const card = rendered({ values: { score: "69" }, scorecard });
  expect(card.bars()).toEqual([]);
  expect(card.texts()).toEqual(expect.arrayContaining(["Score", "69 points"]));
});

test("a negative score leaves its bar empty and says its points", () => {
  expect(rendered({ values: { ...FULL, score: "-12" } }).bars()[0]).toEqual(["Score", 0, "-12 of 100 points"]);
});

test("the stage stands on its way", () => {
  const { stepNames, currentStep, variant } = rendered({ values: FULL }).steps()!;
  expect(stepNames[currentStep!]).toBe("Ready");
  expect(stepNames.indexOf("Aware")).toBeLessThan(currentStep!);
  expect(variant).toBe("default");
});

test("the sidebar names only the stage that is reached", () => {
  expect(rendered({ values: FULL, location: "crm.record.sidebar" }).steps()!.variant).toBe("compact");
});

test("urgency has its date, the trend its arrow", () => {
  expect(rendered({ values: FULL }).facts()).toMatchObject({
    Urgency: "Now",
    Trend: "↑ Score up since last week",
  });
});

test("the likelihood names its horizon where that is known", () => {
  const { Likelihood } = rendered({ values: FULL, scorecard: { ...BOARD, horizonDays: 90 } }).facts();
  expect(Likelihood).toBe("12.5% chance of becoming a customer within 90 days");
});

test("without calibration there is no likelihood, not one of zero", () => {
  expect(rendered({ values: { ...FULL, likelihood: null } }).facts()).not.toHaveProperty("Likelihood");
});

test("reasons are signed lines", () => {
  expect(rendered({ values: FULL }).reasons()).toEqual([
    "+36 Demo request (25 Nov 2026)",
    "+20 Decision maker",
    "−6 Careers page (19 Oct 2026)",
  ]);
});

test("what sales says stands below the reasons, and is left out where it said nothing", () => {
  expect(rendered({ values: { ...FULL, feedback: "Bad fit" } }).facts()["What sales says"]).toBe("Bad fit");
  expect(rendered({ values: { ...FULL, feedback: "Bad fit" }, locale: "de" }).facts()["Was der Vertrieb sagt"]).toBe("Passt nicht");
  expect(rendered({ values: { ...FULL, feedback: null } }).facts()).not.toHaveProperty("What sales says");
});

test("the card says when it was written, on the account's clock", () => {
  expect(rendered({ values: FULL }).texts().at(-1)).toMatch(/^Last updated Nov 28, 2026, 10:51\sPM$/);
});

test("a time in milliseconds reads as one in ISO 8601", () => {
  const values = { ...FULL, scored_at: String(Date.parse(FULL.scored_at)) };
  expect(rendered({ values }).texts()).toEqual(rendered({ values: FULL }).texts());
});

test("words, numbers and dates are in the reader's language", () => {
  const card = rendered({ values: { ...FULL, urgency: "soon" }, locale: "de-de" });
  expect(card.bars()[0]).toEqual(["Score", 69, "69 von 100 Punkten"]);
  expect(card.facts().Dringlichkeit).toBe("Bald, bis 01.12.2026");
});

test("an unknown locale and an unknown time zone do not break the card", () => {
  expect(rendered({ values: FULL, locale: "x", timezone: "Mars/Olympus" }).statistics()[0][0]).toBe("Priority");
});

test("a company shows the results of its account", () => {
  const card = rendered({ values: { ...FULL, priority: "Watch", readiness: "Engaged" }, of: "accounts" });
  expect(card.asked()[0]).toContain(BOARD.accounts!.priority.field);
  expect(card.asked()[0]).not.toContain(BOARD.leads.priority.field);
  expect(card.tag()).toEqual(["Watch, and invite to the next event", "default"]);
});

test("while HubSpot reads the record, the card says so", () => {
  const card = rendered({ isLoading: true });
  expect(card.spinner()).toBe("Loading");
  expect(card.heading()).toBeUndefined();
});

test("if HubSpot cannot read the record, the card says what to do, and passes on why", async () => {
  const card = rendered({ error: () => new Error("Forbidden") });
  expect(card.spinner()).toBe("Loading");
  await card.settled(() => expect(card.failure()).toBe("The record could not be read"));
  expect(card.texts()).toEqual([expect.stringMatching(/^Reload the page\./), "Forbidden"]);
});

const INSUFFICIENT = { ...EMPTY, score_status: "insufficient data", next_step: "Find out · ask about industry, employees" };
const STATES: [string, Record<string, string | null>, string, string, string][] = [
  ["not scored yet", EMPTY, "No score yet: use your own judgement", "Not scored yet", "info"],
  ["insufficient data", INSUFFICIENT, INSUFFICIENT.next_step, "Too little is known for a grade", "info"],
  ["disqualified", { ...EMPTY, score_status: "disqualified" }, "No call: disqualified", "Disqualified", "danger"],
  ["resting", { ...EMPTY, score_status: "resting" }, "No call for now: resting", "Resting", "info"],
  ["out of scope", { ...EMPTY, score_status: "out of scope" }, "Nothing to do: it is not scored any more", "Not scored any more", "info"],
  ["overdue", { ...FULL, expires_at: "2026-11-20T00:00:00Z" }, FULL.next_step, "Not up to date", "warning"],
];

test.each(STATES)("%s: the card says what to do, and why it shows no more", (_, values, todo, title, variant) => {
  const card = rendered({ values });
  expect(card.heading()).toBe(todo);
  expect(card.alert()).toMatchObject({ title, variant });
});

test("insufficient data: the card says what to find out", () => {
  expect(rendered({ values: INSUFFICIENT }).alert()!.text).toBe("Ask about industry, employees first.");
});

test("disqualified: the card says why", () => {
  const values = { ...EMPTY, score_status: "disqualified", why_now: "Disqualified: Student" };
  expect(rendered({ values }).texts()[0]).toBe("Disqualified: Student");
});

test("if HubSpot refuses to read properties that it does not have, the card asks for the expected ones", async () => {
  const expected = Object.values(BOARD.leads).flatMap(({ field, expected }) => (expected ? [field] : []));
  const unknown = new Error("Property does not exist");
  const card = rendered({ values: FULL, error: (names) => (names.length > expected.length ? unknown : null) });
  await card.settled(() => expect(card.heading()).toBe(FULL.next_step));
  expect(card.asked().at(-1)).toEqual(expected);
});

test("null in a property that nobody is known to write is no property", () => {
  const scorecard: Scorecard = { ...BOARD, leads: { ...BOARD.leads, grade: { ...BOARD.leads.grade, expected: false } } };
  expect(rendered({ values: { ...FULL, grade: null, score_status: null }, scorecard }).alert()).toBeNull();
});

test("no property at all, as without the fields or without permission: the card says whom to ask", () => {
  const card = rendered({ properties: { firstname: "Ada" } });
  expect(card.heading()).toBe("Ask your CRM administrator");
  expect(card.alert()).toMatchObject({ title: "The fields are not here", variant: "warning" });
  expect(card.statistics()).toEqual([]);
});

test("some properties missing: the card names them and shows the rest", () => {
  const { grade: _, ...values } = FULL;
  const card = rendered({ values });
  expect(card.alert()!.text).toContain(BOARD.leads.grade.label);
  expect(card.statistics().map(([label]) => label)).toEqual(["Priority"]);
});

test("values outside the known options are shown as they are, with no place among them", () => {
  const odd = { ...FULL, priority: "Odd", grade: "Z", readiness: "Elsewhere", urgency: "whenever" };
  const card = rendered({ values: odd });
  expect(card.statistics()[0]).toEqual(["Priority", "Odd", "since Nov 27, 2026"]);
  expect(card.steps()).toMatchObject({ stepNames: ["Elsewhere"], currentStep: 0 });
  expect(card.facts().Urgency).toMatch(/^whenever/);
  expect(card.tag()).toBeNull();
});

test("5,000 characters of reasons stay a short list that says how many more there are", () => {
  const card = rendered({ values: { ...FULL, score_reasons: "+1 Newsletter read · ".repeat(250) } });
  expect(card.reasons()).toHaveLength(12);
  expect(card.texts()).toContain("and 238 more");
});

test("markup in the CRM's text stays text", () => {
  const markup = '<img src=x onerror="alert(1)"><script>1</script> {{7*7}}';
  const card = rendered({ values: { ...FULL, next_step: markup, score_reasons: `+5 ${markup}` } });
  expect(card.heading()).toBe(markup);
  expect(card.reasons()).toEqual([`+5 ${markup}`]);
});

test("text that runs from right to left is kept whole", () => {
  const arabic = "اتصل قبل 1 ديسمبر · اسأل عن الميزانية";
  expect(rendered({ values: { ...FULL, next_step: arabic } }).heading()).toBe(arabic);
});

test("two scorecards side by side read their own properties", () => {
  const prefixed = Object.entries(BOARD.leads).map(([name, one]) => [name, { ...one, field: `acme_${one.field}` }]);
  const second: Scorecard = { ...BOARD, prefix: "acme_", title: "Acme", leads: Object.fromEntries(prefixed) };
  const properties = { [BOARD.leads.priority.field]: "P1", [second.leads.priority.field]: "P3" };
  expect(rendered({ properties }).statistics()[0][1]).toBe("P1");
  expect(rendered({ properties, scorecard: second }).statistics()[0][1]).toBe("P3");
});
