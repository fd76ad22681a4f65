// Services that are connected, and what was read from them.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, body } from "./client";
import type { Integration, Policy } from "./types";

const PAGE = 30;
/** While something happens, and while nothing does. */
const BUSY_MS = 2_000;
const QUIET_MS = 30_000;

export const isBusy = ({ sync_status }: Integration) => ["pending", "syncing", "disconnecting"].includes(sync_status);

export const availableQuery = queryOptions({
  queryKey: ["integrations", "available"],
  queryFn: ({ signal }) => body(api.GET("/api/integrations/available", { signal })),
  staleTime: Infinity,
});

/** All of them: nobody connects more than a page of accounts. */
export const integrationsQuery = queryOptions({
  queryKey: ["integrations", "list"],
  queryFn: ({ signal }) => body(api.GET("/api/integrations", { params: { query: { limit: 100 } }, signal })),
  refetchInterval: ({ state }) => (state.data?.integrations.some(isBusy) ? BUSY_MS : QUIET_MS),
});

export const integrationQuery = (id: string) =>
  queryOptions({
    queryKey: ["integrations", "one", id],
    queryFn: ({ signal }) => body(api.GET("/api/integrations/{id}", { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data && isBusy(state.data) ? BUSY_MS : QUIET_MS),
  });

export const choicesQuery = (id: string) =>
  queryOptions({
    queryKey: ["integrations", "choices", id],
    queryFn: ({ signal }) => body(api.GET("/api/integrations/{id}/choices", { params: { path: { id } }, signal })),
    staleTime: 60_000,
  });

export const syncLogsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ["integrations", "logs", id],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET("/api/integrations/{id}/logs", { params: { path: { id }, query: { limit: PAGE, cursor: pageParam } }, signal }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

/** Where the browser has to go to connect an account; with `id`, that account again. */
export const startConnecting = (service: string, id?: string) =>
  body(
    api.GET("/api/integrations/{id}/auth", {
      params: { path: { id: service }, query: id ? { integration_id: id } : {} },
    }),
  );

export const syncNow = (id: string) => body(api.POST("/api/integrations/{id}/sync", { params: { path: { id } } }));

export const configure = ({ id, service }: Integration, config: Record<string, unknown>) =>
  body(
    api.POST("/api/integrations/{id}/configure", {
      params: { path: { id: service } },
      body: { config: config as never, integration_id: id },
    }),
  );

/** Whether agents may do something with the account, beside reading. */
export const letAct = ({ id, service }: Integration, actions: Policy) =>
  body(
    api.POST("/api/integrations/{id}/configure", {
      params: { path: { id: service } },
      body: { actions, integration_id: id },
    }),
  );

export const disconnect = (id: string) => body(api.DELETE("/api/integrations/{id}", { params: { path: { id } } }));

/** What a list of entities can be narrowed by, as the address has it. */
export const ENTITY_FILTERS = ["kind", "provider", "state", "from", "to", "text"] as const;
export type EntityFilter = { [name in (typeof ENTITY_FILTERS)[number]]?: string };

/** Days of the address are the user's own: the server wants moments. `to` is a day that is still in. */
export function queryOf({ from, to, ...rest }: EntityFilter): EntityFilter {
  const moment = (day: string, days = 0) => {
    const date = new Date(`${day}T00:00:00`);
    date.setDate(date.getDate() + days);
    return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
  };
  const start = from && moment(from);
  const end = to && moment(to, 1);
  return { ...rest, ...(start && { from: start }), ...(end && { to: end }) };
}

export const entitiesQuery = (filter: EntityFilter) =>
  infiniteQueryOptions({
    queryKey: ["entities", filter],
    queryFn: ({ pageParam, signal }) =>
      body(api.GET("/api/entities", { params: { query: { ...queryOf(filter), limit: PAGE, cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    // What stood there stays until the new list has come.
    placeholderData: (before) => before,
  });

export const entityQuery = (id: string) =>
  queryOptions({
    queryKey: ["entity", id],
    queryFn: ({ signal }) => body(api.GET("/api/entities/{id}", { params: { path: { id } }, signal })),
  });
