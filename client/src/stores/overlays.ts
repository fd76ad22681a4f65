// What lies over the page and can be opened from anywhere: one at a time.
import { create } from "zustand";

export type Overlay = "palette" | "new-session" | "shortcuts";

type Overlays = { open: Overlay | null; show: (overlay: Overlay | null) => void };

export const useOverlays = create<Overlays>((set) => ({ open: null, show: (open) => set({ open }) }));

export const show = (overlay: Overlay | null) => useOverlays.getState().show(overlay);
