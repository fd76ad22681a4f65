// The main thing: a session with a real agent.
import type { Page } from "@playwright/test";
import { look } from "../look.ts";
import type { Stack } from "../stack.ts";
import { expect, test } from "../test.ts";

/** Some words, then silence until the turn is stopped: the middle of a stream, for as long as a walk needs it. */
const UNENDING = "[[hang n=200 delay=20]]";
const LAST_WORD = "w199";
const TOOL = '[[tool bash {"command":"echo walked > walked.txt && cat walked.txt","description":"Leave a trace"}]][[text n=5]]';

const composer = (page: Page) => page.getByRole("textbox", { name: "Message to the agent" });
/** Text of an answer, not what stands there before it comes. */
const words = (page: Page) => answers(page).first().locator(".prose").first();
const answers = (page: Page) => page.getByRole("article", { name: "Agent" });

/** Opens a session that was made by the API, and ends it when the walk is over. */
async function open(page: Page, stack: Stack, body: object = {}): Promise<string> {
  const { id } = await stack.api("POST", "/api/sessions", { workspace: "/workspace/walk", ...body });
  await page.goto(`/sessions/${id}`);
  await expect(composer(page)).toBeVisible();
  return id;
}

async function say(page: Page, text: string) {
  await composer(page).fill(text);
  await composer(page).press("Enter");
}

const plain = (text: string) => text.replace(/\s+/g, " ").trim();

/** Who said what, as the page shows it. */
const thread = (page: Page) =>
  page.getByRole("article").evaluateAll((articles) =>
    articles.map((article) => {
      const texts = [...article.querySelectorAll<HTMLElement>(":scope > .prose, :scope > .whitespace-pre-wrap")];
      const role = article.getAttribute("aria-label") === "You" ? "user" : "assistant";
      return [role, texts.map(({ textContent }) => textContent).join(" ").replace(/\s+/g, " ").trim()];
    }),
  );

/** The same as the server has it. */
async function stored(stack: Stack, id: string) {
  const { messages } = await stack.api("GET", `/agent/sessions/${id}/messages`);
  return messages.map(({ role, content }: { role: string; content: string }) => [role, plain(content)]);
}

const ids: string[] = [];
test.afterEach(async ({ stack }) => {
  for (const id of ids.splice(0)) await stack.api("DELETE", `/api/sessions/${id}`);
});

test("a session is made by keyboard, prompted, streams, and stands in the list", async ({ user: page, stack }) => {
  await page.goto("/sessions");
  await expect(page.getByRole("heading", { name: "Sessions" })).toBeVisible();
  await look(page, "sessions-none");
  await page.keyboard.press("n");
  await page.getByRole("textbox", { name: "Workspace" }).fill("walk");
  await page.getByRole("textbox", { name: "Title" }).fill("A walk");
  await look(page, "session-new");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "A walk" })).toBeVisible();
  const id = page.url().split("/").at(-1)!;
  ids.push(id);
  await look(page, "session-empty");

  await say(page, "Look around, please.");
  await expect(page.getByRole("article", { name: "You" })).toContainText("Look around");
  // Streaming shows before the turn has ended.
  await expect(answers(page).first()).toHaveAttribute("aria-busy", "true");
  await expect(answers(page).first()).toHaveAttribute("aria-busy", "false");
  await expect(answers(page).first().getByRole("button", { name: "Copy the answer" })).toBeVisible();
  await look(page, "session");
  const { messages } = await stack.api("GET", `/agent/sessions/${id}/messages`);
  expect(messages.map(({ role, status }: { role: string; status: string }) => `${role} ${status}`)).toEqual(["user completed", "assistant completed"]);

  await page.getByRole("link", { name: "All sessions" }).click();
  await expect(page.getByRole("link", { name: "A walk" })).toBeVisible();
  await look(page, "sessions");
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Search sessions and commands").fill("walk");
  await look(page, "palette");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "A walk" })).toBeVisible();
});

