// Everything by keyboard: pages, sessions and commands in one search.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { Keyboard, LogOut, type LucideIcon, MessagesSquare, Moon, Plus, Sun, SunMoon } from "lucide-react";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { sessionsQuery } from "@/api/queries";
import { signOut } from "@/stores/auth";
import { show } from "@/stores/overlays";
import { useTheme } from "@/stores/theme";
import { PAGES } from "./pages";
import { placeOf } from "./place";

const group =
  "[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-3 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-soft";

export default function Palette() {
  const navigate = useNavigate();
  const sessions = useInfiniteQuery(sessionsQuery).data?.pages.flatMap((page) => page.sessions) ?? [];
  const choose = useTheme((theme) => theme.choose);
  return (
    <Dialog.Root open onOpenChange={() => show(null)}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-4 top-[12dvh] z-50 mx-auto max-w-xl overflow-hidden rounded-xl border border-line bg-raised shadow-xl"
        >
          <Dialog.Title className="sr-only">Search and commands</Dialog.Title>
          <Command label="Search and commands" loop>
            <Command.Input
              placeholder="Search sessions and commands"
              className="h-13 w-full border-b border-line bg-transparent px-4 text-base outline-none"
            />
            <Command.List className="max-h-[60dvh] overflow-y-auto p-1.5">
              <Command.Empty className="px-3 py-6 text-center text-sm text-soft">Nothing has this name.</Command.Empty>
              <Command.Group heading="Commands" className={group}>
                <Item Icon={Plus} keys="N" onSelect={() => show("new-session")}>
                  New session
                </Item>
                <Item Icon={Keyboard} keys="?" onSelect={() => show("shortcuts")}>
                  Keyboard shortcuts
                </Item>
                <Item Icon={Sun} onSelect={() => choose("light")}>
                  Theme: light
                </Item>
                <Item Icon={Moon} onSelect={() => choose("dark")}>
                  Theme: dark
                </Item>
                <Item Icon={SunMoon} onSelect={() => choose("system")}>
                  Theme: as the system
                </Item>
                <Item Icon={LogOut} onSelect={() => void signOut()}>
                  Sign out
                </Item>
              </Command.Group>
              <Command.Group heading="Pages" className={group}>
                {PAGES.map(({ to, label, Icon }) => (
                  <Item key={to} Icon={Icon} onSelect={() => void navigate({ to })}>
                    {label}
                  </Item>
                ))}
              </Command.Group>
              {sessions.length > 0 && (
                <Command.Group heading="Sessions" className={group}>
                  {sessions.map(({ id, title, ...session }) => (
                    <Item
                      key={id}
                      value={`${title} ${placeOf(session)} ${id}`}
                      Icon={MessagesSquare}
                      onSelect={() => void navigate({ to: "/sessions/$id", params: { id } })}
                    >
                      <span className="truncate">{title || "Untitled session"}</span>
                      <span className="ml-auto truncate pl-3 font-mono text-xs text-soft">{placeOf(session)}</span>
                    </Item>
                  ))}
                </Command.Group>
              )}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

type ItemProps = { Icon: LucideIcon; onSelect: () => void; children: ReactNode; keys?: string; value?: string };

function Item({ Icon, onSelect, children, keys, ...rest }: ItemProps) {
  // Closed first: what is chosen may open something itself.
  const select = () => (show(null), onSelect());
  return (
    <Command.Item
      {...rest}
      onSelect={select}
      className="flex h-10 cursor-default items-center gap-3 rounded-lg px-3 text-sm select-none data-[selected=true]:bg-sunken"
    >
      <Icon className="size-4 shrink-0 text-soft" aria-hidden />
      {children}
      {keys && <kbd className="ml-auto rounded border border-line px-1.5 font-mono text-xs text-soft">{keys}</kbd>}
    </Command.Item>
  );
}
