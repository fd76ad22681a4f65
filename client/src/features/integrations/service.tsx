// How a service looks, and what its things are called.
import { CalendarDays, GitBranch, type LucideIcon, Mail, Plug } from "lucide-react";

const ICONS: Record<string, LucideIcon> = { github: GitBranch, gmail: Mail, calendar: CalendarDays };

export function ServiceIcon({ service }: { service: string }) {
  const Icon = ICONS[service] ?? Plug;
  return (
    <span className="grid size-10 shrink-0 place-items-center rounded-lg bg-sunken text-soft" aria-hidden>
      <Icon className="size-5" />
    </span>
  );
}

/** What an integration is divided into, for one and for many. */
const PARTS: Record<string, [one: string, many: string]> = {
  github: ["repository", "repositories"],
  gmail: ["mailbox", "mailboxes"],
  calendar: ["calendar", "calendars"],
};

export function parts(service: string, count: number): string {
  const [one, many] = PARTS[service] ?? ["part", "parts"];
  return `${count} ${count === 1 ? one : many}`;
}
