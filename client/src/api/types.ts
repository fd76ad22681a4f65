// Short names for the wire's types.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Session = Schemas["SessionView"];
export type Message = Schemas["Message"];
export type Attachment = Schemas["Attachment"];
export type Part = Schemas["Part"];
export type ToolPart = Schemas["ToolPart"];
export type Kept = Schemas["Kept"];
export type Usage = Schemas["Usage"];
export type TurnError = Schemas["TurnError"];
export type Event = Schemas["Event"];
export type EventBody = Schemas["EventBody"];
export type Permission = Schemas["Permission"];
export type PermissionReply = Schemas["PermissionReply"];
export type Question = Schemas["Question"];
export type QuestionItem = Schemas["QuestionItem"];
export type Todo = Schemas["Todo"];
export type RunnerState = Schemas["RunnerState"];
export type MessageAccepted = Schemas["MessageAccepted"];
export type MessagePage = Schemas["MessagePage"];
export type Me = Schemas["Me"];
export type Scope = Schemas["Scope"];
export type ApiToken = Schemas["TokenView"];
export type Login = Schemas["LoginView"];
export type Signup = Schemas["Signup"];
export type Limit = Schemas["LimitView"];
export type DeploymentHealth = Schemas["DeploymentHealth"];
export type HealthCheck = Schemas["Check"];
export type Hour = Schemas["Hour"];
export type UsageDay = Schemas["UsageDay"];
export type Integration = Schemas["IntegrationView"];
export type Policy = Schemas["Policy"];
export type AvailableIntegration = Schemas["AvailableIntegration"];
export type Resource = Schemas["ResourceView"];
export type Problem = Schemas["ProblemView"];
export type Run = Schemas["Run"];
export type Entity = Schemas["EntityView"];
export type Person = Schemas["Person"];
export type StoredFile = Schemas["FileView"];
export type FilePart = Schemas["PartView"];
export type FolderEntry = Schemas["FolderEntry"];
export type FileDiff = Schemas["FileDiff"];
export type ErrorDetail = Schemas["ErrorDetail"];

/** An event that was too large for a frame: it is fetched from `href`. */
export type EventPointer = { seq: number; at: string; type: EventBody["type"]; href: string };

export type Delivered = Event | EventPointer;
