// Builds the app into dist/: copies src/, stamps version and commit, and writes build.json with every file's hash.
import { createHash } from "node:crypto";
import { cp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";

const root = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const out = path.join(root, "dist");

async function firstLine(file) {
  try {
    return (await readFile(path.join(root, file), "utf8")).split("\n")[0].trim();
  } catch {
    return "";
  }
}

async function filesBelow(folder, prefix = "") {
  const found = [];
  for (const entry of await readdir(path.join(folder, prefix), { withFileTypes: true })) {
    const name = path.posix.join(prefix, entry.name);
    if (entry.isDirectory()) found.push(...(await filesBelow(folder, name)));
    else found.push(name);
  }
  return found.sort();
}

const { version } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
const given = process.env.BUILD_COMMIT || process.env.GITHUB_SHA || (await firstLine(".commit"));
const commit = /^[0-9a-f]{7,64}$/.test(given) ? given.slice(0, 7) : "local";

await rm(out, { recursive: true, force: true });
await cp(path.join(root, "src"), out, { recursive: true });
await writeFile(
  path.join(out, "version.js"),
  `export const version = ${JSON.stringify(version)};\nexport const commit = ${JSON.stringify(commit)};\n`,
);

const files = {};
for (const name of await filesBelow(out)) {
  const content = await readFile(path.join(out, name));
  files[name] = { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
}
await writeFile(path.join(out, "build.json"), JSON.stringify({ version, commit, files }, null, 2) + "\n");
console.log(`Till ${version} (${commit}): ${Object.keys(files).length} files in dist/`);
