// The bar above every page: the way to the others, or what a page puts there instead.
import { Link } from "@tanstack/react-router";
import { CircleUser, SquareChevronRight } from "lucide-react";
import { type ReactNode, lazy } from "react";
import { Button } from "./button";
import { LazyMenu } from "./lazy-menu";
import { MAIN_PAGES } from "./pages";

// A menu is not needed before the page is there; its button is.
const AccountMenu = lazy(() => import("./account-menu"));

const account = (
  <Button look="quiet" size="icon" aria-label="Account and settings">
    <CircleUser className="size-5" aria-hidden />
  </Button>
);

export function TopBar({ children }: { children?: ReactNode }) {
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line px-3 sm:px-4">
      <div className="flex min-w-0 grow items-center gap-2 sm:gap-5">{children ?? <Pages />}</div>
      <LazyMenu trigger={account}>{(wanted) => <AccountMenu trigger={account} wanted={wanted} />}</LazyMenu>
    </header>
  );
}

function Pages() {
  return (
    <>
      <Link to="/sessions" className="flex items-center gap-2 rounded-md px-1 font-semibold whitespace-nowrap">
        <SquareChevronRight className="size-5 text-accent" aria-hidden />
        <span className="max-sm:sr-only">Agent Ops</span>
      </Link>
      <nav aria-label="Pages" className="flex gap-0.5">
        {MAIN_PAGES.map(({ to, label, Icon }) => (
          <Link
            key={to}
            to={to}
            className="flex h-10 min-w-10 items-center justify-center gap-2 rounded-lg px-2.5 text-sm text-soft hover:text-ink aria-[current]:bg-sunken aria-[current]:font-medium aria-[current]:text-ink sm:h-9 md:px-3"
          >
            <Icon className="size-5 md:hidden" aria-hidden />
            <span className="max-md:sr-only">{label}</span>
          </Link>
        ))}
      </nav>
    </>
  );
}
