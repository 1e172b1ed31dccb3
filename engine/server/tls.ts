/**
 * TLS as the configuration wants it: what the host is told of certificates and protocols, at the start and after each change.
 * Source: tls.c and config.c of Redis 7.0 (tlsConfigure, applyTlsCfg), for behaviour.
 */
import type { Host, TlsSettings } from '../host.ts';
import { ConfigError } from '../core/errors.ts';
import type { Config } from './config.ts';

/** Directives that make new contexts of keys when they change. */
const CONTEXT_DIRECTIVES = [
  'tls-cert-file', 'tls-key-file', 'tls-key-file-pass', 'tls-client-cert-file', 'tls-client-key-file', 'tls-client-key-file-pass',
  'tls-ca-cert-file', 'tls-ca-cert-dir', 'tls-dh-params-file', 'tls-protocols', 'tls-ciphers', 'tls-ciphersuites',
  'tls-prefer-server-ciphers', 'tls-auth-clients', 'tls-session-caching', 'tls-session-cache-size', 'tls-session-cache-timeout',
  'tls-replication', 'tls-cluster',
] as const;

const NOT_UPDATED = 'Unable to update TLS configuration. Check server logs.';

const isWanted = (config: Config): boolean =>
  config.number('tls-port') !== 0 || config.flag('tls-replication') || config.flag('tls-cluster');

const settingsOf = (config: Config): TlsSettings => ({
  certFile: config.text('tls-cert-file'), keyFile: config.text('tls-key-file'), keyFilePass: config.text('tls-key-file-pass'),
  clientCertFile: config.text('tls-client-cert-file'), clientKeyFile: config.text('tls-client-key-file'),
  clientKeyFilePass: config.text('tls-client-key-file-pass'), caCertFile: config.text('tls-ca-cert-file'),
  caCertDir: config.text('tls-ca-cert-dir'), dhParamsFile: config.text('tls-dh-params-file'), protocols: config.text('tls-protocols'),
  ciphers: config.text('tls-ciphers'), ciphersuites: config.text('tls-ciphersuites'),
  prefersServerCiphers: config.flag('tls-prefer-server-ciphers'),
  authClients: config.text('tls-auth-clients') as string as TlsSettings['authClients'],
  keepsSessions: config.flag('tls-session-caching'), sessionSeconds: config.number('tls-session-cache-timeout'),
});

/** Why TLS cannot be as the configuration wants it; null: it is, or is not wanted. */
const configure = (host: Host, config: Config): string | null => {
  if (!isWanted(config)) return null;
  if (host.tls === null) return 'TLS is not modelled in the virtual world';
  if (config.text('tls-cert-file') === '') return 'No tls-cert-file configured!';
  if (config.text('tls-key-file') === '') return 'No tls-key-file configured!';
  const isChecked = config.flag('tls-cluster') || config.flag('tls-replication') || config.text('tls-auth-clients') !== 'no';
  if (isChecked && config.text('tls-ca-cert-file') === '' && config.text('tls-ca-cert-dir') === '') {
    return 'Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, tls-replication or tls-auth-clients are '
      + 'enabled!';
  }
  return host.tls.configure(settingsOf(config));
};

/**
 * At the start. False: what is wrong is logged, and the process ends. Throws `ConfigError` in a world without TLS, where such a
 * configuration would never do anything.
 */
export const startTls = (host: Host, config: Config): boolean => {
  const problem = configure(host, config);
  if (problem !== null && host.tls === null) throw new ConfigError(problem);
  followChanges(host, config);
  if (problem === null) return true;
  host.log('warning', problem);
  host.log('warning', 'Failed to configure TLS. Check logs for more info.');
  host.exit(1);
  return false;
};

/** CONFIG SET; that of `tls-port` comes here before its socket is opened. */
const followChanges = (host: Host, config: Config): void => {
  const follow = (): string | null => {
    const problem = configure(host, config);
    if (problem === null) return null;
    host.log('warning', problem);
    return NOT_UPDATED;
  };
  for (const name of [...CONTEXT_DIRECTIVES, 'tls-port']) config.onChange(name, follow);
};
