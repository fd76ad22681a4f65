// The account: what it may be used by, what it used, and its end.
import { look } from "../look.ts";
import { expect, signIn, test } from "../test.ts";

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
  ["admin", "Administration"],
] as const) {
  test(`the settings show: ${heading}`, async ({ user: page }) => {
    await page.goto(`/settings?tab=${tab}`);
    await expect(page.getByRole("heading", { name: heading })).toBeVisible();
    await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
    await look(page, `settings-${tab}`);
  });
}

test("what is not there, and what can't be reached, say what to do", async ({ user: page }) => {
  await page.goto("/nowhere");
  await expect(page.getByRole("heading", { name: "There is nothing here" })).toBeVisible();
  await look(page, "not-found");
  await page.goto("/sessions/ses_01ARZ3NDEKTSV4RRFFQ69G5FAV");
  await expect(page.getByRole("heading", { name: "There is nothing here" })).toBeVisible();
  await page.route("**/api/sessions?*", (route) => route.fulfill({ status: 503, json: { error: { code: "unavailable", message: "the service is busy; try again", request_id: "r" } } }));
  await page.goto("/sessions");
  await expect(page.getByRole("heading", { name: "The sessions can't be shown" })).toBeVisible();
  await look(page, "sessions-failed");
  await page.unroute("**/api/sessions?*");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "The sessions can't be shown" })).toBeHidden();
});
