// Builds the Lightning component into one file, which the record pages of the sandbox load:
// sandbox/leadgauge_sandbox/components/salesforce/. `--check` fails where what is checked in differs.

import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import lwc from "@lwc/rollup-plugin";
import terser from "@rollup/plugin-terser";
import { rollup } from "rollup";

const project = join(dirname(fileURLToPath(import.meta.url)), "..");
const host = join(project, "host");
const shipped = join(project, "../../sandbox/leadgauge_sandbox/components/salesforce");

/** Where the component's imports lead in a browser: those of `lightning/…` to what stands for Lightning's there. */
const modules = [
  { name: "c/leadgaugeCard", path: join(project, "force-app/main/default/lwc/leadgaugeCard/leadgaugeCard.js") },
  ...["lang", "locale", "timeZone"].map((name) => ({
    name: `@salesforce/i18n/${name}`,
    path: join(host, `i18n/${name}.js`),
  })),
  { dir: host },
];

/** The scorecards are those of the sandbox, not the generated ones. */
const scorecards = {
  name: "scorecards",
  /** @param {string} source @param {string | undefined} importer */
  resolveId: (source, importer) =>
    source === "./outputs" && importer?.includes("/lwc/leadgaugeCard/") ? join(host, "outputs.js") : null,
};

/** Turns LWC's warnings for developers off; they hang on a name that a browser does not know. */
const production = {
  name: "production",
  /** @param {string} code */
  transform: (code) => ({ code: code.replaceAll("process.env.NODE_ENV", '"production"'), map: null }),
};

/** Build; return the texts of the files by name. */
async function built() {
  const bundle = await rollup({
    input: join(host, "entry.js"),
    plugins: [
      scorecards,
      lwc({ rootDir: host, modules, disableSyntheticShadowSupport: true }),
      production,
      terser({ maxWorkers: 1 }),
    ],
    onwarn(warning) {
      throw new Error(warning.message);
    },
  });
  const {
    output: [chunk],
  } = await bundle.generate({ format: "es" });
  return { "leadgauge-card.js": `${chunk.code.trim()}\n`, "NOTICES.txt": notices(Object.keys(chunk.modules)) };
}

/**
 * The licences of what is in the bundle besides our own.
 *
 * @param {string[]} ids The files in it.
 */
function notices(ids) {
  const names = new Set(
    ids.map((id) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1]).filter((name) => name !== undefined),
  );
  return [...names]
    .sort()
    .map(notice)
    .join(`\n${"-".repeat(80)}\n\n`);
}

/** @param {string} name */
function notice(name) {
  const folder = join(project, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (!file)
    throw new Error(`${name} ${version} (${license}) brings no file with its licence: do not ship it without one.`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
}

const checking = process.argv.includes("--check");
if (!checking) mkdirSync(shipped, { recursive: true });
for (const [name, text] of Object.entries(await built())) {
  const file = join(shipped, name);
  if (!checking) {
    writeFileSync(file, text);
    console.log(`${relative(process.cwd(), file)}: ${Buffer.byteLength(text)} bytes`);
  } else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    console.error(
      `${relative(process.cwd(), file)} is not what the sources build: run \`npm run build\` in crm/salesforce and commit it.`,
    );
    process.exitCode = 1;
  }
}
