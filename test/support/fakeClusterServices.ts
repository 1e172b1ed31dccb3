/** What a ClusterState asks of its server, for tests of the state alone: what it was asked to do is kept as text. */
import { type Bytes, EMPTY, bytes } from '../../engine/core/bytes.ts';
import { Random } from '../../engine/core/random.ts';
import { ClusterNode } from '../../engine/cluster/clusterNode.ts';
import { type ClusterBugs, type ClusterServices, ClusterState, NO_CLUSTER_BUGS } from '../../engine/cluster/clusterState.ts';
import { keySlot } from '../../engine/cluster/slots.ts';
import { Keyspace } from '../../engine/keyspace/keyspace.ts';
import { FakeHost } from './fakeHost.ts';

export class FakeClusterServices implements ClusterServices {
  readonly host: FakeHost = new FakeHost();
  readonly random: Random = new Random(bytes('twelve bytes'));
  readonly bugs: ClusterBugs = NO_CLUSTER_BUGS;
  readonly keyspace: Keyspace = new Keyspace(1, { touched: () => {}, expired: () => {} }, false, keySlot);
  readonly values: Map<string, string | number | boolean> = new Map<string, string | number | boolean>([
    ['cluster-allow-replica-migration', true], ['cluster-require-full-coverage', true], ['cluster-node-timeout', 2000],
    ['cluster-announce-port', 0], ['cluster-announce-bus-port', 0], ['cluster-link-sendbuf-limit', 0], ['cluster-port', 0], ['port', 7000],
  ]);
  /** In order: `follow 10.0.0.2:7000`, `promote`, `pause`, `resume`, `lost 5`. */
  readonly asked: string[] = [];
  place = 0;
  readonly settings: ClusterServices['settings'] = {
    number: (name) => this.values.get(name) as number,
    flag: (name) => this.values.get(name) as boolean,
    text: (name) => (this.values.get(name) ?? EMPTY) as Bytes,
  };

  offset(): number {
    return this.place;
  }

  followed(): null {
    return null;
  }

  follow(host: Bytes, port: number): void {
    this.asked.push(`follow ${host}:${port}`);
  }

  promote(): void {
    this.asked.push('promote');
  }

  dataAgeMs(): number {
    return 0;
  }

  keysInSlot(slot: number): number {
    return this.keyspace.slotKeys.count(slot);
  }

  deleteKeysInSlot(slot: number): void {
    for (const key of this.keyspace.slotKeys.keys(slot, Infinity)) this.keyspace.database(0).remove(key);
  }

  pauseWrites(untilMs: number | null): void {
    this.asked.push(untilMs === null ? 'resume' : 'pause');
  }

  publish(channel: Bytes, message: Bytes, isShard: boolean): void {
    this.asked.push(`publish ${channel} ${message} ${isShard ? 'shard' : 'all'}`);
  }

  slotLost(slot: number): void {
    this.asked.push(`lost ${slot}`);
  }
}

/** A state with further nodes, named by 40 times their letter, at 10.0.0.1, 10.0.0.2, … */
export const fakeCluster = (...letters: readonly string[]): { readonly state: ClusterState; readonly services: FakeClusterServices } => {
  const services = new FakeClusterServices();
  const state = new ClusterState(services, nameOf('m'));
  for (const [index, letter] of letters.entries()) {
    const node = new ClusterNode(nameOf(letter), services.host.nowMs);
    node.ip = bytes(`10.0.0.${index + 1}`);
    node.port = 7000;
    node.busPort = 17000;
    state.addNode(node);
  }
  return { state, services };
};

export const nameOf = (letter: string): Bytes => bytes(letter.repeat(40));

export const nodeOf = (state: ClusterState, letter: string): ClusterNode => {
  const node = state.nodes.get(nameOf(letter));
  if (node === undefined) throw new Error(`no node ${letter}`);
  return node;
};
