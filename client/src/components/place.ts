// Where a session works, in a word.
import type { Session } from "@/api/types";

export const placeOf = ({ repository, workspace }: Pick<Session, "repository" | "workspace">) => repository ?? workspace;
