// Says that the connection is gone, if it takes long to come back.
import { useEffect, useState } from "react";
import type { Link } from "./follow";

const PATIENCE_MS = 3_000;

export function LinkNotice({ link, ended }: { link: Link; ended: boolean }) {
  const broken = !ended && (link === "connecting" || link === "waiting");
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!broken) return setLate(false);
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [broken]);
  // Without any connection the whole page says so.
  if (!broken || !late || !navigator.onLine) return null;
  return (
    <p role="status" className="rounded-lg bg-warn-sunken px-3 py-1.5 text-sm text-warn">
      Reconnecting. The agent goes on meanwhile, and nothing is lost.
    </p>
  );
}
