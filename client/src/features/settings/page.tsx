// Settings: the account, what it may be used by, what it used, and for an administrator the deployment.
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, getRouteApi } from "@tanstack/react-router";
import { type ComponentType, Fragment } from "react";
import { meQuery } from "@/api/queries";
import type { Me } from "@/api/types";
import { Page as Frame } from "@/components/page";
import { Account } from "./account";
import { Audit } from "./audit";
import { Browsers } from "./browsers";
import { Health } from "./health";
import { Limits } from "./limits";
import { People } from "./people";
import { Profile } from "./profile";
import { Tokens } from "./tokens";
import { UsagePlot } from "./usage";

const route = getRouteApi("/signed-in/settings");

const TABS: Record<string, { label: string; Page: ComponentType<{ me: Me }>; admin?: true }> = {
  profile: { label: "Profile", Page: Profile },
  tokens: { label: "API tokens", Page: Tokens },
  browsers: { label: "Browsers", Page: Browsers },
  usage: { label: "Usage", Page: UsagePlot },
  audit: { label: "Audit log", Page: Audit },
  account: { label: "Export and delete", Page: Account },
  people: { label: "People", Page: People, admin: true },
  health: { label: "Health", Page: Health, admin: true },
  limits: { label: "Limits", Page: Limits, admin: true },
};

export function SettingsPage() {
  const { tab = "profile" } = route.useSearch();
  const { data: me } = useSuspenseQuery(meQuery);
  const shown = Object.entries(TABS).filter(([, { admin }]) => !admin || me.admin);
  const { label, Page } = shown.find(([name]) => name === tab)?.[1] ?? { label: "Profile", Page: Profile };
  return (
    <Frame title="Settings" wide>
      <div className="flex flex-col gap-6 sm:flex-row sm:gap-10">
        <nav aria-label="Settings" className="flex shrink-0 flex-wrap gap-1 sm:w-48 sm:flex-col sm:flex-nowrap">
          {shown.map(([name, { label, admin }], index) => (
            <Fragment key={name}>
              {admin && !shown[index - 1]?.[1].admin && <p className="hidden px-3 pt-5 pb-1 text-xs text-soft sm:block">Administration</p>}
              <Link
                to="/settings"
                search={{ tab: name }}
                aria-current={name === tab ? "page" : undefined}
                className="rounded-lg px-3 py-2 text-sm whitespace-nowrap text-soft hover:text-ink aria-[current]:bg-sunken aria-[current]:font-medium aria-[current]:text-ink"
              >
                {label}
              </Link>
            </Fragment>
          ))}
        </nav>
        <section aria-labelledby="settings-tab" className="min-w-0 grow">
          <h2 id="settings-tab" className="pb-4 text-lg font-semibold">
            {label}
          </h2>
          <Page me={me} />
        </section>
      </div>
    </Frame>
  );
}
