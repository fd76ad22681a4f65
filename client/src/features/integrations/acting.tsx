// What agents may do with an account, beside reading, and whether they have to ask.
import type { Integration, Policy } from "@/api/types";
import { Button } from "@/components/button";
import { Segmented } from "@/components/segmented";
import { useConnect, useLetAct } from "./actions";

const DEEDS: Record<string, string> = {
  github: "comment on issues and open pull requests",
  gmail: "send mail",
  calendar: "create events and invite people",
};

const POLICIES: [Policy, string][] = [
  ["deny", "Only read"],
  ["ask", "Ask first"],
  ["allow", "Act at once"],
];

export function Acting({ integration }: { integration: Integration }) {
  const { id, service, actions, missing_scopes: missing } = integration;
  const letAct = useLetAct(integration);
  const connect = useConnect(service, id);
  const deeds = DEEDS[service] ?? "change things";
  const meaning: Record<Policy, string> = {
    deny: "Agents read what is synced, and do nothing there.",
    ask: `Agents ${deeds} after you have seen in the session exactly what they will do, and agreed.`,
    allow: `Agents ${deeds} without asking. So may your own programs, with a token that may write integrations.`,
  };
  // What was chosen shows at once.
  const chosen = letAct.isPending ? letAct.variables : actions;
  return (
    <div className="space-y-3 text-sm">
      <Segmented label="What agents may do" value={chosen} choices={POLICIES} onChoose={(policy) => letAct.mutate(policy)} />
      <p className="text-soft">{meaning[chosen]}</p>
      {missing.length > 0 && (
        <div className="flex flex-wrap items-center gap-3">
          <p>The account was connected for reading. Connect it again to allow this there as well.</p>
          <Button look="primary" size="sm" disabledReason={connect.isPending && "Leaving for the service"} onClick={() => connect.mutate()}>
            Connect again
          </Button>
        </div>
      )}
    </div>
  );
}