test("a session begins in a repository, by keyboard", async ({ user: page }) => {
  await page.goto("/sessions");
  await expect(page.getByRole("heading", { name: "Sessions" })).toBeVisible();
  await page.keyboard.press("n");
  await page.getByRole("button", { name: "A repository" }).press("Enter");
  await page.getByRole("combobox", { name: "Repository" }).fill("octo-dev/billing");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "New session" })).toBeVisible();
  await expect(page.getByRole("banner").getByText("octo-dev/billing")).toBeVisible();
  ids.push(page.url().split("/").at(-1)!);
});

test("a page that is loaded again in mid-stream shows the same thread, and in the end what the server stored", async ({ user: page, stack }) => {
  const id = await open(page, stack);
  ids.push(id);
  await say(page, UNENDING);
  await expect(words(page)).toBeVisible();
  await page.reload();
  await expect(answers(page).first()).toHaveAttribute("aria-busy", "true");
  await expect(words(page)).toContainText(LAST_WORD);
  const before = await thread(page);
  await page.reload();
  await expect.poll(() => thread(page)).toEqual(before);
  await expect(answers(page).first()).toHaveAttribute("aria-busy", "true");
  await page.getByRole("button", { name: "Stop the agent" }).click();
  await expect(page.getByText("Stopped", { exact: true })).toBeVisible();
  expect(await thread(page)).toEqual(await stored(stack, id));
  expect(await thread(page)).toEqual(before);
});

test("a tool waits for the user's consent, and a key gives it", async ({ user: page, stack }) => {
  ids.push(await open(page, stack, { permissions: { bash: "ask" } }));
  await say(page, TOOL);
  await expect(page.getByRole("heading", { name: /wants to use bash/ })).toBeVisible();
  await look(page, "session-permission");
  await page.getByRole("main").click({ position: { x: 5, y: 5 } });
  await page.keyboard.press("1");
  await expect(page.getByRole("heading", { name: /wants to use bash/ })).toBeHidden();
  const tool = answers(page).first().getByRole("group").filter({ hasText: "bash" });
  await tool.locator("summary").click();
  await expect(tool.getByText("walked", { exact: true })).toBeVisible();
  await expect(answers(page).first()).toHaveAttribute("aria-busy", "false");
  await look(page, "session-tool");
});

test("a file is uploaded with a prompt, and the agent reads it", async ({ user: page, stack }) => {
  ids.push(await open(page, stack));
  await page.getByLabel("Files to attach").setInputFiles({ name: "walk.txt", mimeType: "text/plain", buffer: Buffer.from("carried along") });
  await expect(page.getByRole("button", { name: "Take out walk.txt" })).toBeVisible();
  await composer(page).fill('[[tool bash {"command":"cat attachments/1/walk.txt","description":"Read it"}]][[text n=3]]');
  await look(page, "session-attaching");
  await expect(page.getByRole("button", { name: "Send" })).not.toHaveAttribute("aria-disabled", "true");
  await composer(page).press("Enter");
  await expect(page.getByRole("article", { name: "You" }).getByText("walk.txt", { exact: true })).toBeVisible();
  await expect(answers(page).first()).toHaveAttribute("aria-busy", "false");
  const tool = answers(page).first().getByRole("group").filter({ hasText: "bash" });
  await tool.locator("summary").click();
  await expect(tool.getByText("carried along", { exact: true })).toBeVisible();
  await look(page, "session-attached");
});

test("what the agent made is looked through beside the thread, with what the last turn changed", async ({ user: page, stack }) => {
  ids.push(await open(page, stack));
  await page.getByRole("button", { name: "Files of the workspace" }).click();
  const panel = page.getByRole("complementary", { name: "Workspace" });
  await expect(panel.getByText("Nothing is here yet.")).toBeVisible();
  const command = "mkdir -p notes && printf 'first line\\n' > notes/made.txt";
  await say(page, `[[tool bash ${JSON.stringify({ command, description: "Make a note" })}]][[text n=3]]`);
  await panel.getByRole("button", { name: "notes" }).click();
  await look(page, "session-workspace");
  await panel.getByRole("button", { name: /made\.txt/ }).click();
  await expect(page.getByRole("dialog").getByText("first line")).toBeVisible();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await panel.getByRole("button", { name: "Last turn" }).click();
  await panel.getByText("notes/made.txt").click();
  await expect(panel.getByText("first line")).toBeVisible();
  await look(page, "session-changes");
});

