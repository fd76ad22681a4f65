// What every walk has: the stack, a page that is signed in, and the promise that no page throws
// or breaks its own policy.
import { type Page, test as base } from "@playwright/test";
import { Stack } from "./stack.ts";

export { expect } from "@playwright/test";

type Fixtures = {
  /** A page of the seeded user, by token. */
  user: Page;
  /** What the page complained of. */
  complaints: string[];
};

/** What the browser says of answers that are no success is not the page's doing. */
const isAnswer = (text: string) => text.startsWith("Failed to load resource");

export const test = base.extend<Fixtures, { stack: Stack }>({
  stack: [
    async ({}, use) => {
      const stack = await Stack.start();
      await use(stack);
      await stack.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  baseURL: async ({ stack }, use) => use(stack.origin),
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error" && !isAnswer(message.text())) complaints.push(message.text());
      });
      await use(complaints);
      base.expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
  user: async ({ page, stack }, use) => {
    await signIn(page, stack.token);
    await use(page);
  },
});

/** Puts a token where the client keeps it, from a page that is none of the client's and so does not interfere. */
export async function signIn(page: Page, token: string): Promise<void> {
  await page.goto("/icon.svg");
  await page.evaluate((token) => localStorage.setItem("auth", JSON.stringify({ state: { token }, version: 0 })), token);
}
