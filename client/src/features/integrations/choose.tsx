// All of what an account has, or some of it.
import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "@/api/errors";
import { Button } from "@/components/button";
import { inputStyle } from "@/components/field";
import { Skeleton } from "@/components/notice";
import { Segmented } from "@/components/segmented";
import type { Field } from "./config";

/** More than this is searched rather than read. */
const SEARCHED = 8;

type Choice = { id: string; name: string };
type Choices = UseQueryResult<{ choices: Record<string, Choice[]> }>;
type Props = { field: Field; chosen: string[] | null; choices: Choices; onChoose: (chosen: string[] | null) => void };

export function Choose({ field, chosen, choices, onChoose }: Props) {
  return (
    <fieldset className="space-y-3">
      <legend className="pb-1.5 text-sm font-medium first-letter:uppercase">{field.title}</legend>
      <Segmented
        label={field.title}
        value={chosen ? "some" : "all"}
        choices={[
          ["all", "All"],
          ["some", "Only these"],
        ]}
        onChoose={(which) => onChoose(which === "all" ? null : (chosen ?? []))}
      />
      {chosen && <Offered name={field.name} chosen={chosen} choices={choices} onChoose={onChoose} />}
    </fieldset>
  );
}

type OfferedProps = { name: string; chosen: string[]; choices: Choices; onChoose: (chosen: string[]) => void };

function Offered({ name, chosen, choices, onChoose }: OfferedProps) {
  const [words, setWords] = useState("");
  if (choices.isPending) return <Skeleton className="h-32" />;
  if (!choices.data) {
    return (
      <div className="flex flex-wrap items-center gap-3 text-sm">
        <p role="alert" className="text-danger">
          {explain(choices.error)}
        </p>
        <Button size="sm" onClick={() => void choices.refetch()}>
          Try again
        </Button>
      </div>
    );
  }
  const offered = choices.data.choices[name] ?? [];
  // What was chosen and is no longer offered can still be taken out.
  const lost = chosen.filter((id) => !offered.some((choice) => choice.id === id)).map((id) => ({ id, name: `${id} (no longer there)` }));
  const all = [...lost, ...offered];
  const wanted = words.trim().toLowerCase();
  const shown = wanted ? all.filter((choice) => choice.name.toLowerCase().includes(wanted)) : all;
  const toggle = (id: string, on: boolean) => onChoose(on ? [...chosen, id] : chosen.filter((other) => other !== id));
  return (
    <div className="overflow-hidden rounded-lg border border-line">
      {all.length > SEARCHED && (
        <input
          type="search"
          aria-label="Search what is offered"
          placeholder="Search"
          className={`${inputStyle} h-10 rounded-none! border-0! border-b! border-line!`}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      )}
      <ul className="max-h-64 overflow-y-auto p-1.5">
        {shown.map((choice) => (
          <li key={choice.id}>
            <label className="flex min-h-9 items-center gap-2.5 rounded-md px-2 py-1 text-sm hover:bg-sunken">
              <input
                type="checkbox"
                className="size-4 shrink-0 accent-accent"
                checked={chosen.includes(choice.id)}
                onChange={(event) => toggle(choice.id, event.target.checked)}
              />
              <span className="min-w-0 wrap-anywhere">{choice.name}</span>
            </label>
          </li>
        ))}
        {shown.length === 0 && <li className="px-2 py-3 text-sm text-soft">{wanted ? "Nothing has this name." : "The account offers nothing."}</li>}
      </ul>
      <p className="border-t border-line px-3.5 py-2 text-sm text-soft">
        {chosen.length} of {all.length} chosen
      </p>
    </div>
  );
}
