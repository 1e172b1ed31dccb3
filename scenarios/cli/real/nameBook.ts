/**
 * The names of a real run: what each means now, and what the faults that stand make of it. Clients ask here; processes have a hosts
 * file that is written from it.
 */

/** What a resolver waits for a name server that does not answer. */
export const SILENCE_MS = 5000;

export interface LookedUp {
  readonly addresses: readonly string[];
  readonly delayMs: number;
}

export class NameBook {
  /** Called when names, or whether anybody answers, may have changed. */
  changed: () => void = () => undefined;
  private readonly records: Map<string, readonly string[]> = new Map();
  private lies: { readonly name: string; readonly addresses: readonly string[] }[] = [];
  private silences = 0;

  get isSilent(): boolean {
    return this.silences > 0;
  }

  /** Adds an address to what a name means. */
  add(name: string, address: string): void {
    this.set(name, [...this.records.get(name) ?? [], address]);
  }

  set(name: string, addresses: readonly string[]): void {
    this.records.set(name, addresses);
    this.changed();
  }

  /** A machine is elsewhere: every name of it follows. */
  move(from: string, to: string): void {
    for (const [name, addresses] of this.records) this.records.set(name, addresses.map((address) => (address === from ? to : address)));
    this.changed();
  }

  /** Until the answer is called the name means these addresses, none: nobody has it. */
  lie(name: string, addresses: readonly string[]): () => void {
    const lie = { name, addresses };
    this.lies.push(lie);
    this.changed();
    return () => {
      this.lies = this.lies.filter((other) => other !== lie);
      this.changed();
    };
  }

  /** Until the answer is called nobody says what a name means. */
  silence(): () => void {
    this.silences++;
    this.changed();
    return () => {
      this.silences--;
      this.changed();
    };
  }

  addressesOf(name: string): readonly string[] {
    return this.lies.findLast((lie) => lie.name === name)?.addresses ?? this.records.get(name) ?? [];
  }

  /** What a client is told, and how long it waits for it. */
  lookUp(name: string): LookedUp {
    return this.isSilent ? { addresses: [], delayMs: SILENCE_MS } : { addresses: this.addressesOf(name), delayMs: 0 };
  }

  /** Every name and address, as a hosts file has them. */
  hostsText(): string {
    const lines = [...this.records.keys()].flatMap((name) => this.addressesOf(name).map((address) => `${address} ${name}\n`));
    return `127.0.0.1 localhost\n${lines.join('')}`;
  }
}
