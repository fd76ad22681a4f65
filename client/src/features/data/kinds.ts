// What entities are called, how they look, and in which states they can be.
import { BookMarked, CalendarDays, CircleDot, FileQuestion, GitPullRequest, type LucideIcon, Mail, Mails } from "lucide-react";

type Look = { one: string; many: string; Icon: LucideIcon; states: string[] };

const LOOKS: Record<string, Look> = {
  issue: { one: "Issue", many: "Issues", Icon: CircleDot, states: ["open", "closed"] },
  pull_request: { one: "Pull request", many: "Pull requests", Icon: GitPullRequest, states: ["open", "merged", "closed"] },
  repository: { one: "Repository", many: "Repositories", Icon: BookMarked, states: ["active", "archived"] },
  message: { one: "Message", many: "Mail", Icon: Mail, states: [] },
  thread: { one: "Thread", many: "Mail threads", Icon: Mails, states: [] },
  event: { one: "Event", many: "Events", Icon: CalendarDays, states: ["confirmed", "tentative"] },
};

/** A provider may have kinds that the client does not know. */
export function lookOf(kind: string): Look {
  const name = kind.replaceAll("_", " ");
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  return LOOKS[kind] ?? { one: title, many: title, Icon: FileQuestion, states: [] };
}

/** The states that a filter offers: those of the kind, or of all kinds in view. */
export const statesOf = (kinds: readonly string[]) => [...new Set(kinds.flatMap((kind) => lookOf(kind).states))];
