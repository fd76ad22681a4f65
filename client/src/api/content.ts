// Content that is no JSON: shown in part, or saved. A link alone would not carry the token.
import { authorisation } from "./client";
import { ApiError } from "./errors";

/** The content, or its first bytes; `signal` ends it. */
export async function contentOf(href: string, { first, signal }: { first?: number; signal?: AbortSignal } = {}): Promise<Response> {
  const headers = { ...authorisation(), ...(first && { range: `bytes=0-${first - 1}` }) };
  const response = await fetch(href, { headers, ...(signal && { signal }) }).catch((error: unknown) => {
    throw error instanceof DOMException ? error : ApiError.network();
  });
  if (!response.ok) throw await ApiError.from(response);
  return response;
}

/** Has the browser save it. What is large comes from the bucket, by an address of its own that needs no token. */
export async function download(href: string, name: string): Promise<void> {
  const leave = new AbortController();
  const response = await contentOf(href, { signal: leave.signal });
  if (response.redirected) {
    leave.abort();
    return save(response.url, name);
  }
  const url = URL.createObjectURL(await response.blob());
  save(url, name);
  URL.revokeObjectURL(url);
}

const save = (href: string, name: string) => Object.assign(document.createElement("a"), { href, download: name }).click();
