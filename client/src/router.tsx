// The pages and what each needs before it is shown.
import type { QueryClient } from "@tanstack/react-query";
import {
  Outlet,
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { Suspense, lazy } from "react";
import { ENTITY_FILTERS, type EntityFilter, availableQuery, entityQuery, integrationQuery, integrationsQuery } from "@/api/integrations";
import { meQuery, messagesQuery, sessionQuery, sessionsQuery } from "@/api/queries";
import { Offline } from "@/components/offline";
import { Overlays } from "@/components/overlays";
import { ErrorPage, NotFoundPage, PendingPage } from "@/components/fallbacks";
import { isSignedIn } from "@/stores/auth";

// Nothing to say at first, so that the first page need not wait for it.
const Toaster = lazy(() => import("@/components/toaster"));

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: () => (
    <>
      <Outlet />
      <Suspense>
        <Toaster />
      </Suspense>
    </>
  ),
});

const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/sessions", replace: true });
  },
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/signin",
  // Only a place of our own: anything else would send people wherever a link says.
  validateSearch: ({ back, error }: Record<string, unknown>): { back?: string; error?: string } => ({
    ...(typeof back === "string" && /^\/(?![/\\])/.test(back) && { back }),
    ...(typeof error === "string" && { error }),
  }),
  beforeLoad: async ({ search }) => {
    if (await isSignedIn()) throw redirect({ href: search.back ?? "/sessions", replace: true });
  },
  component: lazyRouteComponent(() => import("./features/sign-in/page"), "SignInPage"),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  component: () => (
    <>
      <Outlet />
      <Offline />
      <Overlays />
    </>
  ),
  beforeLoad: async ({ location }) => {
    if (!(await isSignedIn())) throw redirect({ to: "/signin", search: { back: location.href } });
  },
});

const sessions = createRoute({
  getParentRoute: () => signedIn,
  path: "/sessions",
  // The page shows its own loading state, so nothing waits for the list.
  loader: ({ context }) => void context.queryClient.prefetchInfiniteQuery(sessionsQuery),
  component: lazyRouteComponent(() => import("./features/sessions/page"), "SessionsPage"),
});

const session = createRoute({
  getParentRoute: () => signedIn,
  path: "/sessions/$id",
  loader: ({ context: { queryClient }, params: { id } }) =>
    Promise.all([queryClient.ensureQueryData(sessionQuery(id)), queryClient.ensureQueryData(messagesQuery(id))]),
  component: lazyRouteComponent(() => import("./features/thread/page"), "ThreadPage"),
});

const integrations = createRoute({
  getParentRoute: () => signedIn,
  path: "/integrations",
  // How the way to a service ended: `shared/wire` has the codes.
  validateSearch: (search: Record<string, unknown>) => texts(search, ["connected", "error"]),
  loader: ({ context }) => void context.queryClient.prefetchQuery(integrationsQuery),
  component: lazyRouteComponent(() => import("./features/integrations/page"), "IntegrationsPage"),
});

const integration = createRoute({
  getParentRoute: () => signedIn,
  path: "/integrations/$id",
  loader: ({ context: { queryClient }, params: { id } }) =>
    Promise.all([queryClient.ensureQueryData(integrationQuery(id)), queryClient.ensureQueryData(availableQuery)]),
  component: lazyRouteComponent(() => import("./features/integrations/integration-page"), "IntegrationPage"),
});

const data = createRoute({
  getParentRoute: () => signedIn,
  path: "/data",
  validateSearch: (search: Record<string, unknown>): EntityFilter => texts(search, ENTITY_FILTERS),
  component: lazyRouteComponent(() => import("./features/data/page"), "DataPage"),
});

const entity = createRoute({
  getParentRoute: () => signedIn,
  path: "/data/$id",
  loader: ({ context: { queryClient }, params: { id } }) =>
    Promise.all([queryClient.ensureQueryData(entityQuery(id)), queryClient.ensureQueryData(availableQuery)]),
  component: lazyRouteComponent(() => import("./features/data/entity-page"), "EntityPage"),
});

const files = createRoute({
  getParentRoute: () => signedIn,
  path: "/files",
  validateSearch: (search: Record<string, unknown>) => texts(search, ["prefix"]),
  component: lazyRouteComponent(() => import("./features/files/page"), "FilesPage"),
});

const settings = createRoute({
  getParentRoute: () => signedIn,
  path: "/settings",
  validateSearch: ({ tab }: Record<string, unknown>): { tab?: string } => (typeof tab === "string" ? { tab } : {}),
  loader: ({ context }) => context.queryClient.ensureQueryData(meQuery),
  component: lazyRouteComponent(() => import("./features/settings/page"), "SettingsPage"),
});

const routeTree = root.addChildren([
  start,
  signIn,
  signedIn.addChildren([sessions, session, integrations, integration, data, entity, files, settings]),
]);

/** Of an address's query what is known here and is a text. */
function texts<Name extends string>(search: Record<string, unknown>, names: readonly Name[]): { [name in Name]?: string } {
  const known = names.flatMap((name) => {
    const value = search[name];
    // The router reads digits as a number.
    return typeof value === "string" || typeof value === "number" ? [[name, String(value)]] : [];
  });
  return Object.fromEntries(known) as { [name in Name]?: string };
}

export function makeRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultErrorComponent: ErrorPage,
    defaultNotFoundComponent: NotFoundPage,
    defaultPendingComponent: PendingPage,
    defaultPendingMs: 300,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
