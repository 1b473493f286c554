/**
 * Builds the card's ES module and its style sheet; with `--check`, holds the module to its size budget; with
 * `--extension`, builds what JupyterLab's own builder makes the extension of.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";
import { minify } from "terser";

const OUT = "primwidgets/_static";
const SHARED = { bundle: true, target: "es2022", format: "esm", charset: "utf8", logLevel: "warning" };
const JSX = { jsx: "automatic", jsxImportSource: "preact" };

/**
 * Bytes gzip. Each widget carries the loader in its comm_open message; the card's own module is sent once for all cards
 * of a kernel, or with each of them by frontends that keep their models apart.
 */
const BUDGETS = { "loader.js": 800, "card.js": 22_000 };

/** The names of the texts, to be shortened: of the states' words, which are names of texts and data too, none. */
async function textNames() {
  const code = await readFile("labextension/src/i18n/strings.ts", "utf8");
  const names = [...code.matchAll(/^ {2}(?:get ([A-Z_]+)\(|([a-z]+[A-Z]\w+)(?:,$|: \())/gm)].map(([, a, b]) => a ?? b);
  return new RegExp(`^(${names.filter(name => !new RegExp(`^ +${name}: `, "m").test(code)).join("|")})$`);
}

async function buildCard() {
  const small = { ...SHARED, minify: true, legalComments: "none", outdir: OUT };
  const card = { ...small, ...JSX, entryPoints: { card: "labextension/src/card/card.tsx" } };
  await build({ ...card, mangleProps: await textNames() });
  await makeSmaller(`${OUT}/card.js`);
  await build({ ...small, entryPoints: { loader: "labextension/src/card/loader.ts" } });
  await build({ ...small, ...JSX, entryPoints: { board: "labextension/src/board/board.tsx" } });
  const german = JSON.parse(await readFile("labextension/src/i18n/german.json", "utf8"));
  await writeFile(`${OUT}/german.json`, JSON.stringify(german));
  await build({
    ...small,
    entryPoints: { card: "labextension/style/card.css", board: "labextension/style/boardWidget.css" }
  });
}

/** What esbuild leaves, which looks at a text once: 3 % of it. */
async function makeSmaller(file) {
  const compress = { passes: 3, unsafe_arrows: true, pure_getters: true, hoist_props: true };
  const { code } = await minify(await readFile(file, "utf8"), { module: true, ecma: 2022, compress });
  await writeFile(file, code);
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

async function checkSizes() {
  for (const [file, budget] of Object.entries(BUDGETS)) {
    const size = await gzipSize(file);
    console.log(`${file} ${size} of ${budget} bytes gzip`);
    if (size > budget) {
      console.error(`${file} is over its budget`);
      process.exitCode = 1;
    }
  }
  console.log(`card.css ${await gzipSize("card.css")} bytes gzip`);
}

if (process.argv.includes("--extension")) {
  await buildExtension();
} else {
  await buildCard();
}
if (process.argv.includes("--check")) {
  await checkSizes();
}
