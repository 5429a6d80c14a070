// What the assistant remembers: a field of activity and a number of messages for each person, until a day. In memory only;
// never a word that somebody wrote.

export interface Remembered {
  interest: string | undefined;
  messages: number;
  /** milliseconds since 1970: the vault's `delete_after` */
  until: number;
}

export class Memory {
  readonly #people = new Map<string, Remembered>();

  constructor(readonly now: () => number = Date.now) {}

  recall(person: string): Remembered | undefined {
    const found = this.#people.get(person);
    if (found && found.until <= this.now()) {
      this.#people.delete(person);
      return undefined;
    }
    return found;
  }

  keep(person: string, until: number, interest: string | undefined): Remembered {
    const found = this.recall(person) ?? { interest: undefined, messages: 0, until };
    found.messages += 1;
    found.until = until;
    if (interest !== undefined) found.interest = interest;
    this.#people.set(person, found);
    return found;
  }

  /** True when there was something. */
  forget(person: string): boolean {
    return this.#people.delete(person);
  }

  get size(): number {
    return this.#people.size;
  }
}
