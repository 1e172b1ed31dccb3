/** The rules of SETSLOT, REPLICATE, FORGET, FAILOVER, RESET and the epochs: what changes beside the answer. */
import { describe, expect, test } from 'vitest';
import { NO_CAUSE } from '../../../../engine/core/units.ts';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { bump, failover, forget, meet, replicate, reset, setConfigEpoch } from '../../../../engine/cluster/nodeCommands.ts';
import { assignSlots, flushSlots, setSlot } from '../../../../engine/cluster/slotCommands.ts';
import { keySlot } from '../../../../engine/cluster/slots.ts';
import type { ClusterState } from '../../../../engine/cluster/clusterState.ts';
import { BusLink } from '../../../../engine/cluster/busLink.ts';
import { ErrorReply, OK, type Reply, Status } from '../../../../engine/protocol/reply.ts';
import { type FakeClusterServices, fakeCluster, nameOf, nodeOf } from '../../../support/fakeClusterServices.ts';

const argv = (line: string): readonly Bytes[] => line.split(' ').map((word) => bytes(/^[a-m]$/.test(word) ? nameOf(word) : word));
const text = (reply: Reply): string => (reply instanceof ErrorReply || reply instanceof Status ? reply.text : JSON.stringify(reply));
const SLOT = keySlot(bytes('key'));

const own = (state: ClusterState, letter: string, ...slots: readonly number[]): void => {
  const node = nodeOf(state, letter);
  for (const slot of slots) state.assignSlot(slot, node);
};

const set = ({ state, services }: { state: ClusterState; services: FakeClusterServices }, line: string): string =>
  text(setSlot(state, argv(`CLUSTER SETSLOT ${line}`), services.keyspace));

describe('ADDSLOTS and DELSLOTS', () => {
  test('change all or none, and end an import', () => {
    const { state } = fakeCluster('a');
    own(state, 'a', 3);
    state.importingFrom.set(1, nodeOf(state, 'a'));
    expect(text(assignSlots(state, argv('CLUSTER ADDSLOTS 1 2 3'), 1, false))).toBe('ERR Slot 3 is already busy');
    expect([...state.myself.slots.ranges()]).toEqual([]);
    expect(state.mustSave).toBe(false);
    expect(assignSlots(state, argv('CLUSTER ADDSLOTSRANGE 1 2 10 12'), 2, false)).toBe(OK);
    expect([...state.myself.slots.ranges()]).toEqual([[1, 2], [10, 12]]);
    expect(state.importingFrom.size).toBe(0);
    expect([state.mustSave, state.mustUpdate]).toEqual([true, true]);
  });

  test('DELSLOTS takes a slot from whoever has it', () => {
    const { state, services } = fakeCluster('a');
    own(state, 'a', 3);
    own(state, 'm', 4);
    expect(assignSlots(state, argv('CLUSTER DELSLOTS 3 4'), 1, true)).toBe(OK);
    expect(state.owners.every((owner) => owner === null)).toBe(true);
    expect(services.asked).toEqual(['lost 4']);
  });

  test('FLUSHSLOTS gives up our own slots only, and not with keys', () => {
    const { state, services } = fakeCluster('a');
    own(state, 'a', 3);
    own(state, 'm', 4);
    services.keyspace.database(0).put(bytes('key'), bytes('x'));
    expect(text(flushSlots(state, services.keyspace))).toBe('ERR DB must be empty to perform CLUSTER FLUSHSLOTS.');
    services.keyspace.flush(-1);
    expect(flushSlots(state, services.keyspace)).toBe(OK);
    expect(state.owners[3]).toBe(nodeOf(state, 'a'));
    expect(state.owners[4]).toBeNull();
  });
});

