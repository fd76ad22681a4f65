import { expect, test } from "vitest";
import { newTrace } from "./trace";

test("each call begins a trace of its own, in W3C's form", () => {
  const traces = [newTrace(), newTrace()];
  for (const trace of traces) expect(trace).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(traces[0]).not.toBe(traces[1]);
});
