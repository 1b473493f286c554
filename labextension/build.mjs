/** Builds the card's ES module and its style sheet; with `--check`, holds the module to its size budget. */
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

const OUT = "primwidgets/_static";

/** Every widget carries the module's text in its comm_open message, so it stays small. */
const MODULE_BUDGET = 15_000;

async function buildCard() {
  const shared = { bundle: true, minify: true, target: "es2022", logLevel: "warning", legalComments: "none" };
  await build({
    ...shared,
    entryPoints: { card: "labextension/src/card.tsx" },
    format: "esm",
    charset: "utf8",
    jsx: "automatic",
    jsxImportSource: "preact",
    outdir: OUT
  });
  await build({ ...shared, entryPoints: { card: "labextension/style/card.css" }, outdir: OUT });
}

async function gzipSize(file) {
  return gzipSync(await readFile(`${OUT}/${file}`), { level: 9 }).length;
}

async function checkSize() {
  const size = await gzipSize("card.js");
  console.log(`card.js ${size} of ${MODULE_BUDGET} bytes gzip · card.css ${await gzipSize("card.css")} bytes gzip`);
  if (size > MODULE_BUDGET) {
    console.error("card.js is over its budget");
    process.exitCode = 1;
  }
}

await buildCard();
if (process.argv.includes("--check")) {
  await checkSize();
}
