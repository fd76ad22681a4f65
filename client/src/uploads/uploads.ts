// Files on their way to the server. They go on while other pages are shown.
import { create } from "zustand";
import { authorisation } from "@/api/client";
import { ApiError, explain } from "@/api/errors";
import { beginUpload, completeUpload, deleteFile } from "@/api/files";
import type { StoredFile } from "@/api/types";
import { crc64, sha256 } from "./checksum";
import { sendParts } from "./parts";
import { transfer } from "./transfer";

/** Larger files go in parts, as the server has it. */
export const DIRECT_BYTES_MAX = 4 * 1024 * 1024;
const AT_ONCE = 2;

/** A file and the name that it is to have, folders included. */
export type Named = { file: File; name: string };

/** Files that were chosen or pasted have no folders. */
export const named = (files: readonly File[]): Named[] => files.map((file) => ({ file, name: file.name }));

export type Upload = {
  key: string;
  /** A repeat of the request under it is no second file. */
  request: string;
  file: File;
  name: string;
  /** `checking` computes what the server will compare with. */
  state: "waiting" | "checking" | "sending" | "paused" | "failed" | "done";
  /** Bytes that were checked, or sent. */
  bytes: number;
  error: string | null;
  checksum: string | null;
  /** On the server, once it knows of it. */
  stored: StoredFile | null;
};

export const useUploads = create<{ uploads: Upload[] }>(() => ({ uploads: [] }));

/** Ends what is under way for an upload. */
const running = new Map<string, AbortController>();

const all = () => useUploads.getState().uploads;
const find = (key: string) => all().find((upload) => upload.key === key);

function change(key: string, change: Partial<Upload>) {
  useUploads.setState(({ uploads }) => ({
    uploads: uploads.map((upload) => (upload.key === key ? { ...upload, ...change } : upload)),
  }));
}

export const inParts = ({ file }: Pick<Upload, "file">) => file.size > DIRECT_BYTES_MAX;

/** Files that were chosen, under these names. */
export function upload(files: readonly Named[]) {
  const added = files.map(({ file, name }) => newUpload(file, name));
  useUploads.setState(({ uploads }) => ({ uploads: [...uploads, ...added] }));
  startMore();
  return added.map(({ key }) => key);
}

/** Goes on with what an earlier page began; the same file has to be chosen again. */
export function goOn(stored: StoredFile, file: File) {
  const added: Upload = { ...newUpload(file, stored.name), stored };
  useUploads.setState(({ uploads }) => ({ uploads: [...uploads, added] }));
  startMore();
}

const newUpload = (file: File, name: string): Upload => ({
  key: crypto.randomUUID(),
  request: crypto.randomUUID(),
  file,
  name,
  state: "waiting",
  bytes: 0,
  error: null,
  checksum: null,
  stored: null,
});

export function pause(key: string) {
  change(key, { state: "paused" });
  running.get(key)?.abort();
}

export function resume(key: string) {
  change(key, { state: "waiting", error: null });
  startMore();
}

/** Gives it up, here and on the server. */
export async function cancel(key: string) {
  const stored = find(key)?.stored;
  running.get(key)?.abort();
  forget(key);
  if (stored && stored.status === "pending") await deleteFile(stored.id).catch(() => {});
}

export function forget(key: string) {
  useUploads.setState(({ uploads }) => ({ uploads: uploads.filter((upload) => upload.key !== key) }));
}

/** Takes what has arrived off the list. */
export function forgetDone() {
  useUploads.setState(({ uploads }) => ({ uploads: uploads.filter(({ state }) => state !== "done") }));
}

function startMore() {
  const next = all().filter(({ state, key }) => state === "waiting" && !running.has(key));
  for (const upload of next.slice(0, Math.max(0, AT_ONCE - running.size))) void run(upload);
}

async function run(upload: Upload) {
  const { key } = upload;
  const controller = new AbortController();
  running.set(key, controller);
  const { signal } = controller;
  try {
    const stored = await (inParts(upload) ? sendInParts(upload, signal) : sendWhole(upload, signal));
    change(key, { state: "done", bytes: upload.file.size, stored });
  } catch (error) {
    // Paused or given up, which has been noted already.
    if (signal.aborted) return;
    change(key, { state: "failed", error: explain(error) });
    // Trying again begins anew.
    if (isGone(error)) change(key, { stored: null, request: crypto.randomUUID() });
  } finally {
    running.delete(key);
    startMore();
  }
}

/** The server gave up what had been begun, as it does after a day. */
const isGone = (error: unknown) => error instanceof ApiError && ["upload_expired", "file_not_found"].includes(error.code);

async function sendWhole({ key, request, file, name }: Upload, signal: AbortSignal): Promise<StoredFile> {
  change(key, { state: "checking", bytes: 0 });
  const form = new FormData();
  form.set("checksum", await sha256(file));
  form.set("name", name);
  form.set("file", file);
  signal.throwIfAborted();
  change(key, { state: "sending" });
  const headers = { ...authorisation(), "idempotency-key": request };
  const onSent = (bytes: number) => change(key, { bytes: Math.min(bytes, file.size) });
  return (await transfer({ method: "POST", url: "/api/files", headers, body: form, signal, onSent })) as StoredFile;
}

async function sendInParts(upload: Upload, signal: AbortSignal): Promise<StoredFile> {
  const { key, request, file, name } = upload;
  let { checksum, stored } = upload;
  if (!checksum) {
    change(key, { state: "checking", bytes: 0 });
    checksum = await crc64(file, signal, (bytes) => change(key, { bytes }));
    change(key, { checksum });
  }
  if (stored && (stored.size !== file.size || stored.checksum !== checksum)) {
    throw new Error("This is another file than the one whose upload was begun. Choose that one, or upload this one anew.");
  }
  signal.throwIfAborted();
  change(key, { state: "sending", bytes: 0 });
  if (!stored) {
    const type = file.type ? { content_type: file.type } : {};
    stored = await beginUpload({ name, size: file.size, checksum, ...type }, request, signal);
    change(key, { stored });
  }
  await sendParts({ id: stored.id, file, signal, onSent: (bytes) => change(key, { bytes }) });
  return completeUpload(stored.id, signal);
}

// Who leaves the page is asked first: small uploads would be lost, and large ones would stand still.
addEventListener("beforeunload", (event) => {
  if (running.size > 0) event.preventDefault();
});
