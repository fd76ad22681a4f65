// Who is signed in.
import type { Me } from "@/api/types";
import { Avatar } from "@/components/avatar";
import { Time } from "@/components/time";

const NAMES: Record<string, string> = { github: "GitHub", google: "Google" };

export function Profile({ me }: { me: Me }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-3 text-sm">
      <dt className="text-soft">Name</dt>
      <dd className="flex items-center gap-2">
        <Avatar me={me} />
        {me.name}
      </dd>
      <dt className="text-soft">E-mail</dt>
      <dd>{me.email}</dd>
      <dt className="text-soft">Here since</dt>
      <dd>
        <Time at={me.created_at} />
        {me.admin && " · administrates this deployment"}
      </dd>
      <dt className="text-soft">Signs in by</dt>
      <dd>
        {me.identities.length === 0
          ? "API token only"
          : me.identities.map(({ provider, email }) => (
              <div key={provider}>
                {NAMES[provider] ?? provider} <span className="text-soft">({email})</span>
              </div>
            ))}
      </dd>
    </dl>
  );
}
