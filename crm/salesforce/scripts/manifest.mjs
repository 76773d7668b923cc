// Compares manifest/package.xml with what Salesforce's own library makes of the source, and converts the source to the
// format of the Metadata API.
// Usage: node scripts/manifest.mjs [FOLDER OF THE PROJECT]

import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ComponentSet, MetadataConverter } from "@salesforce/source-deploy-retrieve";

const project = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), ".."));
const folder = await mkdtemp(join(tmpdir(), "leadgauge-manifest-"));
try {
  // In a copy: the library takes a folder above the project that is called `lwc` or `reports` for one with metadata.
  const copy = join(folder, "project");
  await cp(project, copy, { recursive: true, filter: (path) => basename(path) !== "node_modules" });
  process.exitCode = (await compared(copy, join(folder, "converted"))) ? 0 : 1;
} finally {
  await rm(folder, { recursive: true });
}

/**
 * Compare and convert; return whether the manifest is right, after saying in which lines it is not.
 *
 * @param {string} root
 * @param {string} converted
 */
async function compared(root, converted) {
  const { packageDirectories, sourceApiVersion } = JSON.parse(await readFile(join(root, "sfdx-project.json"), "utf8"));
  const set = ComponentSet.fromSource(packageDirectories.map(({ path }) => join(root, path)));
  set.sourceApiVersion = sourceApiVersion;
  const made = await set.getPackageXml();
  const ours = (await readFile(join(root, "manifest", "package.xml"), "utf8")).replace(/^ *<!--.*-->\n/m, "");
  if (made.trim() !== ours.trim()) {
    complain(new Set(ours.split("\n")), new Set(made.split("\n")));
    return false;
  }
  // Reads and writes every file, which fails on one that is not what its name says.
  await new MetadataConverter().convert(set, "metadata", {
    type: "directory",
    outputDirectory: converted,
    genUniqueDir: false,
  });
  console.log(`manifest ok: ${set.getSourceComponents().toArray().length} components, API ${sourceApiVersion}`);
  return true;
}

/**
 * @param {Set<string>} ours
 * @param {Set<string>} others
 */
function complain(ours, others) {
  console.error("manifest/package.xml is not what source-deploy-retrieve makes of the source:");
  for (const line of others) if (!ours.has(line)) console.error(`  lacks    ${line.trim()}`);
  for (const line of ours) if (!others.has(line)) console.error(`  has also ${line.trim()}`);
}
