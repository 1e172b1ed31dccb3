/**
 * What an image's entrypoint does over the network before its process runs: it asks sentinels where the primary is now, and
 * waits until the primary's port opens. Out come the directives of this start.
 *
 * Always holds: `start` is called once at most; when it is not called the process has ended with status 1, and what
 * follows is the restart policy's doing. The first start is part of the roll-out and finds what the directives say.
 *
 * Source: bitnami/containers, `libredis.sh` (REDIS_SENTINEL_HOST, wait-for-port); bitnami/charts, `start-node.sh` and
 * `start-sentinel.sh` of the chart `redis`, read for their behaviour.
 */
import { type Bytes, type Connection, type Host, type NetError, type Timer, bytes, ms } from '../../engine/index.ts';
import { type ServerName, parseServerName } from '../client/redisClient.ts';
import { Sentinels } from '../client/sentinels.ts';
import { monitoredServer, withMonitored } from './sentinelDirectives.ts';
import type { AskSentinels, ProcessSpec } from './topology.ts';

type Directives = ProcessSpec['directives'];

/** Between two attempts to reach the primary's port. */
const WAIT_FOR_PORT_EVERY_MS = 1000;

const REPLICAOF = 'replicaof';

/** `address` is that of the machine at this start, `startsBefore` how often the process was started before it. */
export const runEntrypoint = (
  host: Host, spec: ProcessSpec, address: Bytes, startsBefore: number, start: (directives: Directives) => void,
): void => {
  const { entrypoint } = spec;
  if (entrypoint === undefined || startsBefore === 0) {
    start(spec.directives);
    return;
  }
  const proceed = (directives: Directives): void => {
    const primary = followed(directives);
    if (primary === null || entrypoint.waitForPrimaryMs === 0) start(directives);
    else waitForPort(host, primary, entrypoint.waitForPrimaryMs, () => start(directives));
  };
  if (entrypoint.ask === null) proceed(spec.directives);
  else askPrimary(host, entrypoint.ask, entrypoint.ask.tries, (server) => {
    if (server !== null) proceed(toldOf(spec, address, server));
    else if (entrypoint.ask?.otherwise === 'primary') proceed(toldOf(spec, address, ownServer(spec, address)));
    else fail(host, 'no sentinel knows the primary');
  });
};

const fail = (host: Host, reason: string): void => {
  host.log('warning', `The entrypoint gives up: ${reason}`);
  host.exit(1);
};

const askPrimary = (
  host: Host, ask: AskSentinels, triesLeft: number, done: (server: ServerName | null) => void,
): void => {
  const { primaryName: name, sentinels, password } = ask;
  const circle = new Sentinels(host, { name, sentinels, ...(password === null ? {} : { password }) });
  circle.askPrimary((server) => {
    if (server !== null || triesLeft <= 1) done(server);
    else host.setTimer(ms(ask.pauseMs), () => askPrimary(host, ask, triesLeft - 1, done));
  });
};

/** The directives for a primary that is at `server`. */
const toldOf = (spec: ProcessSpec, address: Bytes, server: ServerName): Directives => {
  if (spec.kind === 'sentinel') return withMonitored(spec.directives, server.host, server.port);
  const others = spec.directives.filter(([name]) => name !== REPLICAOF);
  return isOwn(spec, address, server) ? others : [...others, [REPLICAOF, server.host, String(server.port)]];
};

const isOwn = (spec: ProcessSpec, address: Bytes, server: ServerName): boolean =>
  server.port === spec.port && [address, spec.name, ...spec.aliases].includes(server.host);

/** A sentinel takes the data node beside it for the primary; it knows its name from what it announces. */
const ownServer = (spec: ProcessSpec, address: Bytes): ServerName => {
  if (spec.kind === 'redis') return { host: address, port: spec.port };
  const announced = spec.directives.find(([, word]) => word === 'announce-ip')?.[2];
  return { host: bytes(announced ?? address), port: monitoredServer(spec.directives)?.port ?? 0 };
};

const followed = (directives: Directives): ServerName | null => {
  const words = directives.findLast(([name]) => name === REPLICAOF);
  return words === undefined ? null : parseServerName(`${words[1]}:${words[2]}`);
};

/** Knocks at the port until it opens, or the time is up. */
const waitForPort = (host: Host, server: ServerName, limitMs: number, opened: () => void): void => {
  let attempt: { cancel(): void } | null = null;
  let retry: Timer | null = null;
  let isOver = false;
  const over = (): void => {
    isOver = true;
    attempt?.cancel();
    if (retry !== null) host.clearTimer(retry);
    host.clearTimer(deadline);
  };
  const deadline = host.setTimer(ms(limitMs), () => {
    over();
    fail(host, `${server.host}:${server.port} does not open`);
  });
  const connected = (result: Connection | NetError): void => {
    if (isOver) return;
    if (typeof result === 'string') retry = host.setTimer(ms(WAIT_FOR_PORT_EVERY_MS), knock);
    else {
      result.close();
      over();
      opened();
    }
  };
  const knock = (): void => host.resolve(server.host, ([address]) => {
    if (isOver) return;
    if (address === undefined) retry = host.setTimer(ms(WAIT_FOR_PORT_EVERY_MS), knock);
    else attempt = host.connect(address, server.port, { keepAliveMs: ms(0), bind: null }, DEAF, connected);
  });
  knock();
};

/** Who only knocks hears nothing. */
const DEAF = Object.freeze({
  onData: (): void => {}, onWritable: (): void => {}, onClose: (): void => {},
});
