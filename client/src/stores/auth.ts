// The API token, kept in this browser until the user signs out.
import { createStore, useStore } from "zustand";
import { persist } from "zustand/middleware";

type Auth = { token: string | null; signIn: (token: string) => void; signOut: () => void };

export const authStore = createStore<Auth>()(
  persist(
    (set) => ({ token: null, signIn: (token) => set({ token }), signOut: () => set({ token: null }) }),
    { name: "auth", partialize: ({ token }) => ({ token }) },
  ),
);

/** Forgets the token. */
export const signOut = () => authStore.getState().signOut();

export const useToken = () => useStore(authStore, (auth) => auth.token);
