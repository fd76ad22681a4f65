// What is read from the server, as options that loaders and components share.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";

const PAGE = 30;
const MESSAGES = 50;

export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: () => body(api.GET("/health")),
  staleTime: Infinity,
});

export const sessionsQuery = infiniteQueryOptions({
  queryKey: ["sessions"],
  queryFn: ({ pageParam, signal }) =>
    body(api.GET("/api/sessions", { params: { query: { limit: PAGE, cursor: pageParam } }, signal })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
  refetchInterval: 10_000,
});

export const sessionQuery = (id: string) =>
  queryOptions({
    queryKey: ["session", id],
    queryFn: ({ signal }) => body(api.GET("/api/sessions/{id}", { params: { path: { id } }, signal })),
  });

/** A page of history, newest first. */
export const messagesPage = (id: string, cursor?: string, signal?: AbortSignal) =>
  body(
    api.GET("/agent/sessions/{id}/messages", {
      params: { path: { id }, query: { limit: MESSAGES, order: "desc", cursor } },
      signal,
    }),
  );

/** The thread's first page: read once for each visit, since events keep it up to date. */
export const messagesQuery = (id: string) =>
  queryOptions({
    queryKey: ["messages", id],
    queryFn: ({ signal }) => messagesPage(id, undefined, signal),
    staleTime: Infinity,
    gcTime: 2_000,
  });
