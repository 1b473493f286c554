/**
 * Builds the card's ES module and its style sheet; with `--check`, holds the module to its size budget; with
 * `--extension`, builds what JupyterLab's own builder makes the extension of.
 */
import { readFile, rm } from "node:fs/promises";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

const OUT = "primwidgets/_static";
const SHARED = { bundle: true, target: "es2022", format: "esm", charset: "utf8", logLevel: "warning" };
const JSX = { jsx: "automatic", jsxImportSource: "preact" };

/** Every widget carries the module's text in its comm_open message, so it stays small. */
const MODULE_BUDGET = 22_000;

/** The names of the texts, to be shortened: of the states' words, which are names of texts and data too, none. */
async function textNames() {
  const code = await readFile("labextension/src/i18n/strings.ts", "utf8");
  const names = [...code.matchAll(/^ {2}get ([A-Z_]+)\(/gm)].map(([, name]) => name);
  return new RegExp(`^(${names.filter(name => !new RegExp(`^ +${name}: `, "m").test(code)).join("|")})$`);
}

async function buildCard() {
  const small = { ...SHARED, minify: true, legalComments: "none", outdir: OUT };
  const card = { ...small, ...JSX, entryPoints: { card: "labextension/src/card/card.tsx" } };
  await build({ ...card, mangleProps: await textNames() });
  await build({ ...small, ...JSX, entryPoints: { board: "labextension/src/board/board.tsx" } });
  await build({
    ...small,
    entryPoints: { card: "labextension/style/card.css", board: "labextension/style/boardWidget.css" }
  });
}

/** What the application has is left to it: all of `@jupyterlab` and `@lumino`. */
async function buildExtension() {
  await rm("labextension/lib", { recursive: true, force: true });
  await build({
    ...SHARED,
    ...JSX,
    entryPoints: { index: "labextension/src/lab/index.ts" },
    external: ["@jupyterlab/*", "@lumino/*"],
    splitting: true, // what is imported later stays a chunk of its own
    outdir: "labextension/lib"
  });
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

if (process.argv.includes("--extension")) {
  await buildExtension();
} else {
  await buildCard();
}
if (process.argv.includes("--check")) {
  await checkSize();
}
