/** The test projects: `unit` needs nothing but Node; `interop` wants redis-server, `browser` wants chromium and `dist/`. */
import { defineConfig } from 'vitest/config';

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
        },
      },
      { test: { name: 'interop', include: ['test/interop/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 60_000 } },
      { test: { name: 'browser', include: ['test/browser/**/*.test.ts'], testTimeout: 180_000, hookTimeout: 60_000 } },
    ],
  },
});
