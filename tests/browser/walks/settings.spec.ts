// The account: what it may be used by, what it used, and its end.
import { look } from "../look.ts";
import { expect, signIn, test } from "../test.ts";

const BUSY = { error: { code: "unavailable", message: "the service is busy; try again", request_id: "r" } };

test("a token is made, shown once, works, and is refused after it was revoked", async ({ user: page, stack }) => {
  await page.goto("/settings?tab=tokens");
  await page.getByRole("button", { name: "New token" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("A walk's");
  await look(page, "token-new");
  await page.getByRole("button", { name: "Create token" }).click();
  const token = (await page.getByText(/^aop_/).textContent())!;
  await look(page, "token-made");
  const call = () => fetch(`${stack.origin}/api/sessions`, { headers: { authorization: `Bearer ${token}` } });
  expect((await call()).status).toBe(200);
  await page.keyboard.press("Escape");
  const row = page.getByRole("main").getByRole("listitem").filter({ hasText: "A walk's" });
  // The page is turned to again, from the terminal where the token was tried.
  await page.evaluate(() => dispatchEvent(new Event("focus")));
  await expect(row).toContainText("used just now");
  await look(page, "settings-tokens");
  await row.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
  await expect(row).toBeHidden();
  expect((await call()).status).toBe(401);
});

test("a page whose token was revoked says so by asking to sign in again", async ({ page, stack }) => {
  const { token, id } = await stack.api("POST", "/api/tokens", { name: "A page's", scopes: ["sessions:read"] });
  await signIn(page, token);
  await page.goto("/sessions");
  await expect(page.getByRole("heading", { name: "Sessions" })).toBeVisible();
  await stack.api("DELETE", `/api/tokens/${id}`);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Sign in to Agent Ops" })).toBeVisible();
});

for (const [tab, heading] of [
  ["profile", "Profile"],
  ["browsers", "Browsers"],
  ["usage", "Usage"],
  ["audit", "Audit log"],
  ["account", "Export and delete"],
  ["people", "People"],
] as const) {
  test(`the settings show: ${heading}`, async ({ user: page }) => {
    await page.goto(`/settings?tab=${tab}`);
    await expect(page.getByRole("heading", { name: heading })).toBeVisible();
    await look(page, `settings-${tab}`);
  });
}

test("an administrator sees whether all is well, what happened by the hour, and what is bounded", async ({ user: page }) => {
  await page.route("**/api/admin/health", (route) => route.fulfill({ status: 503, json: BUSY }));
  await page.goto("/settings?tab=health");
  await expect(page.getByRole("heading", { name: "This can't be shown" })).toBeVisible();
  await page.unroute("**/api/admin/health");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "Everything works" })).toBeVisible();
  await expect(page.getByRole("main").getByRole("listitem").filter({ hasText: "Database" })).toContainText("ms");
  for (const name of ["Turns", "Sandboxes", "Syncs"]) {
    await expect(page.getByRole("table", { name: `${name} by the hour` }).getByRole("row")).toHaveCount(49);
  }
  await look(page, "settings-health");
  await page.getByRole("link", { name: "Limits" }).click();
  const limit = page.getByRole("main").getByRole("listitem").filter({ hasText: "SANDBOXES_AT_ONCE" });
  await expect(limit).toContainText("by default");
  await look(page, "settings-limits");
});

test("what is not there, and what can't be reached, say what to do", async ({ user: page }) => {
  await page.goto("/nowhere");
  await expect(page.getByRole("heading", { name: "There is nothing here" })).toBeVisible();
  await look(page, "not-found");
  await page.goto("/sessions/ses_01ARZ3NDEKTSV4RRFFQ69G5FAV");
  await expect(page.getByRole("heading", { name: "There is nothing here" })).toBeVisible();
  await page.route("**/api/sessions?*", (route) => route.fulfill({ status: 503, json: BUSY }));
  await page.goto("/sessions");
  await expect(page.getByRole("heading", { name: "The sessions can't be shown" })).toBeVisible();
  await look(page, "sessions-failed");
  await page.unroute("**/api/sessions?*");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "The sessions can't be shown" })).toBeHidden();
});
