// Getting in and out.
import { look } from "../look.ts";
import { expect, test } from "../test.ts";

test("a person signs in at GitHub, is known by name, and signs out", async ({ page }) => {
  await page.goto("/sessions");
  await expect(page.getByRole("heading", { name: "Sign in to Agent Ops" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Continue with GitHub" })).toBeVisible();
  await look(page, "signin");
  await page.getByRole("link", { name: "Continue with GitHub" }).click();
  await page.getByRole("button", { name: "Authorize" }).click();
  await expect(page.getByRole("heading", { name: "Sessions" })).toBeVisible();
  await page.getByRole("button", { name: "Account and settings" }).click();
  await expect(page.getByText("dev@example.com")).toBeVisible();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to Agent Ops" })).toBeVisible();
  await page.goto("/sessions");
  await expect(page.getByRole("heading", { name: "Sign in to Agent Ops" })).toBeVisible();
});

test("who does not agree at the provider is told so and can try again", async ({ page }) => {
  await page.goto("/signin");
  await page.getByRole("link", { name: "Continue with GitHub" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("alert")).toContainText("You did not agree");
  await expect(page.getByRole("link", { name: "Continue with GitHub" })).toBeVisible();
});

test("the local stack's token is one click away, and leads to where the page was to be", async ({ page }) => {
  await page.goto("/settings?tab=audit");
  await page.getByRole("button", { name: "Use it" }).click();
  await expect(page.getByRole("heading", { name: "Audit log" })).toBeVisible();
});
