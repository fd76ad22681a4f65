// The bar above every page.
import { Link } from "@tanstack/react-router";
import { Settings2, SquareChevronRight } from "lucide-react";
import { type ReactNode, Suspense, lazy } from "react";
import { Button } from "./button";

// A menu is not needed before the page is there; its button is.
const SettingsMenu = lazy(() => import("./settings-menu"));

const settings = (
  <Button look="quiet" size="icon" aria-label="Settings">
    <Settings2 className="size-4.5" aria-hidden />
  </Button>
);

export function TopBar({ children }: { children?: ReactNode }) {
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line px-3 sm:px-4">
      <div className="flex min-w-0 grow items-center gap-2">
        {children ?? (
          <Link to="/sessions" className="flex items-center gap-2 rounded-md px-1 font-semibold">
            <SquareChevronRight className="size-5 text-accent" aria-hidden />
            Agent Ops
          </Link>
        )}
      </div>
      <Suspense fallback={settings}>
        <SettingsMenu trigger={settings} />
      </Suspense>
    </header>
  );
}
