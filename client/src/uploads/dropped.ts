// What was dropped, as files: those in dropped folders have the folders in their names.
import type { Named } from "./uploads";

/** More is somebody's whole disk, dropped by mistake. */
export const DROPPED_MAX = 500;

/** To be called while the drop is being told of: a moment later the browser has nothing left to give. */
export async function dropped(items: Iterable<DataTransferItem>): Promise<Named[]> {
  const roots = [...items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const files: Named[] = [];
  for (const root of roots) {
    if (root instanceof File) files.push({ file: root, name: root.name });
    else if (root) for await (const file of filesOf(root)) files.push(file);
  }
  return files;
}

async function* filesOf(entry: FileSystemEntry, found = { count: 0 }): AsyncGenerator<Named> {
  if (entry.isDirectory) {
    for await (const child of entriesOf(entry as FileSystemDirectoryEntry)) yield* filesOf(child, found);
    return;
  }
  found.count += 1;
  if (found.count > DROPPED_MAX) throw new Error(`“${entry.fullPath.split("/")[1]}” holds more than ${DROPPED_MAX} files. Drop fewer at once.`);
  const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
  yield { file, name: entry.fullPath.slice(1) };
}

/** A folder tells of its entries a few at a time, until it tells of none. */
async function* entriesOf(folder: FileSystemDirectoryEntry): AsyncGenerator<FileSystemEntry> {
  const reader = folder.createReader();
  const more = () => new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
  for (let entries = await more(); entries.length > 0; entries = await more()) yield* entries;
}