describe('SETSLOT', () => {
  test('only the owner lets a slot go, only another takes it, and only primaries have slots', () => {
    const cluster = fakeCluster('a', 'b');
    const { state } = cluster;
    own(state, 'm', 1);
    state.setPrimaryOf(nodeOf(state, 'b'), nodeOf(state, 'a'));
    nodeOf(state, 'b').role = 'replica';
    expect(set(cluster, '2 MIGRATING a')).toBe("ERR I'm not the owner of hash slot 2");
    expect(set(cluster, '1 IMPORTING a')).toBe("ERR I'm already the owner of hash slot 1");
    expect(set(cluster, '1 MIGRATING b')).toMatch(/^ERR Target node is not a /);
    expect(set(cluster, '1 MIGRATING a')).toBe('OK');
    expect(set(cluster, '2 IMPORTING a')).toBe('OK');
    expect([state.migratingTo.get(1), state.importingFrom.get(2)]).toEqual([nodeOf(state, 'a'), nodeOf(state, 'a')]);
    expect(set(cluster, '1 STABLE')).toBe('OK');
    expect(set(cluster, '2 STABLE')).toBe('OK');
    expect([state.migratingTo.size, state.importingFrom.size]).toEqual([0, 0]);
  });

  test('NODE: the importer takes a greater epoch, once', () => {
    const cluster = fakeCluster('a');
    const { state } = cluster;
    own(state, 'a', 1, 2);
    nodeOf(state, 'a').configEpoch = 5;
    state.currentEpoch = 5;
    state.myself.configEpoch = 3;
    state.importingFrom.set(1, nodeOf(state, 'a'));
    expect(set(cluster, '1 NODE m')).toBe('OK');
    expect([state.myself.configEpoch, state.currentEpoch, state.importingFrom.size]).toEqual([6, 6, 0]);
    expect(state.owners[1]).toBe(state.myself);
    // Ours is the greatest already.
    state.importingFrom.set(2, nodeOf(state, 'a'));
    expect(set(cluster, '2 NODE m')).toBe('OK');
    expect([state.myself.configEpoch, state.currentEpoch]).toEqual([6, 6]);
  });

  test('NODE without an import leaves the epoch', () => {
    const cluster = fakeCluster('a');
    cluster.state.currentEpoch = 5;
    expect(set(cluster, '1 NODE m')).toBe('OK');
    expect([cluster.state.myself.configEpoch, cluster.state.currentEpoch]).toEqual([0, 5]);
  });

  test('NODE: a slot with keys is not given away; without them its migration ends', () => {
    const cluster = fakeCluster('a');
    const { state, services } = cluster;
    own(state, 'm', SLOT, 1);
    state.migratingTo.set(SLOT, nodeOf(state, 'a'));
    services.keyspace.database(0).put(bytes('key'), bytes('x'));
    expect(set(cluster, `${SLOT} NODE a`))
      .toBe(`ERR Can't assign hashslot ${SLOT} to a different node while I still hold keys for this hash slot.`);
    expect(state.owners[SLOT]).toBe(state.myself);
    services.keyspace.database(0).remove(bytes('key'));
    expect(set(cluster, `${SLOT} NODE a`)).toBe('OK');
    expect(state.owners[SLOT]).toBe(nodeOf(state, 'a'));
    expect(state.migratingTo.size).toBe(0);
    expect(services.asked).toEqual([`lost ${SLOT}`]);
  });

  test.each([[true, 'replica', ['lost 1', 'follow 10.0.0.1:7000']], [false, 'primary', ['lost 1']]] as const)(
    'NODE: who gave its last slot away follows, where replicas may migrate (%s)', (mayMigrate, role, asked) => {
      const cluster = fakeCluster('a');
      const { state, services } = cluster;
      services.values.set('cluster-allow-replica-migration', mayMigrate);
      own(state, 'm', 1);
      expect(set(cluster, '1 NODE a')).toBe('OK');
      expect(state.myself.role).toBe(role);
      expect(services.asked).toEqual(asked);
    });
});

