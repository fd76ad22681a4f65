// Who is signed in, the settings, the theme and the way out.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Keyboard, LogOut, Settings } from "lucide-react";
import type { ReactNode } from "react";
import { meQuery } from "@/api/queries";
import { signOut } from "@/stores/auth";
import { show } from "@/stores/overlays";
import { type Theme, useTheme } from "@/stores/theme";
import { Avatar } from "./avatar";
import { Menu, MenuChoice, MenuItem, MenuLine } from "./menu";

const THEMES: [Theme, string][] = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

export default function AccountMenu({ trigger, wanted }: { trigger: ReactNode; wanted: boolean }) {
  const { theme, choose } = useTheme();
  const navigate = useNavigate();
  return (
    <Menu trigger={trigger} defaultOpen={wanted}>
      <Who />
      <MenuItem onSelect={() => void navigate({ to: "/settings" })}>
        <Settings className="size-4" aria-hidden />
        Settings
      </MenuItem>
      <MenuItem onSelect={() => show("shortcuts")}>
        <Keyboard className="size-4" aria-hidden />
        Keyboard shortcuts
      </MenuItem>
      <MenuLine />
      <MenuChoice label="Theme" value={theme} choices={THEMES} onChoose={choose} />
      <MenuLine />
      <MenuItem onSelect={signOut}>
        <LogOut className="size-4" aria-hidden />
        Sign out
      </MenuItem>
    </Menu>
  );
}

/** Asked for when the menu opens, and no page waits for it. */
function Who() {
  const { data: me } = useQuery(meQuery);
  if (!me) return null;
  return (
    <>
      <div className="flex max-w-64 items-center gap-2.5 px-2.5 py-1.5 text-sm leading-snug">
        <Avatar me={me} className="size-9 text-sm" />
        <p className="min-w-0">
          <span className="block truncate font-medium">{me.name}</span>
          <span className="block truncate text-soft">{me.email}</span>
        </p>
      </div>
      <MenuLine />
    </>
  );
}
