// Keys that work on every page, unless the user is writing.
import { useEffect } from "react";
import { type Overlay, show, useOverlays } from "@/stores/overlays";

/** Keys and what they do, as the list of shortcuts shows them. */
export const SHORTCUTS: [keys: string, what: string][] = [
  ["Ctrl K", "Search and commands (⌘ K on a Mac)"],
  ["N", "New session"],
  ["/", "Search this page"],
  ["?", "This list"],
  ["Enter", "Send the message; Shift Enter breaks the line"],
  ["1 2 3", "Answer what the agent asks for: once, always, reject"],
  ["Esc", "Close what is open"],
];

const OVERLAYS: Record<string, Overlay> = { n: "new-session", "?": "shortcuts" };

export function useShortcuts() {
  useEffect(() => {
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}

function onKeyDown(event: KeyboardEvent) {
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    event.preventDefault();
    return show(useOverlays.getState().open === "palette" ? null : "palette");
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
  const overlay = OVERLAYS[event.key];
  if (overlay) {
    event.preventDefault();
    show(overlay);
  }
  const search = event.key === "/" && document.querySelector<HTMLInputElement>("main input[type=search]");
  if (search) {
    event.preventDefault();
    search.focus();
  }
}

/** Whether keys belong to a field or to something open over the page. */
export const isWriting = (target: EventTarget | null) =>
  target instanceof Element && target.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu]") !== null;
