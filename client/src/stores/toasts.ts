// Short messages at the edge of the page.
import { create } from "zustand";

export type Toast = { id: number; tone: "plain" | "error"; text: string };

type Toasts = { toasts: Toast[]; dismiss: (id: number) => void };

let last = 0;

export const useToasts = create<Toasts>((set) => ({
  toasts: [],
  dismiss: (id) => set(({ toasts }) => ({ toasts: toasts.filter((toast) => toast.id !== id) })),
}));

export function toast(text: string, tone: Toast["tone"] = "plain") {
  last += 1;
  useToasts.setState(({ toasts }) => ({ toasts: [...toasts, { id: last, tone, text }] }));
}
