// An account is connected at the fake of its service, and what is in it can be looked through.
import { look } from "../look.ts";
import { expect, test } from "../test.ts";

test("GitHub is connected, read, chosen from, searched and disconnected", async ({ user: page }) => {
  await page.goto("/integrations");
  await expect(page.getByRole("button", { name: "Connect GitHub" })).toBeVisible();
  await look(page, "integrations-none");

  await test.step("connect", async () => {
    await page.getByRole("button", { name: "Connect GitHub" }).click();
    await page.getByRole("button", { name: "Authorize" }).click();
    await expect(page.getByRole("status").filter({ hasText: "Connected." })).toBeVisible();
    await expect(page.getByText("Up to date", { exact: true })).toBeVisible();
    await look(page, "integrations");
  });

  await test.step("look through what was read", async () => {
    await page.getByRole("link", { name: "See the data" }).click();
    await expect(page.getByRole("heading", { name: "Data", exact: true })).toBeVisible();
    const rows = page.getByRole("main").getByRole("listitem");
    await expect(rows.first()).toBeVisible();
    await look(page, "data");
    await page.getByRole("button", { name: "Issues" }).click();
    await page.getByRole("searchbox", { name: "Search the data" }).fill("retry pol");
    await expect(rows.filter({ hasNotText: "Document the retry policy" })).toHaveCount(0);
    await expect(rows).not.toHaveCount(0);
    await rows.first().getByRole("link").click();
    await expect(page.getByRole("heading", { name: "Document the retry policy" })).toBeVisible();
    await expect(page.getByRole("link", { name: "Open in GitHub" })).toHaveAttribute("href", /\/issues\/\d+$/);
    await look(page, "entity");
    await page.getByRole("button", { name: "Back" }).click();
    await expect(page.getByRole("searchbox", { name: "Search the data" })).toHaveValue("retry pol");
    await page.getByRole("searchbox", { name: "Search the data" }).fill("nothing has these words");
    await expect(page.getByRole("heading", { name: "Nothing fits" })).toBeVisible();
  });

  await test.step("choose one repository only", async () => {
    await page.goto("/integrations");
    await page.getByRole("link", { name: /GitHub/ }).first().click();
    await page.getByRole("button", { name: "Only these" }).click();
    await page.getByRole("checkbox", { name: "octo-dev/billing" }).check();
    await look(page, "integration");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("1 repository, read")).toBeVisible();
    await expect(page.getByRole("region", { name: "Log" }).getByRole("listitem").first()).toBeVisible();
  });

  await test.step("its repositories are offered to a new session", async () => {
    await page.keyboard.press("n");
    await page.getByRole("button", { name: "A repository" }).press("Enter");
    await expect(page.locator("datalist option[value='octo-dev/billing']")).toBeAttached();
    await look(page, "session-new-repository");
    await page.keyboard.press("Escape");
  });

  await test.step("disconnect, after a question", async () => {
    await page.getByRole("button", { name: /More for GitHub/ }).click();
    await page.getByRole("menuitem", { name: "Disconnect" }).click();
    await look(page, "integration-disconnect");
    await page.getByRole("alertdialog").getByRole("button", { name: "Disconnect" }).click();
    await expect(page.getByRole("heading", { name: "This account is no longer connected" })).toBeVisible();
    await page.goto("/data");
    await expect(page.getByRole("heading", { name: "Nothing is connected" })).toBeVisible();
    await look(page, "data-none");
  });
});

test("who does not agree at the service is told so, and nothing is connected", async ({ user: page }) => {
  await page.goto("/integrations");
  await page.getByRole("button", { name: "Connect GitHub" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("alert")).toContainText("You did not agree");
  await expect(page.getByRole("button", { name: "Connect GitHub" })).toBeVisible();
});

test("mail and appointments are connected, read, and told apart", async ({ user: page, stack }) => {
  const connect = async (name: string) => {
    await page.goto("/integrations");
    await page.getByRole("button", { name: `Connect ${name}` }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByRole("status").filter({ hasText: "Connected." })).toBeVisible();
  };
  await connect("Gmail");
  await connect("Google Calendar");
  await expect(page.getByText("Up to date", { exact: true })).toHaveCount(2);
  await page.goto("/data?kind=event");
  const rows = page.getByRole("main").getByRole("listitem");
  await expect(rows.filter({ hasText: "Dentist" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Issues", exact: true })).toHaveCount(0);
  await look(page, "data-events");
  await page.getByRole("button", { name: "Mail", exact: true }).click();
  await expect(rows.filter({ hasText: "Incident on Tuesday" })).toBeVisible();
  await look(page, "data-mail");
  await page.getByRole("button", { name: "More filters" }).click();
  await page.getByRole("combobox", { name: "Service" }).selectOption("Google Calendar");
  await expect(rows.filter({ hasText: "Dentist" })).toBeVisible();
  await expect(rows.filter({ hasText: "Incident on Tuesday" })).toHaveCount(0);
  const { integrations } = await stack.api("GET", "/api/integrations");
  for (const { id } of integrations) await stack.api("DELETE", `/api/integrations/${id}`);
});

test("an account that took its consent back is asked for it again, by the button that helps", async ({ user: page, stack }) => {
  await page.goto("/integrations");
  await page.getByRole("button", { name: "Connect GitHub" }).click();
  await page.getByRole("button", { name: "Authorize" }).click();
  await expect(page.getByText("Up to date", { exact: true })).toBeVisible();
  const revoked = await fetch(`${stack.fakes}/control/github/users/octo-dev/revoke`, { method: "POST" });
  expect(revoked.ok).toBe(true);
  // GitHub itself tells of it, by webhook.
  const status = async () => (await stack.api("GET", "/api/integrations")).integrations[0].sync_status;
  await expect.poll(status).toBe("needs_reauth");
  await page.goto("/integrations");
  await expect(page.getByText("Needs you", { exact: true })).toBeVisible();
  await look(page, "integrations-problem");
  await page.getByRole("button", { name: "Connect again" }).click();
  await page.getByRole("button", { name: "Authorize" }).click();
  await expect(page.getByText("Up to date", { exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Connect again" })).toHaveCount(0);
  const { integrations } = await stack.api("GET", "/api/integrations");
  for (const { id } of integrations) await stack.api("DELETE", `/api/integrations/${id}`);
});
