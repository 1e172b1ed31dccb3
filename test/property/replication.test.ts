/**
 * Three real servers under random commands, transactions, databases, expiry, cut links, kills and changes of role: once all is
 * quiet, whoever follows holds what its primary holds, key by key and by digest, at the same place of the same history.
 *
 * FAULTLINE_PLANS multiplies the number of stories.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ErrorReply, type Note, type Reply } from '../../engine/index.ts';
import { Deployment, type Node, PORT, type Session } from '../unit/engine/server/deployment.ts';

const LOADING_TRIES_MAX = 100;
const STORIES = Number(process.env['FAULTLINE_PLANS'] ?? 60);

const key = fc.constantFrom('a', 'b', 'c', 'd');
const value = fc.constantFrom('1', '22', 'text', '-5', 'x'.repeat(50));
const command: fc.Arbitrary<readonly string[]> = fc.oneof(
  fc.tuple(fc.constant('SET'), key, value),
  fc.tuple(fc.constant('SET'), key, value, fc.constant('PX'), fc.constantFrom('1', '40', '500', '100000')),
  fc.tuple(fc.constant('APPEND'), key, value), fc.tuple(fc.constant('INCR'), key), fc.tuple(fc.constant('DEL'), key),
  fc.tuple(fc.constant('SADD'), key.map((name) => `s${name}`), value, fc.constant('9')),
  fc.tuple(fc.constant('SPOP'), key.map((name) => `s${name}`)), fc.tuple(fc.constant('SREM'), key.map((name) => `s${name}`), value),
  fc.tuple(fc.constant('PEXPIRE'), key, fc.constantFrom('1', '30', '1000')), fc.tuple(fc.constant('PERSIST'), key),
  fc.tuple(fc.constant('RENAME'), key, key), fc.tuple(fc.constant('COPY'), key, key), fc.tuple(fc.constant('GETDEL'), key),
  fc.tuple(fc.constant('GET'), key), fc.tuple(fc.constant('SELECT'), fc.constantFrom('0', '1', '2')),
  fc.tuple(fc.constant('MOVE'), key, fc.constantFrom('0', '1')),
  fc.constant(['SWAPDB', '0', '1']), fc.constant(['RANDOMKEY']), fc.constant(['SCAN', '0']),
);

type Step =
  | { readonly do: 'commands' | 'unit'; readonly on: number; readonly commands: readonly (readonly string[])[] }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'cut'; readonly on: number; readonly ms: number }
  | { readonly do: 'kill' | 'promote' | 'save' | 'drop'; readonly on: number }
  | { readonly do: 'follow'; readonly on: number; readonly whom: number };

const on = fc.nat({ max: 2 });
const commands = fc.array(command, { minLength: 1, maxLength: 8 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('commands' as const, 'unit' as const), on, commands }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 60, 1200, 4000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), on, ms: fc.constantFrom(50, 3000, 20_000) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('kill' as const, 'promote' as const, 'save' as const, 'drop' as const), on }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('follow' as const), on, whom: on }) },
);

const CONFIGURATION = 'repl-timeout 5\nrepl-ping-replica-period 1\nrepl-backlog-ttl 30';
const KEYS = ['a', 'b', 'c', 'd', 'sa', 'sb', 'sc', 'sd'];

class Story {
  private readonly deployment: Deployment;
  private readonly nodes: readonly Node[];
  private sessions: (Session | null)[] = [null, null, null];

  constructor(seed: number, diskless: boolean) {
    this.deployment = new Deployment(seed);
    this.nodes = ['one', 'two', 'three'].map((name) =>
      this.deployment.server(name, `${CONFIGURATION}\nrepl-diskless-sync ${diskless ? 'yes' : 'no'}`));
    this.follow(1, 0);
    this.follow(2, 0);
    this.wait(1500);
  }

  act(what: Step): void {
    switch (what.do) {
      case 'wait': return this.wait(what.ms);
      case 'commands':
        for (const words of what.commands) this.ask(what.on, ...words);
        return;
      case 'unit': return void this.session(what.on).pipeline(['MULTI'], ...what.commands, ['EXEC']);
      case 'cut': {
        const partition = this.deployment.world.network.cut([[this.stack(what.on)], [0, 1, 2].filter((other) => other !== what.on)
          .map((other) => this.stack(other))]);
        this.wait(what.ms);
        return partition.heal();
      }
      case 'kill': {
        const { process } = this.node(what.on);
        process.kill();
        this.sessions[what.on] = null;
        process.start();
        return this.wait(50);
      }
      case 'promote': return void this.ask(what.on, 'REPLICAOF', 'NO', 'ONE');
      case 'save': return void this.ask(what.on, 'BGSAVE');
      case 'drop': return void this.ask(what.on, 'CLIENT', 'KILL', 'TYPE', 'replica');
      case 'follow': return this.follow(what.on, what.whom);
    }
  }

  /** Everybody follows the first; when it is quiet, all hold the same. */
  check(): void {
    this.insist(0, 'REPLICAOF', 'NO', 'ONE');
    this.follow(1, 0);
    this.follow(2, 1);
    this.wait(30_000);
    // No PING may come between two looks.
    for (const which of [0, 1, 2]) this.ask(which, 'CONFIG', 'SET', 'repl-ping-replica-period', '3600', 'repl-timeout', '3600');
    this.ask(0, 'SELECT', '0');
    this.ask(0, 'SET', 'last', 'word');
    this.wait(2000);
    const [first, ...others] = [0, 1, 2].map((which) => this.state(which));
    for (const other of others) expect(other).toEqual(first);
  }

  private state(which: number): unknown {
    const last = this.node(which).notes.findLast((note): note is Note & { kind: 'stream' | 'history' } =>
      note.kind === 'stream' || note.kind === 'history');
    const values: Record<string, Reply | undefined> = {};
    for (const database of ['0', '1', '2']) {
      this.ask(which, 'SELECT', database);
      for (const name of [...KEYS, 'last']) {
        const type = this.ask(which, 'TYPE', name);
        const isSet = type !== null && typeof type === 'object' && 'text' in type && type.text === 'set';
        const found = this.ask(which, isSet ? 'SMEMBERS' : 'GET', name);
        const listed = found !== null && typeof found === 'object' && 'items' in found ? found.items : found;
        values[`${database}:${name}`] = Array.isArray(listed) ? [...listed].sort() as Reply : found;
      }
    }
    return { id: last?.id, offset: last?.offset, digest: [last?.digestLo, last?.digestHi], values };
  }

  private follow(which: number, whom: number): void {
    this.insist(which, 'REPLICAOF', this.node(whom).machine.address, String(PORT));
  }

  /** Asks again while the node loads a snapshot: then it takes no REPLICAOF. */
  private insist(which: number, ...words: readonly string[]): void {
    for (let tries = 0; tries < LOADING_TRIES_MAX && this.ask(which, ...words) instanceof ErrorReply; tries++) this.wait(50);
  }

  private ask(which: number, ...words: readonly string[]): Reply | undefined {
    return this.session(which).ask(...words);
  }

  private session(which: number): Session {
    const known = this.sessions[which] ?? null;
    if (known !== null && !known.isLost) return known;
    const made = this.deployment.session(this.node(which));
    this.sessions[which] = made;
    return made;
  }

  private wait(ms: number): void {
    this.deployment.world.run(ms / 1000);
  }

  private node(which: number): Node {
    return this.nodes[which] as Node;
  }

  private stack(which: number): Node['machine']['stack'] {
    return this.node(which).machine.stack;
  }
}

test('who follows holds what its primary holds', () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 1_000_000 }), fc.boolean(), fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }), (seed, diskless, steps) => {
      const story = new Story(seed, diskless);
      for (const what of steps) story.act(what);
      story.check();
    }), { numRuns: STORIES });
}, 60_000 + STORIES * 2000);
