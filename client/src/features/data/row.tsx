// An entity in the list.
import { Link } from "@tanstack/react-router";
import type { Entity } from "@/api/types";
import { lookOf } from "./kinds";
import { When } from "./when";

const LABELS_MAX = 3;

export function EntityRow({ entity }: { entity: Entity }) {
  const { one, Icon } = lookOf(entity.kind);
  return (
    <li className="relative flex items-start gap-3 border-b border-line py-3">
      <Icon className="mt-1 size-4 shrink-0 text-soft" aria-hidden />
      <div className="min-w-0 grow">
        <Link
          to="/data/$id"
          params={{ id: entity.id }}
          className="block truncate font-medium hover:text-accent before:absolute before:inset-0 before:rounded-lg"
        >
          <span className="sr-only">{one}: </span>
          {entity.title || "Without a title"}
        </Link>
        <p className="flex flex-wrap items-center gap-x-1.5 gap-y-0.5 text-sm text-soft">
          <When entity={entity} />
          {entity.author && (
            <>
              <span aria-hidden>·</span>
              <span className="min-w-0 truncate">{entity.author.name ?? entity.author.id}</span>
            </>
          )}
          {entity.labels.slice(0, LABELS_MAX).map((label) => (
            <Label key={label} text={label} />
          ))}
        </p>
      </div>
      {entity.state && <StateBadge state={entity.state} />}
    </li>
  );
}

export const Label = ({ text }: { text: string }) => (
  <span className="max-w-40 truncate rounded-full border border-line px-2 text-xs leading-5 text-soft">{text}</span>
);

const DOTS: Record<string, string> = { open: "bg-accent", active: "bg-accent", confirmed: "bg-accent", merged: "bg-code-keyword" };

export const StateBadge = ({ state }: { state: string }) => (
  <span className="inline-flex shrink-0 items-center gap-1.5 text-sm text-soft">
    <span className={`size-2 rounded-full ${DOTS[state] ?? "bg-edge"}`} aria-hidden />
    {state}
  </span>
);
