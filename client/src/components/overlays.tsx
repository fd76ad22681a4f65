// What lies over the page; each comes when it is first asked for.
import { Suspense, lazy } from "react";
import { useShortcuts } from "@/hooks/use-shortcuts";
import { useOverlays } from "@/stores/overlays";

const Palette = lazy(() => import("./palette"));
const Shortcuts = lazy(() => import("./shortcuts"));
const NewSession = lazy(() => import("@/features/sessions/new-session"));

export function Overlays() {
  useShortcuts();
  const open = useOverlays((overlays) => overlays.open);
  return (
    <Suspense>
      {open === "palette" && <Palette />}
      {open === "shortcuts" && <Shortcuts />}
      {open === "new-session" && <NewSession />}
    </Suspense>
  );
}
