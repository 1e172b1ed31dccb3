/** What redis-cli does to a cluster, step by step, against nodes that answer what a table says. */
import { describe, expect, test } from 'vitest';
import { type Bytes, type Reply, bytes, error } from '../../../../engine/index.ts';
import { OK } from '../../../../engine/protocol/reply.ts';
import { AdminFailure, type Script } from '../../../../sim/client/clusterAdmin.ts';
import { readMembers } from '../../../../sim/client/clusterMembers.ts';
import { addNode, removeNode } from '../../../../sim/client/memberChanges.ts';
import { type MoveOptions, reshard } from '../../../../sim/client/resharder.ts';
import { fixSlots } from '../../../../sim/client/slotFixer.ts';
import { roleWord } from '../../../../engine/protocol/wireNames.ts';

const PRIMARY = roleWord('primary');
const REPLICA = roleWord('replica');
const OPTIONS: MoveOptions = { pauseMs: 0, perMigrate: 2, replaces: false, password: undefined };

const place = (name: string): Bytes => bytes(`10.0.0.${'abcdef'.indexOf(name) + 1}:6379`);
const nameAt = (node: Bytes): string => 'abcdef'[Number(node.split(/[.:]/)[3]) - 1] ?? '?';

interface Node {
  /** Words of CLUSTER NODES behind the link's state. */
  slots: string;
  keys?: string[];
  follows?: string;
  isDead?: boolean;
}

