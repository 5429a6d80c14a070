// The client. Answers are in decision.ts, errors in errors.ts.
import { randomUUID } from "node:crypto";
import {
  type Decision,
  type Question,
  READ_TRANSFORMS,
  type ReadResult,
  type Recorded,
  decisionOf,
  denialUnavailable,
  isObject,
  readResultOf,
  recordedOf,
} from "./decision.js";
import { TooManyRequests, Unavailable, UnexpectedAnswer } from "./errors.js";
import { DEFAULT_TIMES, type Times, Transport } from "./transport.js";

const MOST_ITEMS = 1000;

export type Semantic = "execute_all" | "deny_on_first_deny" | "permit_on_first_permit";
export type CloudEvent = Readonly<Record<string, unknown>>;

export interface ClientOptions {
  readonly tool: string;
  readonly key: string;
  /** The obligations this tool carries out; a permit with any other becomes a denial. */
  readonly handles?: Iterable<string>;
  readonly times?: Partial<Times>;
}

export interface AskOptions {
  /** Instead of the client's own. */
  readonly handles?: Iterable<string>;
  /** Throw `Unavailable` or `TooManyRequests` instead of answering with a denial. */
  readonly raising?: boolean;
}
export interface ManyOptions extends AskOptions {
  readonly semantic?: Semantic;
}

/**
 * Asks one vault as one tool.
 *
 * It fails closed. `evaluate`, `evaluateMany` and `read` answer with a denial whose reason is `unavailable` when the vault
 * can't be reached, can't log, has no quota left for this tool, or answers something that is not beyond doubt a decision.
 * A wrong key, a call the tool may not make and a request that is not valid are mistakes to mend and always throw.
 */
export class Client {
  readonly #tool: string;
  readonly #handles: ReadonlySet<string>;
  readonly #transport: Transport;

  /** TypeError for an address that is none, or that would send the key in clear to another machine. */
  constructor(url: string, options: ClientOptions) {
    if (!options.tool) throw new TypeError("the tool's id is missing");
    this.#tool = options.tool;
    this.#handles = new Set(options.handles ?? []);
    this.#transport = new Transport(url, options.key, { ...DEFAULT_TIMES, ...options.times });
  }

  /** May this tool use this person's data for this purpose, now? */
  async evaluate(question: Question, options: AskOptions = {}): Promise<Decision> {
    const handles = this.#handled(options);
    return closed(options, denialUnavailable(question), async () => {
      const body = { subject: this.#subject(), ...entities(question) };
      return decisionOf(await this.#transport.post("/access/v1/evaluation", body), question, handles);
    });
  }

  /**
   * Answers in the order of the questions: one each with `execute_all`; up to and including the one that decides with
   * `deny_on_first_deny` and `permit_on_first_permit`.
   */
  async evaluateMany(questions: readonly Question[], options: ManyOptions = {}): Promise<Decision[]> {
    const semantic = options.semantic ?? "execute_all";
    const handles = this.#handled(options);
    const out: Decision[] = [];
    for (let begin = 0; begin < questions.length; begin += MOST_ITEMS) {
      const part = questions.slice(begin, begin + MOST_ITEMS);
      const denials = part.map(denialUnavailable);
      const decisions = await closed(options, semantic === "deny_on_first_deny" ? denials.slice(0, 1) : denials, () =>
        this.#evaluatePart(part, semantic, handles),
      );
      out.push(...decisions);
      const last = decisions[decisions.length - 1];
      if (decisions.length < part.length || (last && decides(last.permitted, semantic))) break;
    }
    return out;
  }

  /**
   * The same question and, with a permit, the permitted fields under the pseudonym for this tool and purpose. The vault
   * has carried out READ_TRANSFORMS before it answers; other obligations stay this tool's.
   */
  async read(
    person: string,
    purpose: string,
    options: AskOptions & { readonly fields?: readonly string[] } = {},
  ): Promise<ReadResult> {
    const question: Question = { person, purpose };
    const handles = new Set([...this.#handled(options), ...READ_TRANSFORMS]);
    const nothing = { decision: denialUnavailable(question), pseudonym: "", fields: {}, withheld: [] };
    const body = { subject: person, purpose, ...(options.fields ? { fields: options.fields } : {}) };
    return closed(options, nothing, async () =>
      readResultOf(await this.#transport.post("/v1/gateway/read", body), question, handles),
    );
  }

  /**
   * Records one algorithmic decision, a CloudEvents 1.0 event. The person stands in `data.subject`. Throws whatever goes
   * wrong, `Unavailable` after the last repetition: keep the event and post it again, with the same id; the vault stores
   * it once.
   */
  async postDecision(event: CloudEvent, idempotencyKey?: string): Promise<Recorded> {
    const answer = await this.#postEvents(event, "application/cloudevents+json", idempotencyKey);
    const [recorded] = recordedOf(answer, [event]);
    if (!recorded) throw new UnexpectedAnswer("The answer has not one entry for each event");
    return recorded;
  }

  /** Records up to 1000 decisions, all or none. */
  async postDecisions(events: readonly CloudEvent[], idempotencyKey?: string): Promise<Recorded[]> {
    if (events.length === 0) return [];
    return recordedOf(await this.#postEvents(events, "application/cloudevents-batch+json", idempotencyKey), events);
  }

  async #postEvents(body: unknown, contentType: string, key?: string): Promise<unknown> {
    // Repeating without a key could record a decision twice.
    if (key !== undefined && !/^[!#-\[\]-~]{1,255}$/.test(key))
      throw new TypeError("an idempotency key has 1 to 255 visible ASCII characters without quotes");
    const headers = { "Idempotency-Key": `"${key ?? randomUUID()}"` };
    return this.#transport.post("/v1/decisions", body, { contentType, headers });
  }

  async #evaluatePart(part: readonly Question[], semantic: Semantic, handles: ReadonlySet<string>): Promise<Decision[]> {
    const answer = await this.#transport.post("/access/v1/evaluations", {
      subject: this.#subject(),
      options: { evaluations_semantic: semantic },
      evaluations: part.map(entities),
    });
    const items: unknown = isObject(answer) ? answer["evaluations"] : undefined;
    if (!Array.isArray(items) || items.length === 0 || items.length > part.length)
      throw new UnexpectedAnswer("The answer has not one decision for each question");
    const decisions = part.slice(0, items.length).map((question, i) => decisionOf(items[i], question, handles));
    const last: unknown = items[items.length - 1];
    if (items.length < part.length && !(isObject(last) && decides(last["decision"], semantic)))
      throw new UnexpectedAnswer("The answer has not one decision for each question");
    return decisions;
  }

  #subject(): { type: string; id: string } {
    return { type: "application", id: this.#tool };
  }

  #handled(options: AskOptions): ReadonlySet<string> {
    return options.handles === undefined ? this.#handles : new Set(options.handles);
  }
}

async function closed<T>(options: AskOptions, denial: T, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!options.raising && (error instanceof Unavailable || error instanceof TooManyRequests)) return denial;
    throw error;
  }
}

function entities(question: Question): Record<string, unknown> {
  return {
    resource: {
      type: "person",
      id: question.person,
      ...(question.categories ? { properties: { categories: question.categories } } : {}),
    },
    action: {
      name: "process",
      properties: {
        purpose: question.purpose,
        ...(question.automation ? { automation: question.automation } : {}),
      },
    },
  };
}

function decides(permitted: unknown, semantic: Semantic): boolean {
  return (
    (semantic === "deny_on_first_deny" && permitted === false) ||
    (semantic === "permit_on_first_permit" && permitted === true)
  );
}
