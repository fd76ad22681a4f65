// Who did what, when and from where.
import { useInfiniteQuery } from "@tanstack/react-query";
import { auditQuery } from "@/api/queries";
import { List } from "@/components/list";
import { Time } from "@/components/time";
import { subjectOf, wordsOf } from "./deeds";

export function Audit() {
  const query = useInfiniteQuery(auditQuery);
  return (
    <List query={query} items={query.data?.pages.flatMap((page) => page.records)} empty="Nothing has happened yet.">
      {({ seq, at, action, target, ip, result }) => (
        <li key={seq} className="flex items-baseline gap-4 border-b border-line py-2.5 text-sm">
          <div className="min-w-0 grow wrap-anywhere">
            <p className="font-medium" title={action}>
              {wordsOf(action)}
              {result !== "ok" && <span className="font-normal text-danger"> · refused: {result}</span>}
            </p>
            <p className="text-soft">
              <span className="font-mono text-xs">{subjectOf(target)}</span>
              {ip && ` · from ${ip}`}
            </p>
          </div>
          <span className="shrink-0 text-soft">
            <Time at={at} />
          </span>
        </li>
      )}
    </List>
  );
}
