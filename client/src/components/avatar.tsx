// Who somebody is at a glance: their picture, or their first letter where there is none.
import { useState } from "react";
import type { Me } from "@/api/types";

export function Avatar({ me, className = "size-6 text-xs" }: { me: Pick<Me, "name" | "avatar_url">; className?: string }) {
  const [broken, setBroken] = useState(false);
  const look = `shrink-0 rounded-full ${className}`;
  // The page's policy names the providers' own hosts; others, and those of the local fakes, have no picture.
  if (me.avatar_url?.startsWith("https://") && !broken) {
    return <img src={me.avatar_url} alt="" referrerPolicy="no-referrer" className={look} onError={() => setBroken(true)} />;
  }
  return (
    <span aria-hidden className={`${look} grid place-items-center bg-accent-sunken font-semibold text-accent`}>
      {(me.name.trim()[0] ?? "?").toUpperCase()}
    </span>
  );
}
