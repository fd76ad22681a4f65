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

export const signinProvidersQuery = queryOptions({
  queryKey: ["signin-providers"],
  queryFn: () => body(api.GET("/auth/providers")),
  staleTime: Infinity,
  retry: false,
});

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => body(api.GET("/api/me", { signal })),
  staleTime: 60_000,
});

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => body(api.GET("/api/tokens", { signal })),
  // Who has just tried a token in a terminal looks whether it was used.
  staleTime: 0,
});

export const loginsQuery = queryOptions({
  queryKey: ["logins"],
  queryFn: ({ signal }) => body(api.GET("/api/me/logins", { signal })),
});

export const usageQuery = (days: number) =>
  queryOptions({
    queryKey: ["usage", days],
    queryFn: ({ signal }) => body(api.GET("/api/me/usage", { params: { query: { days } }, signal })),
  });

export const auditQuery = infiniteQueryOptions({
  queryKey: ["audit"],
  queryFn: ({ pageParam, signal }) =>
    body(api.GET("/api/audit", { params: { query: { limit: PAGE, cursor: pageParam } }, signal })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});

/** Until the archive is there or has failed it is asked for again. */
export const exportQuery = (id: string | undefined) =>
  queryOptions({
    queryKey: ["export", id],
    queryFn: ({ signal }) => body(api.GET("/api/me/export/{id}", { params: { path: { id: id ?? "" } }, signal })),
    enabled: id !== undefined,
    refetchInterval: ({ state }) => (state.data?.status === "pending" ? 2_000 : false),
  });

export const signupQuery = queryOptions({
  queryKey: ["signup"],
  queryFn: ({ signal }) => body(api.GET("/api/admin/signup", { signal })),
});

export const usersQuery = infiniteQueryOptions({
  queryKey: ["users"],
  queryFn: ({ pageParam, signal }) =>
    body(api.GET("/api/admin/users", { params: { query: { limit: PAGE, cursor: pageParam } }, signal })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});

export const deploymentHealthQuery = queryOptions({
  queryKey: ["deployment-health"],
  queryFn: ({ signal }) => body(api.GET("/api/admin/health", { signal })),
  refetchInterval: 60_000,
});

export const limitsQuery = queryOptions({
  queryKey: ["limits"],
  queryFn: ({ signal }) => body(api.GET("/api/admin/limits", { signal })),
});
