/**
 * The last word of a cluster's data: one client reads back everything that the workload wrote, each key from the node that has its
 * slot, redirections followed. A key whose slot nobody serves goes without an answer; the others count all the same.
 */
import { ErrorReply, type Host, type Reply, ms } from '../../engine/index.ts';
import { ClusterClient } from '../client/clusterClient.ts';
import type { ClusterService } from '../scenario.ts';
import { type FinalReadResult, type WantedKey, readingOf, valueOf } from './finalRead.ts';

const CONNECT_TIMEOUT_MS = 1000;
const RETRY_MS = 500;
/** A key that has no answer after so many rounds has nobody to serve it. */
const ROUNDS_MAX = 5;

/** A program for the Host that reads `keys` once. */
export const clusterFinalReader = (
  { nodes }: ClusterService, password: string | undefined, keys: readonly WantedKey[], result: FinalReadResult, now: () => number,
) => (host: Host): void => {
  const client = new ClusterClient(host, nodes, password, CONNECT_TIMEOUT_MS, { opened: () => read(keys, 1) });
  const read = (wanted: readonly WantedKey[], round: number): void => {
    // What is executed between two rounds may be seen or not.
    if (round === 1) result.askedAt = now();
    const missing: WantedKey[] = [];
    let open = wanted.length;
    const answered = (): void => {
      if (--open > 0) return;
      if (missing.length > 0 && round < ROUNDS_MAX) {
        host.setTimer(ms(RETRY_MS), () => read(missing, round + 1));
        return;
      }
      result.isPrimary = result.servers.size > 0;
      result.done = true;
      client.end('read');
    };
    for (const want of wanted) {
      client.send(readingOf(want), (reply) => {
        if (!take(client, result, want, reply)) missing.push(want);
        answered();
      });
    }
    if (wanted.length === 0) {
      open = 1;
      answered();
    }
  };
  client.open();
};

/** Who answers serves the key: its owner, or in the middle of a move the node that ASK led to. False: there was no answer. */
const take = (client: ClusterClient, result: FinalReadResult, want: WantedKey, reply: Reply | undefined): boolean => {
  if (reply === undefined || reply instanceof ErrorReply) return false;
  const { key } = want;
  const owner = client.answeredBy;
  if (owner === null) return false;
  result.values.set(key, valueOf(reply, want));
  result.servers.set(key, owner);
  return true;
};
