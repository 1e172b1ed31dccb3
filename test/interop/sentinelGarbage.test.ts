/**
 * Hellos and requests for votes as anybody could send them, beside redis-sentinel 7.0. What is of the right form changes both
 * sentinels alike; what is not never changes ours into something that the real one does not believe as well, and is logged.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';
import { NAME } from '../support/sentinelDeployment.ts';
import { type Side, WireClient, withSides } from '../support/sentinelSides.ts';

const TEST_MS = 120_000;
const SEED = 4;
const HELLO_CHANNEL = '__sentinel__:hello';
/** Nothing is found to be down, and no failover starts, while the messages are sent. */
const LINES = [`sentinel down-after-milliseconds ${NAME} 600000`, 'loglevel verbose'];

const IDS = ['b', 'c', 'd'].map((digit) => digit.repeat(40));
const LAST_ID = 'e'.repeat(40);

/** Each message may raise epochs by so much; before each both are brought to the same. */
const EPOCH_STEP = 100;
const NEAR = fc.integer({ min: -3, max: EPOCH_STEP - 1 });

interface Hello {
  readonly ip: string;
  readonly port: string;
  readonly runId: string;
  readonly epoch: string;
  readonly name: string;
  readonly primaryIp: string;
  readonly primaryPort: string;
  readonly configEpoch: string;
}

const textOf = (hello: Hello): string => [hello.ip, hello.port, hello.runId, hello.epoch, hello.name, hello.primaryIp,
  hello.primaryPort, hello.configEpoch].join(',');

/** `+n` is an epoch relative to the present one. */
const epochs = NEAR.map((near) => `+${near}`);
const wellFormed: fc.Arbitrary<Hello> = fc.record({
  ip: fc.constantFrom('127.0.0.1', '127.0.0.2', '10.255.255.1'), port: fc.constantFrom('1', '2', '{sentinel}'), runId: fc.constantFrom(...IDS),
  epoch: epochs, name: fc.constantFrom(NAME, NAME, NAME, 'nobody', ''), primaryIp: fc.constantFrom('127.0.0.1', '127.0.0.1', '127.0.0.3'),
  primaryPort: fc.constantFrom('{primary}', '{replica}', '9'), configEpoch: fc.constantFrom('0', '0', '1', '3', '7'),
});

/** One field is not what it should be. */
const spoilt: fc.Arbitrary<readonly [Hello, field: keyof Hello]> = fc.tuple(wellFormed, fc.constantFrom<readonly [keyof Hello, string]>(
  ['ip', ''], ['ip', 'nowhere.invalid'], ['ip', '300.1.1.1'], ['port', ''], ['port', 'x'], ['port', '-1'], ['port', '70000'], ['port', '1x'], ['port', '0'],
  ['runId', ''], ['runId', 'short'], ['runId', 'B'.repeat(41)], ['runId', '{id}'], ['epoch', ''], ['epoch', 'x'], ['epoch', '1.5'],
  ['primaryIp', ''], ['primaryIp', 'nowhere.invalid'], ['primaryPort', ''], ['primaryPort', 'x'], ['primaryPort', '-1'], ['primaryPort', '70000'],
  ['configEpoch', ''], ['configEpoch', 'x'], ['configEpoch', '-1'], ['configEpoch', '2x'],
)).map(([hello, [field, value]]) => [{ ...hello, [field]: value }, field]);

/** Not eight fields, or anything at all. */
const formless: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 60 }).map((text) => text.replaceAll(',', '')),
  fc.tuple(wellFormed, fc.integer({ min: 0, max: 7 })).map(([hello, fields]) => textOf(hello).split(',').slice(0, fields).join(',')),
  fc.tuple(wellFormed, fc.constantFrom(',', ',x', ',,,,,,,')).map(([hello, more]) => textOf(hello) + more),
);

/** What a sentinel holds to be true. */
interface View {
  readonly primary: string;
  readonly configEpoch: string;
  readonly currentEpoch: string;
  readonly sentinels: readonly string[];
}

class Listener {
  readonly side: Side;
  readonly client: WireClient;

  constructor(side: Side, client: WireClient) {
    this.side = side;
    this.client = client;
  }