describe('REPLICATE and FORGET', () => {
  test('a node with slots or keys follows nobody', () => {
    const { state, services } = fakeCluster('a');
    own(state, 'm', 1);
    expect(text(replicate(state, nameOf('a'), services.keyspace))).toMatch(/must be empty and without assigned slots/);
    state.dropSlot(1);
    services.keyspace.database(0).put(bytes('key'), bytes('x'));
    expect(text(replicate(state, nameOf('a'), services.keyspace))).toMatch(/must be empty and without assigned slots/);
    services.keyspace.flush(-1);
    expect(replicate(state, nameOf('a'), services.keyspace)).toBe(OK);
    expect(nodeOf(state, 'a').replicas).toEqual([state.myself]);
    expect(text(forget(state, nameOf('a')))).toMatch(/^ERR Can't forget my /);
  });

  test('a forgotten node is kept out for a minute', () => {
    const { state, services } = fakeCluster('a');
    own(state, 'a', 1);
    expect(forget(state, nameOf('a'))).toBe(OK);
    expect([state.nodes.size, state.owners[1]]).toEqual([1, null]);
    services.host.nowMs += 59_999;
    expect(state.isForgotten(nameOf('a'))).toBe(true);
    services.host.nowMs += 1;
    expect(state.isForgotten(nameOf('a'))).toBe(false);
  });

  test('MEET makes one handshake for an address, and ports wrap as an int does', () => {
    const { state } = fakeCluster();
    for (const line of ['CLUSTER MEET ::1 7000', 'CLUSTER MEET 0:0:0:0:0:0:0:1 7000', `CLUSTER MEET ::1 ${2 ** 32 + 7000}`]) {
      expect(meet(state, argv(line))).toBe(OK);
    }
    const met = [...state.nodes.values()].filter((node) => node.isHandshake && node.needsMeet);
    expect(met.map(({ ip, port, busPort, flags }) => [ip, port, busPort, flags])).toEqual([['::1', 7000, 17_000, 32 | 128]]);
  });
});

describe('FAILOVER', () => {
  const following = (): { state: ClusterState; services: FakeClusterServices } => {
    const cluster = fakeCluster('a', 'b');
    own(cluster.state, 'a', 1, 2);
    own(cluster.state, 'b', 3);
    nodeOf(cluster.state, 'a').configEpoch = 4;
    nodeOf(cluster.state, 'b').configEpoch = 7;
    cluster.state.currentEpoch = 7;
    cluster.state.becomeReplicaOf(nodeOf(cluster.state, 'a'));
    cluster.services.asked.length = 0;
    return cluster;
  };
  const connect = (state: ClusterState, letter: string): void => {
    const node = nodeOf(state, letter);
    node.link = new BusLink({ received: () => {}, lost: () => {} }, node, false, 0);
  };

  test('needs the primary, unless forced', () => {
    const { state } = following();
    expect(text(failover(state, argv('CLUSTER FAILOVER')))).toMatch(/is down or failed, please use CLUSTER FAILOVER FORCE$/);
    connect(state, 'a');
    expect(failover(state, argv('CLUSTER FAILOVER'))).toBe(OK);
    expect(state.manualFailover).toMatchObject({ canStart: false, primaryOffset: -1, replica: null });
    nodeOf(state, 'a').isFail = true;
    expect(text(failover(state, argv('CLUSTER FAILOVER')))).toMatch(/FORCE$/);
    expect(failover(state, argv('CLUSTER FAILOVER force'))).toBe(OK);
    expect(state.manualFailover).toMatchObject({ canStart: true });
    expect(state.myself.role).toBe('replica');
  });

  test('TAKEOVER: the next epoch and all slots, without a vote', () => {
    const { state, services } = following();
    expect(failover(state, argv('CLUSTER FAILOVER TAKEOVER'))).toBe(OK);
    expect([state.myself.role, state.myself.configEpoch, state.currentEpoch, state.manualFailover]).toEqual(['primary', 8, 8, null]);
    expect([...state.myself.slots.ranges()]).toEqual([[1, 2]]);
    expect(nodeOf(state, 'a').slots.count).toBe(0);
    expect(state.owners[3]).toBe(nodeOf(state, 'b'));
    expect(services.asked).toContain('promote');
  });

  test('is for replicas that know their primary', () => {
    const { state } = fakeCluster();
    expect(text(failover(state, argv('CLUSTER FAILOVER')))).toBe('ERR You should send CLUSTER FAILOVER to a replica');
    state.myself.role = 'replica';
    expect(text(failover(state, argv('CLUSTER FAILOVER')))).toMatch(/^ERR I'm a replica but my /);
  });
});

describe('RESET and epochs', () => {
  test('a primary with keys is not reset; a replica gives its data up', () => {
    const { state, services } = fakeCluster('a');
    services.keyspace.database(0).put(bytes('key'), bytes('x'));
    expect(text(reset(state, argv('CLUSTER RESET'), services.keyspace))).toMatch(/^ERR CLUSTER RESET can't be called with /);
    state.becomeReplicaOf(nodeOf(state, 'a'));
    expect(reset(state, argv('CLUSTER RESET'), services.keyspace)).toBe(OK);
    expect([services.keyspace.size, state.myself.role, state.myself.primary, state.nodes.size]).toEqual([0, 'primary', null, 1]);
    expect(services.asked).toContain('promote');
  });

  test.each([['SOFT', 'm', 4, 6, 6], ['HARD', null, 0, 0, 0]] as const)('%s', (kind, letter, config, current, voted) => {
    const { state, services } = fakeCluster('a');
    own(state, 'm', 1);
    own(state, 'a', 2);
    state.migratingTo.set(1, nodeOf(state, 'a'));
    state.importingFrom.set(2, nodeOf(state, 'a'));
    Object.assign(state, { currentEpoch: 6, lastVoteEpoch: 6 });
    state.myself.configEpoch = 4;
    state.manualFailover = { endMs: Infinity, replica: nodeOf(state, 'a'), primaryOffset: -1, canStart: false, cause: NO_CAUSE };
    expect(reset(state, argv(`CLUSTER RESET ${kind}`), services.keyspace)).toBe(OK);
    expect([state.myself.configEpoch, state.currentEpoch, state.lastVoteEpoch]).toEqual([config, current, voted]);
    expect(state.myself.name === nameOf('m')).toBe(letter === 'm');
    expect([...state.nodes.entries()]).toEqual([[state.myself.name, state.myself]]);
    expect(state.owners.every((owner) => owner === null)).toBe(true);
    expect([state.migratingTo.size, state.importingFrom.size, state.manualFailover]).toEqual([0, 0, null]);
    // Clients that waited for the manual failover go on.
    expect(services.asked).toContain('resume');
  });

  test('SET-CONFIG-EPOCH is for a node alone, once; BUMPEPOCH passes the greatest known', () => {
    const { state } = fakeCluster();
    expect(setConfigEpoch(state, bytes('9007199254740993'))).toBeInstanceOf(ErrorReply);
    expect(setConfigEpoch(state, bytes('5'))).toBe(OK);
    expect([state.myself.configEpoch, state.currentEpoch]).toEqual([5, 5]);
    expect(text(setConfigEpoch(state, bytes('6')))).toBe('ERR Node config epoch is already non-zero');
    expect(text(bump(state))).toBe('STILL 5');
    state.currentEpoch = 8;
    expect(text(bump(state))).toBe('BUMPED 9');
    const other = fakeCluster('a').state;
    expect(text(setConfigEpoch(other, bytes('5')))).toMatch(/does not know any other node/);
  });
});
