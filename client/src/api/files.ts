// The user's files.
import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, authorisation, body } from "./client";
import { ApiError } from "./errors";
import type { FilePart, StoredFile } from "./types";

const PAGE = 50;
/** A text is shown up to here. */
export const TEXT_BYTES_MAX = 256 * 1024;

/** `pending`: uploads that were begun and not finished. */
export const filesQuery = (prefix: string, status: "ready" | "pending" = "ready") =>
  infiniteQueryOptions({
    queryKey: ["files", status, prefix],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET("/api/files", { params: { query: { limit: PAGE, cursor: pageParam, status, ...(prefix && { prefix }) } }, signal }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
  });

/** Is carried out even if the page is left meanwhile. */
export const deleteFile = (id: string) => api.DELETE("/api/files/{id}", { params: { path: { id } }, keepalive: true });

export type NewUpload = { name: string; size: number; checksum: string; content_type?: string };

/** A repeat under the same key gets the first answer. */
export const beginUpload = (upload: NewUpload, key: string, signal: AbortSignal) =>
  body(api.POST("/api/files", { body: upload as never, params: { header: { "Idempotency-Key": key } }, signal }));

/** What of an upload is there, and where the rest is to be put. */
export const partsOf = (id: string, signal: AbortSignal, query: { cursor?: string; limit?: number }) =>
  body(api.GET("/api/files/{id}/parts", { params: { path: { id }, query }, signal }));

/** The same part, with an address that is good for another hour. */
export async function partAgain(id: string, number: number, signal: AbortSignal): Promise<FilePart> {
  const { parts } = await partsOf(id, signal, { limit: 1, ...(number > 1 && { cursor: String(number - 1) }) });
  const [part] = parts;
  if (!part) throw new ApiError(0, "no_part", "The upload no longer has this part. Upload the file again.");
  return part;
}

export const completeUpload = (id: string, signal: AbortSignal) =>
  body(api.POST("/api/files/{id}/complete", { params: { path: { id } }, signal }));

/** The content, or its first bytes; `signal` ends it. */
export async function contentOf({ id }: Pick<StoredFile, "id">, { first, signal }: { first?: number; signal?: AbortSignal } = {}): Promise<Response> {
  const headers = { ...authorisation(), ...(first && { range: `bytes=0-${first - 1}` }) };
  const response = await fetch(`/api/files/${id}`, { headers, ...(signal && { signal }) }).catch((error: unknown) => {
    throw error instanceof DOMException ? error : ApiError.network();
  });
  // An empty file has no first byte.
  if (!response.ok && response.status !== 416) throw await ApiError.from(response);
  return response;
}

/** Has the browser save a file. A large one comes from the bucket, by an address of its own that needs no token. */
export async function download(file: StoredFile): Promise<void> {
  const leave = new AbortController();
  const response = await contentOf(file, { signal: leave.signal });
  if (response.redirected) {
    leave.abort();
    return save(response.url, file.name);
  }
  const url = URL.createObjectURL(await response.blob());
  save(url, file.name);
  URL.revokeObjectURL(url);
}

function save(href: string, name: string) {
  const link = document.createElement("a");
  link.href = href;
  link.download = name.split("/").at(-1) ?? name;
  link.click();
}
