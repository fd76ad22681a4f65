// The end of `npm run build`: fails when a page needs more script than it may before it shows.
// Menus and toasts, which come after that, are not counted.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const KB_MAX = 200;
const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));

/** Every script that is fetched for an entry of the manifest, without those fetched later. */
function scripts(name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const needed of manifest[name].imports ?? []) scripts(needed, seen);
  return seen;
}

function kilobytes(names) {
  const bytes = [...names].map((name) => gzipSync(readFileSync(`dist/${manifest[name].file}`)).length);
  return bytes.reduce((sum, size) => sum + size, 0) / 1000;
}

const entry = Object.keys(manifest).find((name) => manifest[name].isEntry);
const pages = manifest[entry].dynamicImports.filter((name) => name.endsWith("page.tsx"));
let worst = 0;
for (const page of [undefined, ...pages]) {
  const size = kilobytes(page ? new Set([...scripts(entry), ...scripts(page)]) : scripts(entry));
  worst = Math.max(worst, size);
  process.stdout.write(`${(page ?? "start").padEnd(40)} ${size.toFixed(1).padStart(7)} kB of script, gzip\n`);
}
if (worst > KB_MAX) {
  process.stderr.write(`A page needs ${worst.toFixed(1)} kB of script; the limit is ${KB_MAX} kB.\n`);
  process.exit(1);
}
