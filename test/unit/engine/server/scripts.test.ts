/**
 * Scripts in the virtual world: what they leave in the stream, what they cost, and how the server answers others while one takes long.
 * Answers byte for byte are compared with redis-server in test/interop/scripting.test.ts.
 */
import { describe, expect, test } from 'vitest';
import { ErrorReply, type Reply, Status } from '../../../../engine/protocol/reply.ts';
import { Deployment, type Node, type Session, takeStream } from './deployment.ts';

const LOOP = 'while true do end';
const SLOW = 'busy-reply-threshold 5';
const BUSY = 'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.';

const textOf = (reply: Reply | undefined): string => (reply instanceof ErrorReply || reply instanceof Status ? reply.text : String(reply));

const started = (configuration = ''): { readonly deployment: Deployment; readonly node: Node; readonly session: Session } => {
  const deployment = new Deployment();
  const node = deployment.server('node', configuration);
  return { deployment, node, session: deployment.session(node) };
};

test('one write goes out bare, several are one unit, none leaves nothing', () => {
  const { deployment, node, session } = started();
  const replica = deployment.server('replica', `replicaof ${node.machine.address} 6379`);
  deployment.world.run(3);
  takeStream(node);
  session.ask('EVAL', 'return redis.call("set", KEYS[1], 1)', '1', 'a');
  session.ask('EVAL', 'redis.call("set", "a", 1) return redis.call("incr", "a")', '0');
  session.ask('EVAL', 'return redis.call("get", "a")', '0');
  expect(takeStream(node).join(' | ').replace(/(?:REPLCONF GETACK \* \| )|(?: \| )?PING/g, ''))
    .toBe('SELECT 0 | set a 1 | MULTI | set a 1 | incr a | EXEC');
  deployment.world.run(1);
  expect(deployment.session(replica).ask('GET', 'a')).toBe('2');
});

