// A session in the list.
import { Link } from "@tanstack/react-router";
import type { Session } from "@/api/types";
import { placeOf } from "@/components/place";
import { Status } from "@/components/status";
import { Time } from "@/components/time";
import { useUnread } from "@/stores/seen";
import { SessionMenu } from "./menu";

export function SessionRow({ session }: { session: Session }) {
  const unread = useUnread(session.id, session.last_active_at);
  return (
    <li className="relative flex items-center gap-3 border-b border-line py-3">
      <div className="min-w-0 grow">
        <Link
          to="/sessions/$id"
          params={{ id: session.id }}
          className="block truncate font-medium hover:text-accent before:absolute before:inset-0 before:rounded-lg"
        >
          {session.title || "Untitled session"}
          {unread && (
            <>
              <span className="ml-2 inline-block size-2 rounded-full bg-accent align-middle" aria-hidden />
              <span className="sr-only"> (something new)</span>
            </>
          )}
        </Link>
        <p className="truncate text-sm text-soft">
          <span className="font-mono text-[13px]">{placeOf(session)}</span>
          <span aria-hidden> · </span>
          <Time at={session.last_active_at} />
        </p>
      </div>
      <Status status={session.status} />
      <div className="relative size-8">{session.status !== "terminated" && <SessionMenu session={session} />}</div>
    </li>
  );
}
