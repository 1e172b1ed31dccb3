/**
 * `npm run fuzz`: minutes of random and mutated requests at a server of ours on a real socket. What counts as a failure: the process
 * ends, a PING beside the noise is not answered, its log speaks of a crash, or its memory grows without end.
 */
import { countOf, flagsOf, positiveOf } from '../support/flags.ts';
import { fuzz } from '../support/requestFuzz.ts';
import { startFuzzedServer } from '../support/fuzzedServer.ts';

const { values } = flagsOf({
  options: { seed: { type: 'string', default: String(Date.now() % 1_000_000_000) }, minutes: { type: 'string', default: '3' } },
});
const durationMs = positiveOf('minutes', values.minutes) * 60_000;
const seed = countOf('seed', values.seed);
process.stdout.write(`seed ${values.seed}, ${values.minutes} minutes; again: npm run fuzz -- --seed ${values.seed} --minutes ${values.minutes}\n`);
const server = await startFuzzedServer();
try {
  const report = await fuzz({ port: server.port, seed, durationMs, commands: server.commands });
  const memoryMb = server.check();
  process.stdout.write(`${report.requests} requests (${Math.round(report.bytes / 1e6)} MB) over ${report.connections} connections: `
    + `no crash, ${memoryMb} MB of memory at the end, the slowest PING took ${Math.round(report.slowestPingMs)} ms\n`);
} catch (failure) {
  process.stderr.write(`${failure instanceof Error ? `${failure.message}\n${String(failure.cause ?? '')}` : String(failure)}\n${server.log().slice(-4000)}\n`);
  process.exitCode = 1;
} finally {
  await server.stop();
}
