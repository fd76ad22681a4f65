// Puts the client together.
import { QueryClient, QueryClientProvider, focusManager } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "@/api/errors";
import { authStore } from "@/stores/auth";
import { makeRouter } from "./router";
import "./styles.css";

/** What the server refused it will refuse again; what failed on the way may work. */
const worthRetrying = (failures: number, error: unknown) =>
  failures < 2 && error instanceof ApiError && (error.status === 0 || error.status >= 500);

// A page beside another window is in sight all the time: what it shows is read again also when it is turned to.
focusManager.setEventListener((refresh) => {
  const turnedTo = () => refresh();
  addEventListener("visibilitychange", turnedTo);
  addEventListener("focus", turnedTo);
  return () => {
    removeEventListener("visibilitychange", turnedTo);
    removeEventListener("focus", turnedTo);
  };
});

const queryClient = new QueryClient({ defaultOptions: { queries: { retry: worthRetrying, staleTime: 5_000 } } });
const router = makeRouter(queryClient);

// Signed out, by the user or because a token is no longer good: nothing read stays on the page.
authStore.subscribe((now, before) => {
  if ((before.token || before.cookie) && !now.token && !now.cookie) {
    queryClient.clear();
    void router.invalidate();
  }
});

const element = document.getElementById("root");
if (element) {
  // What the server refused is told on the page; it is no fault of the page's.
  const onCaughtError = (error: unknown) => void (error instanceof ApiError || console.error(error));
  createRoot(element, { onCaughtError }).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