test("a turn is stopped, and what was queued behind it is edited, taken back or answered", async ({ user: page, stack }) => {
  ids.push(await open(page, stack));
  await say(page, UNENDING);
  await expect(words(page)).toBeVisible();
  await say(page, "[[text n=3]] first in the queue");
  await say(page, "second in the queue");
  await expect(page.getByText("Number 2 in the queue")).toBeVisible();
  await look(page, "session-queue");
  await page.getByRole("button", { name: "Edit", exact: true }).first().click();
  await page.getByRole("textbox", { name: "The waiting message" }).fill("[[text n=3]] said differently");
  await page.getByRole("button", { name: "Save" }).click();
  // By its words: what is far above is not in the page.
  await expect(page.getByRole("article", { name: "You" }).filter({ hasText: "said differently" })).toBeVisible();
  await page.getByRole("button", { name: "Take back" }).last().click();
  await expect(page.getByText("Number 2 in the queue")).toBeHidden();
  await page.getByRole("button", { name: "Stop the agent" }).click();
  await expect(page.getByText("Stopped", { exact: true })).toBeVisible();
  // The next in the queue has its turn.
  await expect(page.getByText("Number 1 in the queue")).toBeHidden();
  await expect(answers(page).last()).toHaveAttribute("aria-busy", "false");
});

test("a page that was offline catches up by itself", async ({ user: page, stack }) => {
  const id = await open(page, stack);
  ids.push(id);
  await say(page, "[[text n=3]]");
  await expect(answers(page)).toHaveCount(1);
  await expect(answers(page).first()).toHaveAttribute("aria-busy", "false");
  await page.context().setOffline(true);
  await expect(page.getByText("You are offline.")).toBeVisible();
  await look(page, "session-offline");
  await stack.api("POST", `/agent/sessions/${id}/messages`, { content: "[[text n=20]] said meanwhile" });
  await page.context().setOffline(false);
  await expect(page.getByRole("article", { name: "You" }).last()).toContainText("said meanwhile");
  await expect(answers(page)).toHaveCount(2);
  await expect(answers(page).last()).toHaveAttribute("aria-busy", "false");
});

test("two pages of one session agree, and see each other", async ({ user: page, stack, context }) => {
  const id = await open(page, stack);
  ids.push(id);
  const other = await context.newPage();
  await other.goto(`/sessions/${id}`);
  await expect(page.getByTitle("2 pages show this session")).toBeVisible();
  await say(page, "[[text n=30]] for both");
  await expect(other.getByRole("article", { name: "You" })).toContainText("for both");
  await expect(answers(other).first()).toHaveAttribute("aria-busy", "false");
  const text = async (page: Page) => plain(await answers(page).first().locator(".prose").innerText());
  await expect.poll(() => text(page)).toBe(await text(other));
});

test("a session is renamed, and its end can be taken back before it comes", async ({ user: page, stack }) => {
  const id = await open(page, stack, { title: "Before" });
  await page.getByRole("button", { name: "More for Before" }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByRole("textbox", { name: "Title" }).fill("After");
  await page.getByRole("button", { name: "Save" }).click();
  await page.goto("/sessions");
  const end = async () => {
    await page.getByRole("button", { name: "More for After" }).click();
    await page.getByRole("menuitem", { name: "End session" }).click();
  };
  await end();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("button", { name: "Undo" })).toBeHidden();
  expect((await stack.api("GET", `/api/sessions/${id}`)).status).toBe("idle");
  await end();
  await expect(page.getByRole("button", { name: "More for After" })).toBeHidden();
  expect((await stack.api("GET", `/api/sessions/${id}`)).status).toBe("terminated");
});
