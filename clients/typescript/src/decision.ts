// What is asked and what is answered. Values only; how they travel is in client.ts.
//
// Reading is strict: an answer that is not beyond doubt a permit throws UnexpectedAnswer, and the client makes a denial of
// that.
import { UnexpectedAnswer } from "./errors.js";

export const UNAVAILABLE = "unavailable";
export const NOT_HANDLED = "obligation_not_handled";

/** Obligations that POST /v1/gateway/read has carried out itself before it answers. */
export const READ_TRANSFORMS: readonly string[] = ["mask", "drop", "generalise", "aggregate", "redact"];

/** One person, one purpose. `person` is a subject id or the pseudonym made for this tool and purpose, never an address. */
export interface Question {
  readonly person: string;
  readonly purpose: string;
  /** fideslang keys; left out: all that the purpose allows */
  readonly categories?: readonly string[];
  readonly automation?: "none" | "advisory" | "human_confirms" | "human_decides_with_score" | "solely_automated";
}

/** Something a permit depends on. `action` is empty for an obligation that is not egide's or malformed. */
export interface Obligation {
  readonly id: string;
  readonly action: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** An answer. Look at `permitted`: true only for a permit whose every obligation the caller said it handles. */
export interface Decision {
  readonly permitted: boolean;
  /** `permit`, or why not: `consent_withdrawn`, ..., `obligation_not_handled`, `unavailable` */
  readonly reason: string;
  /** false where nobody decided: the vault was not reached or what answered could not be understood */
  readonly available: boolean;
  readonly evaluationId: string;
  readonly purpose: string;
  readonly legalBasis: string;
  readonly categories: readonly string[];
  /** of a denial too: those that can be carried out, are to be */
  readonly obligations: readonly Obligation[];
  /** what turned the vault's permit into a denial */
  readonly notHandled: readonly string[];
  readonly logIndex: number | undefined;
  /** seconds for which the answer may be kept */
  readonly maxAge: number;
  /** everything the vault said */
  readonly context: Readonly<Record<string, unknown>>;
}

/** A field that was asked for, or is the purpose's, and does not leave. */
export interface Withheld {
  readonly category: string;
  readonly reason: string;
}

/** A decision and, only where it is a permit, the permitted fields as the policy transformed them. */
export interface ReadResult {
  readonly decision: Decision;
  readonly pseudonym: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly withheld: readonly Withheld[];
}

/** What became of one event of `postDecisions`. */
export interface Recorded {
  readonly source: string;
  readonly id: string;
  readonly decisionId: string;
  /** false: it was stored before */
  readonly isNew: boolean;
  /** undefined where it was stored before */
  readonly hadPermit: boolean | undefined;
}

type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(object: Json, key: string): string {
  const value = object[key];
  return typeof value === "string" ? value : "";
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The answer where there is none. */
export function denialUnavailable(question: Question): Decision {
  return {
    permitted: false,
    reason: UNAVAILABLE,
    available: false,
    evaluationId: "",
    purpose: question.purpose,
    legalBasis: "",
    categories: [],
    obligations: [],
    notHandled: [],
    logIndex: undefined,
    maxAge: 0,
    context: {},
  };
}

/** Reads one AuthZEN decision. UnexpectedAnswer unless it is one, about this purpose. */
export function decisionOf(answer: unknown, question: Question, handles: ReadonlySet<string>): Decision {
  if (!isObject(answer) || typeof answer["decision"] !== "boolean")
    throw new UnexpectedAnswer("The answer is no decision");
  const context = answer["context"] === undefined ? {} : answer["context"];
  if (!isObject(context)) throw new UnexpectedAnswer("The answer's context is no object");
  const said = answer["decision"];
  let reason = text(context, "reason");
  if (said && reason !== "permit")
    throw new UnexpectedAnswer("The answer says yes without the reason that goes with it");
  if (said && context["purpose"] !== question.purpose)
    throw new UnexpectedAnswer("The answer is about another purpose");
  if (!said && (reason === "" || reason === "permit")) reason = "error" in context ? "invalid_request" : "error";
  const { obligations, wellFormed } = obligationsOf(context["obligations"]);
  const missing = new Set(
    obligations.filter((item) => !handles.has(item.action)).map((item) => item.action || "unknown"),
  );
  if (!wellFormed) missing.add("malformed");
  const permitted = said && missing.size === 0;
  const categories = context["categories"];
  return {
    permitted,
    reason: said && !permitted ? NOT_HANDLED : reason,
    available: true,
    evaluationId: text(context, "evaluation_id"),
    purpose: text(context, "purpose"),
    legalBasis: text(context, "legal_basis"),
    categories: Array.isArray(categories) ? categories.filter((item) => typeof item === "string") : [],
    obligations,
    notHandled: said ? [...missing].sort() : [],
    logIndex: count(context["log_index"]),
    maxAge: count(context["max_age"]) ?? 0,
    context,
  };
}

/** Reads the answer to POST /v1/gateway/read. Fields that come with a denial are dropped unseen. */
export function readResultOf(answer: unknown, question: Question, handles: ReadonlySet<string>): ReadResult {
  const decision = decisionOf(answer, question, handles);
  if (!decision.permitted || !isObject(answer)) return { decision, pseudonym: "", fields: {}, withheld: [] };
  const fields = answer["fields"];
  const pseudonym = text(answer, "subject");
  if (!isObject(fields) || pseudonym === "")
    throw new UnexpectedAnswer("The answer lacks the fields or the pseudonym");
  const withheld = answer["withheld"] ?? [];
  if (!Array.isArray(withheld) || !withheld.every(isObject))
    throw new UnexpectedAnswer("The answer's list of what is withheld can't be read");
  return {
    decision,
    pseudonym,
    fields,
    withheld: withheld.map((item) => ({ category: text(item, "category"), reason: text(item, "reason") })),
  };
}

/** Reads the answer to POST /v1/decisions: one entry for each event, in their order. */
export function recordedOf(answer: unknown, events: readonly Readonly<Json>[]): Recorded[] {
  const items = isObject(answer) ? answer["decisions"] : undefined;
  if (!Array.isArray(items) || items.length !== events.length)
    throw new UnexpectedAnswer("The answer has not one entry for each event");
  return items.map((item: unknown, i) => {
    if (!isObject(item) || item["id"] !== events[i]?.["id"] || typeof item["new"] !== "boolean")
      throw new UnexpectedAnswer("The answer is about other events");
    const permit = item["had_permit"];
    return {
      source: text(item, "source"),
      id: text(item, "id"),
      decisionId: text(item, "decision_id"),
      isNew: item["new"],
      hadPermit: typeof permit === "boolean" ? permit : undefined,
    };
  });
}

function obligationsOf(value: unknown): { obligations: Obligation[]; wellFormed: boolean } {
  if (value === undefined || value === null) return { obligations: [], wellFormed: true };
  if (!Array.isArray(value)) return { obligations: [], wellFormed: false };
  const obligations: Obligation[] = [];
  const seen = new Set<string>();
  let wellFormed = true;
  for (const item of value as unknown[]) {
    const properties = isObject(item) ? item["properties"] : undefined;
    if (!isObject(item) || !isObject(properties)) {
      wellFormed = false;
      continue;
    }
    const id = text(item, "id");
    if (id === "" || seen.has(id)) wellFormed = false;
    seen.add(id);
    const ours = item["type"] === "custom" && properties["vendor"] === "egide";
    obligations.push({ id, action: ours ? text(properties, "action") : "", properties });
  }
  return { obligations, wellFormed };
}
