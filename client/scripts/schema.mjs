// Types of the wire, from the OpenAPI document that the routers wrote.
// The command that writes them and the test that finds them stale share this.
import { readFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const DOCUMENT = new URL("../../shared/wire/openapi.json", import.meta.url);
export const SCHEMA = new URL("../src/api/schema.ts", import.meta.url);

/** The text that `src/api/schema.ts` must have. */
export async function schemaText() {
  const document = JSON.parse(await readFile(DOCUMENT, "utf8"));
  nameMissingSchemas(document);
  const types = astToString(await openapiTS(document));
  return `// Generated from shared/wire/openapi.json by \`npm run types\`. Not to be edited.\n\n${types}`;
}

/** A parameter may point at a schema that the document lacks; the caller then writes what it likes. */
function nameMissingSchemas(document) {
  for (const [, name] of JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)) {
    document.components.schemas[name] ??= {};
  }
}
