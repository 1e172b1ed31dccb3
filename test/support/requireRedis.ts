/** The gate in front of tests that need a real Redis. */
import { it } from 'vitest';
import { hasRedis } from './redisServer.ts';

const INSTALL = 'sudo apt-get install redis-server';

/**
 * Registers tests that need a real Redis. Without one a single test stands in their place, named with the command that
 * installs it: skipped on a workstation, failing in CI.
 */
export const requireRedis = (tests: () => void): void => {
  if (hasRedis) return tests();
  if (process.env['CI'] !== undefined) {
    it(`needs redis-server: ${INSTALL}`, () => {
      throw new Error(`redis-server is missing; install it with: ${INSTALL}`);
    });
  } else {
    it.skip(`needs redis-server: ${INSTALL}`, () => {});
  }
};
