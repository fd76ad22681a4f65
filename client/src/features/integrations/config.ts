// What of an account is synced: the form that a service's JSON Schema asks for.

export type Field = { name: string; title: string } & (
  | { type: "list"; most: number }
  | { type: "number"; hint: string | undefined; least: number; most: number | undefined; usual: number | undefined }
);

type Property = {
  type?: string;
  title?: string;
  description?: string;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  default?: unknown;
};

/** Lists of texts, then whole numbers: no service has anything else. */
export function fieldsOf(schema: unknown): Field[] {
  const properties = (schema as { properties?: Record<string, Property> } | null)?.properties ?? {};
  const fields = Object.entries(properties).flatMap(([name, property]): Field[] => {
    const { type, title = name.replaceAll("_", " "), description: hint } = property;
    // What an empty list means, the form says by itself.
    if (type === "array") return [{ type: "list", name, title, most: property.maxItems ?? Infinity }];
    if (type !== "integer") return [];
    const usual = typeof property.default === "number" ? property.default : undefined;
    return [{ type: "number", name, title, hint, least: property.minimum ?? 0, most: property.maximum, usual }];
  });
  return fields.toSorted((a, b) => a.type.localeCompare(b.type));
}

/** What is written in the form: of a list `null` for all that there is, of a number the text. */
export type Values = Record<string, string[] | string | null>;

export function valuesOf(fields: readonly Field[], config: Record<string, unknown>): Values {
  const value = ({ name, ...field }: Field): Values[string] => {
    const given = config[name];
    if (field.type === "number") return String(given ?? field.usual ?? "");
    return Array.isArray(given) && given.length > 0 ? given.map(String) : null;
  };
  return Object.fromEntries(fields.map((field) => [field.name, value(field)]));
}

/** What is sent: without a field, the service's own default holds, which of a list is everything. */
export function configOf(fields: readonly Field[], values: Values): Record<string, unknown> {
  const entries = fields.flatMap((field): [string, unknown][] => {
    const value = values[field.name] ?? null;
    if (field.type === "list") return Array.isArray(value) ? [[field.name, value]] : [];
    return typeof value === "string" && value.trim() ? [[field.name, Number(value)]] : [];
  });
  return Object.fromEntries(entries);
}

/** What keeps the form from being saved. */
export function obstacleOf(fields: readonly Field[], values: Values): string | undefined {
  for (const field of fields) {
    const value = values[field.name] ?? null;
    if (field.type === "list") {
      if (Array.isArray(value) && value.length === 0) return `Choose at least one under “${field.title}”`;
      if (Array.isArray(value) && value.length > field.most) return `Choose at most ${field.most} under “${field.title}”`;
    } else if (typeof value === "string" && value.trim()) {
      const { least, most = Infinity } = field;
      const number = Number(value);
      if (!Number.isInteger(number) || number < least || number > most) {
        return most === Infinity ? `“${field.title}” is a whole number from ${least}` : `“${field.title}” is a whole number from ${least} to ${most}`;
      }
    }
  }
  return undefined;
}
