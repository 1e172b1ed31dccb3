/** What logs tell, whom roles mean, what figures are taken, and when two worlds differ. */
import { describe, expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../../engine/core/bytes.ts';
import { NO_CAUSE, micros } from '../../../../../engine/core/units.ts';
import { type MeasuredRun, compareWorlds, isWithin } from '../../../../../scenarios/cli/real/comparison.ts';
import { eventOf, messageOf, ordersOf } from '../../../../../scenarios/cli/real/eventLog.ts';
import { readerIn } from '../../../../../scenarios/cli/files.ts';
import { figuresOf } from '../../../../../scenarios/cli/real/figures.ts';
import { measureVirtual } from '../../../../../scenarios/cli/real/measureVirtual.ts';
import { orderDifferences, partsOf } from '../../../../../scenarios/cli/real/orders.ts';
import { type EndOfRun, judgeReal, needsOf } from '../../../../../scenarios/cli/real/realChecks.ts';
import { RestartDelay } from '../../../../../scenarios/cli/real/restartDelay.ts';
import { claimOf } from '../../../../../scenarios/cli/real/clusterRoles.ts';
import { type FaultParts, strike } from '../../../../../scenarios/cli/real/realFaults.ts';
import { type Knowledge, resolveMachineRole, resolveRole } from '../../../../../scenarios/cli/real/roles.ts';
import { findScenario, resolve } from '../../../../../scenarios/index.ts';
import { observedLedger } from '../../../../../sim/check/observedLedger.ts';
import { newFinalRead } from '../../../../../sim/check/finalRead.ts';
import { History } from '../../../../../sim/client/history.ts';
import type { Verdict } from '../../../../../sim/scenario.ts';

describe('logs', () => {
  test('lines of redis-server 7.0.15 give their messages, banners none', () => {
    expect(messageOf('4711:X 23 Nov 2026 04:06:11.123 # +sdown master mymain 10.0.0.1 6379')).toBe('+sdown master mymain 10.0.0.1 6379');
    expect(messageOf('9:M 01 Jan 2026 00:00:00.000 * Ready to accept connections')).toBe('Ready to accept connections');
    expect(messageOf("             _.-``__ ''-._")).toBeNull();
  });

  test.each([
    ['+sdown master mymain 10.0.0.1 6379', '+sdown'], ['+tilt #tilt mode entered', '+tilt'],
    ['Marking node 0123 as failing (quorum reached).', 'node-failed'],
    ["Failover election won: I'm the new master.", 'election-won'], ['Full resync from master: 0123:14', 'full-sync'],
    ['Unable to partial resync with replica 10.0.0.2:6379 for lack of backlog (Replica request was: 9).', 'partial-refused'],
    ["MASTER MODE enabled (user request from 'id=3')", 'promoted'], ['MASTER MODE enabled', 'promoted'], ['Ready to accept connections', null], ['-1 is no event', null],
  ])('%s is %s', (message, event) => expect(eventOf(message)).toBe(event));

  test('each node has its events in the order of their first time', () => {
    const line = (node: string, message: string) => ({ node, atMs: 0, message });
    expect([...ordersOf([line('s1', '+sdown x'), line('s2', '+odown x'), line('s1', '+odown x'), line('s1', '+sdown x'), line('s1', 'other')])])
      .toEqual([['s1', ['+sdown', '+odown']], ['s2', ['+odown']]]);
  });
});

describe('roles', () => {
  const node = (name: string, role: 'primary' | 'replica' | null, offset: number, isAlive = true) =>
    ({ name, machine: `m-${name}`, isAlive, role, offset, place: `${name}:1`, primary: role === 'replica' ? 'a:1' : null });
  const known: Knowledge = {
    nodes: [node('a', 'primary', 9), node('b', 'replica', 5), node('c', 'replica', 7), node('d', null, 0, false)],
    sentinels: ['s1', 's2', 's3', 's4'].map((name) => ({ name, machine: 'm-a', isAlive: name !== 's2' })),
    leader: 's3', beliefs: new Map([['C1', 'c:1'], ['C2', 'z:1']]),
    processes: new Map([['a', 'm-a'], ['b', 'm-b'], ['c', 'm-c'], ['d', 'm-d'], ['s1', 'm-a'], ['s3', 'm-a'], ['s4', 'm-a'], ['C1', 'C1']]),
    machines: new Map([['m-a', ['a', 's1']], ['m-b', ['b']]]),
    claims: new Map(),
    zones: new Map([['m-a', 'east'], ['m-b', 'west'], ['m-c', 'west']]), clients: new Map([['C1', 'east'], ['P1', 'west']]),
  };

  test.each([
    ['the primary', ['a']], ['a replica', ['b']], ['replica 2', ['c']], ['replica 3', []], ['the most advanced replica', ['c']],
    ['the least advanced replica', ['b']], ['the primary as C1 believes', ['c']], ['the primary as C2 believes', []], ['d', ['d']],
    ['m-a', ['a']], ['the sentinels', ['s1', 's3', 's4']], ['a minority of the sentinels', ['s1']],
    ['a majority of the sentinels', ['s3', 's4']], ['the sentinel leader', ['s3']], ['a voter', ['s1']], ['sentinel 2', ['s3']],
    ['the owner of slot 7', null], ['the dead nodes', ['d', 's2']], ['zone east', ['a', 's1']], ['a minority of the machines', ['a', 's1']],
  ])('%s', (target, names) => expect(resolveRole(known, target)).toEqual(names));

  test('machines of several processes count once', () => {
    expect(resolveMachineRole(known, 'the sentinels')).toEqual(['m-a']);
    expect(resolveMachineRole(known, 'C1')).toEqual(['C1']);
    expect(resolveMachineRole(known, 'the moon')).toBeNull();
  });

  test.each([
    ['zone west', ['m-b', 'm-c']], ['zone north', []], ['the clients', ['C1', 'P1']], ['the clients of zone west', ['P1']],
    ['a minority of the machines', ['m-a']], ['a majority of the machines', ['m-b', 'm-c', 'm-d']],
  ])('as machines: %s', (target, names) => expect(resolveMachineRole(known, target)).toEqual(names));

  const claim = (epoch: number, ...ranges: readonly (readonly [number, number])[]) => ({ epoch, ranges });
  const sharded: Knowledge = {
    ...known, nodes: [node('a', 'primary', 9), node('b', 'replica', 5), node('c', 'primary', 7), node('d', null, 0, false), node('e', 'primary', 1)],
    // d died with 100 to 199, of which c has taken the first half by a greater epoch.
    claims: new Map([['a', claim(1, [0, 99])], ['c', claim(5, [100, 149])], ['d', claim(4, [100, 199])], ['e', claim(2, [16_000, 16_383])]]),
  };

  test.each([
    ['the primary of slot 7', ['a']], ['the replicas of slot 7', ['b']], ['a replica of slot 120', []], ['the primary of slot 120', ['c']],
    ['the primary of slot 160', []], ['the primary of slot 5000', []], ['the primary of key x', ['e']], ['the primaries', ['a', 'c', 'e']],
    ['a minority of the primaries', ['a']], ['a majority of the primaries', ['c', 'e']], ['the moon', null],
  ])('in a cluster: %s', (target, names) => expect(resolveRole(sharded, target)).toEqual(names));

  test('what a node owns is in its own line of CLUSTER NODES, open slots apart', () => {
    const other = 'f00 10.0.0.2:6379@16379 master - 0 1 9 connected 7-8';
    expect(claimOf(`${other}\nabc 10.0.0.1:6379@16379,name myself,master - 0 0 3 connected 0-5460 5462 [7->-f00]\n`)).toEqual({ epoch: 3, ranges: [[0, 5460], [5462, 5462]] });
    expect(claimOf(`${other}\nabc 10.0.0.1:6379@16379 myself,slave f00 0 0 3 connected\n`)).toBeNull();
  });

  test('a partition has each machine in the first group that means it, and whoever is in none may be a group', () => {
    const cuts: string[] = [];
    const parts = {
      machineNames: (word: string) => resolveMachineRole(known, word), everyone: ['m-a', 'm-b', 'm-c', 'C1', 'P1'],
      addEffect: (from: readonly string[], to: readonly string[]) => {
        cuts.push(`${from.join(' ')} > ${to.join(' ')}`);
        return () => undefined;
      },
    } as unknown as FaultParts;
    const cut = (groups: readonly (readonly string[])[], oneWay: boolean): unknown =>
      strike(parts, { when: { atMs: 0 }, do: 'partition', with: { groups, oneWay } }, () => undefined);
    expect(cut([['zone east', 'C1'], ['m-a', 'zone west'], ['the others']], false)).toMatchObject({ resolved: 'm-a C1 | m-b m-c | P1' });
    expect(cuts.splice(0)).toEqual(['m-a C1 > m-b m-c P1', 'm-b m-c > m-a C1 P1', 'P1 > m-a C1 m-b m-c']);
    expect(cut([['the others'], ['zone west']], true)).toMatchObject({ resolved: 'm-a C1 P1 | m-b m-c' });
    expect(cuts).toEqual(['m-a C1 P1 > m-b m-c']);
    expect(cut([['m-a'], ['zone east']], false)).toBe('nobody');
    expect(cut([['m-a'], ['the moon']], false)).toHaveProperty('notDone');
  });
});

/** C1 adds 1 to 3 to a set and sets 1 to 4 in a register; the last add of the set is not answered. */
const played = (): History => {
  const history = new History();
  const play = (kind: 'setAdd' | 'register', key: string, token: string, at: number, outcome: 'ok' | 'unknown'): void =>
    history.complete(history.invoke('C1', kind, bytes(key), bytes(token), micros(at), NO_CAUSE), outcome, micros(at + 5), NO_CAUSE);
  for (const index of [1, 2, 3]) play('setAdd', 'set', `s${index}`, index * 10, index === 3 ? 'unknown' : 'ok');
  for (const index of [1, 2, 3, 4]) play('register', 'reg', `r${index}`, index * 10, 'ok');
  return history;
};

const readOf = (members: readonly string[], value: string | null) => ({
  isPrimary: true, values: new Map<Bytes, ReadonlySet<Bytes> | Bytes | null>([
    [bytes('set'), new Set(members.map((member) => bytes(member)))], [bytes('reg'), value === null ? null : bytes(value)]]),
});

describe('the ledger of the final read', () => {
  test('a member that is missing is lost, a value that was set later too, an earlier one is superseded', () => {
    const ledger = observedLedger(played(), readOf(['s1', 's3'], 'r3'));
    expect(ledger).toMatchObject({
      acknowledged: 6, survived: 2, superseded: 2, lost: 2, permitted: 2, bugs: 0, unknown: 0, unacknowledged: 1, unacknowledgedEffective: 1,
    });
    expect(ledger.lostWrites.map(({ operation }) => operation)).toEqual(['setAdd set s2', 'register reg r4']);
  });

  test('a surviving value that nobody acknowledged may have been set at any time, so what came after its invocation is not called lost', () => {
    const history = played();
    const late = history.invoke('C1', 'register', bytes('reg'), bytes('r0'), micros(5), NO_CAUSE);
    history.complete(late, 'unknown', micros(8), NO_CAUSE);
    const ledger = observedLedger(history, readOf(['s1', 's2', 's3'], 'r0'));
    expect(ledger).toMatchObject({ acknowledged: 6, survived: 2, superseded: 4, lost: 0, unacknowledgedEffective: 2 });
  });

  test('an emptied key has lost everything, without an answer nothing is known', () => {
    expect(observedLedger(played(), readOf([], null))).toMatchObject({ lost: 6, survived: 0, superseded: 0 });
    expect(observedLedger(played(), { ...readOf([], null), isPrimary: false })).toMatchObject({ unknown: 6, lost: 0 });
  });
});

describe('verdicts on real processes', () => {
  const end = (change: Partial<EndOfRun> = {}): EndOfRun => {
    const history = played();
    const read = { ...newFinalRead(), ...readOf(['s1', 's2'], 'r4'), values: new Map(readOf(['s1', 's2'], 'r4').values), server: bytes('10.0.0.1:1'), done: true };
    const answer = { primary: null, isConnected: true, offset: 7, replicationId: 'x' };
    return {
      history, read, ledger: observedLedger(history, read),
      nodes: [
        { name: 'a', isAlive: true, places: ['10.0.0.1:1', 'a:1'], answer: { ...answer, role: 'primary' }, differingKeys: [] },
        { name: 'b', isAlive: true, places: ['10.0.0.2:1'], answer: { ...answer, role: 'replica', primary: 'a:1' }, differingKeys: [] },
      ],
      beliefs: [{ sentinel: 's1', place: '10.0.0.1:1' }, { sentinel: 's2', place: 'a:1' }], slotMaps: [],
      lines: [
        { node: 's1', atMs: 1, message: '+new-epoch 1' }, { node: 's1', atMs: 2, message: '+vote-for-leader x 1' },
        { node: 's1', atMs: 3, message: '+elected-leader master m 10.0.0.1 1' },
      ],
      failingZones: [], isCluster: false, hasSentinels: true, ...change,
    };
  };
  const verdictOf = (of: EndOfRun, name: string): Verdict | undefined =>
    judgeReal(of, { 'history-prefix': 'holds' }).find((one) => one.name === name)?.verdict;

  test('what is seen holds, what is not seen is not said to', () => {
    const names = ['convergence', 'one-vote-per-epoch', 'one-leader-per-epoch', 'sentinels-agree', 'one-writable-primary', 'ledger-no-bugs', 'service-restored'];
    expect(names.map((name) => verdictOf(end(), name))).toEqual(names.map(() => 'holds'));
    expect(verdictOf(end(), 'history-prefix')).toBe('not observable');
    expect(verdictOf(end(), 'slot-maps-agree')).toBeUndefined();
    const needs = needsOf(judgeReal(end(), { 'history-prefix': 'holds', linearizable: 'holds' }));
    expect(needs).toMatchObject({ 'history-prefix': ['notes'], 'one-vote-per-epoch': ['logs'], convergence: ['final read', 'answers of the nodes'] });
    expect(Object.values(needs).every((each) => each.length > 0)).toBe(true);
  });

  test('each is violated by what it is about', () => {
    const [a, b] = end().nodes;
    const nodes = (change: object) => [a, { ...b, ...change }] as EndOfRun['nodes'];
    expect(verdictOf(end({ nodes: nodes({ differingKeys: ['set'] }) }), 'convergence')).toBe('violated');
    expect(verdictOf(end({ nodes: nodes({ answer: { ...b?.answer, offset: 8 } }) }), 'convergence')).toBe('violated');
    expect(verdictOf(end({ nodes: nodes({ answer: { ...a?.answer } }) }), 'one-writable-primary')).toBe('violated');
    expect(verdictOf(end({ beliefs: [{ sentinel: 's1', place: '10.0.0.1:1' }, { sentinel: 's2', place: '10.0.0.2:1' }] }), 'sentinels-agree')).toBe('violated');
    expect(verdictOf(end({ failingZones: ['z'] }), 'service-restored')).toBe('violated');
    const voted = [...end().lines, { node: 's1', atMs: 4, message: '+vote-for-leader y 1' }];
    expect(verdictOf(end({ lines: voted }), 'one-vote-per-epoch')).toBe('violated');
    const led = [...end().lines, { node: 's2', atMs: 4, message: '+new-epoch 1' }, { node: 's2', atMs: 5, message: '+elected-leader master m 10.0.0.1 1' }];
    expect(verdictOf(end({ lines: led }), 'one-leader-per-epoch')).toBe('violated');
    const slotMaps = [{ node: 'a', map: ['0-5 x'] }, { node: 'b', map: ['0-5 y'] }];
    expect(verdictOf(end({ isCluster: true, slotMaps }), 'slot-maps-agree')).toBe('violated');
  });

  test('a loss without an explanation is neither a bug nor none', () => {
    const history = played();
    expect(verdictOf(end({ ledger: observedLedger(history, readOf([], null)) }), 'ledger-no-bugs')).toBe('not observable');
  });
});

describe('restart policies by the wall clock', () => {
  test('wait twice as long each time, and begin anew after ten seconds of life', () => {
    const always = new RestartDelay('always');
    expect([always.ended(false, 20_000), always.ended(true, 20_200), always.ended(true, 20_500), always.ended(true, 40_000)]).toEqual([100, 200, 400, 100]);
    expect([new RestartDelay('no').ended(true, 0), new RestartDelay('on-failure').ended(false, 0), new RestartDelay('on-failure').ended(true, 0)])
      .toEqual([null, null, 100]);
    expect((['always', 'unless-stopped', 'on-failure', 'no'] as const).map((policy) => new RestartDelay(policy).atBoot())).toEqual([100, 100, null, null]);
  });
});

const run = (failoverMs: number | null, lostPercent = 0, verdict: Verdict = 'holds', order: readonly string[] = ['+sdown', '+odown']): MeasuredRun => ({
  verdicts: { check: verdict }, notDone: [],
  figures: { acknowledged: 100, lost: lostPercent, lostPercent, unavailableMs: 1000, failoverMs, orders: { s1: order } },
});
const compare = (virtual: readonly MeasuredRun[], real: readonly MeasuredRun[]) =>
  compareWorlds('x/y', [{ world: 'virtual', runs: virtual }, { world: 'real', runs: real }]);

describe('figures', () => {
  test('a failover takes from the first strike to the first word of another primary', () => {
    const { failoverMs, orders, lostPercent } = figuresOf({
      ledger: observedLedger(played(), readOf(['s1'], 'r4')), unavailableMs: 7,
      strikes: [{ entry: { when: { atMs: 20 }, do: 'kill' }, atMs: 20, resolved: 'a', outcome: 'killed' }],
      lines: [{ node: 's1', atMs: 10, message: '+switch-master x' }, { node: 's1', atMs: 30, message: '+sdown x' }, { node: 's1', atMs: 55, message: '+switch-master x' }],
    });
    expect({ failoverMs, orders }).toEqual({ failoverMs: 35, orders: { s1: ['+sdown', '+switch-master'] } });
    expect(lostPercent).toBeCloseTo(100 / 6);
  });
});

describe('a virtual run', () => {
  test('is measured by what it logged and what its clients saw', () => {
    const scenario = resolve(findScenario('sentinel/primary-killed') ?? expect.fail('no such scenario'), readerIn(null));
    const { figures, verdicts, notDone } = measureVirtual(scenario, 1);
    expect(figures.failoverMs).toBeGreaterThan(3000);
    expect(figures.failoverMs).toBeLessThan(9000);
    expect(figures).toMatchObject({ lost: 0 });
    expect(figures.acknowledged).toBeGreaterThan(1000);
    const leader = Object.values(figures.orders).find((order) => order.includes('+elected-leader')) ?? [];
    const chain = ['+sdown', '+odown', '+try-failover', '+elected-leader', '+switch-master'];
    expect(leader.filter((event) => chain.includes(event))).toEqual(chain);
    expect(Object.values(figures.orders).filter((order) => order.includes('promoted'))).toHaveLength(1);
    expect(verdicts['convergence']).toBe('holds');
    expect(notDone).toEqual([]);
  });
});

describe('two worlds', () => {
  const five = [4000, 4100, 4200, 4300, 4400].map((ms) => run(ms));

  test('that agree within the tolerance are the same', () => {
    const found = compare(five, [run(4600), run(4700), run(4300)]);
    expect(found).toMatchObject({ ok: true, differences: [] });
    const failover = found.figures.find(({ name }) => name === 'failover');
    expect(failover).toMatchObject({ differences: { real: 400 }, ranks: { real: 100 }, smallestShown: { real: 500 } });
  });

  test('differ by a median, by a verdict that the first never gave, by an order', () => {
    expect(compare(five, [run(5300), run(5400), run(5500)]).differences).toEqual(['failover: virtual 4200 ms, real 5400 ms in the median']);
    expect(compare(five, [run(4200), run(4200, 0, 'violated'), run(4200)]).differences).toEqual(['check: virtual holds, real holds or violated']);
    expect(compare(five, [run(4200, 0, 'not observable'), run(4200, 0, 'not exercised')]).ok).toBe(true);
    expect(compare(five, [1, 2, 3].map(() => run(4200, 0, 'holds', ['+odown', '+sdown']))).differences).toHaveLength(1);
    expect(compare(five, [run(null), run(null)]).ok).toBe(false);
    expect(compare([run(null)], [run(null)]).ok).toBe(true);
    expect(compare(five, [run(4200, 30), run(4200, 30)]).differences).toEqual(['acknowledged writes lost: virtual 0 %, real 30 % in the median']);
  });

  test('may differ by what the scenario says', () => {
    const columns = [{ world: 'virtual', runs: five }, { world: 'real', runs: [run(5000), run(5000, 3), run(5000, 3)] }];
    expect(compareWorlds('x/y', columns).differences).toEqual(['acknowledged writes lost: virtual 0 %, real 3 % in the median']);
    expect(compareWorlds('x/y', columns, { points: 3 })).toMatchObject({ ok: true, tolerance: { percent: 20, ms: 500, points: 3 } });
    expect(compareWorlds('x/y', columns, { percent: 0, points: 3 }).differences).toEqual(['failover: virtual 4200 ms, real 5000 ms in the median']);
  });

  test('may differ by a fifth or by the amount', () => {
    expect([isWithin(1000, 1500, 'ms'), isWithin(1000, 1501, 'ms'), isWithin(10_000, 12_000, 'ms'), isWithin(0, 1.1, '%')]).toEqual([true, false, true, false]);
  });

  test('orders of few are no orders, and what comes by chance is no difference', () => {
    const parts = (orders: readonly (readonly string[])[]) => partsOf(orders.map((order) => ({ s1: order })));
    const abc = parts([['+a', '+b'], ['+a', '+b'], ['+a', '+b']]);
    expect(orderDifferences(abc, parts([['+b', '+a'], ['+b', '+a']]))).toEqual([]);
    expect(orderDifferences(abc, parts([['+b', '+a'], ['+b', '+a'], ['+a', '+b']]))).toEqual([]);
    expect(orderDifferences(abc, parts([['+b', '+a'], ['+b', '+a'], ['+b', '+a']]))).toHaveLength(1);
    expect(orderDifferences(abc, parts([['+a'], ['+a'], ['+a']]))).toEqual(['other sentinel: +b comes in every run of the one and in none of the other']);
    expect(orderDifferences(abc, parts([['+a'], ['+a', '+b'], ['+a']]))).toEqual([]);
  });
});
