/**
 * TLS between real programs and ours: redis-cli to our server, replication in both directions, who is let in, what is refused and how
 * settings change; beside redis-server where words count.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Certificates, makeCertificates, requireOpenssl } from '../support/certificates.ts';
import { type ServerKind, eventually, freePort, runOurServer, startServerProcess, withServers } from '../support/redisServer.ts';
import { requireRedis } from '../support/requireRedis.ts';

const PAIRS: readonly (readonly [ServerKind, ServerKind])[] = [['redis', 'faultline'], ['faultline', 'redis']];

describe('TLS', () => requireRedis(() => requireOpenssl(() => {
  let directory: string;
  let made: Certificates;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'faultline-tls-'));
    made = makeCertificates(directory);
  });

  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const directives = (tlsPort: number): string[] => [
    '--tls-port', String(tlsPort), '--tls-cert-file', made.certificate, '--tls-key-file', made.key, '--tls-ca-cert-file', made.authority,
    '--repl-diskless-sync-delay', '0',
  ];

  /** What redis-cli says over TLS, without a certificate of its own unless one is named. */
  const cli = (port: number, own: readonly string[], ...words: readonly string[]): string => {
    const { stdout, stderr } = spawnSync('redis-cli', ['--tls', '--cacert', made.authority, ...own, '-p', String(port), ...words],
      { encoding: 'latin1', timeout: 5000 });
    return (stdout + stderr).trim();
  };
  const mine = (): string[] => ['--cert', made.certificate, '--key', made.key];
  const strange = (): string[] => ['--cert', made.strangerCertificate, '--key', made.strangerKey];

  test('redis-cli comes in with a certificate that the authority has signed, and with no other, unless it may', async () => {
    const tlsPort = await freePort();
    await withServers([startServerProcess('faultline', directives(tlsPort))], async (server) => {
      expect(cli(tlsPort, mine(), 'SET', 'k', 'v'.repeat(100_000))).toBe('OK');
      expect(cli(tlsPort, mine(), 'GET', 'k')).toHaveLength(100_000);
      expect(cli(tlsPort, [], 'PING')).not.toBe('PONG');
      expect(cli(tlsPort, strange(), 'PING')).not.toBe('PONG');
      expect(server?.cli('CONFIG', 'SET', 'tls-auth-clients', 'optional')).toBe('OK');
      expect([cli(tlsPort, [], 'PING'), cli(tlsPort, mine(), 'PING')]).toEqual(['PONG', 'PONG']);
      expect(server?.cli('CONFIG', 'SET', 'tls-auth-clients', 'no')).toBe('OK');
      expect(cli(tlsPort, strange(), 'PING')).toBe('PONG');
      // Plain text at the port of TLS, and TLS at the other, come to nothing, and nothing breaks.
      expect(spawnSync('redis-cli', ['-p', String(tlsPort), 'PING'], { encoding: 'latin1', timeout: 5000 }).stdout).not.toContain('PONG');
      expect(cli(server?.port ?? 0, mine(), 'PING')).not.toBe('PONG');
      expect(cli(tlsPort, mine(), 'PING')).toBe('PONG');
    });
  });

  test('settings change while it runs; what cannot be is refused, and the old ones stay', async () => {
    const tlsPort = await freePort();
    const other = await freePort();
    await withServers([startServerProcess('faultline', directives(tlsPort))], async (server) => {
      const set = (...words: readonly string[]): string => server?.cli('CONFIG', 'SET', ...words).trim() ?? '';
      expect(set('tls-cert-file', '/nowhere')).toContain('Unable to update TLS configuration. Check server logs.');
      expect(set('tls-key-file', made.strangerKey)).toContain('Unable to update TLS configuration. Check server logs.');
      expect(set('tls-protocols', 'TLSv9')).toContain('Unable to update TLS configuration. Check server logs.');
      expect(cli(tlsPort, mine(), 'PING')).toBe('PONG');
      expect(set('tls-key-file-pass', 'secret', 'tls-key-file', made.lockedKey)).toBe('OK');
      expect(set('tls-protocols', 'TLSv1.2', 'tls-ciphers', 'ECDHE+AESGCM', 'tls-session-caching', 'no')).toBe('OK');
      const said = spawnSync('openssl', ['s_client', '-connect', `127.0.0.1:${tlsPort}`, '-cert', made.certificate, '-key', made.key],
        { input: '', encoding: 'latin1', timeout: 5000 }).stdout;
      expect(said).toMatch(/Protocol *: TLSv1\.2/);
      expect(said).toMatch(/Cipher *(?:: |is )ECDHE-ECDSA-AES\d+-GCM/);
      expect(set('tls-port', String(other))).toBe('OK');
      expect([cli(other, mine(), 'PING'), cli(tlsPort, mine(), 'PING') === 'PONG']).toEqual(['PONG', false]);
      expect(set('tls-port', '0')).toBe('OK');
      expect(cli(other, mine(), 'PING')).not.toBe('PONG');
    });
  });

  test('redis-server and ours replicate to each other over TLS alone', () => Promise.all(PAIRS.map(async ([one, other]) => {
    const [onePort, otherPort] = [await freePort(), await freePort()];
    const secure = (tlsPort: number): string[] => [...directives(tlsPort), '--tls-replication', 'yes'];
    const options = [...secure(otherPort), '--replicaof', `127.0.0.1 ${onePort}`];
    // Whichever comes first: a replica tries again.
    await withServers([startServerProcess(one, secure(onePort)), startServerProcess(other, options)], async (primary, replica) => {
      await eventually(() => replica?.cli('INFO', 'replication') ?? '', (info) => info.includes('master_link_status:up'));
      primary?.cli('SET', 'k', 'v');
      await eventually(() => replica?.cli('GET', 'k'), (value) => value === 'v');
      expect(primary?.cli('INFO', 'replication')).toContain(`port=${otherPort},state=online`);
    });
  })));

  test('what is missing ends the process, in the words of redis-server', () => {
    const attempts: readonly (readonly string[])[] = [
      ['--tls-cert-file', made.certificate], ['--tls-cert-file', made.certificate, '--tls-key-file', made.key],
    ];
    const reason = (said: string): string[] => said.split('\n').map((line) => / # (.*)$/.exec(line)?.[1] ?? '')
      .filter((line) => /tls|TLS/.test(line));
    for (const words of attempts) {
      const options = ['--port', '0', '--tls-port', '1', '--save', '', '--dir', directory, ...words];
      const theirs = spawnSync('redis-server', options, { encoding: 'latin1', timeout: 5000 });
      const ours = runOurServer(options);
      expect([ours.status, reason(ours.stdout)]).toEqual([theirs.status, reason(theirs.stdout)]);
      expect(reason(ours.stdout)).toHaveLength(2);
    }
  });
})));
