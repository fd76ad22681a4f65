// The service that an integration belongs to.
import type { AvailableIntegration, Integration } from "@/api/types";

/** One that this deployment no longer knows can still be looked at and disconnected. */
export const aboutOf = ({ service }: Integration, services: readonly AvailableIntegration[]): AvailableIntegration =>
  services.find((about) => about.service === service) ?? {
    service,
    name: service,
    description: "",
    kinds: [],
    scopes: [],
    configured: false,
    config_schema: {},
  };
