// Prints what the AsyncAPI initiative's own parser finds in a document: node validate.cjs FILE
// Output: {"valid": true|false, "findings": [{severity, code, message, path}]}; severity 0 is an error, 1 a warning.
"use strict";

const { readFileSync } = require("node:fs");
const { Parser } = require("@asyncapi/parser");

async function main() {
  const text = readFileSync(process.argv[2], "utf8");
  const { document, diagnostics } = await new Parser().parse(text);
  const findings = diagnostics.map(({ severity, code, message, path }) => ({
    severity,
    code,
    message,
    path: path.join("/"),
  }));
  const read = document === undefined ? null : {
    version: document.version(),
    channels: document.channels().all().map((each) => each.id()),
    operations: document.operations().all().map((each) => each.id()),
    messages: document.components().messages().all().map((each) => each.id()),
  };
  console.log(JSON.stringify({ valid: document !== undefined, findings, read }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
