// @vitest-environment node
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { SCHEMA, schemaText } from "../../scripts/schema.mjs";

it("the types are those of shared/wire/openapi.json (else: npm run types)", async () => {
  expect(await readFile(SCHEMA, "utf8")).toBe(await schemaText());
});
