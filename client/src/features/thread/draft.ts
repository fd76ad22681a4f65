// What was written and not sent, kept for each session.
import { useState } from "react";

const keyOf = (sessionId: string) => `draft:${sessionId}`;

export function useDraft(sessionId: string): [string, (draft: string) => void] {
  const [draft, setDraft] = useState(() => localStorage.getItem(keyOf(sessionId)) ?? "");
  const keep = (draft: string) => {
    setDraft(draft);
    if (draft) localStorage.setItem(keyOf(sessionId), draft);
    else localStorage.removeItem(keyOf(sessionId));
  };
  return [draft, keep];
}
