// What a search of the sessions finds.
import { expect, it } from "vitest";
import type { Session } from "@/api/types";
import { matching } from "./filter";

const session = (title: string, status = "idle", workspace = "/workspace") => ({ title, status, workspace }) as Session;

const ALL = [session("Fix the parser"), session("Notes", "running", "/workspace/Parser"), session("Old", "terminated")];
const titles = (words: string, shown: Parameters<typeof matching>[1]["shown"] = "all") =>
  matching(ALL, { words, shown }).map(({ title }) => title);

it("every word must be found, in title or workspace, whatever its case", () => {
  expect(titles("PARSER")).toEqual(["Fix the parser", "Notes"]);
  expect(titles("parser fix")).toEqual(["Fix the parser"]);
  expect(titles("  ")).toHaveLength(3);
});

it("a state narrows the search", () => {
  expect(titles("", "working")).toEqual(["Notes"]);
  expect(titles("", "open")).toEqual(["Fix the parser", "Notes"]);
  expect(titles("", "ended")).toEqual(["Old"]);
});
