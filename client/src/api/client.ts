// The API, typed by the document that its routers wrote.
import createClient, { type Middleware } from "openapi-fetch";
import { authStore } from "@/stores/auth";
import { ApiError } from "./errors";
import { newTrace } from "./trace";
import type { paths } from "./schema";

const authorise: Middleware = {
  onRequest({ request }) {
    const { token } = authStore.getState();
    if (token && !request.headers.has("authorization")) request.headers.set("authorization", `Bearer ${token}`);
    request.headers.set("traceparent", newTrace());
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) return;
    if (response.status === 401) authStore.getState().forget();
    throw await ApiError.from(response);
  },
  onError: ({ error }) => (error instanceof DOMException ? error : ApiError.network()),
};

export const api = createClient<paths>({ baseUrl: globalThis.location?.origin, fetch: (request) => fetch(request) });
api.use(authorise);

/** The body of an answer; what is not ok was thrown before. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await answer;
  if (data === undefined || data === null) throw new ApiError(0, "no_body", "The server answered with nothing.");
  return data;
}

/** The headers of a request that `api` does not make. */
export function authorisation(): Record<string, string> {
  const { token } = authStore.getState();
  return token ? { authorization: `Bearer ${token}` } : {};
}
