/** Plays a run: moves the moment that counts as now along the virtual clock, at a speed, until the end. */
export const SPEEDS: readonly number[] = [0.01, 0.1, 0.5, 1, 2, 5, 10, 30];

export class Player {
  private readonly moved: (at: number) => void;
  private endAt = 0;
  private at = 0;
  private before: number | null = null;
  private until: { readonly at: number; readonly speed: number; readonly arrived: () => void } | null = null;
  speed = 5;
  /** Nobody gets behind this time, virtual microseconds. */
  limit: number = Infinity;

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
    this.until = null;
    this.at = 0;
  }

  /** From the end it begins again. */
  play(): void {
    if (this.isPlaying) return;
    if (this.at >= this.endAt) this.at = 0;
    this.before = performance.now();
    requestAnimationFrame((time) => this.frame(time));
  }

  /** Plays up to `at` in `seconds` of the viewer's time, stops there and says so; a pause in between ends it. */
  playTo(at: number, seconds: number, arrived: () => void): void {
    this.pause();
    if (at <= this.at || seconds <= 0) {
      this.seek(at);
      arrived();
      return;
    }
    this.until = { at, speed: (at - this.at) / 1e6 / seconds, arrived };
    this.play();
  }

  pause(): void {
    this.before = null;
    this.until = null;
  }

  seek(at: number): void {
    this.at = Math.min(this.endAt, this.limit, Math.max(0, at));
    this.moved(this.at);
  }

  private frame(time: number): void {
    if (this.before === null) return;
    const { until } = this;
    const micros = Math.max(0, time - this.before) * 1000 * (until?.speed ?? this.speed);
    this.before = time;
    this.seek(Math.min(until?.at ?? Infinity, this.at + micros));
    if (until !== null && this.at >= until.at) {
      this.pause();
      until.arrived();
      return;
    }
    if (this.at >= Math.min(this.endAt, this.limit)) this.pause();
    else requestAnimationFrame((next) => this.frame(next));
  }
}
