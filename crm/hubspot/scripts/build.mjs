/**
 * Builds what the sandbox shows into sandbox/leadgauge_sandbox/components/hubspot/:
 * card.js by HubSpot's own builder, and the page's half and the worker's half of the host.
 * `--check` builds beside and fails where what is checked in differs.
 */
import { buildSingleExtension } from "@hubspot/ui-extensions-dev-server/build";
import { build } from "esbuild";
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const shipped = path.join(here, "../../sandbox/leadgauge_sandbox/components/hubspot");
const cards = path.join(here, "src/app/cards");

/** In place of the generated outputs.js: an account of the sandbox has fields and choices of its own. */
const OUTPUTS = "export const SCORECARDS = self.scorecards;\n";

/** The card as HubSpot builds it on `hs project upload`, but for its outputs.js. */
async function buildCard() {
  const copy = await mkdtemp(path.join(here, "dist-")); // Beside node_modules, where the copy finds its packages.
  try {
    await cp(cards, copy, { recursive: true });
    await writeFile(path.join(copy, "card/outputs.js"), OUTPUTS);
    const out = path.join(copy, "dist");
    await buildSingleExtension({ file: "Leadgauge.tsx", root: copy, outputDir: out, minify: true, logLevel: "warn" });
    return await readFile(path.join(out, "Leadgauge.js"), "utf8");
  } finally {
    await rm(copy, { recursive: true });
  }
}

/** @param {import("esbuild").BuildOptions} options */
async function bundle(options) {
  const built = await build({
    absWorkingDir: here,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    target: "es2022",
    define: { "process.env.NODE_ENV": '"production"' },
    legalComments: "none", // Each licence stands in NOTICES.txt.
    logLevel: "warning",
    ...options,
  });
  const [file] = built.outputFiles ?? [];
  if (!file) throw new Error("esbuild wrote nothing");
  return { text: file.text, inputs: Object.keys(built.metafile?.inputs ?? {}) };
}

const buildHost = () =>
  bundle({
    entryPoints: ["host/host.ts"],
    format: "esm",
    loader: { ".css": "text" },
    jsx: "automatic",
    // The page's half needs React's interface only; Preact has it at a tenth of the size.
    alias: {
      react: "preact/compat",
      "react-dom/client": "preact/compat/client",
      "react/jsx-runtime": "preact/jsx-runtime",
    },
  });

const buildWorker = () => bundle({ entryPoints: ["host/worker.ts"], format: "iife" });

/** The packages that went into bundles. @param {string[]} inputs */
function packagesOf(inputs) {
  const names = inputs.map((input) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** Name, version and licence of a package. @param {string} name */
async function noticeOf(name) {
  const folder = path.join(here, "node_modules", name);
  const about = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? await readFile(path.join(folder, file), "utf8") : `Licence: ${about.license} (the package has no file of it).`;
  return `${about.name} ${about.version} (${about.license})\n\n${text.trim()}\n`;
}

async function files() {
  const [card, host, worker] = [await buildCard(), await buildHost(), await buildWorker()];
  // HubSpot's builder does not say what it bundled: of its kit a card imports this package only.
  const packages = ["@hubspot/ui-extensions", ...packagesOf([...host.inputs, ...worker.inputs])].sort();
  const notices = await Promise.all([...new Set(packages)].map(noticeOf));
  const head = "card.js, host.js and worker.js are built from crm/hubspot by `npm run build` and contain these packages:\n";
  return {
    "card.js": card,
    "host.js": host.text,
    "worker.js": worker.text,
    "NOTICES.txt": [head, ...notices].join("\n----------------------------------------\n\n"),
  };
}

const built = await files();
if (process.argv.includes("--check")) {
  const differing = [];
  for (const [name, text] of Object.entries(built)) {
    const there = await readFile(path.join(shipped, name), "utf8").catch(() => "");
    if (there !== text) differing.push(name);
  }
  if (differing.length > 0) {
    console.error(`${differing.join(", ")} in ${path.relative(process.cwd(), shipped)} is not what the sources build: run \`npm run build\` in crm/hubspot and commit.`);
    process.exit(1);
  }
} else {
  for (const [name, text] of Object.entries(built)) {
    await writeFile(path.join(shipped, name), text);
    console.log(`${name} ${text.length.toLocaleString("en")} characters`);
  }
}
