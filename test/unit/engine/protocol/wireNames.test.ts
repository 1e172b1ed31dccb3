import { expect, test } from 'vitest';
import {
  configAlias, configName, infoReplicaIndex, infoReplicaName, roleOfWord, roleWord,
} from '../../../../engine/protocol/wireNames.ts';

test('roles go to the wire and back', () => {
  expect(roleOfWord(roleWord('primary'))).toBe('primary');
  expect(roleOfWord(roleWord('replica'))).toBe('replica');
  expect(roleOfWord('replica')).toBe('replica');
  expect(roleOfWord('sentinel')).toBeNull();
});

test('an option answers to both of its names', () => {
  expect(configName('slave-priority')).toBe('replica-priority');
  expect(configName('replica-priority')).toBe('replica-priority');
  expect(configAlias('replica-priority')).toBe('slave-priority');
  expect(configAlias('maxmemory')).toBeNull();
});

test('replicas of INFO are numbered', () => {
  expect(infoReplicaIndex(infoReplicaName(12))).toBe(12);
  expect(infoReplicaIndex('slave_priority')).toBeNull();
});
