// What is chosen in the form is what the service is told, and what it would refuse is not sent.
import { expect, it } from "vitest";
import { configOf, fieldsOf, obstacleOf, valuesOf } from "./config";

const FIELDS = fieldsOf({
  type: "object",
  properties: {
    labels: { type: "array", items: { type: "string" }, maxItems: 2, title: "Labels" },
    days: { type: "integer", minimum: 1, maximum: 30, default: 9 },
  },
});

it("a service's schema becomes fields with names for people", () => {
  expect(FIELDS.map(({ name, title, type }) => [name, title, type])).toEqual([
    ["labels", "Labels", "list"],
    ["days", "days", "number"],
  ]);
  expect(fieldsOf({ type: "object" })).toEqual([]);
});

it("everything is what no list names, and an empty number is the service's own", () => {
  expect(valuesOf(FIELDS, {})).toEqual({ labels: null, days: "9" });
  expect(configOf(FIELDS, { labels: null, days: "" })).toEqual({});
  expect(configOf(FIELDS, { labels: ["a"], days: " 3" })).toEqual({ labels: ["a"], days: 3 });
  expect(valuesOf(FIELDS, { labels: ["a"], days: 3 })).toEqual({ labels: ["a"], days: "3" });
});

it("what the service would refuse is said before it is sent", () => {
  expect(obstacleOf(FIELDS, { labels: ["a"], days: "3" })).toBeUndefined();
  for (const values of [
    { labels: [], days: "3" },
    { labels: ["a", "b", "c"], days: "3" },
    { labels: null, days: "0" },
    { labels: null, days: "31" },
    { labels: null, days: "1.5" },
    { labels: null, days: "many" },
  ]) {
    expect(obstacleOf(FIELDS, values), JSON.stringify(values)).toBeTruthy();
  }
});
