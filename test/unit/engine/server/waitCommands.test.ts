/** WAIT and the question that it puts into the stream. */
import { expect, test } from 'vitest';
import { Deployment, takeStream } from './deployment.ts';

const GETACK = 'REPLCONF GETACK *';

test('replicas are asked when a pause ends, though the time of who waited has run out in it', () => {
  const deployment = new Deployment();
  const node = deployment.server('node');
  deployment.server('replica', `replicaof ${node.machine.address} 6379`);
  deployment.world.run(5);
  const session = deployment.session(node);
  session.ask('SET', 'k', '1');
  session.ask('CLIENT', 'PAUSE', '2000', 'WRITE');
  takeStream(node);
  expect(session.ask('WAIT', '2', '100')).toBeLessThan(2);
  expect(takeStream(node)).toEqual([]);
  deployment.world.run(3);
  expect(takeStream(node).filter((text) => text === GETACK)).toEqual([GETACK]);
});
