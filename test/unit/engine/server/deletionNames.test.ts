/** How the stream names what was deleted: UNLINK where the configuration says that deleting is lazy, as Redis does. */
import { expect, test } from 'vitest';
import { Deployment, type Node, type Session, takeStream } from './deployment.ts';

const withReplica = (configuration: string): { deployment: Deployment; node: Node; session: Session } => {
  const deployment = new Deployment();
  const node = deployment.server('node', configuration);
  deployment.server('replica', `replicaof ${node.machine.address} 6379`);
  deployment.world.run(5);
  return { deployment, node, session: deployment.session(node) };
};

const DELETIONS: readonly (readonly [string, readonly (readonly string[])[]])[] = [
  ['expire', [['EXPIRE', 'k', '-1']]], ['expire', [['GETEX', 'k', 'PXAT', '1']]], ['user', [['GETDEL', 'k']]],
  ['never', [['DEL', 'k'], ['SADD', 'k', 'a'], ['SPOP', 'k', '5']]],
];

const lastDeletion = (session: Session, node: Node, commands: readonly (readonly string[])[]): string => {
  session.ask('SET', 'k', '1');
  takeStream(node);
  for (const words of commands) session.ask(...words);
  return takeStream(node).at(-1) ?? '';
};

test.each(DELETIONS)('a deletion of kind %s by %j', (kind, commands) => {
  const lazy = { expire: 'lazyfree-lazy-expire', user: 'lazyfree-lazy-user-del', never: 'lazyfree-lazy-server-del' }[kind] ?? '';
  const { session, node } = withReplica('');
  expect(lastDeletion(session, node, commands)).toBe('DEL k');
  session.ask('CONFIG', 'SET', lazy, 'yes');
  expect(lastDeletion(session, node, commands)).toBe(kind === 'never' ? 'DEL k' : 'UNLINK k');
  session.ask('CONFIG', 'SET', lazy, 'no');
  expect(lastDeletion(session, node, commands)).toBe('DEL k');
});

test('what time has taken, by the cycle that looks for it', () => {
  const { deployment, session, node } = withReplica('lazyfree-lazy-expire yes');
  session.ask('SET', 'k', '1', 'PX', '10');
  takeStream(node);
  deployment.world.run(1);
  expect(takeStream(node)).toContain('UNLINK k');
});
