/** Publishing in a virtual deployment: what it leaves in the stream, in the file and in notes, and who hears it where. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { ms } from '../../../../engine/core/units.ts';
import { Deployment, type Node, PORT, takeStream, textOf, writesOf } from './deployment.ts';

/** A connection that says one thing; what it is sent. */
const listen = (deployment: Deployment, node: Node, line: string): string[] => {
  const heard: string[] = [];
  deployment.world.process('listener', (host) => {
    const handlers = { onData: (chunk: string) => void heard.push(chunk), onWritable: () => {}, onClose: () => {} };
    host.connect(node.machine.address, PORT, { keepAliveMs: ms(0), bind: null }, handlers, (result) => {
      if (typeof result !== 'string') result.write(bytes(line));
    });
  }).start();
  deployment.world.run(0.1);
  return heard;
};

describe('PUBLISH', () => {
  test('without a backlog it goes nowhere, with one into the stream; it is never a write', () => {
    const deployment = new Deployment();
    const primary = deployment.server('primary');
    const session = deployment.session(primary);
    session.ask('PUBLISH', 'c', 'one');
    expect(takeStream(primary)).toEqual([]);
    const replica = deployment.server('replica', `replicaof ${primary.machine.address} 6379`);
    deployment.world.run(2);
    takeStream(primary);
    session.ask('PUBLISH', 'c', 'two');
    session.pipeline(['MULTI'], ['SET', 'k', '1'], ['PUBLISH', 'c', 'three'], ['EXEC']);
    expect(writesOf(primary).map(({ argv }) => argv.join(' '))).toEqual(['SET k 1']);
    // The primary's own pings may stand between them.
    expect(takeStream(primary).map((unit) => unit.replace(/^SELECT 0 \| /, '')).filter((unit) => unit !== 'PING'))
      .toEqual(['PUBLISH c two', 'MULTI | SET k 1 | PUBLISH c three | EXEC']);
    expect(replica.process.state).toBe('running');
  });

  test('a subscriber of a replica hears what is published at the primary', () => {
    const deployment = new Deployment();
    const primary = deployment.server('primary');
    const replica = deployment.server('replica', `replicaof ${primary.machine.address} 6379`);
    deployment.world.run(2);
    const heard = listen(deployment, replica, 'SUBSCRIBE c\r\n');
    const asker = deployment.session(replica);
    expect(asker.ask('PUBSUB', 'NUMSUB', 'c')).toEqual(['c', 1]);
    expect(deployment.session(primary).ask('PUBLISH', 'c', 'there')).toBe(0);
    deployment.world.run(0.1);
    expect(asker.ask('PUBLISH', 'c', 'here')).toBe(1);
    deployment.world.run(0.1);
    expect(heard.join('').replace(/[*$:]\d+\r\n/g, '').split('\r\n').join(' ')).toBe('subscribe c message c there message c here ');
  });

  test('a client that was killed or went leaves no subscription behind', () => {
    const deployment = new Deployment();
    const node = deployment.server('node');
    const [killed, gone] = [deployment.session(node), deployment.session(node)];
    for (const session of [killed, gone]) session.tell('SSUBSCRIBE', 'c');
    const asker = deployment.session(node);
    expect(asker.ask('PUBSUB', 'SHARDNUMSUB', 'c')).toEqual(['c', 2]);
    expect(asker.ask('CLIENT', 'KILL', 'TYPE', 'pubsub')).toBe(2);
    expect(asker.ask('PUBSUB', 'SHARDCHANNELS')).toEqual([]);
    deployment.world.run(0.1);
    expect(killed.isLost).toBe(true);
  });
});

test('SCRIPT and FUNCTION KILL without a script', () => {
  const deployment = new Deployment();
  const session = deployment.session(deployment.server('node'));
  expect(textOf(session.ask('SCRIPT', 'KILL'))).toBe('NOTBUSY No scripts in execution right now.');
  expect(textOf(session.ask('FUNCTION', 'KILL'))).toBe('NOTBUSY No scripts in execution right now.');
  expect(session.ask('SCRIPT', 'EXISTS', 'a', 'b')).toEqual([0, 0]);
  expect(textOf(session.ask('SCRIPT', 'FLUSH', 'SYNC'))).toBe('OK');
  expect(textOf(session.ask('SCRIPT', 'FLUSH', 'x'))).toContain('SYNC|ASYNC');
  expect(session.ask('SCRIPT', 'LOAD', 'return 1')).toBe('e0e1f9fabfc9d4800c877a703b823ac0578ff8db');
});

test('a renamed command answers to its new name only, and one without a name to none', () => {
  const deployment = new Deployment();
  const session = deployment.session(deployment.server('node', 'rename-command CONFIG hidden\nrename-command FLUSHALL ""'));
  expect(textOf(session.ask('CONFIG', 'GET', 'hz'))).toMatch(/^ERR unknown command 'CONFIG'/);
  expect(session.ask('HIDDEN', 'GET', 'hz')).toEqual(['hz', '10']);
  expect(textOf(session.ask('FLUSHALL'))).toMatch(/^ERR unknown command/);
  expect(textOf(session.ask('HIDDEN', 'REWRITE'))).toBe('ERR The server is running without a config file');
});
