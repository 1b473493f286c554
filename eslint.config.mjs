import eslint from "@eslint/js";
import jupyter from "@jupyter/eslint-plugin";
import prettier from "eslint-config-prettier";
import reactHooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const TYPED = ["labextension/**/*.{ts,tsx}", "vitest.config.mts"];

export default defineConfig(
  globalIgnores(["**/node_modules", "**/.*/", "**/.venv*", "primwidgets/_static", "labextension/lib", "build", "dist"]),
  eslint.configs.recommended,
  {
    files: TYPED,
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      reactHooks.configs.flat["recommended-latest"],
      jupyter.configs.recommended
    ],
    plugins: { jupyter },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/naming-convention": [
        "error",
        { selector: "interface", format: ["PascalCase"], prefix: ["I"] },
        { selector: "typeLike", format: ["PascalCase"] }
      ],
      // The whole extension is one file of a few dozen kilobytes: there is nothing to load later.
      "jupyter/prefer-lazy-imports": "off",
      // Numbers are what the card's sentences are made of.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }]
    }
  },
  { files: ["labextension/tests/**"], rules: { "jupyter/no-untranslated-string": "off" } },
  { files: ["**/*.mjs"], languageOptions: { globals: { console: "readonly", process: "readonly" } } },
  prettier
);
