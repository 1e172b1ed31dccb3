/** Who may come in while protected mode is on. */
import { expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import type { Connection } from '../../../../engine/host.ts';
import { Config } from '../../../../engine/server/config.ts';
import { parseConfigText } from '../../../../engine/server/configFile.ts';
import { refusalByProtectedMode } from '../../../../engine/server/protectedMode.ts';

const from = (remoteAddress: string, remotePort = 40_000): Connection => ({
  localAddress: bytes('10.0.0.1'), localPort: 6379, remoteAddress: bytes(remoteAddress), remotePort,
  write: () => true, close: () => undefined, reset: () => undefined, pause: () => undefined, resume: () => undefined,
});

test.each<[string, Connection, boolean]>([
  ['', from('127.0.0.1'), true], ['', from('::1'), true], ['', from('/tmp/redis.sock', 0), true], ['', from('10.0.0.2'), false],
  ['requirepass x', from('10.0.0.2'), true], ['protected-mode no', from('10.0.0.2'), true], ['user default on >x', from('10.0.0.2'), true],
  ['user default on nopass', from('10.0.0.2'), false], ['user default off', from('10.0.0.2'), true], ['bind 10.0.0.1', from('10.0.0.2'), false],
])('with "%s" %o comes in: %s', (text, connection, comesIn) => {
  const config = new Config();
  config.load(parseConfigText(bytes(text), 'redis.conf'));
  const refusal = refusalByProtectedMode(config, connection);
  expect(refusal === null).toBe(comesIn);
  if (refusal !== null) expect(refusal).toMatch(/^-DENIED Redis is running in protected mode .*\r\n$/);
});
