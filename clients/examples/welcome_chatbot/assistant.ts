// An assistant that answers everybody and remembers only who agreed, asking the vault at every message.
//
// The vault's answer at this very message decides: yesterday's permit is none. A denial, also for want of a vault, makes it
// forget what it knew.
import { randomUUID } from "node:crypto";
import { type Client, type Decision, EgideError } from "@egide/client";
import { type Understood, understand } from "./intents.js";
import { Memory, type Remembered } from "./memory.js";

export const PURPOSE = "ai.welcome_chatbot";

/** What this assistant does with a permit's obligations; with another one, the client turns the permit into a denial. */
export const HANDLES: readonly string[] = [
  "disclose_ai", // the first answer says that it is a machine
  "redact", // no word of a message is kept, only an entry of a fixed list
  "mask", // the person is known by an id only
  "record_decision", // what it answered is posted to the vault
  "delete_after", // memory ends on that day
];

const NOTICE = "Je suis un assistant automatique. Dites « une personne » pour parler à quelqu'un.";
const NOT_REMEMBERED = "Je réponds sans rien retenir. Vous pouvez l'autoriser dans « mes choix », et le retirer quand vous voulez.";

export interface Reply {
  readonly text: string;
  readonly remembered: boolean;
  /** for the operator: what was allowed or denied, and why; names nobody */
  readonly note: string;
}

export class Assistant {
  readonly #met = new Set<string>(); // of this conversation; not kept anywhere

  constructor(
    readonly vault: Client,
    readonly memory: Memory = new Memory(),
    readonly newId: () => string = randomUUID,
  ) {}

  async answer(person: string, message: string): Promise<Reply> {
    const understood = understand(message);
    const decision = await this.vault.evaluate({ person, purpose: PURPOSE });
    const until = endOf(decision);
    if (!decision.permitted || until === undefined || !(await this.#recorded(person, understood)))
      return this.#withoutMemory(person, understood, decision);
    if (understood.intent === "forget") {
      this.memory.forget(person);
      return { text: "C'est oublié.", remembered: false, note: "allowed: forgot on request" };
    }
    const before = this.memory.recall(person);
    const text = this.#greeting(person) + say(understood, before);
    this.memory.keep(person, until, understood.interest);
    return { text, remembered: true, note: `allowed: remembers until ${new Date(until).toISOString().slice(0, 10)}` };
  }

  #withoutMemory(person: string, understood: Understood, decision: Decision): Reply {
    const had = this.memory.forget(person);
    const reason = decision.permitted ? "the decision could not be recorded" : decision.reason;
    const text = this.#greeting(person) + say(understood, undefined) + " " + NOT_REMEMBERED;
    return { text, remembered: false, note: `denied: ${reason}${had ? "; forgot what it knew" : ""}` };
  }

  #greeting(person: string): string {
    if (this.#met.has(person)) return "";
    this.#met.add(person);
    return NOTICE + " ";
  }

  // Which kind of question was recognised: a classification without effect on the person.
  async #recorded(person: string, understood: Understood): Promise<boolean> {
    try {
      const recorded = await this.vault.postDecision({
        specversion: "1.0",
        id: this.newId(),
        source: "urn:example:welcome-chatbot",
        type: "org.egide.decision.v1",
        time: new Date().toISOString(),
        datacontenttype: "application/json",
        data: {
          subject: person,
          system_id: "example-chatbot",
          system_version: "1.0.0",
          purpose_id: PURPOSE,
          decision_type: "classify",
          automation_level: "solely_automated",
          effect: "none",
          outcome: { value: understood.intent },
          reason_codes: [`pattern.${understood.intent}`],
        },
      });
      return recorded.hadPermit !== false;
    } catch (error) {
      if (error instanceof EgideError) return false;
      throw error;
    }
  }
}

function endOf(decision: Decision): number | undefined {
  const at = decision.obligations.find((item) => item.action === "delete_after")?.properties["at"];
  const time = typeof at === "string" ? Date.parse(at) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function say(understood: Understood, before: Remembered | undefined): string {
  switch (understood.intent) {
    case "greeting":
      return before?.interest ? `Rebonjour ! La dernière fois, vous parliez de : ${before.interest}.` : "Bonjour !";
    case "recall":
      return before?.interest ? `Je me souviens de ceci : ${before.interest}.` : "Je ne sais rien de vous.";
    case "interest":
      return understood.interest ? `Nous avons des missions de : ${understood.interest}.` : "Quel domaine vous plaît ?";
    case "missions":
      return "Toutes les missions sont sur le site, pour tout le monde.";
    case "human":
      return "Je passe la main : une personne de l'accueil vous répond.";
    case "machine":
      return "Oui, je suis une machine, et je ne décide de rien.";
    case "forget":
      return "Je ne retiens rien.";
    case "unknown":
      return "Je n'ai pas compris. Une personne de l'accueil peut vous répondre.";
  }
}
