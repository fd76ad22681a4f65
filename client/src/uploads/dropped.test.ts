// Folders give what is in them, under its names, or say why not.
import { expect, it } from "vitest";
import { DROPPED_MAX, dropped } from "./dropped";

const fileAt = (fullPath: string) =>
  ({ isDirectory: false, fullPath, file: (found: (file: File) => void) => found(new File([], fullPath.split("/").at(-1)!)) }) as unknown as FileSystemEntry;

/** Tells of its entries one at a time, as slowly as a browser may. */
const folderOf = (...entries: FileSystemEntry[]) =>
  ({
    isDirectory: true,
    createReader: () => {
      const left = [...entries];
      return { readEntries: (found: (entries: FileSystemEntry[]) => void) => found(left.splice(0, 1)) };
    },
  }) as unknown as FileSystemEntry;

const item = (entry: FileSystemEntry | null, file: File | null = null) =>
  ({ kind: "file", webkitGetAsEntry: () => entry, getAsFile: () => file }) as unknown as DataTransferItem;

const names = async (...items: DataTransferItem[]) => (await dropped(items)).map(({ name }) => name);

it("files of a folder keep their folders in their names, those beside it keep theirs", async () => {
  const folder = folderOf(fileAt("/notes/a.txt"), folderOf(fileAt("/notes/deep/b.txt")), folderOf());
  expect(await names(item(fileAt("/c.txt")), item(folder))).toEqual(["c.txt", "notes/a.txt", "notes/deep/b.txt"]);
});

it("what is no entry of a disk, such as a picture from a page, is a file all the same; text is none", async () => {
  const text = { kind: "string" } as DataTransferItem;
  expect(await names(item(null, new File([], "picture.png")), text)).toEqual(["picture.png"]);
});

it("a folder of too many files is refused as a whole", async () => {
  const many = Array.from({ length: DROPPED_MAX + 1 }, (_, n) => fileAt(`/everything/${n}`));
  await expect(dropped([item(folderOf(...many))])).rejects.toThrow("“everything” holds more than");
});
