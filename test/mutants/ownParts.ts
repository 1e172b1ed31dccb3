/**
 * Workloads and a check of the tests' own, brought along as a user of the library would: keys that expire, and pairs of keys that are
 * written in one transaction and read from a replica, which must never see half of one.
 */
import { RedisClient, type CheckFactory, type OwnWorkload, Violations, type WorkloadFactory } from '../../sim/index.ts';
import { type Bytes, type Host, bytes, causeId, ms } from '../../engine/index.ts';

const PERIOD_MS = 50;
const PAIR_READ_MS = 5;
const CONNECT_TIMEOUT_MS = 1000;
const KEYS = 20;
/** Larger than a segment, so that a link can part what belongs together. */
const VALUE_BYTES = 20_000;

/** Calls `tick` with an open connection to the server, once a period. */
const clientOf = (name: string, server: string, periodMs: number, tick: (client: RedisClient, count: number) => void): OwnWorkload => ({
  name, zone: 'zone-a', keys: [],
  program: (host: Host) => {
    const client = new RedisClient(host, CONNECT_TIMEOUT_MS, {});
    let count = 0;
    const due = (): void => {
      if (client.isOpen) tick(client, count++);
      else if (!client.isOpening) client.open({ host: bytes(server), port: 6379 });
      host.setTimer(ms(periodMs), due);
    };
    due();
  },
});

const ignore = (): void => {};

/** Each key lives for a fifth of a second. */
export const expiringKeys: WorkloadFactory = () => clientOf('expiring', 'redis-main', PERIOD_MS, (client, count) => {
  client.send([bytes('SET'), bytes(`short:${count % KEYS}`), bytes(String(count)), bytes('PX'), bytes('200')], ignore);
});

const PAIR: readonly [Bytes, Bytes] = [bytes('pair:left'), bytes('pair:right')];

const pairValue = (count: number): Bytes => bytes(`${count}:`.padEnd(VALUE_BYTES, '.'));

/** The same value into two keys, in one transaction. */
export const pairWriter: WorkloadFactory = () => clientOf('pairs', 'redis-main', PERIOD_MS, (client, count) => {
  const value = pairValue(count);
  client.send([bytes('MULTI')], ignore);
  for (const key of PAIR) client.send([bytes('SET'), key, value], ignore);
  client.send([bytes('EXEC')], ignore);
});

/** A reader of the pair at a replica, and the check that hears what it saw: made together, for one run. */
export const wholePairs = (): { readonly check: CheckFactory; readonly workload: WorkloadFactory } => {
  let violations = new Violations();
  let read = 0;
  return {
    // World by world: a new run begins with its checks.
    check: () => {
      violations = new Violations();
      read = 0;
      return {
        name: 'transactions-are-whole', isSafety: true,
        finish: () => violations.result(read, 'pairs read from a replica'),
      };
    },
    workload: () => clientOf('pair-reader', 'redis-replica-1', PAIR_READ_MS, (client) => {
      client.send([bytes('MGET'), ...PAIR], (reply) => {
        if (!Array.isArray(reply)) return;
        read++;
        const [left, right] = reply.map((value) => (typeof value === 'string' ? value.slice(0, value.indexOf(':')) : 'nothing'));
        if (left !== right) violations.add(`a replica showed ${left} beside ${right}, which one transaction wrote`, causeId(0));
      });
    }),
  };
};
