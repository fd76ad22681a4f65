// The days of the plot.
import { expect, it } from "vitest";
import type { UsageDay } from "@/api/types";
import { lastDays } from "./usage";

it("every day has its place, also one on which nothing was used", () => {
  const used = [{ day: "2026-11-22", turns: 3 } as UsageDay];
  const days = lastDays(used, 3, Date.parse("2026-11-23T00:30:00Z"));
  expect(days.map(({ day }) => day)).toEqual(["2026-11-21", "2026-11-22", "2026-11-23"]);
  expect(days.map((day) => day.used?.turns)).toEqual([undefined, 3, undefined]);
});
