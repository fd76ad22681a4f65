// Days of the address are the reader's, moments the server's; an event's time is told once.
import { expect, it } from "vitest";
import { queryOf } from "@/api/integrations";
import { spanOf } from "./when";

it("a day is in from its first moment to its last, and what is no day filters nothing", () => {
  const { from, to, text } = queryOf({ from: "2026-03-28", to: "2026-03-29", text: "a" });
  expect(new Date(from!)).toEqual(new Date(2026, 2, 28));
  expect(new Date(to!)).toEqual(new Date(2026, 2, 30));
  expect(text).toBe("a");
  expect(queryOf({ from: "yesterday" })).toEqual({});
});

it("whole days have no hours, and an hour on the same day has no second date", () => {
  expect(spanOf("2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z")).toBe("Fri, May 1, 2026");
  expect(spanOf("2026-05-01T00:00:00Z", "2026-05-04T00:00:00Z")).toBe("Fri, May 1, 2026 to Sun, May 3, 2026");
  expect(spanOf("2026-05-01T10:00:00Z", "2026-05-01T11:30:00Z").match(/May/g)).toHaveLength(1);
  expect(spanOf("2026-05-01T10:00:00Z", null)).not.toContain(" to ");
});
