// The theme and the way out.
import { LogOut } from "lucide-react";
import type { ReactNode } from "react";
import { signOut } from "@/stores/auth";
import { type Theme, useTheme } from "@/stores/theme";
import { Menu, MenuChoice, MenuItem, MenuLine } from "./menu";

const THEMES: [Theme, string][] = [
  ["system", "As the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

export default function SettingsMenu({ trigger }: { trigger: ReactNode }) {
  const { theme, choose } = useTheme();
  return (
    <Menu trigger={trigger}>
      <MenuChoice label="Theme" value={theme} choices={THEMES} onChoose={choose} />
      <MenuLine />
      <MenuItem onSelect={signOut}>
        <LogOut className="size-4" aria-hidden />
        Sign out
      </MenuItem>
    </Menu>
  );
}