  static async of(side: Side): Promise<Listener> {
    return new Listener(side, await WireClient.open(side.sentinel.port));
  }

  ask(...words: readonly string[]): Promise<string> {
    return this.client.ask(words);
  }

  /** As after a start, but for the epoch, which is `epoch` on both sides. */
  async renew(epoch: number): Promise<void> {
    await this.ask('SENTINEL', 'REMOVE', NAME);
    await this.ask('SENTINEL', 'MONITOR', NAME, '127.0.0.1', String(this.side.primary.port), '2');
    // From the start on: a name is needed, whose vote counts for nothing here.
    await this.ask('SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '127.0.0.1', String(this.side.primary.port), String(epoch), LAST_ID);
  }

  async view(): Promise<View> {
    const master = await this.ask('SENTINEL', 'MASTER', NAME);
    const sentinels = await this.ask('SENTINEL', 'SENTINELS', NAME);
    const field = (text: string, name: string): string => new RegExp(`\\r\\n${name}\\r\\n\\$[0-9]+\\r\\n(.*)\\r\\n`).exec(text)?.[1] ?? '';
    const peers = sentinels.split(/(?=\$4\r\nname\r\n)/).slice(1).map((text) => ['name', 'ip', 'port'].map((name) => field(`\r\n${text}`, name)).join(' '));
    const plain = (text: string): string => this.side.plain(text);
    return {
      primary: plain(`${field(master, 'ip')} ${field(master, 'port')}`), configEpoch: field(master, 'config-epoch'),
      currentEpoch: /^sentinel current-epoch (.*)$/m.exec(this.side.sentinel.configuration())?.[1] ?? '', sentinels: peers.map(plain).sort(),
    };
  }
}

const withListeners = (use: (real: Listener, ours: Listener) => Promise<void>): Promise<void> => withSides({ lines: LINES }, async (sides) => {
  const [real, ours] = [await Listener.of(sides[0]), await Listener.of(sides[1])];
  try {
    await use(real, ours);
    expect(ours.side.sentinel.isRunning()).toBe(true);
    expect(await ours.ask('PING')).toBe('+PONG\r\n');
  } finally {
    real.client.close();
    ours.client.close();
  }
});

const filled = (side: Side, text: string, epoch: number): string => side.filled(text).replace(/,\+(-?[0-9]+)/g, (_, near: string) => `,${epoch + Number(near)}`);

describe('what anybody may say to a sentinel, beside redis-sentinel 7.0', () => requireRedis(() => {
  /** Sends one message to both and looks at what they believe then. */
  const tried = async (real: Listener, ours: Listener, message: string, epoch: number): Promise<readonly [before: View, real: View, ours: View]> => {
    await Promise.all([real.renew(epoch), ours.renew(epoch)]);
    const before = await ours.view();
    expect(before).toEqual(await real.view());
    await Promise.all([real, ours].map((one) => one.ask('PUBLISH', HELLO_CHANNEL, filled(one.side, message, epoch))));
    return [before, await real.view(), await ours.view()];
  };

  test('hellos of the right form change both alike', () => withListeners(async (real, ours) => {
    let epoch = EPOCH_STEP;
    let changed = 0;
    for (const hello of fc.sample(wellFormed, { numRuns: 80, seed: SEED })) {
      const [before, realAfter, oursAfter] = await tried(real, ours, textOf(hello), epoch);
      expect(oursAfter, `after ${textOf(hello)}`).toEqual(realAfter);
      if (JSON.stringify(before) !== JSON.stringify(oursAfter)) changed++;
      epoch += EPOCH_STEP;
    }
    expect(changed).toBeGreaterThan(20);
  }), TEST_MS);

  test('hellos with one bad field: an address changes both alike; a number or a run ID, ours not at all', () => withListeners(async (real, ours) => {
    let epoch = EPOCH_STEP;
    let stricter = 0;
    for (const [hello, field] of fc.sample(spoilt, { numRuns: 120, seed: SEED })) {
      const [before, realAfter, oursAfter] = await tried(real, ours, textOf(hello), epoch);
      // Port 0 is one that both take.
      const isTaken = field.toLowerCase().endsWith('ip') || hello[field] === '0';
      expect(oursAfter, `after ${textOf(hello)}`).toEqual(isTaken ? realAfter : before);
      if (JSON.stringify(oursAfter) !== JSON.stringify(realAfter)) stricter++;
      epoch += EPOCH_STEP;
    }
    // Redis takes what is no number for one, and believes it.
    expect(stricter).toBeGreaterThan(20);
  }), TEST_MS);

  test('anything else changes nothing, over the nodes too, and is logged', () => withListeners(async (real, ours) => {
    for (const one of [real, ours]) {
      await one.renew(EPOCH_STEP);
      const before = await one.view();
      for (const server of one.side.servers) {
        await eventually(() => server.cli('PUBSUB', 'NUMSUB', HELLO_CHANNEL).split('\n')[1], (listeners) => listeners === '1');
      }
      const channels = [one.client, await WireClient.open(one.side.primary.port), await WireClient.open(one.side.replica.port)];
      for (const message of fc.sample(formless, { numRuns: 300, seed: SEED })) {
        for (const channel of channels) await channel.ask(['PUBLISH', HELLO_CHANNEL, filled(one.side, message, EPOCH_STEP)]);
      }
      expect(await one.view()).toEqual(before);
      // What is said last over the nodes shows that all before it was heard.
      for (const [index, channel] of channels.entries()) {
        const id = IDS[index] as string;
        await channel.ask(['PUBLISH', HELLO_CHANNEL, `127.0.0.1,${index + 1},${id},0,${NAME},127.0.0.1,${one.side.primary.port},0`]);
        await eventually(() => one.side.sentinel.cli('SENTINEL', 'SENTINELS', NAME), (text) => text.includes(id));
      }
      expect({ ...await one.view(), sentinels: [] }).toEqual(before);
      for (const channel of channels.slice(1)) channel.close();
    }
    expect(ours.side.sentinel.log()).toContain('A hello message was ignored: it has 7 fields');
  }), TEST_MS);

  test('requests for votes with anything in them are answered alike, and leave both with the same vote', () => withListeners(async (real, ours) => {
    let epoch = EPOCH_STEP;
    const word = fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 20 });
    const requests = fc.tuple(fc.constantFrom('127.0.0.1', '127.0.0.1', '127.0.0.1', '', 'nowhere.invalid'), fc.oneof(fc.constant('{primary}'), fc.constant('{primary}'), word),
      fc.oneof(epochs, epochs, word), fc.oneof(fc.constantFrom('*', ...IDS), word));
    let votes = 0;
    for (const words of fc.sample(requests, { numRuns: 150, seed: SEED })) {
      await Promise.all([real.renew(epoch), ours.renew(epoch)]);
      const [realAnswer, ourAnswer] = await Promise.all([real, ours].map(({ side, client }) =>
        client.ask(['SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', ...words.map((one) => filled(side, `,${one}`, epoch).slice(1))])));
      expect(ourAnswer, words.join(' ')).toBe(realAnswer);
      expect(await ours.view()).toEqual(await real.view());
      if (ourAnswer?.endsWith('*\r\n:0\r\n') === false) votes++;
      epoch += EPOCH_STEP;
    }
    expect(votes).toBeGreaterThan(20);
  }), TEST_MS);

  test('epochs that no election reaches: the real one is stuck in them from then on, ours is not', () => withListeners(async (real, ours) => {
    await Promise.all([real.renew(EPOCH_STEP), ours.renew(EPOCH_STEP)]);
    const before = await ours.view();
    for (const text of ['-1', '9223372036854775807', '18446744073709551615', '99999999999999999999', '9007199254740993']) {
      for (const { side, client } of [real, ours]) {
        await client.ask(['PUBLISH', HELLO_CHANNEL, `127.0.0.1,1,${LAST_ID},${text},${NAME},127.0.0.1,${side.primary.port},${text}`]);
        await client.ask(['SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '127.0.0.1', String(side.primary.port), text, LAST_ID]);
      }
      expect(await ours.view(), text).toEqual(before);
    }
    expect((await real.view()).currentEpoch).toBe('18446744073709551615');
    expect(ours.side.sentinel.log()).toContain('A request for a vote was ignored: -1 is no epoch');
    expect(ours.side.sentinel.log()).toContain('A hello message was ignored: a port or an epoch is no number');
  }), TEST_MS);
}));
