/** Plays a run: moves the moment that counts as now along the virtual clock, at a speed, until the end. */
export const SPEEDS: readonly number[] = [0.01, 0.1, 0.5, 1, 2, 5, 10, 30];

export class Player {
  private readonly moved: (at: number) => void;
  private endAt = 0;
  private at = 0;
  private before: number | null = null;
  speed = 5;

  /** `moved` hears of each new now, virtual microseconds. */
  constructor(moved: (at: number) => void) {
    this.moved = moved;
  }

  get isPlaying(): boolean {
    return this.before !== null;
  }

  get now(): number {
    return this.at;
  }

  load(endAt: number): void {
    this.pause();
    this.endAt = endAt;
    this.at = 0;
  }

  /** From the end it begins again. */
  play(): void {
    if (this.isPlaying) return;
    if (this.at >= this.endAt) this.at = 0;
    this.before = performance.now();
    requestAnimationFrame((time) => this.frame(time));
  }

  pause(): void {
    this.before = null;
  }

  seek(at: number): void {
    this.at = Math.min(this.endAt, Math.max(0, at));
    this.moved(this.at);
  }

  private frame(time: number): void {
    if (this.before === null) return;
    const micros = Math.max(0, time - this.before) * 1000 * this.speed;
    this.before = time;
    this.seek(this.at + micros);
    if (this.at >= this.endAt) this.pause();
    else requestAnimationFrame((next) => this.frame(next));
  }
}
