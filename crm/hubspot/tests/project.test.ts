import { translate } from "@hubspot/project-parsing-lib/translate";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const ROOT = path.join(import.meta.dirname, "..");
const SOURCE = path.join(ROOT, "src");
const CARDS = path.join(SOURCE, "app/cards");

const json = (file: string) => JSON.parse(readFileSync(path.join(ROOT, file), "utf8"));

/** What HubSpot's own parser makes of the project; it can check the fields of a schema only with an account. */
async function parsed() {
  const { platformVersion } = json("hsproject.json");
  const context = { projectSourceDir: SOURCE, platformVersion, accountId: 1 };
  const { intermediateRepresentation, skippedHsMetaFiles } = await translate(context, { skipValidation: true });
  const nodes = Object.values(intermediateRepresentation.intermediateNodesIndexedByUid);
  const cards = nodes.filter(({ componentType }) => componentType === "CARD").map(({ config }) => config as Card);
  return { types: nodes.map(({ componentType }) => componentType), cards, skippedHsMetaFiles };
}

type Card = { location: string; entrypoint: string; objectTypes: string[] };

test("HubSpot's parser finds one app and its four cards, and skips no file", async () => {
  const { types, skippedHsMetaFiles } = await parsed();
  expect(types.sort()).toEqual(["APPLICATION", ...Array(4).fill("CARD")]);
  expect(skippedHsMetaFiles).toEqual([]);
});

test("contacts and companies have a card in the tab and one in the sidebar", async () => {
  const places = (await parsed()).cards.map(({ objectTypes, location }) => `${objectTypes} ${location}`);
  expect(places.sort()).toEqual([
    "companies crm.record.sidebar",
    "companies crm.record.tab",
    "contacts crm.record.sidebar",
    "contacts crm.record.tab",
  ]);
});

test("every card's entry point is there", async () => {
  for (const { entrypoint } of (await parsed()).cards) {
    expect(existsSync(path.join(SOURCE, entrypoint)), entrypoint).toBe(true);
  }
});

test("the app asks for reading contacts and companies, and for nothing else", () => {
  const { auth, permittedUrls } = json("src/app/app-hsmeta.json").config;
  expect(auth.requiredScopes).toEqual(["oauth", "crm.objects.contacts.read", "crm.objects.companies.read"]);
  expect([...auth.optionalScopes, ...auth.conditionallyRequiredScopes]).toEqual([]);
  expect(Object.values(permittedUrls).flat()).toEqual([]);
});

test("HubSpot installs the versions that are tested here", () => {
  const { dependencies } = json("src/app/cards/package.json");
  const { devDependencies } = json("package.json");
  expect(devDependencies).toMatchObject(dependencies);
});

test("what is uploaded says itself how its JSX is compiled, since our own settings stay here", () => {
  expect(json("src/app/cards/tsconfig.json").compilerOptions.jsx).toBe("react-jsx");
});

test("no field is named outside the generated file, so that a prefix reaches all", async () => {
  const sources = readdirSync(CARDS).filter((file) => /\.tsx?$/.test(file));
  expect(sources.length).toBeGreaterThan(0);
  for (const file of sources) {
    expect(readFileSync(path.join(CARDS, file), "utf8"), file).not.toMatch(/\b(lead|account)_/);
  }
});
