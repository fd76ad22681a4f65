// `npm run types`: writes src/api/schema.ts.
import { writeFile } from "node:fs/promises";
import { SCHEMA, schemaText } from "./schema.mjs";

await writeFile(SCHEMA, await schemaText());
