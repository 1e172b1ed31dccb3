/**
 * What servers and sentinels do alike when they start: they say who they are, and follow `dir`.
 * Source: redisAsciiArt in server.c and setConfigDirOption in config.c of Redis 7.0, for behaviour; the banner is our own.
 */
import { type Host, HostFileError } from '../host.ts';
import type { Bytes } from '../core/bytes.ts';
import { REDIS_VERSION } from '../persistence/snapshotSaver.ts';
import { loadAclAtStart } from './aclFile.ts';
import type { Config } from './config.ts';
import { startTls } from './tls.ts';

/** What must be there before anybody is let in: keys and certificates, and users. False: the process ends. */
export const startAccess = (host: Host, config: Config): boolean => startTls(host, config) && loadAclAtStart(host, config);

/** One line; with `always-show-logo` a banner instead, from which tools read the process's ID. */
export const logStart = (host: Host, config: Config, mode: 'standalone' | 'cluster' | 'sentinel'): void => {
  const port = config.number('port');
  if (!config.flag('always-show-logo')) {
    host.log('notice', `Running mode=${mode}, port=${port}.`);
    return;
  }
  host.log('notice', `${BANNER_EDGE}\n`
    + ` Faultline, the engine of Redis ${REDIS_VERSION} (64 bit)\n\n Running in ${mode} mode\n Port: ${port}\n PID: ${host.pid}\n${BANNER_EDGE}\n`);
};

const BANNER_EDGE = '='.repeat(60);

/** CONFIG GET shows where the process is; CONFIG SET takes it elsewhere. `directory`: where it is now, null for as configured. */
export const followDirectory = (host: Host, config: Config, directory: Bytes | null): void => {
  let present = directory;
  if (directory !== null) config.compute('dir', () => present as Bytes);
  const configured = config.text('dir');
  config.onChange('dir', () => {
    const wanted = config.text('dir');
    if (present === null && wanted === configured) return null;
    try {
      present = host.files.changeDirectory(wanted);
    } catch (failure) {
      if (failure instanceof HostFileError) return failure.message;
      throw failure;
    }
    return null;
  });
};
