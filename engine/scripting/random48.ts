/**
 * The generator behind `math.random` in scripts: the linear congruence of 48 bits of drand48. It begins where POSIX begins
 * it, goes on from script to script, and is the same for each server until a script seeds it.
 * Source: rand.c of Redis 7.0 (redisLrand48, redisSrand48), POSIX lrand48.
 */
const MULTIPLIER = 0x5deece66dn;
const INCREMENT = 0xbn;
const MASK = (1n << 48n) - 1n;
const SEED_LOW = 0x330en;
const FRACTION_MAX = 0x7fffffff;

export class Random48 {
  private state = 0x1234abcd330en;

  seed(value: number): void {
    this.state = (BigInt.asUintN(32, BigInt(Number.isFinite(value) ? Math.trunc(value) : 0)) << 16n) | SEED_LOW;
  }

  /** 0 to below 1. */
  fraction(): number {
    this.state = (this.state * MULTIPLIER + INCREMENT) & MASK;
    return (Number(this.state >> 17n) % FRACTION_MAX) / FRACTION_MAX;
  }
}
