import js from "@eslint/js"
import globals from "globals"

export default [
  { ignores: [".venv/", "static/", "glico/web/generator/vendor/"] },
  js.configs.recommended,
  {
    files: ["app/**/*.js", "glico/**/*.js"],
    languageOptions: { globals: globals.browser },
    rules: {
      curly: ["error", "multi-line"],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-shadow": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
    },
  },
]
