// What a visitor may want, by simple patterns: no model is needed to show when a machine may remember.

export type Intent = "greeting" | "missions" | "interest" | "recall" | "forget" | "human" | "machine" | "unknown";

export interface Understood {
  readonly intent: Intent;
  /** a field of activity of a fixed list: never the visitor's own words */
  readonly interest?: string;
}

const INTERESTS: readonly (readonly [string, RegExp])[] = [
  ["cuisine", /cuisin|repas|aliment/],
  ["soutien scolaire", /scolaire|devoirs|enfants/],
  ["visites", /visite|convivialit|âgées/],
  ["informatique", /informatique|numérique|ordinateur/],
];

const INTENTS: readonly (readonly [Intent, RegExp])[] = [
  ["forget", /oublie|efface/],
  ["human", /humain|une personne|quelqu.un|conseiller/],
  ["machine", /robot|machine|\bia\b|qui es-tu|qui êtes-vous/],
  ["recall", /rappelle|te souviens|vous souvenez/],
  ["interest", /intéresse|j.aime|je voudrais/],
  ["missions", /mission|aider|bénévol/],
  ["greeting", /bonjour|bonsoir|salut/],
];

export function understand(message: string): Understood {
  const text = message.toLowerCase().slice(0, 2000);
  const intent = INTENTS.find(([, pattern]) => pattern.test(text))?.[0] ?? "unknown";
  const interest = INTERESTS.find(([, pattern]) => pattern.test(text))?.[0];
  return interest === undefined ? { intent } : { intent, interest };
}
