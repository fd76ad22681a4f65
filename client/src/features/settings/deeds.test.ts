// @vitest-environment node
// The words of the audit log.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { subjectOf, wordsOf } from "./deeds";

const DOCUMENT = new URL("../../../../shared/wire/openapi.json", import.meta.url);

/** What the server does not record, or does for nobody. */
const UNRECORDED = [/^POST .*\/messages$/, /\/messages\/\{message_id\}$/, /\/ticket$/, /\/mcp$/, /\/webhooks\//];

it("whatever the server records has words", () => {
  const { paths } = JSON.parse(readFileSync(DOCUMENT, "utf8")) as { paths: Record<string, object> };
  const actions = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  const recorded = actions.filter((action) => !action.startsWith("GET ") || action.endsWith("/callback"));
  expect(recorded.filter((action) => wordsOf(action) === action && !UNRECORDED.some((one) => one.test(action)))).toEqual([]);
});

it("a target is told by its ids, or else as it is", () => {
  expect(subjectOf("/api/tokens/tok_01M8")).toBe("tok_01M8");
  expect(subjectOf("ses_1/permissions/per_2")).toBe("ses_1, per_2");
  expect(subjectOf("/auth/signout")).toBe("/auth/signout");
});
