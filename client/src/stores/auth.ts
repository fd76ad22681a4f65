// Who is signed in: by the browser's cookie, which no script can read, or by an API token that is
// kept in this browser until the user signs out.
import { createStore } from "zustand";
import { persist } from "zustand/middleware";

type Auth = {
  token: string | null;
  /** Whether the cookie is good; null while nobody asked. */
  cookie: boolean | null;
  signIn: (token: string) => void;
  /** Neither is good any more. */
  forget: () => void;
};

export const authStore = createStore<Auth>()(
  persist(
    (set) => ({
      token: null,
      cookie: null,
      signIn: (token) => set({ token }),
      forget: () => set({ token: null, cookie: false }),
    }),
    { name: "auth", partialize: ({ token }) => ({ token }) },
  ),
);

/** Whether somebody is signed in. The server is asked once for the cookie; a token speaks for itself. */
export async function isSignedIn(): Promise<boolean> {
  const { token, cookie } = authStore.getState();
  if (token || cookie !== null) return Boolean(token ?? cookie);
  const answer = await fetch("/api/me").catch(() => null);
  // A server that can't be reached is told of by the page.
  const good = answer?.status !== 401 && answer?.status !== 404;
  authStore.setState({ cookie: good });
  return good;
}

/** Ends the browser's session on the server and forgets the token. */
export async function signOut() {
  const { cookie } = authStore.getState();
  if (cookie) await fetch("/auth/signout", { method: "POST" }).catch(() => {});
  authStore.getState().forget();
}
