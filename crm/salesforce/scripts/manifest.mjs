// Compares manifest/package.xml with what Salesforce's own library makes of the source, and converts the source to the
// format of the Metadata API.
// Usage: node scripts/manifest.mjs [FOLDER OF THE PROJECT]

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ComponentSet, MetadataConverter } from "@salesforce/source-deploy-retrieve";

const project = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), ".."));
const { packageDirectories, sourceApiVersion } = JSON.parse(await readFile(join(project, "sfdx-project.json"), "utf8"));

const set = ComponentSet.fromSource(packageDirectories.map(({ path }) => join(project, path)));
set.sourceApiVersion = sourceApiVersion;

const made = await set.getPackageXml();
const ours = (await readFile(join(project, "manifest", "package.xml"), "utf8")).replace(/^ *<!--.*-->\n/m, "");
if (made.trim() !== ours.trim()) {
  const lines = new Set(ours.split("\n"));
  const others = new Set(made.split("\n"));
  console.error("manifest/package.xml is not what source-deploy-retrieve makes of the source:");
  for (const line of others) if (!lines.has(line)) console.error(`  lacks    ${line.trim()}`);
  for (const line of lines) if (!others.has(line)) console.error(`  has also ${line.trim()}`);
  process.exit(1);
}

const folder = await mkdtemp(join(tmpdir(), "leadgauge-manifest-"));
try {
  // Reads and writes every file, which fails on one that is not what its name says.
  await new MetadataConverter().convert(set, "metadata", { type: "directory", outputDirectory: folder, genUniqueDir: false });
} finally {
  await rm(folder, { recursive: true });
}
console.log(`manifest ok: ${set.getSourceComponents().toArray().length} components, API ${sourceApiVersion}`);
