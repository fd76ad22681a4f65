// Who did what, when and from where.
import { useInfiniteQuery } from "@tanstack/react-query";
import { auditQuery } from "@/api/queries";
import { List } from "@/components/list";
import { Time } from "@/components/time";

export function Audit() {
  const query = useInfiniteQuery(auditQuery);
  return (
    <List query={query} items={query.data?.pages.flatMap((page) => page.records)} empty="Nothing has happened yet.">
      {(record) => (
        <li key={record.seq} className="flex items-baseline gap-3 border-b border-line py-2.5 text-sm">
          <span className="w-24 shrink-0 text-soft">
            <Time at={record.at} />
          </span>
          <span className="min-w-0 grow">
            <span className="font-medium">{record.action}</span>
            {record.target && <span className="font-mono text-xs break-all text-soft"> {record.target}</span>}
          </span>
          <span className={`shrink-0 ${record.result === "ok" ? "text-soft" : "text-danger"}`}>{record.result === "ok" ? record.ip : record.result}</span>
        </li>
      )}
    </List>
  );
}
