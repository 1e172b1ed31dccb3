/** WATCH: what counts as a change of a watched key, and what does not. */
import { beforeEach, describe, expect, test } from 'vitest';
import { NULL_ARRAY } from '../../../../engine/index.ts';
import { Deployment, type Session, textOf } from './deployment.ts';

let deployment: Deployment;
let watcher: Session;
let other: Session;

beforeEach(() => {
  deployment = new Deployment();
  const node = deployment.server('node');
  watcher = deployment.session(node);
  other = deployment.session(node);
});

/** True when EXEC still goes through after `act`. */
const survives = (key: string, act: () => void): boolean => {
  watcher.ask('WATCH', key);
  act();
  watcher.ask('MULTI');
  watcher.ask('PING');
  return watcher.ask('EXEC') !== NULL_ARRAY;
};

describe('WATCH', () => {
  test.each([
    ['SET k 1'], ['APPEND k 1'], ['EXPIRE held 100'], ['DEL held'], ['RENAME held k'], ['FLUSHALL'], ['FLUSHDB'],
  ])('%s touches', (command) => {
    other.ask('SET', 'held', '1');
    const key = command.includes('held') || command.startsWith('FLUSH') ? 'held' : 'k';
    expect(survives(key, () => void other.ask(...command.split(' ')))).toBe(false);
  });

  test.each([['GET held'], ['SET another 1'], ['DEL nothing'], ['SADD s 1'], ['TTL held']])('%s does not', (command) => {
    other.ask('SET', 'held', '1');
    other.ask('SADD', 's', '1');
    expect(survives(command.startsWith('SADD') ? 's' : 'held', () => void other.ask(...command.split(' ')))).toBe(true);
  });

  test('a key of the same name in another database is another key', () => {
    expect(survives('k', () => {
      other.ask('SELECT', '1');
      other.ask('SET', 'k', '1');
    })).toBe(true);
  });

  test('SWAPDB touches what either of the two databases holds, whichever way round', () => {
    other.ask('SET', 'here', '1');
    other.ask('SELECT', '1');
    other.ask('SET', 'there', '1');
    expect(survives('here', () => void other.ask('SWAPDB', '0', '1'))).toBe(false);
    other.ask('SWAPDB', '0', '1');
    expect(survives('there', () => void other.ask('SWAPDB', '0', '1'))).toBe(false);
    expect(survives('nowhere', () => void other.ask('SWAPDB', '0', '1'))).toBe(true);
  });

  test('a key that expires between WATCH and EXEC counts; one that had expired before does not', () => {
    other.ask('DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    other.ask('SET', 'k', '1', 'PX', '50');
    expect(survives('k', () => deployment.world.run(0.1))).toBe(false);
    other.ask('SET', 'old', '1', 'PX', '50');
    deployment.world.run(0.1);
    expect(survives('old', () => void other.ask('GET', 'old'))).toBe(true);
    other.ask('SET', 'old', '1', 'PX', '50');
    deployment.world.run(0.1);
    expect(survives('old', () => void other.ask('SET', 'old', '2'))).toBe(false);
  });

  test('EXEC, DISCARD, UNWATCH and RESET let go of every key', () => {
    for (const release of ['DISCARD', 'UNWATCH', 'RESET']) {
      watcher.ask('WATCH', 'k');
      if (release === 'DISCARD') watcher.ask('MULTI');
      watcher.ask(release);
      expect(survives('other', () => void other.ask('SET', 'k', release))).toBe(true);
    }
    expect(survives('k', () => void other.ask('SET', 'k', '2'))).toBe(false);
    expect(survives('another', () => void other.ask('SET', 'k', '3'))).toBe(true);
  });

  test('not inside MULTI, and UNWATCH there is queued', () => {
    watcher.ask('WATCH', 'k');
    watcher.ask('MULTI');
    expect(textOf(watcher.ask('WATCH', 'j'))).toBe('ERR WATCH inside MULTI is not allowed');
    expect(textOf(watcher.ask('UNWATCH'))).toBe('QUEUED');
    other.ask('SET', 'k', '1');
    expect(watcher.ask('EXEC')).toBe(NULL_ARRAY);
  });
});
