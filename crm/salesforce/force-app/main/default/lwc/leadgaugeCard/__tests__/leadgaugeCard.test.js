import { createElement } from "lwc";
import { getRecord, notifyRecordUpdateAvailable } from "lightning/uiRecordApi";
import LeadgaugeCard from "c/leadgaugeCard";
import { SCORECARDS } from "../outputs.js";
import { scored } from "./records.js";

jest.mock("../outputs.js", () => {
  const {
    SCORECARDS: [first],
  } = jest.requireActual("../outputs.js");
  return { SCORECARDS: [first, jest.requireActual("./records.js").second(first)] };
});

beforeEach(() => {
  jest.useFakeTimers({ now: new Date("2026-11-29T12:00:00Z"), toFake: ["Date"] });
});

afterEach(() => {
  document.body.replaceChildren();
  jest.clearAllMocks();
});

/** Put the card on a record page; the record has not been read yet. */
function placed(page = {}) {
  const element = createElement("c-leadgauge-card", { is: LeadgaugeCard });
  Object.assign(element, { recordId: "00Q000000000001", objectApiName: "Lead", ...page });
  document.body.append(element);
  return element;
}

/** Hand the cards of the page these values of the record's fields. */
async function given(values) {
  const fields = Object.entries(values).map(([name, value]) => [name, { value, displayValue: null }]);
  getRecord.emit({ fields: Object.fromEntries(fields) });
  await Promise.resolve();
}

async function shown(values, page) {
  const element = placed(page);
  await given(values);
  return element;
}

async function refused(body, status) {
  const element = placed();
  getRecord.error(body, status);
  await Promise.resolve();
  return element;
}

const all = (element, selector) => [...element.shadowRoot.querySelectorAll(selector)];
const texts = (element, selector) => all(element, selector).map((each) => each.textContent);
const text = (element, selector) => element.shadowRoot.querySelector(selector)?.textContent;
const facts = (element) =>
  Object.fromEntries(
    all(element, ".fact").map(({ children: [label, value] }) => [label.textContent, value.textContent]),
  );
const without = (values, name) => Object.fromEntries(Object.entries(values).filter(([each]) => each !== name));
const emptied = (values) => Object.fromEntries(Object.keys(values).map((name) => [name, null]));

describe("what the card reads", () => {
  it.each(["Lead", "Contact"])(
    "asks for the fields of outputs.js of a %s, all of them optional",
    async (objectApiName) => {
      placed({ objectApiName });
      await Promise.resolve();
      const optionalFields = Object.values(SCORECARDS[0].leads).map(({ field }) => `${objectApiName}.${field}`);
      expect(getRecord.getLastConfig()).toEqual({
        recordId: "00Q000000000001",
        fields: [`${objectApiName}.Id`],
        optionalFields,
      });
    },
  );

  it("asks for the fields of accounts on the page of an account", async () => {
    placed({ objectApiName: "Account" });
    await Promise.resolve();
    const ours = Object.values(SCORECARDS[0].accounts).map(({ field }) => `Account.${field}`);
    expect(getRecord.getLastConfig().optionalFields).toEqual(ours);
  });

  it("asks for the fields of the scorecard that the page names", async () => {
    placed({ scorecard: "acme_" });
    await Promise.resolve();
    expect(getRecord.getLastConfig().optionalFields).toContain("Lead.Acme_Lead_Priority__c");
  });

  it("asks anew when the reader comes back to the tab, until the card leaves the page", () => {
    const element = placed();
    document.dispatchEvent(new Event("visibilitychange"));
    expect(notifyRecordUpdateAvailable).toHaveBeenCalledWith([{ recordId: "00Q000000000001" }]);
    element.remove();
    document.dispatchEvent(new Event("visibilitychange"));
    expect(notifyRecordUpdateAvailable).toHaveBeenCalledTimes(1);
  });
});

