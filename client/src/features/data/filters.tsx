// What a list of entities is narrowed by; the address has it, so that it can be kept and sent.
import { SlidersHorizontal, X } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { ENTITY_FILTERS, type EntityFilter } from "@/api/integrations";
import type { AvailableIntegration } from "@/api/types";
import { Button } from "@/components/button";
import { inputStyle } from "@/components/field";
import { SearchInput } from "@/components/search-input";
import { Segmented } from "@/components/segmented";
import { useTyped } from "@/hooks/use-typed";
import { lookOf, statesOf } from "./kinds";

type Props = { filter: EntityFilter; services: readonly AvailableIntegration[]; onChange: (change: EntityFilter) => void };

export function Filters({ filter, services, onChange }: Props) {
  const { provider, state, from, to } = filter;
  const narrowed = Boolean(provider || state || from || to);
  const [open, setOpen] = useState(narrowed);
  const inView = services.filter(({ service }) => !provider || service === provider);
  const kinds = [...new Set(inView.flatMap((service) => service.kinds))];
  const states = statesOf(filter.kind ? [filter.kind] : kinds);
  return (
    <search className="space-y-3 pb-5">
      <div className="flex gap-2">
        <Words key={filter.text ?? ""} text={filter.text ?? ""} onText={(text) => onChange({ text })} />
        <Button aria-expanded={open} aria-label="More filters" onClick={() => setOpen(!open)}>
          <SlidersHorizontal className="size-4" aria-hidden />
          <span className="max-sm:sr-only">Filters</span>
        </Button>
      </div>
      <Segmented
        label="Kind"
        value={filter.kind ?? ""}
        choices={[["", "All"], ...kinds.map((kind) => [kind, lookOf(kind).many] as const)]}
        onChoose={(kind) => onChange({ kind, state: "" })}
      />
      {open && (
        <div className="flex flex-wrap items-end gap-3">
          <Select label="Service" value={provider ?? ""} onChoose={(provider) => onChange({ provider, kind: "", state: "" })}>
            <option value="">All services</option>
            {services.map(({ service, name }) => (
              <option key={service} value={service}>
                {name}
              </option>
            ))}
          </Select>
          {states.length > 0 && (
            <Select label="State" value={state ?? ""} onChoose={(state) => onChange({ state })}>
              <option value="">Any</option>
              {states.map((state) => (
                <option key={state}>{state}</option>
              ))}
            </Select>
          )}
          <Day label="On or after" value={from ?? ""} onChoose={(from) => onChange({ from })} />
          <Day label="On or before" value={to ?? ""} onChoose={(to) => onChange({ to })} />
          {narrowed && (
            <Button look="quiet" onClick={() => onChange({ provider: "", state: "", from: "", to: "" })}>
              <X className="size-4" aria-hidden />
              Clear
            </Button>
          )}
        </div>
      )}
    </search>
  );
}

/** Every filter off. */
export const NO_FILTER: EntityFilter = Object.fromEntries(ENTITY_FILTERS.map((name) => [name, ""]));

function Words({ text, onText }: { text: string; onText: (text: string) => void }) {
  const [words, setWords] = useTyped(text, onText);
  return (
    <div className="relative grow">
      <SearchInput aria-label="Search the data" placeholder="Search titles, text and people" value={words} onText={setWords} />
    </div>
  );
}

type FieldProps = { label: string; value: string; onChoose: (value: string) => void };

function Select({ label, value, onChoose, children }: FieldProps & { children: ReactNode }) {
  return (
    <Labelled label={label}>
      {(id) => (
        <select id={id} className={`${inputStyle} h-10 w-auto! pr-8`} value={value} onChange={(event) => onChoose(event.target.value)}>
          {children}
        </select>
      )}
    </Labelled>
  );
}

function Day({ label, value, onChoose }: FieldProps) {
  return (
    <Labelled label={label}>
      {(id) => (
        <input id={id} type="date" className={`${inputStyle} h-10 w-auto!`} value={value} onChange={(event) => onChoose(event.target.value)} />
      )}
    </Labelled>
  );
}

function Labelled({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="space-y-1">
      <label htmlFor={id} className="block text-xs text-soft">
        {label}
      </label>
      {children(id)}
    </div>
  );
}
