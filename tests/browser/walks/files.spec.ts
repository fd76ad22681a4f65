// Files come in, are looked at, go out again and go.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Page, TestInfo } from "@playwright/test";
import { look } from "../look.ts";
import { expect, test } from "../test.ts";

/** Two parts, of which the first has 16 MiB. */
const LARGE = Buffer.alloc(17 * 1024 * 1024, "0123456789abcdef");
const SECOND = /partNumber=2\b/;

/** Holds the second part at the door until it is no longer routed; resolves when the bucket has the first. */
async function sendFirstPart(page: Page, file: string) {
  await page.route(SECOND, () => {});
  const first = page.waitForResponse((response) => /partNumber=1\b/.test(response.url()) && response.request().method() === "PUT");
  await page.getByLabel("Files to upload").setInputFiles(file);
  expect((await first).ok()).toBe(true);
}

/** A file of the disk, for what is too large to be handed over to the browser. */
async function onDisk(info: TestInfo, name: string, content: Buffer) {
  const path = info.outputPath(name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

const PIXEL = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR4nGOQyTqBFTEMLQkA43FQAYsOZIAAAAAASUVORK5CYII=", "base64");

test("small files are uploaded, shown, found by folder, downloaded and deleted", async ({ user: page }) => {
  await page.goto("/files");
  await expect(page.getByRole("heading", { name: "No files yet" })).toBeVisible();
  await look(page, "files-none");
  await page.getByLabel("Files to upload").setInputFiles([
    { name: "notes.md", mimeType: "text/markdown", buffer: Buffer.from("# Walks\n\nThe *first* one.") },
    { name: "pixel.png", mimeType: "image/png", buffer: PIXEL },
  ]);
  const list = page.getByRole("main").getByRole("listitem");
  await expect(page.getByRole("button", { name: "Delete notes.md" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Delete pixel.png" })).toBeVisible();

  // Into a folder, by dropping.
  await page.goto("/files?prefix=reports/");
  await expect(page.getByRole("heading", { name: "Nothing begins like this" })).toBeVisible();
  const dropped = await page.evaluateHandle(() => {
    const data = new DataTransfer();
    data.items.add(new File(["a,b\n1,2\n"], "table.csv", { type: "text/csv" }));
    return data;
  });
  await page.dispatchEvent("body", "dragenter", { dataTransfer: dropped });
  await expect(page.getByText("Drop to upload into reports/")).toBeVisible();
  await page.dispatchEvent("body", "drop", { dataTransfer: dropped });
  await expect(page.getByRole("button", { name: "Delete reports/table.csv" })).toBeVisible();
  await page.goto("/files");
  await expect(list).toHaveCount(3);
  await look(page, "files");

  await page.getByRole("button", { name: "pixel.png", exact: true }).click();
  const picture = page.getByRole("img", { name: "pixel.png" });
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(8);
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("button", { name: "notes.md", exact: true }).click();
  await expect(page.getByRole("dialog").getByRole("heading", { name: "Walks" })).toBeVisible();
  await look(page, "file-preview");
  const coming = page.waitForEvent("download");
  await page.getByRole("dialog").getByRole("button", { name: "Download" }).click();
  expect(await readFile(await (await coming).path(), "utf8")).toBe("# Walks\n\nThe *first* one.");
  await page.getByRole("button", { name: "Close" }).click();

  await page.getByRole("button", { name: "Delete notes.md" }).click();
  await expect(page.getByRole("button", { name: "Delete notes.md" })).toBeHidden();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("button", { name: "Delete notes.md" })).toBeVisible();
  await page.getByRole("button", { name: "Delete notes.md" }).click();
  const deleted = page.waitForResponse((response) => response.request().method() === "DELETE");
  expect((await deleted).status()).toBe(204);
  await page.reload();
  await expect(page.getByRole("button", { name: "Delete pixel.png" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Delete notes.md" })).toBeHidden();
});

test("a dropped folder comes with its folders", async ({ user: page }, info) => {
  const folder = dirname(await onDisk(info, "trip/plan.md", Buffer.from("# Plan")));
  await onDisk(info, "trip/day 1/walk.txt", Buffer.from("up the hill"));
  await page.goto("/files");
  const rows = page.getByRole("main").getByRole("listitem");
  await expect(rows.or(page.getByRole("heading", { name: "No files yet" })).first()).toBeVisible();
  // What the system's file manager would do; nobody lets go of a folder before the page says that it may.
  const browser = await page.context().newCDPSession(page);
  const drag = (type: "dragEnter" | "dragOver" | "drop") =>
    browser.send("Input.dispatchDragEvent", { type, x: 400, y: 400, data: { items: [], files: [folder], dragOperationsMask: 1 } });
  await drag("dragEnter");
  await expect(page.getByText("Drop to upload")).toBeVisible();
  await drag("dragOver");
  await drag("drop");
  await expect(page.getByRole("button", { name: "Delete trip/plan.md" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Delete trip/day 1/walk.txt" })).toBeVisible();
  await expect(page.getByText("2 of 2 uploaded")).toBeVisible();
  await look(page, "files-uploaded");
  await page.getByRole("button", { name: "Clear finished" }).click();
  await expect(page.getByText("2 of 2 uploaded")).toBeHidden();
});

test("a large file goes in parts to the bucket, stands still when paused, and comes back whole", async ({ user: page, stack }, info) => {
  await page.goto("/files");
  await sendFirstPart(page, await onDisk(info, "large.bin", LARGE));
  const [pending] = (await stack.api("GET", "/api/files?status=pending")).files;
  const stored = async () => (await stack.api("GET", `/api/files/${pending.id}/parts`)).parts.map(({ stored }: { stored: boolean }) => stored);
  expect(await stored()).toEqual([true, false]);
  await page.getByRole("button", { name: "Pause large.bin" }).click();
  await expect(page.getByText(/^Paused at/)).toBeVisible();
  await look(page, "files-paused");
  await page.unroute(SECOND);
  const sent: string[] = [];
  page.on("request", (request) => request.method() === "PUT" && sent.push(new URL(request.url()).searchParams.get("partNumber")!));
  await page.getByRole("button", { name: "Resume large.bin" }).click();
  await expect(page.getByRole("button", { name: "Delete large.bin" })).toBeVisible();
  expect(sent).toEqual(["2"]);
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download large.bin" }).click();
  expect(LARGE.equals(await readFile(await (await coming).path()))).toBe(true);
});

test("an upload that another page began is finished by choosing the same file, and no other", async ({ user: page }, info) => {
  await page.goto("/files");
  const file = await onDisk(info, "begun.bin", LARGE);
  await sendFirstPart(page, file);
  await page.getByRole("button", { name: "Pause begun.bin" }).click();
  await page.reload();
  await page.unroute(SECOND);
  await expect(page.getByRole("heading", { name: "Not finished" })).toBeVisible();
  await page.getByLabel("The file for begun.bin").setInputFiles(await onDisk(info, "other/begun.bin", Buffer.alloc(LARGE.length, "x")));
  await expect(page.getByText("This is another file")).toBeVisible();
  await look(page, "files-other");
  await page.getByRole("button", { name: "Take begun.bin off this list" }).click();
  await page.getByLabel("The file for begun.bin").setInputFiles(file);
  await expect(page.getByRole("button", { name: "Delete begun.bin" })).toBeVisible();
});

test("an upload that the server refuses says why and what to do", async ({ user: page }) => {
  await page.goto("/files");
  await page.getByLabel("Files to upload").setInputFiles({ name: "a\u202Egpj.exe", mimeType: "text/plain", buffer: Buffer.from("x") });
  await expect(page.getByText(/A file name has no backslash/)).toBeVisible();
  await expect(page.getByRole("button", { name: /^Try again/ })).toBeVisible();
});