describe('a script that takes long', () => {
  test('is answered at its end; others hear BUSY meanwhile, and see nothing half done', () => {
    const { deployment, session, node } = started(SLOW);
    const other = deployment.session(node);
    session.tell('EVAL', 'redis.call("set", "a", 1) local n = 0 while n < 400000 do n = n + 1 end redis.call("set", "a", 2) return n', '0');
    expect(textOf(other.ask('GET', 'a'))).toBe(BUSY);
    expect(textOf(other.ask('PING'))).toBe(BUSY);
    expect(textOf(other.ask('SCRIPT', 'KILL'))).toMatch(/^UNKILLABLE /);
    deployment.world.run(1);
    expect(other.ask('GET', 'a')).toBe('2');
    // What came behind it on the same connection is answered in its turn.
    expect(session.ask('GET', 'a')).toBe('2');
  });

  test('is killed as long as it has not written', () => {
    const { deployment, session, node } = started(SLOW);
    const other = deployment.session(node);
    session.tell('EVAL', LOOP, '0');
    expect(textOf(other.ask('SCRIPT', 'KILL'))).toBe('OK');
    expect(textOf(other.ask('PING'))).toBe('PONG');
    expect(textOf(session.ask('PING'))).toBe('PONG');
    expect(textOf(other.ask('SCRIPT', 'KILL'))).toMatch(/^NOTBUSY /);
  });

  test.each([
    ['a coroutine', `local co = coroutine.wrap(function() ${LOOP} end) co()`], ['pcall', `pcall(function() ${LOOP} end) ${LOOP}`],
    ['a coroutine in pcall in a coroutine', `coroutine.wrap(function() pcall(coroutine.wrap(function() ${LOOP} end)) end)()`],
  ])('is killed within %s too', (_name, script) => {
    const { deployment, session, node } = started(SLOW);
    const other = deployment.session(node);
    session.tell('EVAL', script, '0');
    expect(textOf(other.ask('PING'))).toBe(BUSY);
    expect(textOf(other.ask('SCRIPT', 'KILL'))).toBe('OK');
    expect(textOf(other.ask('PING'))).toBe('PONG');
  });

  test('holds up the transaction around it, and nothing of that is lost', () => {
    const { deployment, session, node } = started(SLOW);
    const other = deployment.session(node);
    session.ask('MULTI');
    session.ask('SET', 'before', '1');
    session.ask('EVAL', LOOP, '0');
    session.ask('EVAL', 'local n = 0 while n < 400000 do n = n + 1 end return n', '0');
    session.ask('SET', 'after', '1');
    session.tell('EXEC');
    expect(textOf(other.ask('GET', 'before'))).toBe(BUSY);
    expect(textOf(other.ask('SCRIPT', 'KILL'))).toMatch(/^UNKILLABLE |^OK$/);
    deployment.world.run(1);
    expect(other.ask('MGET', 'before', 'after')).toEqual(['1', '1']);
    expect(textOf(session.ask('PING'))).toBe('PONG');
  });

  test('lets nobody save what is half done: SHUTDOWN only with NOSAVE', () => {
    const { deployment, session, node } = started(SLOW);
    const other = deployment.session(node);
    session.tell('EVAL', `redis.call("set", "a", 1) ${LOOP}`, '0');
    expect(textOf(other.ask('SHUTDOWN'))).toBe(BUSY);
    expect(textOf(other.ask('SHUTDOWN', 'SAVE'))).toBe(BUSY);
    other.tell('SHUTDOWN', 'NOSAVE');
    expect(other.isLost).toBe(true);
  });

  test('may go with its client', () => {
    const { deployment, session, node } = started(SLOW);
    const other = deployment.session(node);
    session.tell('EVAL', LOOP, '0');
    expect(textOf(other.ask('CLIENT', 'LIST'))).toBe(BUSY);
    expect(textOf(other.ask('FUNCTION', 'KILL'))).toBe(BUSY);
    expect(textOf(other.ask('SCRIPT', 'KILL'))).toBe('OK');
    expect(textOf(other.ask('PING'))).toBe('PONG');
  });

  test('on a replica: what the primary sends waits for its end', () => {
    const { deployment, node, session } = started();
    const replica = deployment.server('replica', `replicaof ${node.machine.address} 6379\n${SLOW}`);
    deployment.world.run(3);
    const reader = deployment.session(replica);
    const other = deployment.session(replica);
    reader.tell('EVAL', LOOP, '0');
    session.ask('SET', 'late', '1');
    deployment.world.run(0.1);
    expect(textOf(other.ask('GET', 'late'))).toBe(BUSY);
    expect(textOf(other.ask('SCRIPT', 'KILL'))).toBe('OK');
    deployment.world.run(0.1);
    expect(other.ask('GET', 'late')).toBe('1');
  });
});

test('a blocked client is served by what a script pushes, when the script is over', () => {
  const { deployment, session, node } = started();
  const waiting = deployment.session(node);
  waiting.tell('BLPOP', 'list', '0');
  expect(session.ask('EVAL', 'redis.call("rpush", "list", "a", "b") return redis.call("llen", "list")', '0')).toBe(2);
  expect(session.ask('LRANGE', 'list', '0', '-1')).toEqual(['b']);
});

test('time stands still within a script, and the script takes time', () => {
  const { session } = started();
  session.ask('SET', 'soon', 'gone', 'PX', '20');
  expect(session.ask('EVAL', 'local n = 0 while n < 80000 do n = n + 1 end return redis.call("get", "soon")', '0')).toBe('gone');
  expect(session.ask('GET', 'soon')).toBeNull();
});

test('INFO counts scripts and libraries', () => {
  const { session } = started();
  session.ask('EVAL', 'return 1', '0');
  session.ask('FUNCTION', 'LOAD', '#!lua name=one\nredis.register_function("f", function() end) redis.register_function("g", function() end)');
  const info = textOf((session.ask('INFO', 'memory') as { readonly text?: Reply }).text ?? session.ask('INFO', 'memory'));
  expect(info).toContain('number_of_cached_scripts:1\r\nnumber_of_functions:2\r\nnumber_of_libraries:1\r\n');
});
