/**
 * The simulator without an engine: three clients that each call three echo servers ten times a second. What a world
 * costs per event before Redis does anything; also prints events per virtual second, by kind.
 */
import { echoClient, echoLog, echoServer, makeWorld } from '../unit/sim/echo.ts';

export interface EchoRate {
  readonly eventsPerSecond: number;
  readonly virtualSecondsPerSecond: number;
  readonly eventsPerVirtualSecond: number;
  readonly byKind: Readonly<Record<string, number>>;
}

export const echoWorldRate = (virtualSeconds: number): EchoRate => {
  const world = makeWorld(1);
  const log = echoLog();
  const servers = ['s1', 's2', 's3'].map((name) => world.process(name, echoServer));
  const addresses = servers.map((server) => server.machine.address);
  const clients = ['c1', 'c2', 'c3'].map((name) => world.process(name, echoClient(addresses, 100, log)));
  for (const process of [...servers, ...clients]) process.start();
  const started = performance.now();
  for (let second = 0; second < virtualSeconds; second++) {
    world.run(1);
    log.sent.length = 0;
    log.received.length = 0;
  }
  const seconds = (performance.now() - started) / 1000;
  return {
    eventsPerSecond: Math.round(world.kernel.events / seconds),
    virtualSecondsPerSecond: Math.round(virtualSeconds / seconds),
    eventsPerVirtualSecond: Math.round(world.kernel.events / virtualSeconds),
    byKind: world.kernel.eventCounts(),
  };
};
