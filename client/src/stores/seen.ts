// When this browser last showed each session, so that what happened since can be marked.
import { create } from "zustand";
import { persist } from "zustand/middleware";

/** More would fill the storage with sessions long ended. */
const KEPT_MAX = 500;

type Seen = { at: Record<string, string>; see: (id: string, at: string) => void };

const useSeen = create<Seen>()(
  persist(
    (set) => ({
      at: {},
      see: (id, time) =>
        set(({ at }) => {
          if ((at[id] ?? "") >= time) return { at };
          const { [id]: _, ...others } = at;
          return { at: Object.fromEntries([...Object.entries(others).slice(1 - KEPT_MAX), [id, time]]) };
        }),
    }),
    { name: "seen", partialize: ({ at }) => ({ at }) },
  ),
);

export const see = (id: string, at: string) => useSeen.getState().see(id, at);

/** Whether something happened since; a session never shown here has nothing new. */
export const useUnread = (id: string, at: string) => useSeen((seen) => id in seen.at && (seen.at[id] ?? "") < at);
