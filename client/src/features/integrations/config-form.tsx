// Which repositories, labels or calendars are read, and how far back.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { explain } from "@/api/errors";
import { choicesQuery, configure } from "@/api/integrations";
import type { Integration } from "@/api/types";
import { Button } from "@/components/button";
import { Field } from "@/components/field";
import { toast } from "@/stores/toasts";
import { type Values, configOf, fieldsOf, obstacleOf, valuesOf } from "./config";
import { Choose } from "./choose";

export function ConfigForm({ integration, schema }: { integration: Integration; schema: unknown }) {
  const fields = fieldsOf(schema);
  const before = valuesOf(fields, integration.config);
  const [values, setValues] = useState<Values>(before);
  const choices = useQuery(choicesQuery(integration.id));
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => configure(integration, configOf(fields, values)),
    onSuccess: () => toast("Saved. What changed is read now."),
    onSettled: () => client.invalidateQueries({ queryKey: ["integrations"] }),
  });
  if (fields.length === 0) return <p className="text-sm text-soft">All of the account.</p>;
  const unchanged = JSON.stringify(values) === JSON.stringify(before);
  const obstacle = obstacleOf(fields, values);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!obstacle && !unchanged && !save.isPending) save.mutate();
  };
  const set = (name: string) => (value: Values[string]) => setValues((all) => ({ ...all, [name]: value }));
  return (
    <form onSubmit={submit} className="space-y-5" noValidate>
      {fields.map((field) => {
        const value = values[field.name] ?? null;
        if (field.type === "list") {
          const chosen = Array.isArray(value) ? value : null;
          return <Choose key={field.name} field={field} chosen={chosen} choices={choices} onChoose={set(field.name)} />;
        }
        return (
          <Field
            key={field.name}
            label={field.title}
            {...(field.hint && { hint: field.hint })}
            inputMode="numeric"
            className="w-32!"
            value={typeof value === "string" ? value : ""}
            onChange={(event) => set(field.name)(event.target.value)}
          />
        );
      })}
      <p role="alert" className="text-sm text-danger empty:hidden">
        {save.isError ? explain(save.error) : !unchanged && obstacle ? `${obstacle}.` : ""}
      </p>
      <Button
        look="primary"
        type="submit"
        disabledReason={save.isPending ? "Saving" : unchanged ? "Nothing was changed" : obstacle}
      >
        {save.isPending ? "Saving…" : "Save"}
      </Button>
    </form>
  );
}
