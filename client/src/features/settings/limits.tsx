// What the deployment bounds, and which of that was set otherwise than by default.
import { useQuery } from "@tanstack/react-query";
import { limitsQuery } from "@/api/queries";
import type { Limit } from "@/api/types";
import { List } from "@/components/list";

const number = new Intl.NumberFormat("en");

export function Limits() {
  const query = useQuery(limitsQuery);
  return (
    <>
      <p className="pb-4 text-sm text-soft">Each is a parameter of the deployment; another value takes another deployment of the stack.</p>
      <List query={query} items={query.data?.limits} empty="This deployment tells of no limits.">
        {(limit) => <Row key={limit.name} limit={limit} />}
      </List>
    </>
  );
}

function Row({ limit: { variable, bounds, unit, value, default: usual } }: { limit: Limit }) {
  return (
    <li className="flex flex-wrap items-baseline justify-between gap-x-4 border-b border-line py-3 text-sm">
      <div className="min-w-0">
        <p className="font-medium first-letter:uppercase">{bounds}</p>
        <p className="text-soft">
          <span className="font-mono text-xs break-all">{variable}</span>
          {value !== usual && ` · by default ${number.format(usual)}`}
        </p>
      </div>
      <p className="tabular-nums">
        <span className={value === usual ? "" : "font-medium text-accent"}>{number.format(value)}</span> <span className="text-soft">{unit}</span>
      </p>
    </li>
  );
}