describe("a scored record", () => {
  it("says first what to do, why, and until when", async () => {
    const lines = texts(await shown(scored), ".act p");
    expect(lines).toEqual([
      "Call by 1 Dec · ask about budget",
      "Asked for a demo on 27 Nov · owner, Software",
      expect.stringContaining("Dec 2, 2026"),
    ]);
  });

  it("shows priority, grade, urgency and likelihood", async () => {
    const urgency = expect.stringContaining("Now");
    expect(facts(await shown(scored))).toEqual({
      Priority: "P1",
      Grade: "A-",
      Urgency: urgency,
      Likelihood: expect.stringContaining("12.5%"),
    });
  });

  it("draws score, fit and engagement on their scales", async () => {
    const element = await shown(scored);
    expect(text(element, ".total .value")).toBe("72 of 100 points");
    expect(texts(element, ".part dd:not(.track)")).toEqual(["30 of 40 points", "42 of 60 points"]);
    expect(all(element, ".fill").map((each) => each.getAttribute("style"))).toEqual(
      ["72", "75", "70"].map((share) => `inline-size: ${share}%`),
    );
  });

  it("marks the stage on its way, in words too", async () => {
    const element = await shown(scored);
    expect(text(element, "[aria-current='step']")).toBe("Evaluating");
    expect(texts(element, ".step")).toEqual(SCORECARDS[0].leads.readiness.choices);
  });

  it("shows what sales says below the reasons, and nothing where it said nothing", async () => {
    const said = await shown({ ...scored, Lead_Feedback__c: "Bad fit" });
    expect(texts(said, ".heading").at(-1)).toBe("What sales says");
    expect(texts(said, ".value").at(-1)).toBe("Bad fit");
    expect(texts(await shown(scored), ".heading")).not.toContain("What sales says");
  });

  it("lists the reasons with their signs", async () => {
    const reasons = all(await shown(scored), ".reason").map(({ children }) =>
      [...children].map((each) => each.textContent),
    );
    expect(reasons).toEqual([
      ["+20", "Decision maker"],
      ["+18", "Contact request (24 Nov 2026)"],
      ["−6", "Careers page"],
    ]);
  });

  it("says how the score moves, and when it was written", async () => {
    const element = await shown(scored);
    expect(text(element, ".total")).toContain("↑ Score up since last week");
    expect(texts(element, ".detail").at(-1)).toMatch(/^Last updated Nov 28, 2026/);
  });

  it("follows the record when it changes", async () => {
    const element = await shown(scored);
    await given({ ...scored, Lead_Priority__c: "P3", Lead_Next_Step__c: "Send the newsletter" });
    expect(facts(element).Priority).toBe("P3");
    expect(text(element, ".todo")).toBe("Send the newsletter");
  });
});

describe("other states", () => {
  it.each([
    ["not scored yet", emptied(scored), "Not scored yet"],
    [
      "of which too little is known",
      { ...scored, Lead_Score_Status__c: "insufficient data" },
      "Too little is known for a grade",
    ],
    ["that is disqualified", { ...emptied(scored), Lead_Score_Status__c: "disqualified" }, "Disqualified"],
    ["that rests", { ...scored, Lead_Score_Status__c: "resting" }, "Resting"],
    ["that is out of scope", { ...emptied(scored), Lead_Score_Status__c: "out of scope" }, "Not scored any more"],
    ["that is overdue", { ...scored, Lead_Expires_At__c: "2026-11-20T00:00:00.000Z" }, "Not up to date"],
    ["without any of our fields", {}, "The fields are not here"],
    ["without some of them", without(scored, "Lead_Grade__c"), "Some fields are not here"],
  ])("says so of a record %s", async (_, values, title) => {
    const element = await shown(values);
    expect(text(element, ".notice .strong")).toBe(title);
    expect(element.shadowRoot.querySelector(".notice lightning-icon").iconName).toMatch(/^utility:/);
    expect(text(element, ".todo")).toBeTruthy();
  });

  it("says what to ask for where too little is known", async () => {
    const element = await shown({
      ...scored,
      Lead_Score_Status__c: "insufficient data",
      Lead_Next_Step__c: "Enrich · ask about job title",
    });
    expect(text(element, ".notice")).toContain("job title");
  });

  it("names the fields that are missing", async () => {
    expect(text(await shown(without(scored, "Lead_Grade__c")), ".notice")).toContain("Lead grade");
  });

  it("says that it loads until the record is there", () => {
    expect(placed().shadowRoot.querySelector("lightning-spinner").alternativeText).toBe("Loading");
  });

  it("repeats what Salesforce says to a reader who may not see the record", async () => {
    const element = await refused(
      [{ message: "You do not have access to this record.", errorCode: "INSUFFICIENT_ACCESS" }],
      403,
    );
    expect(text(element, "[role='alert']")).toContain("You do not have access to this record.");
    expect(all(element, ".todo")).toEqual([]);
  });

  it("says what helps where the network fails, and forgets it once the record could be read", async () => {
    const element = await refused({ message: "Offline." }, 500);
    expect(text(element, "[role='alert']")).toContain("Offline. Reload the page.");
    await given(scored);
    expect(all(element, "[role='alert']")).toEqual([]);
  });
});

