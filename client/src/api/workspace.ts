// What the agent made in a session, as it was kept after the last turn.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import { ApiError } from "./errors";

const PAGE = 100;

/** Where a file's content is, and where everything is at once. */
export const workspaceHref = (id: string, path: string) => `/agent/sessions/${id}/workspace?path=${encodeURIComponent(path)}`;
export const archiveHref = (id: string) => `/agent/sessions/${id}/workspace/archive`;

/** `version`: the state that events told of, so that a newer one is read. */
export const folderQuery = (id: string, path: string, version: number) =>
  infiniteQueryOptions({
    queryKey: ["workspace", id, path, version],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET("/agent/sessions/{id}/workspace", {
          params: { path: { id }, query: { limit: PAGE, cursor: pageParam, ...(path && { path }) } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: (before) => before,
  });

/** What a turn changed; null when it changed nothing. */
export const diffQuery = (id: string, turn: number, version: number) =>
  queryOptions({
    queryKey: ["diff", id, turn, version],
    queryFn: ({ signal }) =>
      body(api.GET("/agent/sessions/{id}/turns/{turn}/diff", { params: { path: { id, turn } }, signal })).catch((error: unknown) => {
        if (error instanceof ApiError && error.code === "diff_not_found") return null;
        throw error;
      }),
  });
