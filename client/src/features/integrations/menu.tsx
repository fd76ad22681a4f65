// What is done with an integration less often.
import { Ellipsis, Link2, Unplug } from "lucide-react";
import { useState } from "react";
import type { Integration } from "@/api/types";
import { Button } from "@/components/button";
import { Confirm } from "@/components/dialog";
import { Menu, MenuItem, MenuLine } from "@/components/menu";
import { useConnect, useDisconnect } from "./actions";

export function IntegrationMenu({ integration, name }: { integration: Integration; name: string }) {
  const [asking, ask] = useState(false);
  const connect = useConnect(integration.service, integration.id);
  const disconnect = useDisconnect(integration.id);
  const whose = integration.account ? ` of ${integration.account.name}` : "";
  return (
    <>
      <Menu
        trigger={
          <Button look="quiet" size="icon-sm" aria-label={`More for ${name}${whose}`}>
            <Ellipsis className="size-4" aria-hidden />
          </Button>
        }
      >
        <MenuItem onSelect={() => connect.mutate()}>
          <Link2 className="size-4" aria-hidden />
          Connect again
        </MenuItem>
        <MenuLine />
        <MenuItem danger onSelect={() => ask(true)}>
          <Unplug className="size-4" aria-hidden />
          Disconnect
        </MenuItem>
      </Menu>
      <Confirm
        open={asking}
        onOpenChange={ask}
        title={`Disconnect ${name}?`}
        description={`The access to the account${whose} is taken back, and everything that was read from it is deleted here. At the service itself nothing changes.`}
        action="Disconnect"
        onConfirm={() => disconnect.mutate()}
      />
    </>
  );
}
