/** Which lessons are done, kept in the browser. A browser that keeps nothing forgets them with the page, and that is all. */
const KEPT = 'faultline.lessons';

export class LessonProgress {
  private names: ReadonlySet<string>;

  constructor() {
    this.names = new Set(read());
  }

  get done(): ReadonlySet<string> {
    return this.names;
  }

  finish(name: string): void {
    this.keep([...this.names, name]);
  }

  forget(): void {
    this.keep([]);
  }

  private keep(names: readonly string[]): void {
    this.names = new Set(names);
    try {
      localStorage.setItem(KEPT, JSON.stringify([...this.names]));
    } catch {
      // Private windows may forbid it: progress lasts as long as the page.
    }
  }
}

/** What stands there may be anybody's: names and nothing else. */
const read = (): readonly string[] => {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT) ?? '[]');
    return Array.isArray(kept) ? kept.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
};
