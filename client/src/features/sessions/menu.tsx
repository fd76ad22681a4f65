// The button of a session's menu; the menu comes when the page is there.
import { Ellipsis } from "lucide-react";
import { lazy } from "react";
import { Button } from "@/components/button";
import { LazyMenu } from "@/components/lazy-menu";

const LifecycleMenu = lazy(() => import("./lifecycle-menu"));

export function SessionMenu({ session }: { session: { id: string; title: string } }) {
  const trigger = (
    <Button look="quiet" size="icon-sm" aria-label={`More for ${shorten(session.title || "Untitled session")}`}>
      <Ellipsis className="size-4" aria-hidden />
    </Button>
  );
  return <LazyMenu trigger={trigger}>{(wanted) => <LifecycleMenu session={session} trigger={trigger} wanted={wanted} />}</LazyMenu>;
}

export const shorten = (text: string) => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
