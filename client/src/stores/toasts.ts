// Short messages at the edge of the page, some with a way back.
import { create } from "zustand";

export type Toast = { id: number; tone: "plain" | "error"; text: string; undo?: () => void };

type Toasts = { toasts: Toast[]; dismiss: (id: number) => void };

/** Time to think better of it. */
export const UNDO_MS = 6_000;

let last = 0;

export const useToasts = create<Toasts>((set) => ({
  toasts: [],
  dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
}));

function show(toast: Omit<Toast, "id">): number {
  last += 1;
  const id = last;
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts, { ...toast, id }] }));
  return id;
}

export function toast(text: string, tone: Toast["tone"] = "plain") {
  show({ tone, text });
}

/** Does something a moment later, unless the user takes it back. Who leaves the page meant it. */
export function later(text: string, act: () => Promise<void> | void, onTakenBack: () => void = () => {}) {
  let settled = false;
  const settle = (carryOut: boolean) => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    removeEventListener("pagehide", now);
    useToasts.getState().dismiss(id);
    if (carryOut) void act();
    else onTakenBack();
  };
  const now = () => settle(true);
  const timer = setTimeout(now, UNDO_MS);
  addEventListener("pagehide", now);
  const id = show({ tone: "plain", text, undo: () => settle(false) });
}
