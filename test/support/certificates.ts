/** Certificates for a test, by openssl: an authority, two names that it has signed, and one that nobody has. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'vitest';

export interface Certificates {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  /** The same key behind the password `secret`. */
  readonly lockedKey: string;
  /** Signed by itself alone. */
  readonly strangerCertificate: string;
  readonly strangerKey: string;
}

const INSTALL = 'sudo apt-get install openssl';

export const makeCertificates = (directory: string): Certificates => {
  const path = (name: string): string => join(directory, name);
  const openssl = (...words: readonly string[]): void => void execFileSync('openssl', words, { stdio: 'pipe', cwd: directory });
  const keys = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...keys, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=authority');
  openssl('req', ...keys, '-keyout', 'node.key', '-out', 'node.csr', '-subj', '/CN=node');
  openssl('x509', '-req', '-in', 'node.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'node.crt', '-days', '2');
  openssl('ec', '-in', 'node.key', '-aes256', '-passout', 'pass:secret', '-out', 'locked.key');
  openssl('req', '-x509', ...keys, '-keyout', 'stranger.key', '-out', 'stranger.crt', '-days', '2', '-subj', '/CN=stranger');
  return {
    authority: path('ca.crt'), certificate: path('node.crt'), key: path('node.key'), lockedKey: path('locked.key'),
    strangerCertificate: path('stranger.crt'), strangerKey: path('stranger.key'),
  };
};

/** As `requireRedis`, for tests that need openssl too. */
export const requireOpenssl = (tests: () => void): void => {
  if (hasOpenssl()) return tests();
  if (process.env['CI'] !== undefined) {
    it(`needs openssl: ${INSTALL}`, () => {
      throw new Error(`openssl is missing; install it with: ${INSTALL}`);
    });
  } else {
    it.skip(`needs openssl: ${INSTALL}`, () => {});
  }
};

const hasOpenssl = (): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
