/**
 * The test projects: `unit` needs nothing but Node; `interop`, `interop-waiting` and `interop-slow` want redis-server, `browser` wants
 * chromium and `dist/`. They run one after the other, as `groupOrder` says, since each has the number of workers that suits it.
 */
import { defineConfig } from 'vitest/config';

const interop = (...names: readonly string[]): string[] => names.map((name) => `test/interop/${name}.test.ts`);

/** Files that mostly wait for timeouts of sentinels and nodes: more of them than there are cores run at once. */
const WAITING: readonly string[] = interop(
  'ackOffset', 'clusterAddresses', 'clusterCliRest', 'clusterClients', 'clusterFailover', 'clusterFunctions', 'clusterRedirect', 'clusterReplies',
  'configRewrite', 'libraryDeployments', 'sentinelAuth', 'sentinelClients', 'sentinelDown', 'sentinelMixed', 'sentinelNodeRedis',
  'sentinelReplies', 'sentinelScripts', 'serverReplication',
);
/** Minutes of the same, which `npm test` leaves to `npm run test:slow`; CI runs both. */
const SLOW: readonly string[] = interop(
  'aofMiddleFile', 'chain', 'clusterBus', 'clusterChangeover', 'clusterCli', 'disklessLoad', 'filesUnderLoad', 'sentinelConf', 'sentinelEvents',
  'sentinelGarbage', 'sentinelSwap', 'sentinelTiming', 'swapInPlace',
);
const SLOW_IN_BROWSER: readonly string[] = ['test/browser/determinismOfAll.test.ts'];
const WAITING_WORKERS = 3;
/** Real time on a busy machine: what failed is measured once more before it counts. */
const REAL_TIME_RETRIES = 1;

export default defineConfig({
  test: {
    // Two cores are the least that is expected; a file that starts servers and browsers wants one of its own.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{unit,property,golden,simulation}/**/*.test.ts', 'test/tidy.test.ts'],
          testTimeout: 60_000,
          // Modules hold no state, so files may share them: loading them anew for each takes longer than most tests.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'interop-slow', include: [...SLOW], testTimeout: 120_000, hookTimeout: 60_000, maxWorkers: WAITING_WORKERS,
          retry: REAL_TIME_RETRIES,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'interop-waiting', include: [...WAITING], testTimeout: 120_000, hookTimeout: 60_000, maxWorkers: WAITING_WORKERS,
          retry: REAL_TIME_RETRIES,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'interop', include: ['test/interop/**/*.test.ts'], exclude: [...WAITING, ...SLOW], testTimeout: 120_000, hookTimeout: 60_000,
          retry: REAL_TIME_RETRIES,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'browser', include: ['test/browser/**/*.test.ts'], exclude: [...SLOW_IN_BROWSER], testTimeout: 180_000, hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'browser-slow', include: [...SLOW_IN_BROWSER], testTimeout: 180_000, hookTimeout: 60_000, sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
