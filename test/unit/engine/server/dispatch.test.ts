/** Which refusal comes first, what EXEC does with a node that changed meanwhile, and what units leave in the stream. */
import { describe, expect, test } from 'vitest';
import { Deployment, type Node, type Session, takeStream, textOf, writesOf } from './deployment.ts';

const single = (configuration = ''): { deployment: Deployment; node: Node; session: Session } => {
  const deployment = new Deployment();
  const node = deployment.server('node', configuration);
  return { deployment, node, session: deployment.session(node) };
};

const READONLY = "READONLY You can't write against a read only replica.";

describe('refusals', () => {
  test('unknown before arity, arity before authentication, authentication before state', () => {
    const { session } = single('requirepass secret\nreplicaof 10.9.9.9 6379\nreplica-serve-stale-data no');
    expect(textOf(session.ask('NOTHING'))).toBe("ERR unknown command 'NOTHING', with args beginning with: ");
    expect(textOf(session.ask('GET'))).toBe("ERR wrong number of arguments for 'get' command");
    expect(textOf(session.ask('SET', 'a', '1'))).toBe('NOAUTH Authentication required.');
    expect(textOf(session.ask('AUTH', 'secret'))).toBe('OK');
    expect(textOf(session.ask('SET', 'a', '1'))).toBe(READONLY);
    expect(textOf(session.ask('GET', 'a'))).toMatch(/^MASTERDOWN /);
    expect(textOf(session.ask('REPLICAOF', 'NO', 'ONE'))).toBe('OK');
    expect(textOf(session.ask('SET', 'a', '1'))).toBe('OK');
  });

  test('what may not stand in MULTI is refused before the state of the node is looked at', () => {
    const { session } = single('min-replicas-to-write 1');
    session.ask('MULTI');
    expect(textOf(session.ask('PSYNC', '?', '-1'))).toBe('ERR Command not allowed inside a transaction');
    expect(textOf(session.ask('EXEC'))).toBe('EXECABORT Transaction discarded because of previous errors.');
    expect(textOf(session.ask('SET', 'a', '1'))).toBe('NOREPLICAS Not enough good replicas to write.');
  });

  test('a refused command spoils its transaction', () => {
    const { session } = single();
    for (const spoiler of [['NOTHING'], ['GET'], ['CONFIG', 'NOTHING']]) {
      session.ask('MULTI');
      session.ask(...spoiler);
      expect(textOf(session.ask('EXEC'))).toBe('EXECABORT Transaction discarded because of previous errors.');
      expect(textOf(session.ask('EXEC'))).toBe('ERR EXEC without MULTI');
    }
  });

  test('an error in EXEC itself ends the transaction and says why', () => {
    const { session } = single();
    session.ask('MULTI');
    expect(textOf(session.ask('EXEC', 'now')))
      .toBe("EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command");
    expect(textOf(session.ask('EXEC'))).toBe('ERR EXEC without MULTI');
  });

  test('EXEC with writes on a node that was demoted meanwhile', () => {
    const { session, deployment, node } = single();
    session.ask('SET', 'a', '1');
    session.ask('WATCH', 'a');
    session.ask('MULTI');
    session.ask('SET', 'a', '2');
    expect(textOf(deployment.session(node).ask('REPLICAOF', '10.9.9.9', '6379'))).toBe('OK');
    expect(textOf(session.ask('EXEC'))).toBe(`EXECABORT Transaction discarded because of: ${READONLY}`);
    expect(session.ask('GET', 'a')).toBe('1');
    // Reads alone go through.
    session.ask('MULTI');
    session.ask('GET', 'a');
    expect(session.ask('EXEC')).toEqual(['1']);
  });

  test('a client that became a replica may not read data, and is dropped when it wants an answer', () => {
    const { session } = single();
    session.tell('PSYNC', '?', '-1');
    session.tell('GET', 'a');
    expect(session.isLost).toBe(true);
  });
});

describe('what goes into the stream', () => {
  test('one command bare, even from MULTI; two wrapped, behind the SELECT', () => {
    const { session, node } = single();
    takeStream(node);
    session.ask('SET', 'a', '1');
    session.ask('MULTI');
    session.ask('GET', 'a');
    session.ask('SET', 'b', '1');
    session.ask('EXEC');
    expect(takeStream(node)).toEqual(['SELECT 0 | SET a 1', 'SET b 1']);
    session.ask('SELECT', '3');
    session.ask('MULTI');
    session.ask('SET', 'c', '1');
    session.ask('SET', 'd', '1');
    session.ask('EXEC');
    expect(takeStream(node)).toEqual(['SELECT 3 | MULTI | SET c 1 | SET d 1 | EXEC']);
  });

  test('a change of database inside a unit stands inside it', () => {
    const { session, node } = single();
    session.ask('SET', 'a', '1');
    takeStream(node);
    session.ask('MULTI');
    session.ask('SET', 'b', '1');
    session.ask('SELECT', '1');
    session.ask('SET', 'c', '1');
    session.ask('EXEC');
    expect(takeStream(node)).toEqual(['MULTI | SET b 1 | SELECT 1 | SET c 1 | EXEC']);
  });

  test('what changed nothing leaves nothing; notes name each write at the end of its unit', () => {
    const { session, node } = single();
    session.ask('SADD', 's', '1');
    takeStream(node);
    session.ask('SADD', 's', '1');
    session.ask('DEL', 'nothing');
    session.ask('EXPIRE', 'nothing', '10');
    expect(node.notes).toEqual([]);
    session.ask('MULTI');
    session.ask('SADD', 's', '2');
    session.ask('SADD', 's', '3');
    session.ask('EXEC');
    const stream = node.notes.find((note) => note.kind === 'stream');
    expect(writesOf(node).map(({ argv, offset }) => [argv.join(' '), offset]))
      .toEqual([['SADD s 2', stream?.offset], ['SADD s 3', stream?.offset]]);
  });

  test('an expired key that a command finds: its DEL goes first, and with a write both are one unit', () => {
    const { session, node, deployment } = single();
    session.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    for (const key of ['a', 'b', 'c']) session.ask('SET', key, '1', 'PX', '50');
    deployment.world.run(0.2);
    takeStream(node);
    expect(session.ask('GET', 'a')).toBeNull();
    expect(takeStream(node)).toEqual(['DEL a']);
    session.ask('APPEND', 'b', 'x');
    expect(takeStream(node)).toEqual(['MULTI | DEL b | APPEND b x | EXEC']);
    session.ask('SCAN', '0');
    const [scanned] = takeStream(node);
    expect(scanned).toBe('DEL c');
  });

  test('an expiry that a command gives as a duration goes out as a time', () => {
    const { session, node } = single();
    takeStream(node);
    session.ask('SET', 'a', '1', 'EX', '100');
    expect(takeStream(node)[0]).toMatch(/^SELECT 0 \| SET a 1 PXAT \d{13}$/);
  });
});