describe("what a CRM may hold", () => {
  it("shows a dozen of the reasons in 5,000 characters, and how many more there are", async () => {
    const reasons = Array.from({ length: 200 }, (_, index) => `+${index} A rule with a name`)
      .join(" · ")
      .slice(0, 5000);
    const element = await shown({ ...scored, Lead_Score_Reasons__c: reasons });
    expect(all(element, ".reason")).toHaveLength(12);
    expect(texts(element, ".detail").join()).toMatch(/and \d+ more/);
  });

  it("lets each text of the CRM run in its own direction", async () => {
    const element = await shown({ ...scored, Lead_Next_Step__c: "اتصل قبل 1 ديسمبر" });
    expect(all(element, ".todo, .why, .because, .mark").every((each) => each.getAttribute("dir") === "auto")).toBe(
      true,
    );
  });

  it("shows markup as the text that it is", async () => {
    const markup = "<img src=x onerror=alert(1)><b>bold</b>";
    const values = Object.fromEntries(Object.keys(scored).map((name) => [name, markup]));
    const element = await shown({ ...values, Lead_Score_Reasons__c: `+5 ${markup}` });
    expect(all(element, "img, b")).toEqual([]);
    expect(texts(element, ".todo, .why, .because, .mark, .tag")).toEqual(Array.from({ length: 6 }, () => markup));
  });

  it("shows values that the scorecard does not know as they are", async () => {
    const odd = {
      Lead_Priority__c: "Hot",
      Lead_Grade__c: "Z",
      Lead_Readiness__c: "Nurturing",
      Lead_Urgency__c: "yesterday",
      Lead_Score__c: "many",
    };
    const element = await shown({ ...scored, ...odd });
    expect(facts(element)).toMatchObject({
      Priority: "Hot",
      Grade: "Z",
      Urgency: expect.stringContaining("yesterday"),
    });
    expect(texts(element, ".value")).toEqual(["many", "Nurturing"]);
    expect(all(element, ".path")).toEqual([]);
  });

  it.each([{ ...scored, Lead_Likelihood__c: null }, without(scored, "Lead_Likelihood__c")])(
    "shows no likelihood where none was calibrated",
    async (values) => {
      expect(facts(await shown(values))).not.toHaveProperty("Likelihood");
    },
  );
});

describe("several scorecards", () => {
  const both = { ...scored, Acme_Lead_Priority__c: "P4", Acme_Lead_Next_Step__c: "Leave it to the partner" };

  it("shows two scorecards of a record side by side, each with its name", async () => {
    const elements = [placed(), placed({ scorecard: "acme_" })];
    await given(both);
    expect(elements.map((element) => text(element, ".todo"))).toEqual([
      "Call by 1 Dec · ask about budget",
      "Leave it to the partner",
    ]);
    expect(elements.map((element) => element.shadowRoot.querySelector("lightning-card").title)).toEqual([
      "Lead scoring",
      "Acme",
    ]);
  });

  it("says so where the page names a scorecard that is not installed", async () => {
    expect(text(await shown(both, { scorecard: "gone_" }), "[role='alert']")).toContain("gone_");
  });
});

describe("accounts", () => {
  it("shows the results of an account", async () => {
    const element = await shown(
      { Account_Priority__c: "Next", Account_Next_Step__c: "Call the head of IT" },
      { objectApiName: "Account" },
    );
    expect(text(element, ".todo")).toBe("Call the head of IT");
    expect(facts(element).Priority).toBe("Next");
    expect(element.shadowRoot.querySelector("lightning-card").title).toBe("Account scoring");
  });

  it("says that the fields are not here where the scorecard scores no accounts", async () => {
    const element = await shown({}, { objectApiName: "Account", scorecard: "acme_" });
    expect(text(element, ".notice .strong")).toBe("The fields are not here");
  });
});
