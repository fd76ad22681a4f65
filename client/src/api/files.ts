// The user's files.
import { infiniteQueryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import { ApiError } from "./errors";
import type { FilePart } from "./types";

const PAGE = 50;

/** Where the content of a file is. */
export const hrefOf = (id: string) => `/api/files/${id}`;

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
