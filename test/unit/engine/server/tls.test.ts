/** TLS as the configuration wants it: what the host is told and when, and a world that has none. */
import { describe, expect, test } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { ConfigError } from '../../../../engine/core/errors.ts';
import type { TlsSettings } from '../../../../engine/host.ts';
import { Config } from '../../../../engine/server/config.ts';
import { parseConfigText } from '../../../../engine/server/configFile.ts';
import { startServer } from '../../../../engine/server/server.ts';
import { startTls } from '../../../../engine/server/tls.ts';
import { FakeHost } from '../../../support/fakeHost.ts';

const loaded = (text: string): Config => {
  const config = new Config();
  config.load(parseConfigText(bytes(text), 'redis.conf'));
  return config;
};

/** A host that remembers what it was told, and takes every certificate but one. */
const secureHost = (): { host: FakeHost; told: TlsSettings[] } => {
  const told: TlsSettings[] = [];
  const tls = {
    configure: (settings: TlsSettings): string | null => {
      told.push(settings);
      return settings.certFile === 'bad' ? 'no such certificate' : null;
    },
    listen: (): void => undefined,
  };
  return { host: Object.assign(new FakeHost(), { tls }), told };
};

const FILES = 'tls-cert-file c\ntls-key-file k\ntls-ca-cert-file a\n';
const set = (config: Config, name: string, value: string): string | null => config.set([[bytes(name), bytes(value)]]);

describe('a world without TLS', () => {
  test.each(['tls-port 7000', 'tls-replication yes', 'tls-cluster yes'])('refuses %s, by name', (line) => {
    expect(() => startServer(new FakeHost(), parseConfigText(bytes(`${FILES}${line}`), 'redis.conf'))).toThrow(ConfigError);
    expect(() => startTls(new FakeHost(), loaded(`${FILES}${line}`))).toThrow('TLS is not modelled in the virtual world');
  });

  test('takes files that nobody uses, and refuses to use them later', () => {
    const config = loaded(FILES);
    expect(startTls(new FakeHost(), config)).toBe(true);
    expect(set(config, 'tls-replication', 'yes')).toContain('Unable to update TLS configuration.');
    expect(config.flag('tls-replication')).toBe(false);
  });
});

describe('a host with TLS', () => {
  test('is told only where TLS is wanted', () => {
    const { host, told } = secureHost();
    const config = loaded(FILES);
    expect(startTls(host, config)).toBe(true);
    expect(told).toEqual([]);
    expect(set(config, 'tls-port', '7000')).toBeNull();
    expect(told).toMatchObject([{ certFile: 'c', keyFile: 'k', caCertFile: 'a', authClients: 'yes', keepsSessions: true, sessionSeconds: 300 }]);
  });

  test('is told of changes; what it cannot use is put back', () => {
    const { host, told } = secureHost();
    const config = loaded(`${FILES}tls-port 7000`);
    startTls(host, config);
    expect(set(config, 'tls-cert-file', 'bad')).toContain('Unable to update TLS configuration. Check server logs.');
    expect(host.logged.join('\n')).toContain('no such certificate');
    expect(config.text('tls-cert-file')).toBe('c');
    expect(set(config, 'tls-auth-clients', 'optional')).toBeNull();
    expect(told.at(-1)?.authClients).toBe('optional');
  });

  test.each<[string, string]>([
    ['tls-port 1', 'No tls-cert-file configured!'], ['tls-cluster yes\ntls-cert-file c', 'No tls-key-file configured!'],
    ['tls-port 1\ntls-cert-file c\ntls-key-file k', 'Either tls-ca-cert-file or tls-ca-cert-dir must be specified'],
    ['tls-port 1\ntls-cert-file bad\ntls-key-file k\ntls-auth-clients no', 'no such certificate'],
  ])('%s ends the process: %s', (text, reason) => {
    const { host } = secureHost();
    expect(startTls(host, loaded(text))).toBe(false);
    expect(host.logged.join('\n')).toContain(reason);
    expect(host.logged.at(-1)).toContain('Failed to configure TLS. Check logs for more info.');
    expect(host.exitStatus).toBe(1);
  });
});
