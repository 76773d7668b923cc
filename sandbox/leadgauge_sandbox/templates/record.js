// Shows the components on the page of a record, and keeps them and the timeline or people beside them up to date.
const page = JSON.parse(document.getElementById("page").textContent);
const components = `/_sandbox/components/${page.crm}/`;
const reader = { locale: navigator.language, timeZone: page.timeZone };
const PAUSE = 1000;

async function read() {
  const answer = await fetch(page.record);
  if (answer.status === 404) throw new Error("This record is no longer there.");
  if (!answer.ok) throw new Error(`The sandbox answers with the status ${answer.status}.`);
  return answer.json();
}

let record = read();

/** For each CRM: draws the component of a scorecard into an element, and returns what draws it anew. */
const draw = {
  async hubspot(element, scorecard) {
    const { mountHubSpotCard } = await import(`${components}host.js`);
    const about = { objectTypeId: page.object, objectId: page.id, location: "crm.record.tab" };
    const properties = async () => (await record).properties;
    return mountHubSpotCard(element, { ...reader, ...about, scorecard, properties, bundleUrl: `${components}card.js` }).update;
  },
  async salesforce(element, scorecard) {
    const { mountSalesforceCard } = await import(`${components}leadgauge-card.js`);
    const about = { objectApiName: page.object, recordId: page.id };
    return mountSalesforceCard(element, { ...reader, ...about, scorecard, read: () => record }).refresh;
  },
};

const sections = [...document.querySelectorAll("[data-card]")];
const redraw = await Promise.all(
  sections.map((section, place) => {
    section.hidden = false;
    return draw[page.crm](section.lastElementChild, page.scorecards[place]);
  }),
);

/** Take what stands beside the components from the page as it is now. */
async function retell() {
  const there = document.querySelector("[data-live]");
  const text = there && (await (await fetch(location.href)).text());
  const fresh = text && new DOMParser().parseFromString(text, "text/html").querySelector("[data-live]");
  if (fresh) there.replaceWith(fresh);
}

let asked = null;
let note = "";
const written = (found) => JSON.stringify(found.properties ?? found.fields);
const seconds = () => `${Math.max(1, Math.round((Date.now() - asked) / 1000))} s`;

async function follow() {
  const before = await record;
  const now = await read();
  if (JSON.stringify(now) === JSON.stringify(before)) return;
  record = Promise.resolve(now);
  if (asked && written(now) !== written(before)) note = `${note} The result is here ${seconds()} later.`;
  if (written(now) !== written(before)) asked = null;
  await Promise.all([...redraw.map((again) => again()), retell()]);
}

const said = document.getElementById("said");

/** Let the person of this record ask for a demo. */
async function ask() {
  const answer = await fetch(page.ask.to, { method: "POST", body: JSON.stringify(page.ask.wish) });
  if (!answer.ok) throw new Error(`The sandbox answers with the status ${answer.status}.`);
  asked = Date.now();
  said.textContent = note = `Asked for a demo at ${new Date(asked).toLocaleTimeString()}.`;
  await retell();
}

/** Say what went wrong; the page keeps what it last read. */
const tell = (error) => {
  said.textContent = error instanceof TypeError ? "The sandbox does not answer: this is what it said last." : error.message;
};

let following = false;

async function check() {
  if (following || document.hidden) return;
  following = true;
  await follow().then(() => (said.textContent = note), tell);
  following = false;
}

setInterval(check, PAUSE);
addEventListener("focus", check);
document.getElementById("ask")?.addEventListener("click", () => ask().catch(tell));
