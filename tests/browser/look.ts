// A page as people see it: in light, in dark and on a phone. Each is checked by axe, and a picture
// of each is left for people to look at.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Page, expect } from "@playwright/test";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FOLDER = process.env.SCREENSHOTS ?? "screenshots";

const DESK = { width: 1280, height: 800 };
const LOOKS = [
  { name: "light", size: DESK, colorScheme: "light" },
  { name: "dark", size: DESK, colorScheme: "dark" },
  { name: "phone", size: { width: 390, height: 844 }, colorScheme: "light" },
] as const;

export async function look(page: Page, name: string): Promise<void> {
  await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
  for (const { name: how, size, colorScheme } of LOOKS) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.screenshot({ path: join(FOLDER, `${name}.${how}.png`), animations: "disabled" });
    expect.soft(await problemsOf(page), `${name}, ${how}`).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect.soft(wide, `${name}, ${how}: pixels that must be scrolled to sideways`).toBe(0);
  }
  await page.setViewportSize(DESK);
  await page.emulateMedia({ colorScheme: "light" });
}

/** What axe finds serious or worse, by the rules of WCAG 2.2 AA and its own good practice. */
async function problemsOf(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { violations } = await (globalThis as any).axe.run(document, { resultTypes: ["violations"] });
    return violations as { id: string; impact: string; nodes: { html: string }[] }[];
  });
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`);
}