/** Says CLUSTER NODES as `asked` would: every node tells its open slots only of itself. */
const nodesText = (nodes: Readonly<Record<string, Node>>, asked: string): string => Object.entries(nodes).map(([name, node]) => {
  const flags = [...(name === asked ? ['myself'] : []), node.follows === undefined ? PRIMARY : REPLICA, ...(node.isDead === true ? ['fail'] : [])];
  const slots = name === asked ? node.slots : node.slots.replace(/ ?\[.*$/, '');
  return `${name}0 ${place(name)}@16379 ${flags.join(',')} ${node.follows === undefined ? '-' : `${node.follows}0`} 0 0 1 connected ${slots}`.trim();
}).join('\n');

type Says = (name: string, words: readonly string[]) => Reply | undefined | 'as usual';

/** Plays a script to its end. Returns what was asked of whom, CLUSTER NODES left out, the steps that were told, and its last line. */
const play = (script: Script<string | AdminFailure>, nodes: Readonly<Record<string, Node>>, says: Says = () => 'as usual'): {
  asked: string[]; told: string[]; outcome: string;
} => {
  const asked: string[] = [];
  const told: string[] = [];
  let answer: Reply | undefined;
  for (;;) {
    const { done, value } = script.next(answer);
    if (done === true) return { asked, told, outcome: value instanceof AdminFailure ? `failed: ${value.text}` : value };
    answer = undefined;
    if (value.kind === 'tell') told.push(value.slot === null ? value.step : `${value.step} ${value.slot}`);
    if (value.kind !== 'ask') continue;
    const name = nameAt(value.node);
    const words = value.argv.map(String);
    if (words.join(' ') !== 'CLUSTER NODES') asked.push(`${name}: ${words.join(' ')}`);
    const said = says(name, words);
    answer = said === 'as usual' ? usual(nodes, name, words) : said;
  }
};

const usual = (nodes: Readonly<Record<string, Node>>, name: string, words: readonly string[]): Reply | undefined => {
  const node = nodes[name];
  if (node === undefined || node.isDead === true) return undefined;
  if (words[1] === 'NODES') return bytes(nodesText(nodes, name));
  if (words[1] === 'COUNTKEYSINSLOT') return node.keys?.length ?? 0;
  if (words[1] === 'GETKEYSINSLOT') return (node.keys ?? []).slice(0, Number(words[3])).map(bytes);
  if (words[0] === 'MIGRATE') {
    const moved = words.slice(words.indexOf('KEYS') + 1);
    node.keys = (node.keys ?? []).filter((key) => !moved.includes(key));
  }
  return OK;
};

const three = (): Record<string, Node> => ({ a: { slots: '0-99', keys: ['x', 'y', 'z'] }, b: { slots: '100-199' }, c: { slots: '200-299' } });

describe('CLUSTER NODES', () => {
  test('members, their slots, and those that are open', () => {
    const [, own] = readMembers(nodesText({ a: { slots: '' }, b: { slots: '5 10-12 [7->-c0] [9-<-a0]', follows: 'a' } }, 'b'), bytes('known:1'));
    expect(own).toMatchObject({ id: 'b0', place: 'known:1', isMyself: true, isPrimary: false, primaryId: 'a0', isFailing: false });
    expect([[...own?.slots ?? []], [...own?.migrating ?? []], [...own?.importing ?? []]]).toEqual([[5, 10, 11, 12], [[7, 'c0']], [[9, 'a0']]]);
  });

  test('a node that has failed, or is not connected', () => {
    const text = nodesText({ a: { slots: '' }, b: { slots: '1', isDead: true }, c: { slots: '' } }, 'a').replace('connected 1', 'disconnected 1');
    expect(readMembers(text, place('a')).map(({ isFailing }) => isFailing)).toEqual([false, true, false]);
  });
});

describe('reshard', () => {
  const move = (nodes: Record<string, Node>, says?: Says, options: Partial<MoveOptions> = {}): ReturnType<typeof play> =>
    play(reshard({ from: place('a'), to: place('b'), slots: [7, 7], options: { ...OPTIONS, ...options } }), nodes, says);

  test('the steps of one slot, in their order', () => {
    const { asked, told, outcome } = move(three());
    expect(asked).toEqual([
      'b: CLUSTER SETSLOT 7 IMPORTING a0', 'a: CLUSTER SETSLOT 7 MIGRATING b0',
      'a: CLUSTER GETKEYSINSLOT 7 2', 'a: MIGRATE 10.0.0.2 6379  0 60000 KEYS x y',
      'a: CLUSTER GETKEYSINSLOT 7 2', 'a: MIGRATE 10.0.0.2 6379  0 60000 KEYS z', 'a: CLUSTER GETKEYSINSLOT 7 2',
      'b: CLUSTER SETSLOT 7 NODE b0', 'a: CLUSTER SETSLOT 7 NODE b0', 'c: CLUSTER SETSLOT 7 NODE b0',
    ]);
    expect(told).toEqual(['importing', 'migrating', 'keys', 'keys', 'empty', 'target', 'source', 'others'].map((step) => `${step} 7`));
    expect(outcome).toBe('1 slots and 3 keys moved');
  });

  test('a count takes the first slots of the source', () => {
    const { told } = play(reshard({ from: place('a'), to: place('b'), slots: 3, options: OPTIONS }), { ...three(), a: { slots: '4 9-20' } });
    expect(told.filter((step) => step.startsWith('importing'))).toEqual(['importing 4', 'importing 9', 'importing 10']);
  });

  test('a password goes along', () => {
    expect(move(three(), undefined, { password: 'secret' }).asked).toContain('a: MIGRATE 10.0.0.2 6379  0 60000 AUTH secret KEYS x y');
  });

  test.each([
    ['a replica is no target', { ...three(), b: { slots: '', follows: 'c' } }, 'failed: the target is no primary'],
    ['a dead node is no target', { ...three(), b: { slots: '', isDead: true } }, 'failed: the target is no primary'],
    ['open slots must be fixed first', { ...three(), c: { slots: '200-299 [7-<-a0]' } }, 'failed: there are open slots'],
    ['the source does not have the slot', { ...three(), a: { slots: '8-99' } }, 'failed: 10.0.0.1:6379 has none of these slots'],
  ])('refused: %s', (_, nodes, text) => {
    const { asked, outcome } = move(nodes);
    expect([asked, outcome.startsWith(text)]).toEqual([[], true]);
  });

  test('a node that does not answer ends it where it stands', () => {
    const { asked, outcome } = move(three(), (name, words) => (name === 'b' && words[3] === 'NODE' ? undefined : 'as usual'));
    expect([asked.at(-1), outcome]).toEqual(['b: CLUSTER SETSLOT 7 NODE b0', 'failed: slot 7: CLUSTER SETSLOT: no answer of 10.0.0.2:6379']);
  });

  test('a source that gave its last slot away is a replica by then, which is fine', () => {
    const { outcome } = move(three(), (name, words) => (
      name === 'a' && words[3] === 'NODE' ? error(`ERR Please use SETSLOT only with ${PRIMARY}s.`) : 'as usual'));
    expect(outcome).toBe('1 slots and 3 keys moved');
  });

  describe('a target that has the keys already', () => {
    const busy = (digest: (name: string) => Reply): Says => (name, words) => {
      if (words[0] === 'DEBUG') return digest(name);
      return words[0] === 'MIGRATE' && !words.includes('REPLACE') ? error('ERR Target instance replied with error: BUSYKEY Target key name already exists.')
        : 'as usual';
    };

    test('equal values are overwritten', () => {
      const { asked, outcome } = move({ ...three(), a: { slots: '0-99', keys: ['x'] } }, busy(() => [bytes('same')]));
      expect(asked.filter((line) => /DEBUG|MIGRATE /.test(line))).toEqual([
        'a: MIGRATE 10.0.0.2 6379  0 60000 KEYS x', 'a: DEBUG DIGEST-VALUE x', 'b: DEBUG DIGEST-VALUE x',
        'a: MIGRATE 10.0.0.2 6379  0 60000 REPLACE KEYS x',
      ]);
      expect(outcome).toBe('1 slots and 1 keys moved');
    });

    test('other values stop it', () => {
      expect(move(three(), busy((name) => [bytes(name)])).outcome).toContain('their values differ');
    });

    test('where DEBUG is refused nobody knows', () => {
      expect(move(three(), busy(() => error('ERR DEBUG command not allowed.'))).outcome).toContain('cannot be compared: ERR DEBUG');
    });

    test('whoever asks for it has them overwritten', () => {
      expect(move(three(), busy(() => error('ERR')), { replaces: true }).outcome).toBe('1 slots and 3 keys moved');
    });
  });
});

describe('fix', () => {
  const fix = (nodes: Record<string, Node>, withUnreachable = false): ReturnType<typeof play> =>
    play(fixSlots({ first: place('c'), options: OPTIONS, withUnreachable }), nodes);
  const changes = ({ asked }: ReturnType<typeof play>): readonly string[] => asked.filter((line) => !/KEYSINSLOT/.test(line));

  test('nothing is open', () => expect(fix(three())).toMatchObject({ asked: [], outcome: '0 open slots fixed' }));

  test('one migrates and one imports: the move is made to its end', () => {
    const played = fix({ ...three(), a: { slots: '0-99 [7->-b0]', keys: ['x'] }, b: { slots: '100-199 [7-<-a0]' } });
    expect(changes(played)).toEqual([
      'b: CLUSTER SETSLOT 7 IMPORTING a0', 'a: CLUSTER SETSLOT 7 MIGRATING b0', 'a: MIGRATE 10.0.0.2 6379  0 60000 KEYS x',
      'b: CLUSTER SETSLOT 7 NODE b0', 'a: CLUSTER SETSLOT 7 NODE b0', 'c: CLUSTER SETSLOT 7 NODE b0',
    ]);
  });

  test('both have keys: who has most becomes the owner and gets the others', () => {
    const played = fix({ ...three(), a: { slots: '0-99 [7->-b0]', keys: ['x'] }, b: { slots: '100-199 [7-<-a0]', keys: ['y', 'z'] } });
    expect(changes(played)).toEqual([
      'b: CLUSTER SETSLOT 7 STABLE', 'b: MULTI', 'b: CLUSTER DELSLOTS 7', 'b: CLUSTER ADDSLOTS 7', 'b: CLUSTER BUMPEPOCH', 'b: EXEC',
      'a: CLUSTER DELSLOTS 7', 'a: CLUSTER SETSLOT 7 NODE b0', 'a: CLUSTER SETSLOT 7 IMPORTING b0',
      'a: MIGRATE 10.0.0.2 6379  0 60000 KEYS x', 'a: CLUSTER SETSLOT 7 STABLE',
      'c: CLUSTER SETSLOT 7 NODE b0', 'a: CLUSTER SETSLOT 7 NODE b0',
    ]);
    expect(played.outcome).toBe('1 open slots fixed');
  });

  test('one imports without keys, nobody migrates: closed', () => {
    expect(changes(fix({ ...three(), b: { slots: '100-199 [7-<-a0]' } }))).toEqual([
      'b: CLUSTER SETSLOT 7 STABLE', 'c: CLUSTER SETSLOT 7 NODE a0', 'b: CLUSTER SETSLOT 7 NODE a0']);
  });

  test('the owner migrates, nobody imports: closed', () => {
    expect(changes(fix({ ...three(), a: { slots: '0-99 [7->-b0]', keys: ['x'] } }))).toEqual(['a: CLUSTER SETSLOT 7 STABLE']);
  });

  test('several import without keys: to the one that was meant', () => {
    const played = fix({
      ...three(), a: { slots: '0-99 [7->-b0]', keys: ['x'] }, b: { slots: '100-199 [7-<-a0]' }, d: { slots: '[7-<-a0]' } });
    expect(changes(played).slice(-2)).toEqual(['d: CLUSTER SETSLOT 7 NODE b0', 'd: CLUSTER SETSLOT 7 STABLE']);
    expect(played.outcome).toBe('1 open slots fixed');
  });

  test('not while a primary does not answer, unless told to', () => {
    const nodes = { ...three(), a: { slots: '0-99 [7->-b0]' }, b: { slots: '100-199', isDead: true } };
    expect(fix(nodes)).toMatchObject({ asked: [], outcome: 'failed: 1 primaries do not answer: fixing open slots would be dangerous' });
    expect(fix(nodes, true).outcome).toBe('1 open slots fixed');
  });
});

describe('members', () => {
  test('a new node meets a member, and waits until it knows its primary', () => {
    let rounds = 0;
    const alone = bytes(nodesText({ d: { slots: '' } }, 'd'));
    const played = play(addNode({ node: place('d'), member: place('c'), follows: place('a') }), { ...three(), d: { slots: '' } },
      (name, words) => (name === 'd' && words[1] === 'NODES' && rounds++ < 3 ? alone : 'as usual'));
    expect(played.asked).toEqual(['d: CLUSTER MEET 10.0.0.3 6379', 'd: CLUSTER REPLICATE a0']);
    expect(played.told).toEqual(['met', 'joined', 'follows']);
  });

  test('a node that has slots is not added', () => {
    expect(play(addNode({ node: place('a'), member: place('c'), follows: null }), three())).toMatchObject({
      asked: [], outcome: 'failed: the node is not empty: it knows other nodes, or has slots' });
  });

  test('a node that has slots is not removed', () => {
    const played = play(removeNode({ node: place('a'), to: null, options: OPTIONS }), three());
    expect([played.asked, played.outcome]).toEqual([[], 'failed: the node is not empty: its slots must be moved away first']);
  });

  test('all others forget it, its replica gets another primary first, and it is reset', () => {
    const nodes = { ...three(), c: { slots: '' }, d: { slots: '', follows: 'c' }, e: { slots: '', follows: 'a' } };
    const played = play(removeNode({ node: place('c'), to: null, options: OPTIONS }), nodes);
    expect(played.asked).toEqual([
      'a: CLUSTER FORGET c0', 'b: CLUSTER FORGET c0', 'd: CLUSTER REPLICATE b0', 'd: CLUSTER FORGET c0', 'e: CLUSTER FORGET c0',
      'c: CLUSTER RESET SOFT',
    ]);
    expect(played.outcome).toBe('c0 was forgotten by 4 nodes');
  });
});
